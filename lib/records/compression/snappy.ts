/**
 * Snappy, as Kafka's producers write it: blocks of raw Snappy in the framing of xerial's library, or one block alone.
 *
 * ```
 * 82 53 4e 41 50 50 59 00   magic
 * 00 00 00 01 00 00 00 01   version, oldest version that reads it
 * int32 length, raw Snappy  as often as there are blocks
 * ```
 *
 * Pure, for the same reason as LZ4 here.
 *
 * Sources: https://github.com/google/snappy/blob/main/format_description.txt, https://github.com/xerial/snappy-java
 *
 * @module
 */
import { startsWith } from "@std/bytes";
import { CompressionError } from "../../ports.ts";
import { copyLiterals, copyMatch, Output } from "./output.ts";

const XERIAL_MAGIC = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00);
const XERIAL_HEADER_BYTES = 16;
const XERIAL_VERSION = 1;
/** What a block holds before compression, as in Kafka's own producer. */
const BLOCK_BYTES = 32 * 1024;

/** A copy of 64 bytes takes at least two bytes, so that no claim of more than this can be true. */
const MAX_RATIO = 32;
/** Blocks end with literals, so that the compressor may read four bytes anywhere before this many. */
const INPUT_MARGIN = 15;
const HASH_BITS = 13;

/**
 * Decompresses xerial's framing or one raw block.
 *
 * @throws {CompressionError} on damage, and where the result would exceed `maxBytes`
 */
export function decompressSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const output = new Output(bytes.length * 2, maxBytes);
  if (!startsWith(bytes, XERIAL_MAGIC)) {
    decompressBlock(bytes, 0, bytes.length, output);
    return output.finish();
  }
  let at = 0;
  while (at < bytes.length) {
    // Streams may follow one another: the magic cannot be a length, for it is negative.
    if (startsWith(bytes.subarray(at), XERIAL_MAGIC)) {
      if (at + XERIAL_HEADER_BYTES > bytes.length) cutShort();
      at += XERIAL_HEADER_BYTES;
      continue;
    }
    if (at + 4 > bytes.length) cutShort();
    const length = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    at += 4;
    if (length < 0 || length > bytes.length - at) cutShort();
    decompressBlock(bytes, at, at + length, output);
    at += length;
  }
  return output.finish();
}

/** Compresses into xerial's framing, in blocks of 32 KB. */
export function compressSnappy(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const framed = new Uint8Array(XERIAL_HEADER_BYTES + blocks * (4 + maxCompressedBytes(BLOCK_BYTES)));
  const view = new DataView(framed.buffer);
  framed.set(XERIAL_MAGIC);
  view.setInt32(8, XERIAL_VERSION);
  view.setInt32(12, XERIAL_VERSION);
  let at = XERIAL_HEADER_BYTES;
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const length = compressBlock(bytes, start, Math.min(start + BLOCK_BYTES, bytes.length), framed, at + 4);
    view.setInt32(at, length);
    at += 4 + length;
  }
  return framed.subarray(0, at);
}

/**
 * Decompresses the raw block from `at` to `end`: its length, then elements, each literals or a copy of earlier output.
 */
function decompressBlock(bytes: Uint8Array, at: number, end: number, output: Output): void {
  let claimed = 0;
  for (let shift = 0;; shift += 7) {
    if (at >= end || shift > 28) cutShort();
    const byte = bytes[at++];
    claimed += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (claimed > (end - at) * MAX_RATIO) {
    throw new CompressionError(`Snappy: ${end - at} bytes cannot decompress to ${claimed}`);
  }
  output.reserve(claimed);
  if (claimed > output.bytes.length - output.length) output.tooLarge();
  const start = output.length;
  const written = decompressElements(bytes, at, end, output.bytes, start, start + claimed);
  if (written !== start + claimed) throw new CompressionError("Snappy: a block is shorter than it says");
  output.length = written;
}

/** Writes the elements to `target` from `start` to `limit` at most; returns where they end. */
function decompressElements(
  bytes: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  start: number,
  limit: number,
): number {
  let to = start;
  while (at < end) {
    const tag = bytes[at++];
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const lengthBytes = length - 60;
        if (lengthBytes > end - at) cutShort();
        length = littleEndian(bytes, at, lengthBytes) + 1;
        at += lengthBytes;
      }
      if (length > end - at) cutShort();
      if (length > limit - to) tooLong();
      copyLiterals(bytes, at, at + length, target, to);
      at += length;
      to += length;
      continue;
    }
    const distanceBytes = kind === 3 ? 4 : kind;
    if (distanceBytes > end - at) cutShort();
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const distance = littleEndian(bytes, at, distanceBytes) + (kind === 1 ? (tag >>> 5) << 8 : 0);
    at += distanceBytes;
    if (distance === 0 || distance > to - start) {
      throw new CompressionError("Snappy: a copy reaches back before the start");
    }
    if (length > limit - to) tooLong();
    copyMatch(target, to - distance, to, length);
    to += length;
  }
  return to;
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = count - 1; index >= 0; index--) value = value * 256 + bytes[at + index];
  return value;
}

