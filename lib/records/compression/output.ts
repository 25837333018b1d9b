/**
 * The output of a decompressor: one growing piece of memory that never exceeds its limit.
 *
 * @module
 */
import { CompressionError } from "../../ports.ts";

const LEAST_CAPACITY = 1024;

/**
 * Grows as it is reserved. `bytes` is replaced when it grows, so take it anew after every {@linkcode Output.reserve}.
 */
export class Output {
  bytes: Uint8Array;
  /** Bytes that are filled. */
  length = 0;

  /**
   * @param expectedBytes a first guess of how much there will be
   * @param maxBytes how much there may be
   */
  constructor(expectedBytes: number, readonly maxBytes: number) {
    this.bytes = new Uint8Array(Math.min(Math.max(expectedBytes, LEAST_CAPACITY), maxBytes));
  }

  /**
   * Makes room for up to `count` more bytes, as far as the limit allows: writers must heed `bytes.length`, and call
   * {@linkcode Output.tooLarge} at it.
   */
  reserve(count: number): void {
    const needed = Math.min(this.length + count, this.maxBytes);
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.min(Math.max(needed, this.bytes.length * 2), this.maxBytes));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** Appends `bytes`. */
  push(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    if (bytes.length > this.bytes.length - this.length) this.tooLarge();
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Ends decompression because of the limit. */
  tooLarge(): never {
    throw new CompressionError(`It decompresses to more than the ${this.maxBytes} bytes that are allowed`);
  }

  /** Everything written, as a view. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

/**
 * Copies `length` bytes within `bytes` from `from` to the later `to`, byte after byte, so that overlapping parts
 * repeat.
 */
export function copyMatch(bytes: Uint8Array, from: number, to: number, length: number): void {
  if (length > COPY_WITHIN_BYTES && to - from >= length) {
    bytes.copyWithin(to, from, from + length);
    return;
  }
  for (const end = from + length; from < end;) bytes[to++] = bytes[from++];
}

/** Copies `source` from `from` to `end` into `target` at `to`. */
export function copyLiterals(source: Uint8Array, from: number, end: number, target: Uint8Array, to: number): void {
  if (end - from > COPY_WITHIN_BYTES) {
    target.set(source.subarray(from, end), to);
    return;
  }
  while (from < end) target[to++] = source[from++];
}

/** From this many bytes on a call of the runtime is faster than a loop. */
const COPY_WITHIN_BYTES = 48;
