/**
 * The reader: the only place that checks bounds. Big-endian throughout, as the Kafka protocol is.
 *
 * @module
 */
import { int64At } from "./int64.ts";
import { MAX_VARINT_BYTES, MAX_VARLONG_BYTES, unzigzag, unzigzag64 } from "./varint.ts";
import { type Uuid, uuidFromBytes } from "./uuid.ts";

/**
 * Input that breaks the protocol or a file format. Malformed input causes this error and no other.
 *
 * `offset` counts bytes from the start of what was decoded, and `path` names the field, such as `topics[2].partitions`.
 */
export class DecodeError extends Error {
  override name = "DecodeError";
  #reason: string;
  #path = "";
  #partial: unknown;

  constructor(reason: string, readonly offset: number) {
    super(`${reason} (at byte ${offset})`);
    this.#reason = reason;
  }

  /** The field in which it happened, from the outermost message; "" where there is none. */
  get path(): string {
    return this.#path;
  }

  /** What had been decoded by then of the outermost message: its first fields; undefined where that is nothing. */
  get partial(): unknown {
    return this.#partial;
  }

  /**
   * Puts a field name, or an index such as `[2]`, in front of the path; called from the inside out.
   *
   * @param decoded the struct or the elements before, of which this is a part
   */
  within(part: string, decoded?: object): this {
    this.#path = joinPath(part, this.#path);
    this.message = `${this.#reason} (at byte ${this.offset}, in ${this.#path})`;
    if (decoded === undefined) return this;
    if (this.#partial !== undefined) {
      if (Array.isArray(decoded)) decoded.push(this.#partial);
      else (decoded as Record<string, unknown>)[part] = this.#partial;
    }
    return this.after(decoded);
  }

  /** Says what had been decoded, where it happened between two parts. */
  after(decoded: object): this {
    this.#partial = decoded;
    return this;
  }
}

/** A field path such as `topics[2].partitions`, of its first part and the rest. */
export function joinPath(part: string, rest: string): string {
  return rest === "" || rest.startsWith("[") ? part + rest : `${part}.${rest}`;
}

/**
 * The most elements that all arrays of one message may have together. No real request comes near it, and without it a
 * hostile one of 100 MB, the usual limit of a frame, could fill gigabytes: an empty element of two bytes becomes an object.
 */
export const MAX_ELEMENTS = 1 << 20;

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const NO_BYTES = new Uint8Array(0);
/** Up to this many bytes a loop over ASCII is faster than a call of TextDecoder. */
const SHORT_STRING_BYTES = 24;

/** Reads from the start of `bytes`, which it does not copy. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #offset: number;
  #elements = 0;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }

  /** Bytes read so far, and the position of the next one. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes left. */
  get remaining(): number {
    return this.bytes.length - this.#offset;
  }

  /** Ends decoding with a {@linkcode DecodeError} at the current offset. */
  fail(reason: string): never {
    throw new DecodeError(reason, this.#offset);
  }

  /** Takes `count` bytes and returns where they start. */
  #take(count: number, what: string): number {
    const start = this.#offset;
    if (count > this.bytes.length - start) {
      this.fail(`${what} needs ${count} bytes, ${this.remaining} remain`);
    }
    this.#offset = start + count;
    return start;
  }

  bool(): boolean {
    return this.#view.getInt8(this.#take(1, "bool")) !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1, "int8"));
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1, "uint8"));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2, "int16"));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2, "uint16"));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4, "int32"));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4, "uint32"));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8, "int64"));
  }

  /** An int64 that must fit into a `number`, such as an offset in a file of ours. */
  safeInt64(): number {
    const value = int64At(this.#view, this.#take(8, "int64"));
    if (!Number.isSafeInteger(value)) this.fail(`int64 ${value} lies beyond 2^53`);
    return value;
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8, "float64"));
  }

  uuid(): Uuid {
    return uuidFromBytes(this.bytes, this.#take(16, "uuid"));
  }

  /** An unsigned varint of at most 32 bits. What the fifth byte holds beyond them is lost, as in Kafka. */
  unsignedVarint(): number {
    // Most of them, by far, are one byte.
    const first = this.bytes[this.#offset];
    if (first < 0x80) {
      this.#offset++;
      return first;
    }
    let value = 0;
    for (let index = 0; index < MAX_VARINT_BYTES; index++) {
      const byte = this.#view.getUint8(this.#take(1, "varint"));
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) return value >>> 0;
    }
    return this.fail(`varint is longer than ${MAX_VARINT_BYTES} bytes`);
  }

  /** A zigzag varint of at most 32 bits. */
  varint(): number {
    return unzigzag(this.unsignedVarint());
  }

  /** A zigzag varint of at most 64 bits. What the tenth byte holds beyond them is lost, as in Kafka. */
  varlong(): bigint {
    let value = 0n;
    for (let index = 0; index < MAX_VARLONG_BYTES; index++) {
      const byte = this.#view.getUint8(this.#take(1, "varlong"));
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return unzigzag64(BigInt.asUintN(64, value));
    }
    return this.fail(`varlong is longer than ${MAX_VARLONG_BYTES} bytes`);
  }

  /** The next `count` bytes, as a view of the input. */
  view(count: number, what = "bytes"): Uint8Array {
    if (count < 0) this.fail(`${what} has the negative length ${count}`);
    const start = this.#take(count, what);
    // A view costs a hundred bytes of memory, and hostile input could ask for one with each byte.
    return count === 0 ? NO_BYTES : this.bytes.subarray(start, start + count);
  }

  /** The next `count` bytes as UTF-8; malformed parts become U+FFFD, as in Java. */
  string(count: number): string {
    if (count < 0) this.fail(`string has the negative length ${count}`);
    const start = this.#take(count, "string");
    const end = start + count;
    if (count <= SHORT_STRING_BYTES) {
      let text = "";
      let at = start;
      for (; at < end; at++) {
        const byte = this.bytes[at];
        if (byte >= 0x80) break;
        text += String.fromCharCode(byte);
      }
      if (at === end) return text;
    }
    return UTF8.decode(this.bytes.subarray(start, end));
  }

  /**
   * Checks an element count before anything is allocated for it.
   *
   * @param count the count that the input claims
   * @param leastBytes the fewest bytes that one element takes, at least 1
   */
  checkCount(count: number, leastBytes: number): number {
    if (count < 0) this.fail(`count ${count} is negative`);
    if (count * leastBytes > this.remaining) {
      this.fail(`count ${count} cannot be: ${this.remaining} bytes remain, an element takes ${leastBytes} or more`);
    }
    return count;
  }

  /** As {@linkcode checkCount}, and counts the elements towards {@linkcode MAX_ELEMENTS}. */
  claimElements(count: number, leastBytes: number): number {
    this.checkCount(count, leastBytes);
    this.#elements += count;
    if (this.#elements > MAX_ELEMENTS) this.fail(`more than ${MAX_ELEMENTS} array elements in one message`);
    return count;
  }

  /** Moves on without looking. */
  skip(count: number, what = "skipped part"): void {
    if (count < 0) this.fail(`cannot skip ${count} bytes`);
    this.#take(count, what);
  }

  /** Fails unless everything was read. */
  end(): void {
    if (this.remaining > 0) this.fail(`${this.remaining} bytes are left over`);
  }
}