function cutShort(): never {
  throw new CompressionError("Snappy: the bytes end too early");
}

function tooLong(): never {
  throw new CompressionError("Snappy: a block is longer than it says");
}

/** What a raw block can grow to: its length, and one byte in 60 for literals, generously. */
function maxCompressedBytes(length: number): number {
  return 32 + length + Math.ceil(length / 6);
}

/**
 * Where a hash was last seen in the block at hand, or -1. One for all: compressing is synchronous, and clearing is
 * cheaper than allocating.
 */
const TABLE = new Int32Array(1 << HASH_BITS);

/**
 * Compresses `bytes` from `start` to `end`, at most 32 KB, greedily: {@linkcode TABLE} remembers where four bytes of
 * the same hash were last seen. Returns the bytes written to `target` at `at`.
 */
function compressBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  const first = at;
  let rest = end - start;
  for (; rest >= 0x80; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
  target[at++] = rest;
  TABLE.fill(-1);
  let literalsFrom = start;
  let from = start;
  // The longer nothing matches, the larger the steps: data that does not compress costs little.
  let misses = 1 << 5;
  while (from < end - INPUT_MARGIN) {
    const sequence = int32(bytes, from);
    const slot = Math.imul(sequence, 0x1e35a7bd) >>> (32 - HASH_BITS);
    const candidate = TABLE[slot];
    TABLE[slot] = from;
    if (candidate < start || int32(bytes, candidate) !== sequence) {
      from += misses++ >>> 5;
      continue;
    }
    misses = 1 << 5;
    let matched = from + 4;
    for (let other = candidate + 4; matched < end && bytes[matched] === bytes[other]; other++) matched++;
    at = writeLiteral(bytes, literalsFrom, from, target, at);
    at = writeCopies(from - candidate, matched - from, target, at);
    from = matched;
    literalsFrom = matched;
  }
  return writeLiteral(bytes, literalsFrom, end, target, at) - first;
}

function writeLiteral(bytes: Uint8Array, from: number, end: number, target: Uint8Array, at: number): number {
  const length = end - from;
  if (length === 0) return at;
  const tag = length - 1;
  if (tag < 60) {
    target[at++] = tag << 2;
  } else if (tag < 0x100) {
    target[at++] = 60 << 2;
    target[at++] = tag;
  } else {
    target[at++] = 61 << 2;
    target[at++] = tag & 0xff;
    target[at++] = tag >>> 8;
  }
  copyLiterals(bytes, from, end, target, at);
  return at + length;
}

/** Copies of 64 bytes at most each, the last of 4 bytes at least, which its shortest form needs. */
function writeCopies(distance: number, length: number, target: Uint8Array, at: number): number {
  while (length >= 68) {
    at = writeCopy(distance, 64, target, at);
    length -= 64;
  }
  if (length > 64) {
    at = writeCopy(distance, 60, target, at);
    length -= 60;
  }
  return writeCopy(distance, length, target, at);
}

function writeCopy(distance: number, length: number, target: Uint8Array, at: number): number {
  if (length < 12 && distance < 2048) {
    target[at++] = ((distance >>> 8) << 5) | ((length - 4) << 2) | 1;
    target[at++] = distance & 0xff;
  } else {
    target[at++] = ((length - 1) << 2) | 2;
    target[at++] = distance & 0xff;
    target[at++] = distance >>> 8;
  }
  return at;
}

function int32(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
