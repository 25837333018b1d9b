/**
 * The writer: grows as needed, and takes large payloads by reference, so that record batches go from the log to the socket
 * without being copied.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { uuidToBytes } from "./uuid.ts";
import type { Uuid } from "./uuid.ts";
import { zigzag, zigzag64 } from "./varint.ts";

/** From this size on a payload is referred to instead of copied; below it, one more chunk costs more than the copy. */
export const SPLICE_BYTES = 4096;

const INITIAL_BYTES = 256;
const UTF8 = new TextEncoder();

/** Big-endian, as the Kafka protocol is. Values out of range wrap as in `DataView`: checking them is the codec's task. */
export class Writer {
  #buffer: Uint8Array;
  #view: DataView;
  #length = 0;
  /** Finished chunks, in order, and their total length; `#buffer` follows them. */
  #chunks: Uint8Array[] = [];
  #chunksLength = 0;

  constructor(capacity = INITIAL_BYTES) {
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#chunksLength + this.#length;
  }

  #reserve(count: number): number {
    const start = this.#length;
    if (start + count > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#buffer.length * 2, start + count));
      larger.set(this.#buffer.subarray(0, start));
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = start + count;
    return start;
  }

  bool(value: boolean): void {
    const at = this.#reserve(1);
    this.#view.setInt8(at, value ? 1 : 0);
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setInt8(at, value);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setInt16(at, value);
  }

  uint16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value);
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value);
  }

  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value);
  }

  /** A safe integer as int64. */
  safeInt64(value: number): void {
    this.int64(BigInt(value));
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value);
  }

  uuid(value: Uuid): void {
    const at = this.#reserve(16);
    uuidToBytes(value, this.#buffer, at);
  }

  /** An unsigned 32-bit integer. */
  unsignedVarint(value: number): void {
    value >>>= 0;
    while (value >= 0x80) {
      const at = this.#reserve(1);
      this.#buffer[at] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  /** A signed 32-bit integer, zigzag. */
  varint(value: number): void {
    this.unsignedVarint(zigzag(value));
  }

  /** A signed 64-bit integer, zigzag. */
  varlong(value: bigint): void {
    let rest = zigzag64(value);
    while (rest >= 0x80n) {
      const at = this.#reserve(1);
      this.#buffer[at] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    const at = this.#reserve(1);
    this.#buffer[at] = Number(rest);
  }

  /** Copies `bytes`. */
  bytes(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** Appends `bytes` by reference where they are large: they must not change until the chunks have been used. */
  splice(bytes: Uint8Array): void {
    if (bytes.length < SPLICE_BYTES) return this.bytes(bytes);
    this.#cut();
    this.#chunks.push(bytes);
    this.#chunksLength += bytes.length;
  }

  /** Overwrites an int32 at `position`, which must not lie in a spliced payload. */
  setInt32(position: number, value: number): void {
    let start = 0;
    for (const chunk of this.#chunks) {
      if (position < start + chunk.length) {
        new DataView(chunk.buffer, chunk.byteOffset, chunk.length).setInt32(position - start, value);
        return;
      }
      start += chunk.length;
    }
    this.#view.setInt32(position - start, value);
  }

  /** Everything written, as chunks in order. The writer starts anew after it. */
  finishChunks(): Uint8Array[] {
    this.#cut();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#chunksLength = 0;
    return chunks;
  }

  /** Everything written, in one piece. The writer starts anew after it. */
  finish(): Uint8Array {
    const chunks = this.finishChunks();
    return chunks.length === 1 ? chunks[0] : concat(chunks);
  }

  #cut(): void {
    if (this.#length === 0) return;
    this.#chunks.push(this.#buffer.subarray(0, this.#length));
    this.#chunksLength += this.#length;
    this.#buffer = new Uint8Array(INITIAL_BYTES);
    this.#view = new DataView(this.#buffer.buffer);
    this.#length = 0;
  }
}

/** The UTF-8 bytes of `text`; a lone surrogate becomes `?`-like U+FFFD. */
export function utf8(text: string): Uint8Array {
  return UTF8.encode(text);
}
