import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { BufferPool } from "../../lib/bytes/mod.ts";

Deno.test("BufferPool gives out a buffer again once any part of it was given back, and not before", () => {
  const pool = new BufferPool(100, 200);
  const first = pool.take(60);
  assertEquals(first.length, 60);
  assertDiffers(pool.take(60).buffer, first.buffer);
  pool.giveBack(first.subarray(20, 30));
  assertStrictEquals(pool.take(100).buffer, first.buffer);
});

Deno.test("BufferPool takes nothing back twice, and nothing that is not of it", () => {
  const pool = new BufferPool(100, 200);
  const first = pool.take(1);
  pool.giveBack(first);
  pool.giveBack(first);
  pool.giveBack(new Uint8Array(100));
  assertStrictEquals(pool.take(1).buffer, first.buffer);
  assertDiffers(pool.take(1).buffer, first.buffer);
});

Deno.test("BufferPool keeps no more than it should, and has larger buffers where that is asked for", () => {
  const pool = new BufferPool(100, 100);
  const [first, second] = [pool.take(1), pool.take(1)];
  pool.giveBack(first);
  pool.giveBack(second);
  assertStrictEquals(pool.take(1).buffer, first.buffer);
  assertDiffers(pool.take(1).buffer, second.buffer);
  const large = pool.take(101);
  assertEquals(large.length, 101);
  pool.giveBack(large);
  assertDiffers(pool.take(100).buffer, large.buffer);
});

Deno.test("BufferPool keeps large buffers too, and drops those of other sizes for what is in use now", () => {
  const pool = new BufferPool(100, 500);
  const small = pool.take(100);
  const large = pool.take(350);
  assertEquals(large.buffer.byteLength, 400);
  pool.giveBack(small);
  pool.giveBack(large);
  const again = pool.take(399);
  assertStrictEquals(again.buffer, large.buffer);
  const other = pool.take(201);
  pool.giveBack(again);
  pool.giveBack(other);
  assertEquals([small.length, again.length, other.length], [0, 399, 0]);
  assertStrictEquals(pool.take(300).buffer, large.buffer);
});

function assertDiffers(a: unknown, b: unknown): void {
  assert(a !== b, "it is the same one");
}
