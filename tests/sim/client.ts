/**
 * A small client: one connection at a time, requests pipelined, answers matched in order. It believes nobody: an answer
 * that cannot be decoded is a broken promise.
 *
 * @module
 */
import { Reader } from "../../lib/bytes/mod.ts";
import type { Transport } from "../../lib/ports.ts";
import type { Init, Message } from "../../lib/protocol/schema.ts";
import { decodeResponse, requestFrame } from "../interop/support/raw_client.ts";
import type { SimLoop } from "./clock.ts";
import { Violation } from "./history.ts";
import type { SimNetwork } from "./network.ts";
import { ADDRESS } from "./process.ts";

/** How long an answer may take: slow disks, stalled connections and long polls are over sooner. */
const ANSWER_TIMEOUT_MS = 8000;
const READ_BUFFER_BYTES = 16 * 1024;

interface PendingAnswer {
  readonly correlationId: number;
  /** Null where the connection is gone. */
  readonly resolve: (frame: Uint8Array | null) => void;
}

/** A connection, made when it is needed. */
export class SimClient {
  readonly #loop: SimLoop;
  readonly #network: SimNetwork;
  #transport: Transport | null = null;
  #pending: PendingAnswer[] = [];
  #correlationId = 1;

  constructor(loop: SimLoop, network: SimNetwork) {
    this.#loop = loop;
    this.#network = network;
  }

  get isConnected(): boolean {
    return this.#transport !== null;
  }

  /** Resolves to whether there is a connection. */
  async connect(): Promise<boolean> {
    if (this.#transport !== null) return true;
    this.#transport = await this.#network.connect(ADDRESS);
    if (this.#transport === null) return false;
    this.#readAnswers(this.#transport);
    return true;
  }

  /** Sends a request; resolves to its answer, or to null where the connection has gone before it came. */
  async ask<Q, R>(request: Message<Q>, response: Message<R>, version: number, value: Init<Q>): Promise<R | null> {
    if (!await this.connect()) return null;
    // Another request's failure may have ended the connection, just when this one was told that it is there.
    if (this.#transport === null) return null;
    const correlationId = this.#send(this.#transport, request, version, value);
    const frame = await this.#answer(this.#transport, correlationId);
    return frame === null ? null : decodeResponse(frame, response, version, correlationId);
  }

  /** Sends a request that is not answered. Resolves to whether there was a connection. */
  async tell<Q>(request: Message<Q>, version: number, value: Init<Q>): Promise<boolean> {
    if (!await this.connect() || this.#transport === null) return false;
    this.#send(this.#transport, request, version, value);
    return true;
  }

  close(): void {
    const transport = this.#transport;
    if (transport !== null) this.#drop(transport);
  }

  #send<Q>(transport: Transport, request: Message<Q>, version: number, value: Init<Q>): number {
    const correlationId = this.#correlationId++;
    transport.write([requestFrame(request, version, value, { correlationId })]).catch(() => this.#drop(transport));
    return correlationId;
  }

  #answer(transport: Transport, correlationId: number): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      const timer = this.#loop.after(ANSWER_TIMEOUT_MS, () => {
        reject(new Violation(`a request is not answered for ${ANSWER_TIMEOUT_MS} ms`));
        this.#drop(transport);
      });
      const settle = (frame: Uint8Array | null) => {
        timer.cancel();
        resolve(frame);
      };
      this.#pending.push({ correlationId, resolve: settle });
    });
  }

  async #readAnswers(transport: Transport): Promise<void> {
    let received = new Uint8Array(0);
    const buffer = new Uint8Array(READ_BUFFER_BYTES);
    for (;;) {
      const count = await transport.read(buffer);
      if (count === null) return this.#drop(transport);
      received = joined(received, buffer.subarray(0, count));
      while (received.length >= 4) {
        const length = new Reader(received).int32();
        if (received.length < 4 + length) break;
        this.#pending.shift()?.resolve(received.slice(4, 4 + length));
        received = received.slice(4 + length);
      }
    }
  }

  #drop(transport: Transport): void {
    if (transport !== this.#transport) return;
    this.#transport = null;
    transport.close();
    for (const { resolve } of this.#pending.splice(0)) resolve(null);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
