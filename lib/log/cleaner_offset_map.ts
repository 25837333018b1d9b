/**
 * The last offset of each key in the dirty part of a log, within a bound on its memory.
 *
 * A hash table with open addressing, as Apache Kafka's: 16 bytes of a hash that stands for the key, and 8 of the offset. It is cut into
 * shards that grow one by one, so that memory follows the number of keys, and growing never takes longer than a slice of background work.
 *
 * @module
 */
import type { Random } from "../ports.ts";
import { HASH_WORDS, KeyHash } from "./cleaner_key_hash.ts";

/** What one slot takes, free or not. */
const SLOT_BYTES = HASH_WORDS * 4 + 8;
/** Beyond this the search for a free slot becomes long. */
const LOAD_FACTOR = 0.75;
const MAX_SHARDS = 256;
/** A bound below this for each shard makes fewer of them. */
const SHARD_BYTES = 8 << 10;
/** A power of two, as it stays when it is doubled. */
const INITIAL_SLOTS = 16;

/** Keys and their offsets. */
export class OffsetMap {
  readonly #hash: KeyHash;
  readonly #maxBytes: number;
  readonly #shards: Shard[];
  #usedBytes: number;
  #count = 0;

  /** @param maxBytes the bound on its memory; there is always room for some keys */
  constructor(maxBytes: number, random: Random) {
    this.#hash = new KeyHash(random);
    this.#maxBytes = maxBytes;
    const shardCount = Math.min(MAX_SHARDS, Math.max(1, Math.floor(maxBytes / SHARD_BYTES)));
    this.#shards = Array.from({ length: shardCount }, () => new Shard(INITIAL_SLOTS));
    this.#usedBytes = shardCount * INITIAL_SLOTS * SLOT_BYTES;
  }

  /** How many keys there are. */
  get count(): number {
    return this.#count;
  }

  /** Bytes allocated. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * Takes note of a record whose key is the bytes from `start` to `end`. The offsets of a key must come in rising order.
   *
   * @returns false where there is no room for another key, and nothing was noted
   */
  put(bytes: Uint8Array, start: number, end: number, offset: number): boolean {
    const words = this.#hash.of(bytes, start, end);
    const shard = this.#shardOf(words);
    if (shard.replace(words, offset)) return true;
    if (shard.isFull && !this.#grow(shard)) return false;
    shard.add(words, offset);
    this.#count++;
    return true;
  }

  /** The last offset of a key, the bytes from `start` to `end`; -1 where it did not come. */
  get(bytes: Uint8Array, start: number, end: number): number {
    const words = this.#hash.of(bytes, start, end);
    return this.#shardOf(words).get(words);
  }

  #shardOf(words: Uint32Array): Shard {
    // Of 31 bits, which are divided as an integer.
    return this.#shards[(words[1] >>> 1) % this.#shards.length];
  }

  #grow(shard: Shard): boolean {
    const addedBytes = shard.slotCount * SLOT_BYTES;
    if (this.#usedBytes + addedBytes > this.#maxBytes) return false;
    shard.double();
    this.#usedBytes += addedBytes;
    return true;
  }
}

/** A part of the table. */
class Shard {
  #hashes: Uint32Array;
  /** One more than the offset; 0 marks a free slot. */
  #offsets: Float64Array;
  #count = 0;

  constructor(slotCount: number) {
    this.#hashes = new Uint32Array(slotCount * HASH_WORDS);
    this.#offsets = new Float64Array(slotCount);
  }

  get slotCount(): number {
    return this.#offsets.length;
  }

  get isFull(): boolean {
    return this.#count >= this.slotCount * LOAD_FACTOR;
  }

  get(words: Uint32Array): number {
    return this.#offsets[this.#slotOf(words)] - 1;
  }

  /** Gives a key a new offset; false where the key is not there. */
  replace(words: Uint32Array, offset: number): boolean {
    const slot = this.#slotOf(words);
    if (this.#offsets[slot] === 0) return false;
    this.#offsets[slot] = offset + 1;
    return true;
  }

  /** Adds a key that is not there. */
  add(words: Uint32Array, offset: number): void {
    const slot = this.#slotOf(words);
    this.#hashes.set(words, slot * HASH_WORDS);
    this.#offsets[slot] = offset + 1;
    this.#count++;
  }

  double(): void {
    const hashes = this.#hashes;
    const offsets = this.#offsets;
    this.#hashes = new Uint32Array(hashes.length * 2);
    this.#offsets = new Float64Array(offsets.length * 2);
    this.#count = 0;
    for (let slot = 0; slot < offsets.length; slot++) {
      if (offsets[slot] === 0) continue;
      this.add(hashes.subarray(slot * HASH_WORDS, (slot + 1) * HASH_WORDS), offsets[slot] - 1);
    }
  }

  /** Where the key is, or where it would be put. */
  #slotOf(words: Uint32Array): number {
    const hashes = this.#hashes;
    const slotCount = this.#offsets.length;
    let slot = words[0] & (slotCount - 1);
    while (this.#offsets[slot] !== 0) {
      const at = slot * HASH_WORDS;
      const isSame = hashes[at] === words[0] && hashes[at + 1] === words[1] && hashes[at + 2] === words[2] &&
        hashes[at + 3] === words[3];
      if (isSame) return slot;
      slot = slot + 1 === slotCount ? 0 : slot + 1;
    }
    return slot;
  }
}
