/**
 * LZ4 frames, as Kafka's producers write them: a frame header, blocks of up to 64 KB to 4 MB each, an end mark.
 *
 * Pure, so that damaged or hostile input costs an exception and nothing else: the output is bounded before it is
 * allocated, and no memory outside this runtime's own heap is involved.
 *
 * Sources: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md there
 *
 * @module
 */
import { CompressionError } from "../../ports.ts";
import { copyLiterals, copyMatch, Output } from "./output.ts";
import { xxhash32 } from "./xxhash32.ts";

/** The first four bytes of a frame, little-endian. */
const FRAME_MAGIC = 0x184d2204;
/** Frames with one of sixteen magics from this one on carry data of somebody else, to be skipped. */
const SKIPPABLE_MAGIC = 0x184d2a50;

const FLAG_VERSION_MASK = 0xc0;
const FLAG_VERSION = 0x40;
const FLAG_INDEPENDENT = 0x20;
const FLAG_BLOCK_CHECKSUM = 0x10;
const FLAG_CONTENT_SIZE = 0x08;
const FLAG_CONTENT_CHECKSUM = 0x04;
const FLAG_RESERVED = 0x02;
const FLAG_DICTIONARY = 0x01;

/** Set in a block's size where the block is stored as it is. */
const STORED_MASK = 0x80000000;
/** The block sizes by their number in the header; 0 to 3 are not used. */
const MAX_BLOCK_BYTES = [0, 0, 0, 0, 64 << 10, 256 << 10, 1 << 20, 4 << 20];
/** The number of 64 KB, which Kafka's own producer uses. */
const BLOCK_SIZE_ID = 4;
/** No LZ4 block is less than a 255th of what it decompresses to: a byte extends a match by at most 255. */
const MAX_RATIO = 255;

const MIN_MATCH = 4;
/** The last bytes of a block are always literals, and no match begins within the last twelve. */
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
const MAX_DISTANCE = 65535;
const HASH_BITS = 13;

/**
 * Decompresses frames, one after the other.
 *
 * @throws {CompressionError} on damage, and where the result would exceed `maxBytes`
 */
export function decompressLz4(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length === 0) throw new CompressionError("LZ4: there is no frame");
  const output = new Output(bytes.length * 4, maxBytes);
  let at = 0;
  while (at < bytes.length) at = decompressFrame(bytes, at, output);
  return output.finish();
}

/**
 * Compresses into one frame of independent blocks of 64 KB, with neither checksums nor content size, as Kafka's
 * producer does.
 */
export function compressLz4(bytes: Uint8Array): Uint8Array {
  const blockBytes = MAX_BLOCK_BYTES[BLOCK_SIZE_ID];
  const blocks = Math.ceil(bytes.length / blockBytes);
  const frame = new Uint8Array(FRAME_HEADER_BYTES + bytes.length + blocks * BLOCK_OVERHEAD_BYTES + END_MARK_BYTES);
  const view = new DataView(frame.buffer);
  view.setUint32(0, FRAME_MAGIC, true);
  frame[4] = FLAG_VERSION | FLAG_INDEPENDENT;
  frame[5] = BLOCK_SIZE_ID << 4;
  frame[6] = headerChecksum(frame, 4, 6);
  let at = FRAME_HEADER_BYTES;
  for (let start = 0; start < bytes.length; start += blockBytes) {
    const end = Math.min(start + blockBytes, bytes.length);
    const written = compressBlock(bytes, start, end, frame, at + BLOCK_OVERHEAD_BYTES);
    if (written > 0) {
      view.setUint32(at, written, true);
      at += BLOCK_OVERHEAD_BYTES + written;
    } else {
      view.setUint32(at, (end - start) | STORED_MASK, true);
      frame.set(bytes.subarray(start, end), at + BLOCK_OVERHEAD_BYTES);
      at += BLOCK_OVERHEAD_BYTES + end - start;
    }
  }
  return frame.subarray(0, at + END_MARK_BYTES);
}

/**
 * Corrects the header checksum of a frame. Clients that wrote messages of magic 0 computed it over the magic too, which
 * readers of that format ignore (KAFKA-3160).
 *
 * @returns a copy, or `bytes` itself where it is too short for a header
 */
export function repairLz4HeaderChecksum(bytes: Uint8Array): Uint8Array {
  const checksumAt = bytes[4] & FLAG_CONTENT_SIZE ? 14 : 6;
  if (bytes.length <= checksumAt) return bytes;
  const repaired = bytes.slice();
  repaired[checksumAt] = headerChecksum(bytes, 4, checksumAt);
  return repaired;
}

