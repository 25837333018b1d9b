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
 * No peer gets memory for what it announces alone: a megabyte must have arrived before a larger frame has its whole
 * memory. The memory of all frames that are on their way is bounded: where the whole may not be had, a frame grows by
 * doubling instead, and where not even that, {@linkcode Framer.space} is empty until other frames have made room.
 *
 * @module
 */
import { BufferPool, DecodeError, utf8 } from "../bytes/mod.ts";

/** The receive buffer of a connection at first, so that idle ones stay small … */
const FIRST_BUFFER_BYTES = 2 * 1024;
/** … and of one that fills it. */
const FULL_BUFFER_BYTES = 64 * 1024;

/** The memory of a large frame at first: the batches of most clients are limited to a megabyte. */
const FRAME_BUFFER_BYTES = 1024 * 1024;

const LENGTH_BYTES = 4;

/** Where the frames of all connections have their memory from, but for small ones. */
export interface FrameMemory {
  /** Whoever is done with a frame gives its memory back here. */
  readonly buffers: BufferPool;
  /** Whether so many bytes more may be had for a frame that has not arrived yet; they are to be given back then. */
  reserve(bytes: number): boolean;
  /** Whether the frame may have more than all may have together: one at a time may, so that it can arrive. */
  overdraw(): boolean;
  /** Gives back all that a frame had. */
  unreserve(bytes: number, isOverdrawn: boolean): void;
}

export class Framer {
  #maxFrameBytes: number;
  #limit: string;
  readonly #memory: FrameMemory;
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  /** The part of the buffer that holds bytes of frames not given out yet. */
  #start = 0;
  #end = 0;
  /** The frame that is being read straight into its own memory. */
  #large: LargeFrame | null = null;
  /** The length of a large frame that has no memory of its own yet: what has arrived of it is in the buffer. */
  #late: number | null = null;

  /**
   * @param maxFrameBytes the most bytes that a frame may have, its length field not counted
   * @param memory where large frames have theirs from
   */
  constructor(maxFrameBytes: number, memory: FrameMemory) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#limit = "socket.request.max.bytes";
    this.#memory = memory;
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

  /** Whether a frame has memory of its own, and has not arrived yet. */
  get isWithinLarge(): boolean {
    return this.#large !== null;
  }

  /** Where the next bytes belong; empty as long as there is no memory for them. Ask again after each {@linkcode Framer.advance}. */
  space(): Uint8Array {
    if (this.#late !== null && !this.#beginLarge(this.#late)) return NO_SPACE;
    const large = this.#large;
    if (large !== null) {
      if (large.filled === large.body.length && !this.#growLarge(large)) return NO_SPACE;
      return large.body.subarray(large.filled);
    }
    if (this.#start === this.#end) {
      this.#start = this.#end = 0;
    } else if (this.#end === this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    return this.#end === 0 ? this.#buffer : this.#buffer.subarray(this.#end);
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
      this.#endLarge(large);
      return large.body;
    }
    const available = this.#end - this.#start - LENGTH_BYTES;
    if (available < 0) return null;
    const length = this.#readLength();
    const bodyStart = this.#start + LENGTH_BYTES;
    if (available < length) {
      if (LENGTH_BYTES + length > this.#buffer.length) this.#beginLarge(length);
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

  /** Ends it: nothing more arrives, and nobody is reading into its space. */
  close(): void {
    if (this.#large === null) return;
    this.#memory.buffers.giveBack(this.#large.body);
    this.#endLarge(this.#large);
  }

  /** False where there is no memory for it now. */
  #beginLarge(length: number): boolean {
    const firstBytes = Math.min(length, FRAME_BUFFER_BYTES);
    const isReserved = this.#memory.reserve(firstBytes);
    const isOverdrawn = !isReserved && this.#memory.overdraw();
    this.#late = isReserved || isOverdrawn ? null : length;
    if (this.#late !== null) return false;
    const arrived = this.#buffer.subarray(this.#start + LENGTH_BYTES, this.#end);
    const body = this.#memory.buffers.take(firstBytes);
    body.set(arrived);
    this.#large = { body, filled: arrived.length, length, reservedBytes: isReserved ? firstBytes : 0, isOverdrawn };
    this.#start = this.#end = 0;
    return true;
  }

  /** Copies what has arrived once where the whole may be had, or else as often as it doubles. False where there is no memory now. */
  #growLarge(large: LargeFrame): boolean {
    const { body, filled, length, reservedBytes } = large;
    const doubled = Math.min(length, filled * 2);
    let size = length;
    if (!large.isOverdrawn) {
      if (this.#memory.reserve(length - reservedBytes)) large.reservedBytes = length;
      else if (this.#memory.reserve(doubled - reservedBytes)) size = large.reservedBytes = doubled;
      else if (this.#memory.overdraw()) large.isOverdrawn = true;
      else return false;
    }
    large.body = this.#memory.buffers.take(size);
    large.body.set(body);
    this.#memory.buffers.giveBack(body);
    return true;
  }

  #endLarge({ reservedBytes, isOverdrawn }: LargeFrame): void {
    this.#large = null;
    this.#memory.unreserve(reservedBytes, isOverdrawn);
  }
}

const NO_SPACE = new Uint8Array(0);

/** A frame on its way. */
interface LargeFrame {
  body: Uint8Array;
  filled: number;
  readonly length: number;
  reservedBytes: number;
  /** Whether it is the one that may have more than what all may have together. */
  isOverdrawn: boolean;
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
