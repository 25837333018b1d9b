import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { type Tail, TailCache } from "../../lib/log/tail_cache.ts";
import { batchOf, recordsIn } from "./support.ts";

const ALL = { maxBytes: 10_000_000, atLeastOneBatch: true, endOffset: Infinity };

/** Appends a batch of `count` records of `size` bytes each; the values tell the offsets. */
function append(tail: Tail, baseOffset: number, count: number, size = 10): Uint8Array {
  const values = Array.from({ length: count }, (_, index) => String(baseOffset + index).padEnd(size, "."));
  const bytes = batchOf(values, { baseOffset });
  tail.append(bytes, baseOffset, baseOffset + count);
  return bytes;
}

function offsetsIn(bytes: Uint8Array | undefined): number[] {
  return recordsIn(bytes ?? new Uint8Array(0)).map(([offset]) => offset);
}

Deno.test("the tail has what was appended last, from the batch on that contains the offset", () => {
  const tail = new TailCache(1 << 20).tail();
  for (let offset = 0; offset < 30; offset += 3) append(tail, offset, 3);
  assertEquals(offsetsIn(tail.read(22, ALL)?.bytes), [21, 22, 23, 24, 25, 26, 27, 28, 29]);
  assertEquals(tail.read(22, ALL)?.nextOffset, 30);
  assertEquals(tail.read(30, ALL), null, "nothing is there yet");
});

Deno.test("the tail begins where it was begun", () => {
  const tail = new TailCache(1 << 20).tail();
  assertEquals(tail.read(0, ALL), null);
  append(tail, 100, 2);
  assertEquals(tail.read(99, ALL), null);
  assertEquals(offsetsIn(tail.read(100, ALL)?.bytes), [100, 101]);
});

Deno.test("limits of bytes and offsets are kept, and whole batches given", () => {
  const tail = new TailCache(1 << 20).tail();
  const size = append(tail, 0, 2).length;
  for (let offset = 2; offset < 10; offset += 2) append(tail, offset, 2);
  assertEquals(offsetsIn(tail.read(0, { ...ALL, maxBytes: 2 * size + 1 })?.bytes), [0, 1, 2, 3]);
  assertEquals(offsetsIn(tail.read(0, { ...ALL, maxBytes: 1 })?.bytes), [0, 1]);
  assertEquals(offsetsIn(tail.read(0, { ...ALL, maxBytes: 1, atLeastOneBatch: false })?.bytes), []);
  assertEquals(offsetsIn(tail.read(3, { ...ALL, endOffset: 6 })?.bytes), [2, 3, 4, 5]);
  assertEquals(offsetsIn(tail.read(3, { ...ALL, endOffset: 7 })?.bytes), [2, 3, 4, 5]);
  assertEquals(offsetsIn(tail.read(3, { ...ALL, endOffset: 3 })?.bytes), []);
});

Deno.test("a read gives all that there is, across blocks of memory", () => {
  const tail = new TailCache(8 << 20).tail();
  const appended: Uint8Array[] = [];
  for (let offset = 0; offset < 3000; offset++) appended.push(append(tail, offset, 1, 1000));
  const found = tail.read(1234, ALL)!;
  assertEquals(found.bytes.length, appended.slice(1234).reduce((sum, { length }) => sum + length, 0));
  assertEquals(offsetsIn(found.bytes), Array.from({ length: 3000 - 1234 }, (_, index) => 1234 + index));
  const limited = tail.read(7, { ...ALL, maxBytes: 500_000 })!;
  assertLessOrEqual(limited.bytes.length, 500_000);
  assert(limited.bytes.length > 498_000);
});

Deno.test("all tails share one bound, and what was begun first goes first", () => {
  const cache = new TailCache(1 << 20);
  const [a, b] = [cache.tail(), cache.tail()];
  for (let offset = 0; offset < 100; offset++) append(a, offset, 1, 1000);
  assert(a.read(0, ALL) !== null);
  for (let offset = 0; offset < 2000; offset++) {
    append(b, offset, 1, 1000);
    assertLessOrEqual(cache.usedBytes, 1 << 20);
  }
  assert(a.read(0, ALL) === null && a.read(99, ALL) === null && b.read(0, ALL) === null);
  assertEquals(offsetsIn(b.read(1999, ALL)?.bytes), [1999]);
});

Deno.test("a tail that is dropped gives its memory back", () => {
  const cache = new TailCache(1 << 20);
  const tail = cache.tail();
  for (let offset = 0; offset < 300; offset++) append(tail, offset, 1, 1000);
  assert(cache.usedBytes > 0);
  tail.clear();
  assertEquals(cache.usedBytes, 0);
  assertEquals(tail.read(299, ALL), null);
});

Deno.test("an append too large to be kept ends the tail, and the next begins it anew", () => {
  const tail = new TailCache(100_000).tail();
  append(tail, 0, 1);
  append(tail, 1, 1, 60_000);
  assertEquals(tail.read(0, ALL), null);
  append(tail, 2, 1);
  assertEquals(tail.read(1, ALL), null);
  assertEquals(offsetsIn(tail.read(2, ALL)?.bytes), [2]);
});

Deno.test("a cache of no bytes keeps nothing", () => {
  const tail = new TailCache(0).tail();
  append(tail, 0, 1);
  assertEquals(tail.read(0, ALL), null);
});

Deno.test("what a reader was given stays as it is, while the blocks behind it are used again", () => {
  const tail = new TailCache(4 << 20).tail();
  const ofAMegabyte = (offset: number) => append(tail, offset, 1, 1_000_000);
  for (let offset = 0; offset < 10; offset++) ofAMegabyte(offset);
  const given = tail.read(9, ALL)!.bytes;
  const copy = given.slice();
  for (let offset = 10; offset < 30; offset++) ofAMegabyte(offset);
  assertEquals(given, copy);
  assertEquals(offsetsIn(tail.read(29, ALL)?.bytes), [29]);
});