const FRAME_HEADER_BYTES = 7;
const BLOCK_OVERHEAD_BYTES = 4;
const END_MARK_BYTES = 4;

function headerChecksum(bytes: Uint8Array, start: number, end: number): number {
  return (xxhash32(bytes, start, end) >>> 8) & 0xff;
}

/** What the header of a frame says. */
interface FrameHeader {
  readonly flags: number;
  readonly maxBlockBytes: number;
  /** -1 where the frame does not say. */
  readonly contentBytes: number;
  /** Where the first block starts. */
  readonly end: number;
}

/** Decompresses the frame at `at` into `output`; returns where it ends. */
function decompressFrame(bytes: Uint8Array, at: number, output: Output): number {
  const magic = uint32(bytes, at);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) return skipFrame(bytes, at);
  if (magic !== FRAME_MAGIC) throw new CompressionError("LZ4: the magic of a frame is missing");
  const header = frameHeader(bytes, at + 4);
  const contentStart = output.length;
  at = header.end;
  for (;;) {
    const field = uint32(bytes, at);
    at += BLOCK_OVERHEAD_BYTES;
    if (field === 0) break;
    at = decompressFramedBlock(bytes, at, field, header, contentStart, output);
  }
  if (header.contentBytes >= 0 && header.contentBytes !== output.length - contentStart) {
    throw new CompressionError("LZ4: the content has not the size that the frame says");
  }
  if ((header.flags & FLAG_CONTENT_CHECKSUM) === 0) return at;
  if (uint32(bytes, at) !== xxhash32(output.bytes, contentStart, output.length)) {
    throw new CompressionError("LZ4: the checksum of the content is wrong");
  }
  return at + 4;
}

function frameHeader(bytes: Uint8Array, start: number): FrameHeader {
  if (start + 3 > bytes.length) cutShort();
  const flags = bytes[start];
  if ((flags & FLAG_VERSION_MASK) !== FLAG_VERSION || (flags & (FLAG_RESERVED | FLAG_DICTIONARY)) !== 0) {
    throw new CompressionError(`LZ4: frames with the flags ${flags} are not supported`);
  }
  const descriptor = bytes[start + 1];
  const maxBlockBytes = MAX_BLOCK_BYTES[(descriptor >>> 4) & 7];
  if (maxBlockBytes === 0 || (descriptor & 0x8f) !== 0) {
    throw new CompressionError(`LZ4: a frame cannot have the block descriptor ${descriptor}`);
  }
  let at = start + 2;
  let contentBytes = -1;
  if (flags & FLAG_CONTENT_SIZE) {
    contentBytes = uint32(bytes, at) + uint32(bytes, at + 4) * 2 ** 32;
    at += 8;
  }
  if (at >= bytes.length) cutShort();
  if (bytes[at] !== headerChecksum(bytes, start, at)) {
    throw new CompressionError("LZ4: the checksum of the frame header is wrong");
  }
  return { flags, maxBlockBytes, contentBytes, end: at + 1 };
}

/** Decompresses the block at `at`, whose size field is `field`; returns where it ends. */
function decompressFramedBlock(
  bytes: Uint8Array,
  at: number,
  field: number,
  header: FrameHeader,
  contentStart: number,
  output: Output,
): number {
  const isStored = (field & STORED_MASK) !== 0;
  const end = at + (field & ~STORED_MASK);
  if (end - at > header.maxBlockBytes) throw new CompressionError("LZ4: a block is larger than the frame allows");
  if (end > bytes.length) cutShort();
  if (isStored) {
    output.push(bytes.subarray(at, end));
  } else {
    output.reserve(Math.min(header.maxBlockBytes, (end - at) * MAX_RATIO));
    const windowStart = header.flags & FLAG_INDEPENDENT ? output.length : contentStart;
    decompressBlock(bytes, at, end, output, windowStart, output.length + header.maxBlockBytes);
  }
  if ((header.flags & FLAG_BLOCK_CHECKSUM) === 0) return end;
  if (uint32(bytes, end) !== xxhash32(bytes, at, end)) {
    throw new CompressionError("LZ4: the checksum of a block is wrong");
  }
  return end + 4;
}

/**
 * Decompresses one block: sequences of a token, literals, and a match that repeats earlier output. `output` has room
 * reserved; matches reach back to `windowStart` and the block ends by `blockLimit` at the latest.
 */
