import { assertEquals } from "@std/assert";
import { IndexCache } from "../../lib/log/index_cache.ts";
import { SegmentIndexes } from "../../lib/log/segment_indexes.ts";

/** The indexes of a segment with `count` entries, 20 bytes each. */
function indexesOf(count: number): SegmentIndexes {
  const indexes = SegmentIndexes.empty(0);
  for (let entry = 1; entry <= count; entry++) indexes.add(entry, entry, entry * 100, 0);
  return indexes;
}

Deno.test("the indexes used last stay, within the bound on their memory", () => {
  const cache = new IndexCache(100);
  const segments = [{}, {}, {}, {}];
  const [a, b, c] = segments;
  cache.put(a, indexesOf(2));
  cache.put(b, indexesOf(2));
  assertEquals(cache.usedBytes, 80);
  cache.get(a);
  cache.put(c, indexesOf(2));
  assertEquals(segments.map((segment) => cache.get(segment) !== undefined), [true, false, true, false]);
  cache.put(c, indexesOf(1));
  assertEquals(cache.usedBytes, 60);
  cache.drop(a);
  cache.drop(a);
  assertEquals([cache.usedBytes, cache.get(a)], [20, undefined]);
});

Deno.test("indexes larger than the bound are not kept", () => {
  const cache = new IndexCache(100);
  const segment = {};
  cache.put(segment, indexesOf(6));
  assertEquals([cache.usedBytes, cache.get(segment)], [0, undefined]);
});
