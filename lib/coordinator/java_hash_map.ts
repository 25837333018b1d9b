/**
 * The order in which Java's `HashMap` goes through its keys. Apache Kafka's assignors take members and topics in it, so
 * whoever wants to assign as they do must, too: a group that moves from one broker to the other stays as it is.
 *
 * @module
 */
import { type Uuid, uuidToBytes } from "../bytes/mod.ts";

const LEAST_CAPACITY = 16;

/** The capacity of a map into which so many keys were put one by one. */
export function grownCapacity(size: number): number {
  let capacity = LEAST_CAPACITY;
  while (size > capacity * 0.75) capacity *= 2;
  return capacity;
}

/** The capacity of a `HashSet` that was made of a collection of so many. */
export function copiedCapacity(size: number): number {
  const wanted = Math.max(Math.trunc(size / 0.75) + 1, LEAST_CAPACITY);
  let capacity = 1;
  while (capacity < wanted) capacity *= 2;
  return capacity;
}

/** The keys in the order of a map of that capacity; those of one bucket in the order in which they were put. */
export function inHashOrder<K>(keys: Iterable<K>, hashCode: (key: K) => number, capacity: number): K[] {
  const placed = Array.from(keys, (key) => {
    const hash = hashCode(key);
    return { key, bucket: (hash ^ (hash >>> 16)) & (capacity - 1) };
  });
  return placed.sort((a, b) => a.bucket - b.bucket).map(({ key }) => key);
}

/** The hash code of Kafka's `Uuid`, an int32. */
export function uuidHashCode(uuid: Uuid): number {
  const bytes = new DataView(new ArrayBuffer(16));
  uuidToBytes(uuid, new Uint8Array(bytes.buffer));
  return bytes.getInt32(0) ^ bytes.getInt32(4) ^ bytes.getInt32(8) ^ bytes.getInt32(12);
}
