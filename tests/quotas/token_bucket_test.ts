/** Token buckets of the quota on changes of metadata. */
import { assert, assertEquals } from "@std/assert";
import { TokenBucket } from "../../lib/quotas/token_bucket.ts";
import { WINDOWS } from "./support.ts";

Deno.test("a new bucket holds what comes in all windows", () => {
  const bucket = new TokenBucket(WINDOWS);
  assertEquals(bucket.measure(2, 1_000), 22);
  assert(bucket.isFull(2, 1_000));
});

Deno.test("who takes more than there is leaves a debt, which is filled by the rate", () => {
  const bucket = new TokenBucket(WINDOWS);
  bucket.take(30, 2, 1_000);
  assertEquals(bucket.measure(2, 1_000), -8);
  assertEquals(bucket.measure(2, 4_000), -2);
  assertEquals(bucket.measure(2, 6_000), 2);
});

Deno.test("it holds no more than what comes in all windows", () => {
  const bucket = new TokenBucket(WINDOWS);
  bucket.take(1, 2, 1_000);
  assertEquals(bucket.measure(2, 1_000_000), 22);
});

Deno.test("another rate holds from the next look on", () => {
  const bucket = new TokenBucket(WINDOWS);
  bucket.take(22, 2, 1_000);
  assertEquals(bucket.measure(10, 2_000), 10);
  assertEquals(bucket.measure(0.5, 2_000), 5.5);
});

Deno.test("a clock that is set back takes nothing away", () => {
  const bucket = new TokenBucket(WINDOWS);
  bucket.take(10, 2, 10_000);
  assertEquals(bucket.measure(2, 1_000), 12);
  assertEquals(bucket.measure(2, 2_000), 14);
});
