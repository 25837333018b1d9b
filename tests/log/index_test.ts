import { assert, assertEquals } from "@std/assert";
import { isOffsetIndexSound, OffsetIndex } from "../../lib/log/offset_index.ts";
import { SegmentIndexes } from "../../lib/log/segment_indexes.ts";
import { isTimeIndexSound, TimeIndex } from "../../lib/log/time_index.ts";
import { isTransactionIndexSound, TransactionIndex } from "../../lib/log/transaction_index.ts";

Deno.test("an offset index leads to the nearest batch at or before an offset", () => {
  const index = new OffsetIndex(1000);
  for (let entry = 1; entry <= 100; entry++) index.append(1000 + entry * 10, entry * 5000);
  assertEquals(index.lookup(1000), 0);
  assertEquals(index.lookup(1009), 0);
  assertEquals(index.lookup(1010), 5000);
  assertEquals(index.lookup(1019), 5000);
  assertEquals(index.lookup(1500), 250_000);
  assertEquals(index.lookup(9999), 500_000);
  assertEquals([index.entryCount, index.lastPosition], [100, 500_000]);
});

Deno.test("an offset index file is a row of big-endian relative offsets and positions", () => {
  const index = new OffsetIndex(2 ** 40);
  index.append(2 ** 40 + 258, 4099);
  assertEquals(index.bytes, new Uint8Array([0, 0, 1, 2, 0, 0, 16, 3]));
  assertEquals(new OffsetIndex(2 ** 40, index.bytes.slice()).lookup(2 ** 40 + 300), 4099);
});

Deno.test("an index is full when its file has no room, the time index one entry earlier", () => {
  const offsets = new OffsetIndex(0);
  const times = new TimeIndex(0);
  const maxBytes = 60;
  for (let entry = 1; entry <= 7; entry++) {
    assertEquals(offsets.isFull(maxBytes), false);
    offsets.append(entry, entry);
  }
  assertEquals(offsets.isFull(maxBytes), true);
  for (let entry = 1; entry <= 4; entry++) {
    assertEquals(times.isFull(maxBytes), false);
    times.maybeAppend({ timestamp: entry, offset: entry });
  }
  assertEquals(times.isFull(maxBytes), true);
});

Deno.test("a damaged offset index is recognized", () => {
  const sound = (entries: [number, number][]) => {
    const index = new OffsetIndex(0);
    for (const [offset, position] of entries) index.append(offset, position);
    return index.bytes;
  };
  assert(isOffsetIndexSound(new Uint8Array(0), 0));
  assert(isOffsetIndexSound(sound([[5, 100], [9, 200]]), 201));
  assert(!isOffsetIndexSound(sound([[5, 100], [9, 200]]), 200), "a position beyond the segment");
  assert(!isOffsetIndexSound(sound([[5, 100], [5, 200]]), 999), "offsets that do not rise");
  assert(!isOffsetIndexSound(sound([[5, 100], [9, 100]]), 999), "positions that do not rise");
  assert(!isOffsetIndexSound(sound([[5, 100]]).subarray(1), 999), "half an entry");
  assert(!isOffsetIndexSound(new Uint8Array(800), 999), "the zeros that Apache Kafka reserves and a crash leaves");
});

Deno.test("a time index leads to the last batch that is not younger", () => {
  const index = new TimeIndex(100);
  for (const [timestamp, offset] of [[10, 101], [10, 105], [30, 110], [20, 115], [40, 120]]) {
    index.maybeAppend({ timestamp, offset });
  }
  assertEquals(index.entryCount, 3);
  assertEquals(index.lookup(9), { timestamp: -1, offset: 100 });
  assertEquals(index.lookup(10), { timestamp: 10, offset: 101 });
  assertEquals(index.lookup(39), { timestamp: 30, offset: 110 });
  assertEquals(index.lookup(99), { timestamp: 40, offset: 120 });
  assertEquals(index.lastEntry, { timestamp: 40, offset: 120 });
  assert(isTimeIndexSound(index.bytes));
  assert(!isTimeIndexSound(new Uint8Array(24)));
  assert(!isTimeIndexSound(index.bytes.subarray(0, 13)));
});

Deno.test("a segment's indexes get entries at the first batch beyond the interval", () => {
  const indexes = SegmentIndexes.empty(0);
  // Batches of 100 bytes with one record each, timestamps up and down.
  for (let batch = 0; batch < 20; batch++) indexes.add(batch, 1000 + (batch % 2 ? batch : -batch), batch * 100, 450);
  assertEquals(indexes.offsets.entryCount, 3);
  assertEquals([indexes.offsets.lookup(5), indexes.offsets.lookup(10), indexes.offsets.lookup(15)], [500, 1000, 1500]);
  assertEquals(indexes.times.lastEntry, { timestamp: 1015, offset: 15 });
  assertEquals(indexes.maxTimestamp, { timestamp: 1019, offset: 19 });
  indexes.seal();
  assertEquals(indexes.times.lastEntry, { timestamp: 1019, offset: 19 });
});

Deno.test("a segment's indexes go on where their files end", () => {
  const before = SegmentIndexes.empty(50);
  for (let batch = 0; batch < 10; batch++) before.add(50 + batch, batch, batch * 100, 250);
  before.seal();
  const after = SegmentIndexes.load(50, 1000, before.offsets.bytes.slice(), before.times.bytes.slice());
  assertEquals(after?.maxTimestamp, { timestamp: 9, offset: 59 });
  after?.add(60, 10, 1000, 250);
  after?.add(61, 11, 1200, 250);
  assertEquals(after?.offsets.lookup(61), 1200);
  assertEquals(SegmentIndexes.load(50, 900, before.offsets.bytes, new Uint8Array(5)), null);
});

Deno.test("a transaction index gives the aborted transactions of a range, and says when it knows of all", () => {
  const index = new TransactionIndex();
  index.append({ producerId: 1n, firstOffset: 0, lastOffset: 10, lastStableOffset: 5 });
  index.append({ producerId: 2n, firstOffset: 5, lastOffset: 20, lastStableOffset: 21 });
  index.append({ producerId: 3n, firstOffset: 30, lastOffset: 40, lastStableOffset: 41 });
  assertEquals(index.bytes.length, 3 * 34);
  assert(isTransactionIndexSound(index.bytes, 0));
  const collect = (start: number, end: number) => {
    const found: { producerId: bigint }[] = [];
    const isComplete = index.collect(start, end, found as never);
    return [found.map(({ producerId }) => producerId), isComplete];
  };
  assertEquals(collect(0, 5), [[1n], true]);
  assertEquals(collect(0, 6), [[1n, 2n], true]);
  assertEquals(collect(11, 25), [[2n], true]);
  assertEquals(collect(21, 30), [[], true]);
  assertEquals(collect(21, 100), [[3n], false]);
});

Deno.test("a damaged transaction index is recognized", () => {
  const index = new TransactionIndex();
  index.append({ producerId: 1n, firstOffset: 3, lastOffset: 10, lastStableOffset: 11 });
  assert(!isTransactionIndexSound(index.bytes.subarray(0, 33), 0));
  assert(!isTransactionIndexSound(index.bytes, 11), "an offset before the segment");
  assert(!isTransactionIndexSound(index.bytes.map((byte, at) => at === 1 ? 7 : byte), 0), "an unknown version");
});
