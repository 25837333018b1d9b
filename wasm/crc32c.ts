/**
 * CRC32C with vectors of 128 bits, in AssemblyScript. `deno task wasm` makes `lib/bytes/crc32c_module.ts` of it.
 *
 * A block is cut into 16 streams of equal length, one for each byte of a vector, whose checksums are computed side by side. The
 * checksum of a stream is a register of 32 bits; that of all 16 is four vectors, `s0` to `s3`, the lowest bytes of all registers in
 * `s0`. What a table of 256 entries gives for a byte in the plain algorithm is the exclusive or of what it gives for the byte's low and high
 * half, so tables of 16 bytes suffice, in which one instruction looks up 16 bytes at once: four tables for each half, one for each
 * byte of the register. At the end the 16 registers are put together: a register is moved past the bytes of the next stream
 * by tables made for the length of a stream, and the next register is added to it.
 *
 * What is left behind the last block goes eight bytes at a time through plain tables.
 *
 * @module
 */

/** Castagnoli's polynomial, the lowest bit first. */
const POLYNOMIAL: u32 = 0x82f63b78;

/** Bytes of a stream in a large and in a small block, each of 16 streams. */
const LARGE_STREAM: i32 = 1024;
const SMALL_STREAM: i32 = 64;
const STREAMS: i32 = 16;

// Where things lie in memory.
/** Eight tables of 256 registers: what a byte comes to that lies 0 to 7 bytes before the end. */
const TABLES: i32 = 0;
/** Four tables for the low half of a byte, then four for the high half. */
const HALVES: i32 = 8192;
/** Four tables of 256 registers: what each byte of a register comes to past the length of a stream. */
const LARGE_SHIFT: i32 = 8320;
const SMALL_SHIFT: i32 = 12416;
/** 16 vectors: the bytes of 16 streams that stand at the same place. */
const COLUMNS: i32 = 16512;
/** What is to be looked at. */
export const INPUT: i32 = 32768;
export const INPUT_BYTES: i32 = 65536;

/** Fills the tables; to be called once. */
export function prepare(): void {
  for (let byte = 0; byte < 256; byte++) {
    let register: u32 = byte;
    for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (register & 1 ? POLYNOMIAL : 0);
    store<u32>(TABLES + (byte << 2), register);
  }
  for (let table = 1; table < 8; table++) {
    for (let byte = 0; byte < 256; byte++) {
      store<u32>(TABLES + (table << 10) + (byte << 2), pastZero(lookUp(table - 1, byte)));
    }
  }
  for (let half = 0; half < 16; half++) {
    for (let byte = 0; byte < 4; byte++) {
      store<u8>(HALVES + (byte << 4) + half, lookUp(0, half) >>> (byte << 3));
      store<u8>(HALVES + 64 + (byte << 4) + half, lookUp(0, half << 4) >>> (byte << 3));
    }
  }
  prepareShift(LARGE_SHIFT, LARGE_STREAM);
  prepareShift(SMALL_SHIFT, SMALL_STREAM);
}

/** The register after `length` bytes of memory, from `at` on, where it was `register` before. */
export function update(register: u32, at: i32, length: i32): u32 {
  for (; length >= LARGE_STREAM * STREAMS; at += LARGE_STREAM * STREAMS, length -= LARGE_STREAM * STREAMS) {
    register = block(register, at, LARGE_STREAM, LARGE_SHIFT);
  }
  for (; length >= SMALL_STREAM * STREAMS; at += SMALL_STREAM * STREAMS, length -= SMALL_STREAM * STREAMS) {
    register = block(register, at, SMALL_STREAM, SMALL_SHIFT);
  }
  for (; length >= 8; at += 8, length -= 8) register = eightBytes(register ^ load<u32>(at), load<u32>(at + 4));
  for (; length > 0; at++, length--) register = pastZero(register ^ load<u8>(at));
  return register;
}

function lookUp(table: i32, byte: u32): u32 {
  return load<u32>(TABLES + (table << 10) + (byte << 2));
}

/** A register past one byte of zero. */
function pastZero(register: u32): u32 {
  return (register >>> 8) ^ lookUp(0, register & 0xff);
}

function eightBytes(first: u32, last: u32): u32 {
  return lookUp(7, first & 0xff) ^ lookUp(6, (first >>> 8) & 0xff) ^ lookUp(5, (first >>> 16) & 0xff) ^
    lookUp(4, first >>> 24) ^ lookUp(3, last & 0xff) ^ lookUp(2, (last >>> 8) & 0xff) ^
    lookUp(1, (last >>> 16) & 0xff) ^ lookUp(0, last >>> 24);
}

/** What the bits of a byte come to is the sum of what each comes to: only 32 are followed past all the zeros. */
function prepareShift(tables: i32, length: i32): void {
  for (let byte = 0; byte < 4; byte++) {
    const table = tables + (byte << 10);
    store<u32>(table, 0);
    for (let bit = 1; bit < 256; bit <<= 1) {
      let register: u32 = bit << (byte << 3);
      for (let n = 0; n < length; n++) register = pastZero(register);
      for (let rest = 0; rest < bit; rest++) {
        store<u32>(table + ((bit + rest) << 2), register ^ load<u32>(table + (rest << 2)));
      }
    }
  }
}

function shift(tables: i32, register: u32): u32 {
  return load<u32>(tables + ((register & 0xff) << 2)) ^
    load<u32>(tables + 1024 + (((register >>> 8) & 0xff) << 2)) ^
    load<u32>(tables + 2048 + (((register >>> 16) & 0xff) << 2)) ^
    load<u32>(tables + 3072 + ((register >>> 24) << 2));
}

