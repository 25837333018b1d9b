/**
 * Connections of clients, over TCP and TLS, and the words by which a client says who it is.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { Reader, utf8 } from "../../../lib/bytes/mod.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "../../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "../../../lib/protocol/messages/sasl_handshake.ts";
import type { Init, Message } from "../../../lib/protocol/schema.ts";
import { SCRAM_MECHANISMS } from "../../../lib/security/sasl/scram.ts";
import { decodeResponse, requestFrame } from "../../interop/support/raw_client.ts";
import { ScramPeer } from "../../interop/support/scram_peer.ts";
import type { ListenerName, Target } from "./target.ts";

const READ_BYTES = 64 * 1024;

/** Opens a connection: by TLS where the listener speaks it. */
export async function connect(target: Target, listener: ListenerName, identity?: Target["stewardCertificate"]) {
  const port = target.ports[listener];
  if (!listener.endsWith("SSL")) return await Deno.connect({ hostname: "127.0.0.1", port });
  const options = { hostname: "localhost", port, caCerts: [target.authority] };
  return await Deno.connectTls(
    identity === undefined ? options : { ...options, key: identity.key, cert: identity.certificate },
  );
}

/** A client that knows what it is doing. */
export class Client implements Disposable {
  readonly #connection: Deno.Conn;
  #isClosed = false;
  #received = new Uint8Array(0);
  #correlationId = 0;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Sends a request and returns its answer. */
  async ask<Q, R>(request: Message<Q>, response: Message<R>, version: number, value: Init<Q>): Promise<R> {
    const correlationId = ++this.#correlationId;
    await sendAll(this.#connection, requestFrame(request, version, value, { correlationId, clientId: "steward" }));
    return decodeResponse(await this.#frame(), response, version, correlationId);
  }

  /** By PLAIN. */
  async login({ name, password }: { name: string; password: string }): Promise<void> {
    await this.#handshake("PLAIN");
    await this.#authenticate(utf8(`\0${name}\0${password}`));
  }

  /** By SCRAM-SHA-256. */
  async loginByScram({ name, password }: { name: string; password: string }): Promise<void> {
    await this.#handshake("SCRAM-SHA-256");
    const peer = new ScramPeer(SCRAM_MECHANISMS[0], name, password);
    await this.#authenticate(peer.final(await this.#authenticate(peer.first())));
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.#connection.close();
    this.#isClosed = true;
  }

  async #handshake(mechanism: string): Promise<void> {
    const { errorCode } = await this.ask(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism });
    if (errorCode !== 0) throw new Error(`the handshake for ${mechanism} failed: error ${errorCode}`);
  }

  async #authenticate(token: Uint8Array): Promise<Uint8Array> {
    const answer = await this.ask(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, { authBytes: token });
    if (answer.errorCode !== 0) throw new Error(`authentication failed: ${answer.errorMessage}`);
    return answer.authBytes;
  }

  async #frame(): Promise<Uint8Array> {
    for (;;) {
      const frames = splitFrames(this.#received);
      if (frames.length > 0) {
        this.#received = this.#received.slice(4 + frames[0].length);
        return frames[0];
      }
      const chunk = await readSome(this.#connection);
      if (chunk === null) throw new Error("the broker closed the connection of a client that did nothing wrong");
      this.#received = concat([this.#received, chunk]);
    }
  }
}

/** Whole frames at the beginning of `bytes`, without their lengths; what is no length ends it. */
export function splitFrames(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = new Reader(bytes.subarray(at)).int32();
    if (length < 0 || at + 4 + length > bytes.length) break;
    frames.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return frames;
}

/** Sends all. */
export async function sendAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

/** What comes next; null at the end. */
export async function readSome(connection: Deno.Conn): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(READ_BYTES);
  const count = await connection.read(buffer);
  return count === null ? null : buffer.subarray(0, count);
}
