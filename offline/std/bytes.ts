/**
 * Stands in for `jsr:@std/bytes` where JSR cannot be reached: the same signatures, written on `node:buffer`.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** All of `arrays`, one after the other, in a new array. */
export function concat(arrays: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts = [...arrays];
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** True where both have the same bytes. */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** True where `source` begins with `prefix`. */
export function startsWith(source: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.length <= source.length && equals(source.subarray(0, prefix.length), prefix);
}

/** Where `needle` first occurs in `source` from `start` on, or -1. */
export function indexOfNeedle(source: Uint8Array, needle: Uint8Array, start = 0): number {
  return Buffer.from(source.buffer, source.byteOffset, source.byteLength).indexOf(needle, start);
}
