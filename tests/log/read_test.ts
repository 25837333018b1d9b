import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { FileLog } from "../../lib/log/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { RecordBatchBuilder } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { FaultyDisk } from "./faulty_disk.ts";
import { append, batchOf, NOW, readAll, recordsIn, World } from "./support.ts";

const ALL = { maxBytes: 1_000_000, atLeastOneBatch: true, isolationLevel: "read-uncommitted" } as const;
const NO_CACHE = { tailCacheBytes: 0 };

/** Appends `count` batches of `recordsEach` records, whose values are their offsets. */
async function fill(log: FileLog, count: number, recordsEach = 2, padding = 50): Promise<void> {
  for (let batch = 0; batch < count; batch++) {
    const first = log.logEndOffset;
    const values = Array.from({ length: recordsEach }, (_, index) => `${first + index}`.padEnd(padding, "."));
    await append(log, batchOf(values, { timestamp: NOW + first }));
  }
}

async function offsetsAt(log: FileLog, offset: number, limits = {}): Promise<number[]> {
  const result = await log.read(offset, { ...ALL, ...limits });
  assertEquals(result.errorCode, ErrorCode.NONE);
  return recordsIn(result.records).map(([offset]) => offset);
}

for (const [where, settings] of [["memory", {}], ["files", NO_CACHE]] as const) {
  Deno.test(`reading from ${where}: it begins with the batch that contains the offset`, async () => {
    const log = new World().create({}, settings);
    await fill(log, 200, 3);
    assertEquals((await offsetsAt(log, 0)).length, 600);
    for (const offset of [1, 2, 3, 299, 300, 301, 598, 599]) {
      assertEquals((await offsetsAt(log, offset))[0], offset - offset % 3);
    }
    assertEquals(await offsetsAt(log, 600), []);
  });

  Deno.test(`reading from ${where}: it ends within the limit of bytes, with a whole batch`, async () => {
    const log = new World().create({}, settings);
    await fill(log, 100, 2, 500);
    for (const maxBytes of [1200, 2400, 5000, 50_000]) {
      const { records } = await log.read(10, { ...ALL, maxBytes });
      assertLessOrEqual(records.length, maxBytes);
      assert(records.length > maxBytes - 1200);
    }
  });

  Deno.test(`reading from ${where}: the first batch comes even where it is too large, if that is wanted`, async () => {
    const log = new World().create({}, settings);
    await fill(log, 3, 1, 30_000);
    assertEquals(await offsetsAt(log, 1, { maxBytes: 100 }), [1]);
    assertEquals(await offsetsAt(log, 1, { maxBytes: 100, atLeastOneBatch: false }), []);
    assertEquals(await offsetsAt(log, 1, { maxBytes: 0 }), [1]);
  });

  Deno.test(`reading from ${where}: a reader goes from segment to segment`, async () => {
    const world = new World();
    const log = world.create({ segmentBytes: 2000 }, settings);
    await fill(log, 100);
    assert(world.names().filter((name) => name.endsWith(".log")).length > 5);
    assertEquals((await readAll(log)).map(([offset]) => offset), Array.from({ length: 200 }, (_, offset) => offset));
    assertEquals((await readAll(log, 77, 1)).length, 123);
  });
}

Deno.test("an offset before the start or after the end is out of range", async () => {
  const log = new World().create();
  await fill(log, 5);
  await log.deleteRecordsBefore(3);
  for (const offset of [-1, 2, 11]) {
    const result = await log.read(offset, ALL);
    assertEquals([result.errorCode, result.records.length, result.highWatermark, result.logStartOffset], [
      ErrorCode.OFFSET_OUT_OF_RANGE,
      0,
      -1,
      -1,
    ]);
  }
  assertEquals(await offsetsAt(log, 3), [2, 3, 4, 5, 6, 7, 8, 9], "the batch is given whole");
});

Deno.test("a consumer that keeps up reads no file", async () => {
  const disk = new FaultyDisk();
  const log = new World(disk).create();
  for (let offset = 0; offset < 20; offset += 2) {
    await fill(log, 1);
    assertEquals(await offsetsAt(log, offset), [offset, offset + 1]);
  }
  assertEquals(disk.readCount, 0);
});

Deno.test("a consumer that reads on from file needs one read each time", async () => {
  const disk = new FaultyDisk();
  const world = new World(disk);
  await fill(world.create(), 500, 2, 200);
  const log = await world.open({ settings: NO_CACHE });
  disk.readCount = 0;
  let offset = 0;
  let reads = 0;
  while (offset < 1000) {
    offset = (await offsetsAt(log, offset, { maxBytes: 20_000 })).at(-1)! + 1;
    reads++;
  }
  assertEquals(disk.readCount, reads);
});

Deno.test("closed segments are read by indexes that are made anew where they were lost", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 20_000, indexIntervalBytes: 500 });
  await fill(log, 300);
  await log.close();
  const indexes = world.names().filter((name) => name.endsWith(".index"));
  world.disk.removeSync(`/data/t-0/${indexes[0]}`);
  world.disk.openSync(`/data/t-0/${indexes[1]}`, "truncate").writeSync(0, new Uint8Array(64));
  const again = await world.open({ hadCleanShutdown: true });
  assertEquals((await readAll(again, 55)).length, 545);
  assertEquals(world.warnings.filter((line) => line.includes("made anew")).length, 2);
  const third = await world.open({ hadCleanShutdown: true });
  assertEquals((await readAll(third)).length, 600);
  assertEquals(world.warnings.length, 2, "they are on the disk again");
});

