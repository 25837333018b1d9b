/**
 * The orders in which Java's collections hand out what is equal.
 *
 * Apache Kafka's assignor breaks ties by the order of a `HashMap` and of a `PriorityQueue`. With the same order, a group
 * that moves from Apache Kafka to this broker, or back, keeps its tasks where they are.
 *
 * @module
 */
import { javaHashCode } from "../../java_hash_code.ts";
import { grownCapacity, inHashOrder as inOrderOfCapacity } from "../../java_hash_map.ts";

/**
 * The distinct keys in the order in which a Java `HashMap` goes through them that they were put into one by one.
 *
 * @param expected how many keys the map was made for, if it was told
 */
export function inHashOrder(keys: Iterable<string>, expected?: number): string[] {
  const distinct = [...new Set(keys)];
  return inOrderOfCapacity(distinct, javaHashCode, capacityFor(distinct.length, expected));
}

/** A map that is made for few keys begins small, and grows as any other. */
function capacityFor(size: number, expected: number | undefined): number {
  if (expected === undefined) return grownCapacity(size);
  let capacity = 1;
  while (capacity < expected || size > capacity * LOAD_FACTOR) capacity *= 2;
  return capacity;
}

/** A `HashMap` doubles its table when more than this part of it would be taken. */
const LOAD_FACTOR = 0.75;

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
