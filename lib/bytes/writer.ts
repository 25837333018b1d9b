/**
 * The writer: grows as needed, and takes large payloads by reference, so that record batches go from the log to the socket
 * without being copied.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { setInt64At } from "./int64.ts";
import { uuidToBytes } from "./uuid.ts";
import type { Uuid } from "./uuid.ts";
import { zigzag, zigzag64 } from "./varint.ts";

/** From this size on a payload is referred to instead of copied; below it, one more chunk costs more than the copy. */
export const SPLICE_BYTES = 4096;

/** What a writer takes at first, unless it is told what to expect. */
const FIRST_BYTES = 512;
const UTF8 = new TextEncoder();

/** Big-endian, as the Kafka protocol is. Values out of range wrap as in `DataView`: checking them is the codec's task. */
export class Writer {
  /** The part of a slab, from `#start` to `#limit`, that is written up to `#at`. */
  #slab = Slab.EMPTY;
  #bytes = Slab.EMPTY.bytes;
  #view = Slab.EMPTY.view;
  #start = 0;
  #at = 0;
  #limit = 0;
  /** Finished chunks, in order, and their total length; the part of the slab follows them. */
  #chunks: Uint8Array[] = [];
  #chunksLength = 0;
  readonly #firstBytes: number;

  /** With `expectedBytes` near the outcome, nothing is copied while it grows. */
  constructor(expectedBytes = FIRST_BYTES) {
    this.#firstBytes = expectedBytes;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#chunksLength + this.#at - this.#start;
  }

  /** Takes the next `count` bytes and returns where in `#bytes` they are. */
  #reserve(count: number): number {
    if (this.#at + count > this.#limit) this.#grow(count);
    const at = this.#at;
    this.#at = at + count;
    return at;
  }

  /** Makes room for `count` more bytes, in place where nobody has taken what follows. */
  #grow(count: number): void {
    const length = this.#at - this.#start;
    const wanted = Math.max(length + count, length * 2, this.#firstBytes);
    if (this.#slab.used !== this.#limit || this.#start + wanted > this.#bytes.length) this.#move(wanted);
    this.#limit = this.#start + wanted;
    this.#slab.used = this.#limit;
  }

  #move(wanted: number): void {
    const written = this.#bytes.subarray(this.#start, this.#at);
    this.#slab = Slab.withFree(wanted);
    this.#bytes = this.#slab.bytes;
    this.#view = this.#slab.view;
    this.#start = this.#slab.used;
    this.#at = this.#start + written.length;
    this.#bytes.set(written, this.#start);
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
    const at = this.#reserve(8);
    setInt64At(this.#view, at, value);
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value);
  }

  uuid(value: Uuid): void {
    const at = this.#reserve(16);
    uuidToBytes(value, this.#bytes, at);
  }

  /** An unsigned 32-bit integer. */
  unsignedVarint(value: number): void {
    value >>>= 0;
    while (value >= 0x80) {
      const at = this.#reserve(1);
      this.#bytes[at] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    const at = this.#reserve(1);
    this.#bytes[at] = value;
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
      this.#bytes[at] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    const at = this.#reserve(1);
    this.#bytes[at] = Number(rest);
  }

  /** The UTF-8 of `text`, which takes `size` bytes, see {@linkcode sizeOfUtf8}; a lone surrogate becomes U+FFFD. */
  utf8(text: string, size: number): void {
    const at = this.#reserve(size);
    if (size > text.length) {
      UTF8.encodeInto(text, this.#bytes.subarray(at, at + size));
      return;
    }
    // Topic names and their like are short and ASCII: a loop costs less than the call.
    for (let index = 0; index < size; index++) this.#bytes[at + index] = text.charCodeAt(index);
  }

  /** Copies `bytes`. */
  bytes(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
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
    this.#view.setInt32(this.#start + position - start, value);
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
    if (this.#at === this.#start) return;
    this.#chunks.push(this.#bytes.subarray(this.#start, this.#at));
    this.#chunksLength += this.#at - this.#start;
    // What was taken and not used goes to the next writer.
    if (this.#slab.used === this.#limit) this.#slab.used = this.#at;
    this.#start = this.#at;
    this.#limit = this.#at;
  }
}

/** The UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  return UTF8.encode(text);
}

/** Bytes that `text` takes in UTF-8. */
export function sizeOfUtf8(text: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) >= 0x80) return UTF8.encode(text).length;
  }
  return text.length;
}

/**
 * Memory that small outputs share, taken from front to back and never twice: allocating each output by itself would cost
 * more than filling it. An output that is kept keeps its slab too, so slabs are small.
 */
class Slab {
  static #current = new Slab(0);
  /** Bytes that are taken. */
  used = 0;
  readonly bytes: Uint8Array;
  readonly view: DataView;

  private constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  /** A slab with that many free bytes, which the caller takes by raising `used`. */
  static withFree(count: number): Slab {
    if (count > SLAB_BYTES / 4) return new Slab(count);
    if (count > Slab.#current.bytes.length - Slab.#current.used) Slab.#current = new Slab(SLAB_BYTES);
    return Slab.#current;
  }

  static readonly EMPTY = new Slab(0);
}

const SLAB_BYTES = 16384;