Deno.test("a failing read is answered as such, and told of once", async () => {
  const disk = new FaultyDisk();
  const world = new World(disk);
  const log = world.create({}, NO_CACHE);
  await fill(log, 5);
  disk.failReads = "io";
  for (let attempt = 0; attempt < 3; attempt++) {
    assertEquals((await log.read(0, ALL)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  }
  assertEquals(world.warnings.length, 1);
  disk.failReads = null;
  assertEquals((await offsetsAt(log, 0)).length, 10);
});

Deno.test("a segment rolls by size, by time and when its index is full", async () => {
  const world = new World();
  const logFiles = () => world.names().filter((name) => name.endsWith(".log")).length;
  const log = world.create({ segmentBytes: 1000, segmentMs: 5000 });
  await append(log, batchOf(["x".repeat(600)]));
  await append(log, batchOf(["x".repeat(600)]));
  assertEquals(logFiles(), 2, "by size");
  await append(log, batchOf(["y"], { timestamp: NOW + 5000 }));
  assertEquals(logFiles(), 2);
  await append(log, batchOf(["y"], { timestamp: NOW + 5001 }));
  assertEquals(logFiles(), 3, "by the records' time");
  log.configure({
    ...log.config,
    segmentMs: 10 ** 12,
    segmentBytes: 10 ** 6,
    indexIntervalBytes: 0,
    segmentIndexBytes: 80,
  });
  for (let batch = 0; batch < 12; batch++) await append(log, batchOf(["z"], { timestamp: NOW + 6000 + batch }));
  assertEquals(logFiles(), 5, "by the index");
  assertEquals((await readAll(log)).length, 16);
});

Deno.test("segments of records without timestamps roll by the clock", async () => {
  const world = new World();
  const log = world.create({ segmentMs: 5000 });
  await append(log, batchOf(["a"], { timestamp: -1 }));
  world.clock.nowMs += 5001;
  await append(log, batchOf(["b"], { timestamp: -1 }));
  assertEquals(world.names().filter((name) => name.endsWith(".log")).length, 2);
});

Deno.test("jitter makes a segment roll earlier, by no more than it may", async () => {
  const rolledAfter = new Set<number>();
  const world = new World();
  const log = world.create({ segmentMs: 1000, segmentJitterMs: 500 });
  let start = NOW;
  for (let timestamp = NOW; timestamp < NOW + 20_000; timestamp += 50) {
    const count = world.names().filter((name) => name.endsWith(".log")).length;
    await append(log, batchOf(["a"], { timestamp }));
    if (world.names().filter((name) => name.endsWith(".log")).length === count) continue;
    rolledAfter.add(timestamp - start);
    start = timestamp;
  }
  assert([...rolledAfter].every((ms) => ms >= 500 && ms <= 1050), `${[...rolledAfter]}`);
  assert(rolledAfter.size > 1);
});

Deno.test("records are found by their time", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 3000, indexIntervalBytes: 300 });
  await fill(log, 100);
  const find = async (timestamp: number) => {
    const found = await log.offsetForTimestamp(timestamp);
    return [found.offset, found.timestamp, found.leaderEpoch];
  };
  // Both records of a batch have the timestamp NOW + base offset.
  assertEquals(await find(NOW), [0, NOW, 0]);
  assertEquals(await find(NOW + 51), [52, NOW + 52, 0]);
  assertEquals(await find(NOW + 52), [52, NOW + 52, 0]);
  assertEquals(await find(NOW + 198), [198, NOW + 198, 0]);
  assertEquals(await find(NOW + 199), [-1, -1, -1]);
  await log.deleteRecordsBefore(21);
  assertEquals(await find(0), [21, NOW + 20, 0], "not before the log start offset");
  const max = await log.offsetOfMaxTimestamp();
  assertEquals([max.offset, max.timestamp], [198, NOW + 198]);
  const again = await world.open({ hadCleanShutdown: false });
  assertEquals((await again.offsetForTimestamp(NOW + 51)).offset, 52);
});

Deno.test("the record with the greatest timestamp is found wherever it is, in compressed batches too", async () => {
  for (const compressionType of ["none", "gzip", "snappy", "lz4"] as const) {
    const log = new World().create({ segmentBytes: 2000 });
    await fill(log, 30);
    const builder = new RecordBatchBuilder({ compressionType }, runtimeCompressor);
    for (const timestamp of [NOW, NOW + 9000, NOW + 8000, NOW + 9000]) builder.append({ timestamp, value: null });
    await append(log, builder.build());
    await fill(log, 30);
    const found = await log.offsetOfMaxTimestamp();
    assertEquals([found.offset, found.timestamp], [61, NOW + 9000]);
    assertEquals((await log.offsetForTimestamp(NOW + 8500)).offset, 61);
  }
});

Deno.test("an empty log has no record of any time", async () => {
  const log = new World().create();
  assertEquals((await log.offsetForTimestamp(0)).offset, -1);
  assertEquals((await log.offsetOfMaxTimestamp()).offset, -1);
});
