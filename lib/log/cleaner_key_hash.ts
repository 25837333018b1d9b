/**
 * A keyed hash of 128 bits, that stands for a record's key while a log is cleaned.
 *
 * Two keys with the same hash would pass for one, and a record would be lost. With a secret that is drawn for each cleaning, 128 bits leave
 * no chance of that, and nobody can choose keys so that it happens. It is HalfSipHash-2-4 (Aumasson and Bernstein), which works on 32-bit
 * words as JavaScript does, run twice with keys of their own.
 *
 * @module
 */
import type { Random } from "../ports.ts";

/** Words of 32 bits in a hash. */
export const HASH_WORDS = 4;

const SECRET_WORDS = 4;

/** Hashes keys; each instance with a secret of its own. */
export class KeyHash {
  readonly #words = new Uint32Array(HASH_WORDS);
  readonly #secret: Uint32Array;

  constructor(random: Random) {
    const secret = random.fill(new Uint8Array(SECRET_WORDS * 4));
    const view = new DataView(secret.buffer, secret.byteOffset);
    this.#secret = Uint32Array.from({ length: SECRET_WORDS }, (_, index) => view.getUint32(index * 4));
  }

  /** The hash of a key, the bytes from `start` to `end`. The next one is written over it. */
  of(bytes: Uint8Array, start: number, end: number): Uint32Array {
    halfSipHash(bytes, start, end, this.#secret[0], this.#secret[1], this.#words, 0);
    halfSipHash(bytes, start, end, this.#secret[2], this.#secret[3], this.#words, 2);
    return this.#words;
  }
}

/**
 * HalfSipHash-2-4 of the bytes from `start` to `end`, with 64 bits of output.
 *
 * @param key0 the first four bytes of the secret, as a little-endian word
 * @param key1 the last four
 * @param words gets the two words of the hash, at `at` and after it
 */
export function halfSipHash(
  bytes: Uint8Array,
  start: number,
  end: number,
  key0: number,
  key1: number,
  words: Uint32Array,
  at: number,
): void {
  let v0 = key0;
  let v1 = key1 ^ 0xee;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const wordsEnd = start + ((end - start) & ~3);
  const round = () => {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  };
  const compress = (word: number) => {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  };
  for (let index = start; index < wordsEnd; index += 4) {
    compress(bytes[index] | (bytes[index + 1] << 8) | (bytes[index + 2] << 16) | (bytes[index + 3] << 24));
  }
  let last = (end - start) << 24;
  for (let index = wordsEnd; index < end; index++) last |= bytes[index] << (8 * (index - wordsEnd));
  compress(last);
  v2 ^= 0xee;
  for (let index = 0; index < 4; index++) round();
  words[at] = v1 ^ v3;
  v1 ^= 0xdd;
  for (let index = 0; index < 4; index++) round();
  words[at + 1] = v1 ^ v3;
}
