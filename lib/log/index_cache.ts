/**
 * The indexes of closed segments that were used last, within a bound on their memory.
 *
 * @module
 */
import type { SegmentIndexes } from "./segment_indexes.ts";

/** Indexes by the segment that they belong to. */
export class IndexCache {
  readonly #maxBytes: number;
  /** The one used longest ago first. */
  readonly #indexes = new Map<object, SegmentIndexes>();
  #usedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the indexes that it holds. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  get(segment: object): SegmentIndexes | undefined {
    const indexes = this.#indexes.get(segment);
    if (indexes !== undefined) {
      this.#indexes.delete(segment);
      this.#indexes.set(segment, indexes);
    }
    return indexes;
  }

  /** Keeps the indexes of a segment that no longer grows. */
  put(segment: object, indexes: SegmentIndexes): void {
    this.drop(segment);
    this.#indexes.set(segment, indexes);
    this.#usedBytes += indexes.sizeInBytes;
    for (const oldest of this.#indexes.keys()) {
      if (this.#usedBytes <= this.#maxBytes) return;
      this.drop(oldest);
    }
  }

  drop(segment: object): void {
    const indexes = this.#indexes.get(segment);
    if (indexes === undefined) return;
    this.#indexes.delete(segment);
    this.#usedBytes -= indexes.sizeInBytes;
  }
}
