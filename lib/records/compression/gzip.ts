/**
 * Reading gzip (RFC 1952) and the deflate stream inside it (RFC 1951).
 *
 * The runtime could do this too, but not safely: Deno before 2.6 heeds no limit of the output, so that a batch of a few
 * kilobytes could fill the memory, and later ones leak memory with each damaged input. Writing gzip is left to the
 * runtime.
 *
 * @module
 */
import { crc32 } from "../../bytes/mod.ts";
import { CompressionError } from "../../ports.ts";
import { copyMatch, Output } from "./output.ts";

const MEMBER_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const METHOD_DEFLATE = 8;

const FLAG_HEADER_CRC = 0x02;
const FLAG_EXTRA = 0x04;
const FLAG_NAME = 0x08;
const FLAG_COMMENT = 0x10;
const FLAG_RESERVED = 0xe0;

/**
 * Decompresses gzip members, one after the other.
 *
 * @throws {CompressionError} on damage, and where the result would exceed `maxBytes`
 */
export function decompressGzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const output = new Output(bytes.length * 3, maxBytes);
  let at = 0;
  do {
    const start = output.length;
    at = inflate(bytes, memberHeader(bytes, at), output);
    if (at + TRAILER_BYTES > bytes.length) cutShort();
    const trailer = new DataView(bytes.buffer, bytes.byteOffset + at, TRAILER_BYTES);
    const content = output.bytes.subarray(start, output.length);
    if (trailer.getUint32(4, true) !== content.length % 2 ** 32) {
      throw new CompressionError("gzip: the content has not the size that the trailer says");
    }
    if (trailer.getUint32(0, true) !== crc32(content)) {
      throw new CompressionError("gzip: the checksum of the content is wrong");
    }
    at += TRAILER_BYTES;
  } while (at < bytes.length);
  return output.finish();
}

/** Checks the member header at `at`; returns where the deflate stream starts. */
function memberHeader(bytes: Uint8Array, at: number): number {
  if (at + MEMBER_HEADER_BYTES > bytes.length) cutShort();
  const flags = bytes[at + 3];
  if (bytes[at] !== 0x1f || bytes[at + 1] !== 0x8b || bytes[at + 2] !== METHOD_DEFLATE || flags & FLAG_RESERVED) {
    throw new CompressionError("gzip: the header is none of gzip");
  }
  at += MEMBER_HEADER_BYTES;
  if (flags & FLAG_EXTRA) at += 2 + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
  if (flags & FLAG_NAME) at = afterZero(bytes, at);
  if (flags & FLAG_COMMENT) at = afterZero(bytes, at);
  return flags & FLAG_HEADER_CRC ? at + 2 : at;
}

function afterZero(bytes: Uint8Array, at: number): number {
  const zero = bytes.indexOf(0, at);
  return zero < 0 ? cutShort() : zero + 1;
}

/** A deflate stream being read: bits come from the low end of each byte. */
interface BitSource {
  readonly bytes: Uint8Array;
  /** The next byte that is not yet in `bits`. */
  at: number;
  /** Bits read ahead, the next one lowest. */
  bits: number;
  bitCount: number;
}

/** Decompresses the deflate stream at `at` into `output`; returns where it ends. */
function inflate(bytes: Uint8Array, at: number, output: Output): number {
  const source: BitSource = { bytes, at, bits: 0, bitCount: 0 };
  let isLast;
  do {
    isLast = takeBits(source, 1) === 1;
    const type = takeBits(source, 2);
    if (type === 0) {
      inflateStored(source, output);
    } else if (type === 1) {
      inflateCompressed(source, output, FIXED_LITERALS, FIXED_DISTANCES);
    } else if (type === 2) {
      const lengths = readCodeLengths(source);
      inflateCompressed(source, output, new Huffman(lengths.literals), new Huffman(lengths.distances));
    } else {
      throw new CompressionError("gzip: a block has the type 3, which there is not");
    }
  } while (!isLast);
  // Whole bytes that were read ahead are not part of the stream.
  return source.at - (source.bitCount >>> 3);
}

function takeBits(source: BitSource, count: number): number {
  while (source.bitCount < count) {
    if (source.at >= source.bytes.length) cutShort();
    source.bits |= source.bytes[source.at++] << source.bitCount;
    source.bitCount += 8;
  }
  const value = source.bits & ((1 << count) - 1);
  source.bits >>>= count;
  source.bitCount -= count;
  return value;
}

