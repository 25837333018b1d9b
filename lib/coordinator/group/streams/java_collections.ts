/**
 * The orders in which Java's collections hand out what is equal.
 *
 * Apache Kafka's assignor breaks ties by the order of a `HashMap` and of a `PriorityQueue`. With the same order, a group
 * that moves from Apache Kafka to this broker, or back, keeps its tasks where they are.
 *
 * @module
 */
import { javaHashCode } from "../../java_hash_code.ts";

/** The capacity that a Java `HashMap` has where none is asked for. */
const DEFAULT_CAPACITY = 16;
/** A `HashMap` doubles its table when more than this part of it would be taken. */
const LOAD_FACTOR = 0.75;

/**
 * The distinct keys in the order in which a Java `HashMap` goes through them that they were put into one by one.
 *
 * @param capacity what the map was made with: it begins with the next power of two
 */
export function inHashOrder(keys: Iterable<string>, capacity: number = DEFAULT_CAPACITY): string[] {
  const distinct = [...new Set(keys)];
  let tableSize = 1;
  while (tableSize < capacity || distinct.length > tableSize * LOAD_FACTOR) tableSize *= 2;
  return distinct
    .map((key) => ({ key, bucket: spread(javaHashCode(key)) & (tableSize - 1) }))
    // The sort is stable: what shares a bucket stays in the order in which it came.
    .sort((one, other) => one.bucket - other.bucket)
    .map(({ key }) => key);
}

/** A `HashMap` lets the high bits of a hash take part in the choice of the bucket. */
function spread(hash: number): number {
  return hash ^ (hash >>> 16);
}

/** A binary heap that sifts as Java's `PriorityQueue` does: what is equal comes out in the same order. */
export class PriorityQueue<T> {
  readonly #heap: T[] = [];
  readonly #compare: (one: T, other: T) => number;

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare;
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  add(item: T): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (this.#compare(item, heap[parent]) >= 0) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = item;
  }

  /** Takes the least out; undefined where there is nothing. */
  poll(): T | undefined {
    const heap = this.#heap;
    const least = heap[0];
    const last = heap.pop();
    if (heap.length > 0) this.#siftDown(last as T);
    return least;
  }

  #siftDown(item: T): void {
    const heap = this.#heap;
    let index = 0;
    while (index < heap.length >>> 1) {
      let child = 2 * index + 1;
      if (child + 1 < heap.length && this.#compare(heap[child], heap[child + 1]) > 0) child++;
      if (this.#compare(item, heap[child]) <= 0) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = item;
  }
}