function decompressBlock(
  bytes: Uint8Array,
  at: number,
  end: number,
  output: Output,
  windowStart: number,
  blockLimit: number,
): void {
  const target = output.bytes;
  const limit = Math.min(blockLimit, target.length);
  let to = output.length;
  while (at < end) {
    const token = bytes[at++];
    let literals = token >>> 4;
    if (literals === 15) {
      let more;
      do {
        if (at >= end) cutShort();
        more = bytes[at++];
        literals += more;
      } while (more === 255);
    }
    if (literals > end - at) cutShort();
    if (literals > limit - to) blockTooLarge(output, blockLimit);
    copyLiterals(bytes, at, at + literals, target, to);
    at += literals;
    to += literals;
    if (at === end) {
      output.length = to;
      return;
    }
    if (at + 2 > end) cutShort();
    const distance = bytes[at] | (bytes[at + 1] << 8);
    at += 2;
    if (distance === 0 || distance > to - windowStart) {
      throw new CompressionError("LZ4: a match reaches back before the start");
    }
    let length = token & 15;
    if (length === 15) {
      let more;
      do {
        if (at >= end) cutShort();
        more = bytes[at++];
        length += more;
      } while (more === 255);
    }
    length += MIN_MATCH;
    if (length > limit - to) blockTooLarge(output, blockLimit);
    copyMatch(target, to - distance, to, length);
    to += length;
  }
  // A block ends with literals, so that one that ends with a match, or has nothing in it, was cut.
  cutShort();
}

function blockTooLarge(output: Output, blockLimit: number): never {
  if (output.maxBytes < blockLimit) output.tooLarge();
  throw new CompressionError("LZ4: a block decompresses to more than the frame allows");
}

function skipFrame(bytes: Uint8Array, at: number): number {
  const end = at + 8 + uint32(bytes, at + 4);
  if (end > bytes.length) cutShort();
  return end;
}

function uint32(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) cutShort();
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function cutShort(): never {
  throw new CompressionError("LZ4: the bytes end too early");
}

/**
 * Where a hash was last seen in the block at hand, or -1. One for all: compressing is synchronous, and clearing is
 * cheaper than allocating.
 */
const TABLE = new Int32Array(1 << HASH_BITS);

/**
 * Compresses `bytes` from `start` to `end` greedily: {@linkcode TABLE} remembers where four bytes of the same hash were
 * last seen. Returns the bytes written to `target` at `at`, or 0 where that would not be fewer than there are, so that
 * the block is better stored.
 */
function compressBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  const first = at;
  const limit = at + end - start;
  const matchLimit = end - MATCH_LIMIT;
  TABLE.fill(-1);
  let literalsFrom = start;
  let from = start;
  // The longer nothing matches, the larger the steps: data that does not compress costs little.
  let misses = 1 << 6;
  while (from < matchLimit) {
    const sequence = int32(bytes, from);
    const slot = Math.imul(sequence, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = TABLE[slot];
    TABLE[slot] = from;
    if (candidate < start || from - candidate > MAX_DISTANCE || int32(bytes, candidate) !== sequence) {
      from += misses++ >>> 6;
      continue;
    }
    misses = 1 << 6;
    let matched = from + MIN_MATCH;
    for (let other = candidate + MIN_MATCH; matched < end - LAST_LITERALS && bytes[matched] === bytes[other];) {
      matched++;
      other++;
    }
    const literals = from - literalsFrom;
    const length = matched - from - MIN_MATCH;
    if (at + 3 + literals + ((literals + length) / 255 | 0) + 2 > limit) return 0;
    target[at] = (Math.min(literals, 15) << 4) | Math.min(length, 15);
    at = writeLiterals(bytes, literalsFrom, from, target, at);
    const distance = from - candidate;
    target[at++] = distance & 0xff;
    target[at++] = distance >>> 8;
    if (length >= 15) at = writeLength(length - 15, target, at);
    from = matched;
    literalsFrom = matched;
  }
  const literals = end - literalsFrom;
  if (at + 1 + literals + (literals / 255 | 0) + 1 > limit) return 0;
  target[at] = Math.min(literals, 15) << 4;
  return writeLiterals(bytes, literalsFrom, end, target, at) - first;
}

/** Writes the literals of the sequence whose token stands at `at`, and what of their number goes beyond the token. */
function writeLiterals(bytes: Uint8Array, from: number, end: number, target: Uint8Array, at: number): number {
  at++;
  if (end - from >= 15) at = writeLength(end - from - 15, target, at);
  copyLiterals(bytes, from, end, target, at);
  return at + end - from;
}

function writeLength(rest: number, target: Uint8Array, at: number): number {
  for (; rest >= 255; rest -= 255) target[at++] = 255;
  target[at++] = rest;
  return at;
}

function int32(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