function inflateStored(source: BitSource, output: Output): void {
  source.at -= source.bitCount >>> 3;
  source.bits = source.bitCount = 0;
  const length = takeBits(source, 16);
  if (takeBits(source, 16) !== (~length & 0xffff)) {
    throw new CompressionError("gzip: the length of a stored block is damaged");
  }
  if (length > source.bytes.length - source.at) cutShort();
  output.push(source.bytes.subarray(source.at, source.at + length));
  source.at += length;
}

const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MAX_LITERALS = 286;
const MAX_DISTANCES = 30;
const END_OF_BLOCK = 256;

/** Reads the lengths of the codes of a block that brings its own. */
function readCodeLengths(source: BitSource): { literals: Uint8Array; distances: Uint8Array } {
  const literalCount = takeBits(source, 5) + 257;
  const distanceCount = takeBits(source, 5) + 1;
  const lengthCount = takeBits(source, 4) + 4;
  if (literalCount > MAX_LITERALS || distanceCount > MAX_DISTANCES) {
    throw new CompressionError("gzip: a block has more codes than there are symbols");
  }
  const ofLengths = new Uint8Array(CODE_LENGTH_ORDER.length);
  for (let index = 0; index < lengthCount; index++) ofLengths[CODE_LENGTH_ORDER[index]] = takeBits(source, 3);
  const code = new Huffman(ofLengths);
  const lengths = new Uint8Array(literalCount + distanceCount);
  for (let index = 0; index < lengths.length;) {
    const symbol = code.next(source);
    if (symbol < 16) {
      lengths[index++] = symbol;
      continue;
    }
    if (symbol === 16 && index === 0) throw new CompressionError("gzip: the first code length repeats none");
    const repeated = symbol === 16 ? lengths[index - 1] : 0;
    const times = symbol === 16
      ? 3 + takeBits(source, 2)
      : symbol === 17
      ? 3 + takeBits(source, 3)
      : 11 + takeBits(source, 7);
    if (index + times > lengths.length) throw new CompressionError("gzip: the code lengths are too many");
    lengths.fill(repeated, index, index + times);
    index += times;
  }
  if (lengths[END_OF_BLOCK] === 0) throw new CompressionError("gzip: a block has no code for its end");
  return { literals: lengths.subarray(0, literalCount), distances: lengths.subarray(literalCount) };
}

const LENGTH_BASE = [
  3,
  4,
  5,
  6,
  7,
  8,
  9,
  10,
  11,
  13,
  15,
  17,
  19,
  23,
  27,
  31,
  35,
  43,
  51,
  59,
  67,
  83,
  99,
  115,
  131,
  163,
  195,
  227,
  258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1,
  2,
  3,
  4,
  5,
  7,
  9,
  13,
  17,
  25,
  33,
  49,
  65,
  97,
  129,
  193,
  257,
  385,
  513,
  769,
  1025,
  1537,
  2049,
  3073,
  4097,
  6145,
  8193,
  12289,
  16385,
  24577,
];
const DISTANCE_EXTRA = [
  0,
  0,
  0,
  0,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  5,
  6,
  6,
  7,
  7,
  8,
  8,
  9,
  9,
  10,
  10,
  11,
  11,
  12,
  12,
  13,
  13,
];
const MAX_MATCH_BYTES = 258;

/** Decompresses literals and matches up to the end of the block. */
function inflateCompressed(source: BitSource, output: Output, literals: Huffman, distances: Huffman): void {
  let target = output.bytes;
  let to = output.length;
  for (;;) {
    if (to + MAX_MATCH_BYTES > target.length) {
      output.length = to;
      output.reserve(MAX_MATCH_BYTES);
      target = output.bytes;
    }
    const symbol = literals.next(source);
    if (symbol < END_OF_BLOCK) {
      if (to === target.length) output.tooLarge();
      target[to++] = symbol;
      continue;
    }
    if (symbol === END_OF_BLOCK) break;
    if (symbol >= MAX_LITERALS) throw new CompressionError("gzip: a length has a symbol that there is not");
    const length = LENGTH_BASE[symbol - 257] + takeBits(source, LENGTH_EXTRA[symbol - 257]);
    const distanceSymbol = distances.next(source);
    if (distanceSymbol >= MAX_DISTANCES) throw new CompressionError("gzip: a distance has a symbol that there is not");
    const distance = DISTANCE_BASE[distanceSymbol] + takeBits(source, DISTANCE_EXTRA[distanceSymbol]);
    if (distance > to) throw new CompressionError("gzip: a match reaches back before the start");
    if (length > target.length - to) output.tooLarge();
    copyMatch(target, to - distance, to, length);
    to += length;
  }
  output.length = to;
}

