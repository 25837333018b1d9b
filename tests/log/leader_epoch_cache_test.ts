import { assertEquals } from "@std/assert";
import { LeaderEpochCache } from "../../lib/log/leader_epoch_cache.ts";

function cacheOf(...entries: [epoch: number, startOffset: number][]): LeaderEpochCache {
  return new LeaderEpochCache(entries.map(([epoch, startOffset]) => ({ epoch, startOffset })));
}

function entriesOf(cache: LeaderEpochCache): [number, number][] {
  return cache.entries.map(({ epoch, startOffset }) => [epoch, startOffset]);
}

Deno.test("an epoch is noted where it begins, and only there", () => {
  const cache = cacheOf();
  assertEquals(cache.latestEpoch, -1);
  cache.assign(2, 10);
  cache.assign(2, 15);
  cache.assign(3, 20);
  assertEquals(entriesOf(cache), [[2, 10], [3, 20]]);
  assertEquals(cache.latestEpoch, 3);
});

Deno.test("entries that contradict a new one give way", () => {
  const cache = cacheOf([1, 0], [2, 10], [3, 20]);
  cache.assign(4, 20);
  assertEquals(entriesOf(cache), [[1, 0], [2, 10], [4, 20]]);
  cache.assign(5, 5);
  assertEquals(entriesOf(cache), [[1, 0], [5, 5]]);
  cache.assign(2, 30);
  assertEquals(entriesOf(cache), [[1, 0], [2, 30]]);
});

Deno.test("the end of an epoch is where the next one began", () => {
  const cache = cacheOf([2, 10], [5, 20], [9, 30]);
  const endOf = (epoch: number) => {
    const { leaderEpoch, endOffset } = cache.endOffsetFor(epoch, 100);
    return [leaderEpoch, endOffset];
  };
  assertEquals(endOf(9), [9, 100], "the latest one ends with the log");
  assertEquals(endOf(5), [5, 30]);
  assertEquals(endOf(7), [5, 30], "one that was skipped ends as the one before it");
  assertEquals(endOf(1), [1, 10], "one before all that is known");
  assertEquals(endOf(10), [-1, -1]);
  assertEquals(endOf(-1), [-1, -1]);
  assertEquals(cacheOf().endOffsetFor(0, 100), { leaderEpoch: -1, endOffset: -1 });
});

Deno.test("a record's epoch is the last that began before it", () => {
  const cache = cacheOf([2, 10], [5, 20]);
  assertEquals([9, 10, 19, 20, 99].map((offset) => cache.epochForOffset(offset)), [-1, 2, 2, 5, 5]);
});

Deno.test("truncation forgets epochs at the end, and moves the first at the start", () => {
  const cache = cacheOf([2, 10], [5, 20], [9, 30]);
  cache.truncateFromEnd(30);
  assertEquals(entriesOf(cache), [[2, 10], [5, 20]]);
  cache.truncateFromStart(15);
  assertEquals(entriesOf(cache), [[2, 15], [5, 20]]);
  cache.truncateFromStart(25);
  assertEquals(entriesOf(cache), [[5, 25]]);
  cache.truncateFromStart(3);
  assertEquals(entriesOf(cache), [[5, 25]]);
});

Deno.test("the cache knows whether its file is behind", () => {
  const cache = cacheOf([2, 10]);
  assertEquals(cache.isDirty, false);
  cache.assign(2, 12);
  cache.truncateFromEnd(99);
  cache.truncateFromStart(10);
  assertEquals(cache.isDirty, false);
  cache.assign(3, 12);
  assertEquals(cache.isDirty, true);
  assertEquals(cache.takeForWriting().length, 2);
  assertEquals(cache.isDirty, false);
});
