/**
 * The last megabytes of busy partitions, in memory: a consumer that keeps up costs no file read.
 *
 * All partitions share one bound. Blocks of whole batches are dropped in the order in which they were begun, so a
 * partition that is written to pushes out what others wrote long ago.
 *
 * @module
 */
import { extentOf, type ReadLimits } from "./batch_extent.ts";

const SMALLEST_BLOCK_BYTES = 4 << 10;
const LARGEST_BLOCK_BYTES = 1 << 20;
/**
 * A block marks where a batch starts about this often, so that an offset is found without walking through all of it.
 */
const MARK_INTERVAL_BYTES = 4 << 10;
/** What would take more than this part of the memory is not kept: it would push out everybody else. */
const LARGEST_SHARE = 1 / 4;

/** What a tail has for a reader. */
export interface TailBatches {
  /** They must not be changed. */
  readonly bytes: Uint8Array;
  /** The offset after them. */
  readonly nextOffset: number;
  /** True where the end of what is in memory, and no limit, ended the read. */
  readonly mayGoOn: boolean;
}

/** The bound on the memory of all partitions' tails together. */
export class TailCache {
  readonly #maxBytes: number;
  /** The order in which blocks were begun. */
  readonly #blocks = new Map<Block, Tail>();
  #usedBytes = 0;
  /** The memory of a block of the largest size that nobody has read, for the next one. */
  #spare: Uint8Array | null = null;

  /** 0 keeps nothing. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes allocated. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Blocks are made no larger, but for an append that alone is. */
  get largestBlockBytes(): number {
    return Math.min(LARGEST_BLOCK_BYTES, this.#maxBytes * LARGEST_SHARE);
  }

  /** A partition's share. */
  tail(): Tail {
    return new Tail(this);
  }

  /** Makes room, and notes the block that takes it; called by {@linkcode Tail}. */
  admit(bytes: number, tail: Tail, startOffset: number): Block | null {
    if (bytes > this.#maxBytes * LARGEST_SHARE) return null;
    for (const [oldest, owner] of this.#blocks) {
      if (this.#usedBytes + bytes <= this.#maxBytes) break;
      owner.dropOldest();
      this.release(oldest);
    }
    const block = new Block(this.#memory(bytes), startOffset);
    this.#blocks.set(block, tail);
    this.#usedBytes += bytes;
    return block;
  }

  /** Forgets a block that its tail has dropped. */
  release(block: Block): void {
    if (!this.#blocks.delete(block)) return;
    this.#usedBytes -= block.capacity;
    // What a reader has got of a block may be under way to it still.
    if (!block.wasRead && block.capacity === this.largestBlockBytes) this.#spare = block.memory;
  }

  /** New memory, or what an earlier block has had: where one is dropped for each that is begun, none is left for the garbage collector. */
  #memory(bytes: number): Uint8Array {
    const spare = this.#spare;
    if (spare?.length !== bytes) return new Uint8Array(bytes);
    this.#spare = null;
    return spare;
  }
}

/** The last batches of one partition. */
export class Tail {
  readonly #cache: TailCache;
  /** In the order of offsets, without a gap between them. */
  #blocks: Block[] = [];

  constructor(cache: TailCache) {
    this.#cache = cache;
  }

  /** Adds batches that were appended; copies them. `endOffset` is the offset after them. */
  append(bytes: Uint8Array, startOffset: number, endOffset: number): void {
    let block = this.#blocks.at(-1);
    if (block === undefined || !block.hasRoom(bytes.length)) {
      const doubled = block === undefined ? SMALLEST_BLOCK_BYTES : block.capacity * 2;
      const capacity = Math.max(bytes.length, Math.min(doubled, this.#cache.largestBlockBytes));
      const admitted = this.#cache.admit(capacity, this, startOffset);
      // Without room for the latest, what is older is a tail no more.
      if (admitted === null) return this.clear();
      this.#blocks.push(block = admitted);
    }
    block.append(bytes, startOffset, endOffset);
  }

  /** Whole batches from the one that contains `offset` on; null where they are not, or not all, in memory. */
  read(offset: number, limits: ReadLimits): TailBatches | null {
    let index = this.#blocks.length - 1;
    while (index >= 0 && this.#blocks[index].startOffset > offset) index--;
    if (index < 0) return null;
    let found = this.#blocks[index].read(offset, limits);
    // A reader that waits for a number of bytes would wait in vain, were it given less than there is.
    while (found !== null && found.mayGoOn && ++index < this.#blocks.length) {
      const maxBytes = limits.maxBytes - found.bytes.length;
      const atLeastOneBatch = limits.atLeastOneBatch && found.bytes.length === 0;
      const next = this.#blocks[index].read(found.nextOffset, { ...limits, maxBytes, atLeastOneBatch });
      if (next === null) break;
      found = { ...next, bytes: join(found.bytes, next.bytes) };
    }
    return found;
  }

  /** Drops all. */
  clear(): void {
    for (const block of this.#blocks) this.#cache.release(block);
    this.#blocks = [];
  }

  /** Drops what lies before `offset`, in whole blocks. */
  dropBefore(offset: number): void {
    while (this.#blocks.length > 0 && this.#blocks[0].startOffset < offset) this.#cache.release(this.#blocks.shift()!);
  }

  /** Drops the first block; called by the cache, which knows already. */
  dropOldest(): void {
    this.#blocks.shift();
  }
}

/** A piece of memory that fills with whole batches. */
export class Block {
  readonly memory: Uint8Array;
  /** Whether somebody was given a part of it. */
  wasRead = false;
  readonly #view: DataView;
  #length = 0;
  readonly startOffset: number;
  #endOffset: number;
  /** Where some batches start: offsets and positions, both rising. */
  readonly #markOffsets: number[] = [];
  readonly #markPositions: number[] = [];

  constructor(memory: Uint8Array, startOffset: number) {
    this.memory = memory;
    this.#view = new DataView(memory.buffer);
    this.startOffset = startOffset;
    this.#endOffset = startOffset;
  }

  get capacity(): number {
    return this.memory.length;
  }

  hasRoom(bytes: number): boolean {
    return this.#length + bytes <= this.memory.length;
  }

  append(bytes: Uint8Array, startOffset: number, endOffset: number): void {
    const lastMark = this.#markPositions.at(-1);
    if (lastMark === undefined || this.#length - lastMark >= MARK_INTERVAL_BYTES) {
      this.#markOffsets.push(startOffset);
      this.#markPositions.push(this.#length);
    }
    this.memory.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#endOffset = endOffset;
  }

  /** Null where the block ends before `offset`. */
  read(offset: number, limits: ReadLimits): TailBatches | null {
    if (offset >= this.#endOffset) return null;
    this.wasRead = true;
    let mark = this.#markOffsets.length - 1;
    while (this.#markOffsets[mark] > offset) mark--;
    const { start, end, nextOffset } = extentOf(this.#view, this.#markPositions[mark], this.#length, offset, limits);
    return { bytes: this.memory.subarray(start, end), nextOffset, mayGoOn: end === this.#length };
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
