import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { BufferPool } from "../../lib/bytes/mod.ts";

Deno.test("BufferPool gives out a buffer again once any part of it was given back, and not before", () => {
  const pool = new BufferPool(100, 2);
  const first = pool.take(60);
  assertEquals(first.length, 60);
  assertDiffers(pool.take(60).buffer, first.buffer);
  pool.giveBack(first.subarray(20, 30));
  assertStrictEquals(pool.take(100).buffer, first.buffer);
});

Deno.test("BufferPool takes nothing back twice, and nothing that is not of it", () => {
  const pool = new BufferPool(100, 2);
  const first = pool.take(1);
  pool.giveBack(first);
  pool.giveBack(first);
  pool.giveBack(new Uint8Array(100));
  assertStrictEquals(pool.take(1).buffer, first.buffer);
  assertDiffers(pool.take(1).buffer, first.buffer);
});

Deno.test("BufferPool keeps no more than it should, and has more than a buffer where that is asked for", () => {
  const pool = new BufferPool(100, 1);
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

function assertDiffers(a: unknown, b: unknown): void {
  assert(a !== b, "it is the same one");
}