/** The register after 16 streams of `length` bytes each. */
function block(register: u32, at: i32, length: i32, shiftTables: i32): u32 {
  const low0 = v128.load(HALVES), low1 = v128.load(HALVES + 16);
  const low2 = v128.load(HALVES + 32), low3 = v128.load(HALVES + 48);
  const high0 = v128.load(HALVES + 64), high1 = v128.load(HALVES + 80);
  const high2 = v128.load(HALVES + 96), high3 = v128.load(HALVES + 112);
  const lowHalf = v128.splat<u8>(0x0f);
  const zero = v128.splat<u8>(0);
  // The first stream goes on from what was before; the others begin with nothing.
  let s0 = v128.replace_lane<u8>(zero, 0, <u8> register);
  let s1 = v128.replace_lane<u8>(zero, 0, <u8> (register >>> 8));
  let s2 = v128.replace_lane<u8>(zero, 0, <u8> (register >>> 16));
  let s3 = v128.replace_lane<u8>(zero, 0, <u8> (register >>> 24));
  for (const end = at + length; at < end; at += 16) {
    transpose(at, length);
    for (let column = COLUMNS; column < COLUMNS + 256; column += 16) {
      const bytes = v128.xor(s0, v128.load(column));
      const low = v128.and(bytes, lowHalf);
      const high = v128.shr<u8>(bytes, 4);
      s0 = v128.xor(s1, v128.xor(pick(low0, low), pick(high0, high)));
      s1 = v128.xor(s2, v128.xor(pick(low1, low), pick(high1, high)));
      s2 = v128.xor(s3, v128.xor(pick(low2, low), pick(high2, high)));
      s3 = v128.xor(pick(low3, low), pick(high3, high));
    }
  }
  v128.store(COLUMNS, s0);
  v128.store(COLUMNS + 16, s1);
  v128.store(COLUMNS + 32, s2);
  v128.store(COLUMNS + 48, s3);
  let sum: u32 = 0;
  for (let lane = COLUMNS; lane < COLUMNS + 16; lane++) {
    const own: u32 = load<u8>(lane) | (<u32> load<u8>(lane + 16) << 8) | (<u32> load<u8>(lane + 32) << 16) |
      (<u32> load<u8>(lane + 48) << 24);
    sum = shift(shiftTables, sum) ^ own;
  }
  return sum;
}

/** Looks 16 indexes below 16 up in a table of 16 bytes: what the relaxed instruction does with larger ones does not matter. */
function pick(table: v128, indexes: v128): v128 {
  return v128.relaxed_swizzle(table, indexes);
}

/** The low halves of two vectors, byte beside byte. */
function low(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function high(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Puts the next 16 bytes of 16 streams, `stride` bytes apart, into columns: four times the same shuffle of rows i and i + 8. */
function transpose(at: i32, stride: i32): void {
  const a0 = v128.load(at), a1 = v128.load(at + stride);
  const a2 = v128.load(at + 2 * stride), a3 = v128.load(at + 3 * stride);
  const a4 = v128.load(at + 4 * stride), a5 = v128.load(at + 5 * stride);
  const a6 = v128.load(at + 6 * stride), a7 = v128.load(at + 7 * stride);
  const a8 = v128.load(at + 8 * stride), a9 = v128.load(at + 9 * stride);
  const a10 = v128.load(at + 10 * stride), a11 = v128.load(at + 11 * stride);
  const a12 = v128.load(at + 12 * stride), a13 = v128.load(at + 13 * stride);
  const a14 = v128.load(at + 14 * stride), a15 = v128.load(at + 15 * stride);
  const b0 = low(a0, a8), b1 = high(a0, a8), b2 = low(a1, a9), b3 = high(a1, a9);
  const b4 = low(a2, a10), b5 = high(a2, a10), b6 = low(a3, a11), b7 = high(a3, a11);
  const b8 = low(a4, a12), b9 = high(a4, a12), b10 = low(a5, a13), b11 = high(a5, a13);
  const b12 = low(a6, a14), b13 = high(a6, a14), b14 = low(a7, a15), b15 = high(a7, a15);
  const c0 = low(b0, b8), c1 = high(b0, b8), c2 = low(b1, b9), c3 = high(b1, b9);
  const c4 = low(b2, b10), c5 = high(b2, b10), c6 = low(b3, b11), c7 = high(b3, b11);
  const c8 = low(b4, b12), c9 = high(b4, b12), c10 = low(b5, b13), c11 = high(b5, b13);
  const c12 = low(b6, b14), c13 = high(b6, b14), c14 = low(b7, b15), c15 = high(b7, b15);
  const d0 = low(c0, c8), d1 = high(c0, c8), d2 = low(c1, c9), d3 = high(c1, c9);
  const d4 = low(c2, c10), d5 = high(c2, c10), d6 = low(c3, c11), d7 = high(c3, c11);
  const d8 = low(c4, c12), d9 = high(c4, c12), d10 = low(c5, c13), d11 = high(c5, c13);
  const d12 = low(c6, c14), d13 = high(c6, c14), d14 = low(c7, c15), d15 = high(c7, c15);
  putColumns(0, d0, d8);
  putColumns(1, d1, d9);
  putColumns(2, d2, d10);
  putColumns(3, d3, d11);
  putColumns(4, d4, d12);
  putColumns(5, d5, d13);
  putColumns(6, d6, d14);
  putColumns(7, d7, d15);
}

function putColumns(pair: i32, a: v128, b: v128): void {
  v128.store(COLUMNS + (pair << 5), low(a, b));
  v128.store(COLUMNS + (pair << 5) + 16, high(a, b));
}
