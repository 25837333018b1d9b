/**
 * Variable-length integers: base 128, least significant group first; signed ones zigzag-encoded, as in Protocol Buffers.
 * Kafka uses the unsigned ones in flexible messages (KIP-482) and the signed ones in records (KIP-98).
 *
 * @module
 */

/** The most bytes that a 32-bit varint takes. */
export const MAX_VARINT_BYTES = 5;
/** The most bytes that a 64-bit varint takes. */
export const MAX_VARLONG_BYTES = 10;

/** Bytes that `value`, an unsigned 32-bit integer, takes. */
export function sizeOfUnsignedVarint(value: number): number {
  value >>>= 0;
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Bytes that `value`, a signed 32-bit integer, takes in zigzag form. */
export function sizeOfVarint(value: number): number {
  return sizeOfUnsignedVarint(zigzag(value));
}

/** Bytes that `value`, a signed 64-bit integer, takes in zigzag form. */
export function sizeOfVarlong(value: bigint): number {
  let rest = zigzag64(value);
  let size = 1;
  while (rest >= 0x80n) {
    rest >>= 7n;
    size++;
  }
  return size;
}

/** Maps a signed 32-bit integer to an unsigned one: 0, -1, 1, -2 … become 0, 1, 2, 3 …. */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** Undoes {@linkcode zigzag}. */
export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

/** Maps a signed 64-bit integer to an unsigned one, as {@linkcode zigzag} does. */
export function zigzag64(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

/** Undoes {@linkcode zigzag64}. */
export function unzigzag64(value: bigint): bigint {
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}