const MAX_CODE_BITS = 15;
/** Codes of up to this many bits are found with one look; the few longer ones bit by bit. */
const TABLE_BITS = 10;

/** A canonical Huffman code (RFC 1951, 3.2.2). */
class Huffman {
  /**
   * By the next {@linkcode TABLE_BITS} bits: the symbol and, in the low four bits, the length of its code; 0 where the
   * code is longer.
   */
  readonly #table = new Uint16Array(1 << TABLE_BITS);
  /** How many codes there are of each length. */
  readonly #counts = new Uint16Array(MAX_CODE_BITS + 1);
  /** The symbols in the order of their codes. */
  readonly #symbols: Uint16Array;

  /** @param lengths the length of each symbol's code in bits, 0 for none */
  constructor(lengths: Uint8Array) {
    for (const length of lengths) this.#counts[length]++;
    this.#counts[0] = 0;
    const nextCode = new Uint16Array(MAX_CODE_BITS + 2);
    const nextIndex = new Uint16Array(MAX_CODE_BITS + 2);
    let unused = 1;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      unused = unused * 2 - this.#counts[length];
      if (unused < 0) throw new CompressionError("gzip: a code has more words than its lengths allow");
      nextCode[length + 1] = (nextCode[length] + this.#counts[length]) << 1;
      nextIndex[length + 1] = nextIndex[length] + this.#counts[length];
    }
    const used = nextIndex[MAX_CODE_BITS + 1];
    // As in zlib: a code may leave words unused only where it has none, or one of a single bit.
    if (unused > 0 && (used > 1 || this.#counts[1] !== used)) {
      throw new CompressionError("gzip: a code has fewer words than its lengths allow");
    }
    this.#symbols = new Uint16Array(used);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol];
      if (length === 0) continue;
      this.#symbols[nextIndex[length]++] = symbol;
      const code = nextCode[length]++;
      if (length <= TABLE_BITS) this.#enter(reverse(code, length), symbol, length);
    }
  }

  /** Every combination of bits that begins with the code leads to the symbol. */
  #enter(reversed: number, symbol: number, length: number): void {
    for (let index = reversed; index < 1 << TABLE_BITS; index += 1 << length) {
      this.#table[index] = (symbol << 4) | length;
    }
  }

  /** Reads the next symbol. */
  next(source: BitSource): number {
    while (source.bitCount < TABLE_BITS && source.at < source.bytes.length) {
      source.bits |= source.bytes[source.at++] << source.bitCount;
      source.bitCount += 8;
    }
    const entry = this.#table[source.bits & ((1 << TABLE_BITS) - 1)];
    const length = entry & 15;
    if (entry === 0) return this.#nextLong(source);
    if (length > source.bitCount) cutShort();
    source.bits >>>= length;
    source.bitCount -= length;
    return entry >>> 4;
  }

  /** Bit by bit: the first code of each length follows from how many shorter ones there are. */
  #nextLong(source: BitSource): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      code |= takeBits(source, 1);
      const count = this.#counts[length];
      if (code - count < first) return this.#symbols[index + code - first];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new CompressionError("gzip: the bits are no word of the code");
  }
}

function reverse(code: number, length: number): number {
  let reversed = 0;
  for (let bit = 0; bit < length; bit++) reversed |= ((code >>> bit) & 1) << (length - 1 - bit);
  return reversed;
}

/** The code of blocks that bring none (RFC 1951, 3.2.6). */
const FIXED_LITERALS = new Huffman(
  Uint8Array.from({ length: 288 }, (_, symbol) => symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8),
);
const FIXED_DISTANCES = new Huffman(new Uint8Array(32).fill(5));

function cutShort(): never {
  throw new CompressionError("gzip: the bytes end too early");
}
