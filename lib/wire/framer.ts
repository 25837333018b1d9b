/**
 * The framer: a stream of bytes → frames, each a big-endian int32 length and as many bytes.
 *
 * | state    | event            | next                                                          |
 * | -------- | ---------------- | ------------------------------------------------------------- |
 * | between  | length in limits | whole in the buffer: out it goes, between; else within         |
 * | between  | any other length | `DecodeError`                                                  |
 * | within   | bytes            | within, or between when the frame is whole                     |
 *
 * The owner asks {@linkcode Framer.space} where the next bytes belong, reads into it, and says with
 * {@linkcode Framer.advance} how many came. Large frames are so read straight into their own memory, without a copy.
 * That memory grows with what has arrived, not with what the peer announces.
 *
 * @module
 */
import { BufferPool, DecodeError, utf8 } from "../bytes/mod.ts";

/** The receive buffer of a connection at first, so that idle ones stay small … */
const FIRST_BUFFER_BYTES = 2 * 1024;
/** … and of one that fills it. */
const FULL_BUFFER_BYTES = 64 * 1024;

/** The memory of a large frame: the batches of most clients are limited to a megabyte. */
const FRAME_BUFFER_BYTES = 1024 * 1024;
/** So many are kept: about what one busy producer has under way. */
const MAX_FREE_FRAME_BUFFERS = 8;

const LENGTH_BYTES = 4;

export class Framer {
  #maxFrameBytes: number;
  #limit: string;
  readonly #buffers: BufferPool;
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  /** The part of the buffer that holds bytes of frames not given out yet. */
  #start = 0;
  #end = 0;
  /** The frame that is being read straight into its own memory. */
  #large: { body: Uint8Array; filled: number; length: number } | null = null;

  /**
   * @param maxFrameBytes the most bytes that a frame may have, its length field not counted
   * @param buffers where large frames have their memory from, to be given back by whoever is done with one
   */
  constructor(maxFrameBytes: number, buffers = newFrameBuffers()) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#limit = "socket.request.max.bytes";
    this.#buffers = buffers;
  }

  /** From the next frame on another limit holds. */
  limitTo(maxFrameBytes: number, limit = "socket.request.max.bytes"): void {
    this.#maxFrameBytes = maxFrameBytes;
    this.#limit = limit;
  }

  /** Bytes held of frames not given out yet. */
  get bufferedBytes(): number {
    return this.#end - this.#start + (this.#large?.filled ?? 0);
  }

  /** Where the next bytes belong; never empty. Ask again after each {@linkcode Framer.advance}. */
  space(): Uint8Array {
    const large = this.#large;
    if (large !== null) {
      if (large.filled === large.body.length) {
        large.body = grown(large.body, Math.min(large.length, large.filled * 2));
      }
      return large.body.subarray(large.filled);
    }
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
    } else if (this.#end === this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    return this.#buffer.subarray(this.#end);
  }

  /** Says that `count` bytes have been put where {@linkcode Framer.space} said. */
  advance(count: number): void {
    if (this.#large !== null) {
      this.#large.filled += count;
      return;
    }
    this.#end += count;
    if (this.#end === this.#buffer.length && this.#buffer.length < FULL_BUFFER_BYTES) {
      this.#buffer = grown(this.#buffer, FULL_BUFFER_BYTES);
    }
  }

  /**
   * The next whole frame, without its length; null where more bytes are needed. The frame's memory is its own, until
   * whoever is done with it gives it back.
   *
   * @throws {DecodeError} where a length is negative or above the limit: nothing has been allocated for it, and nothing
   *   more can be read from the connection.
   */
  next(): Uint8Array | null {
    const large = this.#large;
    if (large !== null) {
      if (large.filled < large.length) return null;
      this.#large = null;
      return large.body;
    }
    const available = this.#end - this.#start - LENGTH_BYTES;
    if (available < 0) return null;
    const length = this.#readLength();
    const bodyStart = this.#start + LENGTH_BYTES;
    if (available < length) {
      if (LENGTH_BYTES + length > this.#buffer.length) this.#beginLarge(bodyStart, length);
      return null;
    }
    this.#start = bodyStart + length;
    return this.#buffer.slice(bodyStart, this.#start);
  }

  #readLength(): number {
    const at = this.#start;
    const buffer = this.#buffer;
    const length = (buffer[at] << 24) | (buffer[at + 1] << 16) | (buffer[at + 2] << 8) | buffer[at + 3];
    if (length < 0 || length > this.#maxFrameBytes) {
      throw new DecodeError(
        `a frame announces ${length} bytes, allowed are 0 to ${this.#maxFrameBytes} (${this.#limit})` +
          otherProtocol(length),
        0,
      );
    }
    return length;
  }

  #beginLarge(bodyStart: number, length: number): void {
    const arrived = this.#buffer.subarray(bodyStart, this.#end);
    // Up to the size of a buffer the memory is taken at once; untouched pages of it cost nothing.
    const body = length <= FRAME_BUFFER_BYTES
      ? this.#buffers.take(length)
      : new Uint8Array(Math.min(length, Math.max(FRAME_BUFFER_BYTES, arrived.length * 2)));
    body.set(arrived);
    this.#large = { body, filled: arrived.length, length };
    this.#start = this.#end = 0;
  }
}

/** Where the connections of a broker have the memory of large frames from. */
export function newFrameBuffers(): BufferPool {
  return new BufferPool(FRAME_BUFFER_BYTES, MAX_FREE_FRAME_BUFFERS);
}

/** What the first four bytes of a client are that speaks no Kafka, as far as they show it. */
function otherProtocol(length: number): string {
  if (length >>> 16 === TLS_HANDSHAKE) return ". These are the first bytes of TLS, and this listener is PLAINTEXT";
  return HTTP_METHODS.has(length) ? ". These are the first bytes of HTTP, and this port is for Kafka clients" : "";
}

/** Type and major version of the record with which TLS begins. */
const TLS_HANDSHAKE = 0x1603;

const HTTP_METHODS: ReadonlySet<number> = new Set(
  ["GET ", "POST", "PUT ", "HEAD", "OPTI", "CONN"].map((text) => new DataView(utf8(text).buffer).getInt32(0)),
);

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
