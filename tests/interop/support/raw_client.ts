/**
 * A client that sends whatever it is told, sound or not, and shows what comes back.
 *
 * ```ts ignore
 * using client = await RawClient.connect({ hostname: "127.0.0.1", port: 9092 });
 * const { brokers } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] });
 * ```
 *
 * @module
 */
import { concat } from "@std/bytes";
import { Reader, Writer } from "../../../lib/bytes/mod.ts";
import { RequestHeader, ResponseHeader } from "../../../lib/protocol/messages/headers.ts";
import type { Init, Message } from "../../../lib/protocol/schema.ts";
import { requestHeaderVersion, responseHeaderVersion } from "../../../lib/wire/headers.ts";

/** How long an answer may take. */
const ANSWER_TIMEOUT_MS = 15_000;
const READ_BUFFER_BYTES = 64 * 1024;

/** What {@linkcode RawClient.receive} says instead of a frame. */
export type NoFrame = "connection closed" | "no answer";

/** What a request's header says beside API and version. */
export interface HeaderFields {
  readonly correlationId?: number;
  readonly clientId?: string | null;
}

/** One connection. Frames are sent when they are told, so that several may be under way; answers are read one by one. */
export class RawClient implements Disposable {
  readonly #connection: Deno.TcpConn;
  #received = new Uint8Array(0);
  #reading: Promise<Uint8Array | null> | null = null;
  #nextCorrelationId = 1;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async connect(address: { hostname: string; port: number }): Promise<RawClient> {
    const connection = await Deno.connect({ ...address, transport: "tcp" });
    connection.setNoDelay(true);
    return new RawClient(connection);
  }

  /** Sends a request and returns its correlation id. */
  async send<T>(message: Message<T>, version: number, value: Init<T>, header: HeaderFields = {}): Promise<number> {
    const correlationId = header.correlationId ?? this.#nextCorrelationId++;
    await this.sendBytes(requestFrame(message, version, value, { ...header, correlationId }));
    return correlationId;
  }

  /** Sends bytes as they are. Does not mind a peer that has closed: what is read then says so. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    try {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#connection.write(rest));
    } catch (error) {
      if (!isClosing(error)) throw error;
    }
  }

  /** The next frame, without its length. */
  async receive(timeoutMs = ANSWER_TIMEOUT_MS): Promise<Uint8Array | NoFrame> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const frame = this.#takeFrame();
      if (frame !== null) return frame;
      const chunk = await this.#readUntil(deadline);
      if (chunk === "no answer") return chunk;
      if (chunk === null) return "connection closed";
      this.#received = concat([this.#received, chunk]);
    }
  }

  /** The next frame, as the answer to the request with that correlation id. */
  async receiveAs<R>(response: Message<R>, version: number, correlationId: number): Promise<R> {
    const frame = await this.receive();
    if (typeof frame === "string") throw new Error(`${response.name} v${version} expected: ${frame}`);
    return decodeResponse(frame, response, version, correlationId);
  }

  /** Sends a request and returns its answer. */
  async ask<Q, R>(request: Message<Q>, response: Message<R>, version: number, value: Init<Q>): Promise<R> {
    return await this.receiveAs(response, version, await this.send(request, version, value));
  }

  close(): void {
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #takeFrame(): Uint8Array | null {
    if (this.#received.length < 4) return null;
    const length = new Reader(this.#received).int32();
    if (this.#received.length < 4 + length) return null;
    const frame = this.#received.subarray(4, 4 + length);
    this.#received = this.#received.subarray(4 + length);
    return frame;
  }

  async #readUntil(deadline: number): Promise<Uint8Array | null | "no answer"> {
    // A read that nobody waits for any more stays under way, and its bytes belong to the next call.
    this.#reading ??= readChunk(this.#connection);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"no answer">((resolve) => {
      timer = setTimeout(resolve, Math.max(0, deadline - performance.now()), "no answer");
    });
    const chunk = await Promise.race([this.#reading, late]);
    clearTimeout(timer);
    if (chunk !== "no answer") this.#reading = null;
    return chunk;
  }
}

/** A whole request frame, its length in front. */
export function requestFrame<T>(
  message: Message<T>,
  version: number,
  value: Init<T>,
  header: HeaderFields = {},
): Uint8Array {
  const writer = new Writer();
  RequestHeader.write(writer, requestHeaderVersion(message, version), {
    requestApiKey: message.key!,
    requestApiVersion: version,
    correlationId: header.correlationId ?? 1,
    clientId: header.clientId === undefined ? "raw-client" : header.clientId,
  });
  message.write(writer, version, value);
  return framed(writer.finish());
}

/** `body` with its length in front, or with the length that is given. */
export function framed(body: Uint8Array, length = body.length): Uint8Array {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setInt32(0, length);
  return concat([prefix, body]);
}

/**
 * Decodes a response frame without its length.
 *
 * @throws {DecodeError} where it is malformed, and an error where it answers another request.
 */
export function decodeResponse<R>(frame: Uint8Array, response: Message<R>, version: number, correlationId: number): R {
  const reader = new Reader(frame);
  const header = ResponseHeader.read(reader, responseHeaderVersion(response, version));
  if (header.correlationId !== correlationId) {
    throw new Error(`${response.name} answers request ${header.correlationId}, expected ${correlationId}`);
  }
  const value = response.read(reader, version);
  reader.end();
  return value;
}

async function readChunk(connection: Deno.TcpConn): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(READ_BUFFER_BYTES);
  try {
    const count = await connection.read(buffer);
    return count === null ? null : buffer.subarray(0, count);
  } catch (error) {
    if (isClosing(error)) return null;
    throw error;
  }
}

function isClosing(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
}
