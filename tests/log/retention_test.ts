import { assertEquals } from "@std/assert";
import type { FileLog, LogConfig, LogSettings } from "../../lib/log/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { append, batchOf, NOW, readAll, World } from "./support.ts";

const ALL = { maxBytes: 1_000_000, atLeastOneBatch: true, isolationLevel: "read-uncommitted" } as const;

/**
 * A log of five segments, of 10 records each but for the last, which has 5: one record a second, 100 bytes a record.
 */
async function fiveSegments(
  world: World,
  config: Partial<LogConfig> = {},
  settings: LogSettings = {},
): Promise<FileLog> {
  const log = world.create({ segmentBytes: 1000, ...config }, settings);
  for (let offset = 0; offset < 45; offset++) {
    await append(log, batchOf(["x".repeat(30)], { timestamp: NOW + offset * 1000 }));
  }
  assertEquals(segmentsOf(world), [0, 10, 20, 30, 40]);
  return log;
}

function segmentsOf(world: World): number[] {
  return world.names().filter((name) => name.endsWith(".log")).map((name) => parseInt(name));
}

Deno.test("segments whose youngest record is too old are deleted, with all their files", async () => {
  const world = new World();
  const log = await fiveSegments(world, { retentionMs: 20_000 });
  assertEquals(await log.applyRetention(NOW + 29_000), 0);
  assertEquals(await log.applyRetention(NOW + 29_001), 1);
  assertEquals([log.logStartOffset, segmentsOf(world)[0]], [10, 10]);
  assertEquals(await log.applyRetention(NOW + 50_000), 2);
  assertEquals(segmentsOf(world), [30, 40]);
  assertEquals(world.names().filter((name) => !name.endsWith(".log")), [
    "00000000000000000030.index",
    "00000000000000000030.snapshot",
    "00000000000000000030.timeindex",
    "00000000000000000040.snapshot",
    "leader-epoch-checkpoint",
    "partition.metadata",
  ]);
  assertEquals((await log.read(29, ALL)).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
  assertEquals((await readAll(log)).length, 15);
});

Deno.test("when all is too old, the active segment goes, too, and an empty one takes its place", async () => {
  const world = new World();
  const log = await fiveSegments(world, { retentionMs: 20_000 });
  assertEquals(await log.applyRetention(NOW + 500_000), 5);
  assertEquals([segmentsOf(world), log.logStartOffset, log.logEndOffset, log.sizeInBytes], [[45], 45, 45, 0]);
  assertEquals(await log.applyRetention(NOW + 900_000), 0);
  assertEquals((await append(log, batchOf(["a"]))).baseOffset, 45);
  assertEquals(await readAll(await world.open()), [[45, "a"]]);
});

Deno.test("as many segments are deleted as make the log too large", async () => {
  const world = new World();
  const log = await fiveSegments(world);
  const segmentBytes = (log.sizeInBytes / 45) * 10;
  for (
    const [retentionBytes, deleted] of [[log.sizeInBytes, 0], [3.5 * segmentBytes + 1, 0], [3.5 * segmentBytes, 1], [
      1.5 * segmentBytes,
      2,
    ], [0, 2]] as const
  ) {
    log.configure({ ...log.config, retentionBytes });
    assertEquals(await log.applyRetention(NOW), deleted, `${retentionBytes}`);
  }
  assertEquals(log.logStartOffset, 45);
});

Deno.test("no retention means none, and a compacted topic has none but for deleted records", async () => {
  const world = new World();
  const log = await fiveSegments(world, { retentionMs: -1, retentionBytes: -1 });
  assertEquals(await log.applyRetention(NOW * 2), 0);
  log.configure({ ...log.config, retentionMs: 0, retentionBytes: 0, cleanupPolicy: new Set(["compact"]) });
  assertEquals(await log.applyRetention(NOW * 2), 0);
  await log.deleteRecordsBefore(25);
  assertEquals(await log.applyRetention(NOW * 2), 2);
  assertEquals([log.logStartOffset, segmentsOf(world)], [25, [20, 30, 40]]);
});

Deno.test("a record from the future keeps its segment, and those after it, until its time has passed", async () => {
  const log = new World().create({ segmentBytes: 150, retentionMs: 5000 });
  for (const timestamp of [NOW, NOW + 60_000, NOW]) await append(log, batchOf(["x".repeat(50)], { timestamp }));
  assertEquals(await log.applyRetention(NOW + 6000), 1);
  assertEquals([await log.applyRetention(NOW + 65_000), log.logStartOffset], [0, 1]);
  assertEquals(await log.applyRetention(NOW + 65_001), 2);
});

Deno.test("records without timestamps are as old as their file", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 200, retentionMs: 5000 });
  for (let batch = 0; batch < 3; batch++) {
    await append(log, batchOf(["x".repeat(50)], { timestamp: -1 }));
    world.clock.nowMs += 1000;
  }
  assertEquals(await log.applyRetention(NOW + 5000), 0);
  assertEquals(await log.applyRetention(NOW + 5001), 1);
});

Deno.test("deleting records moves the log start offset at once, up to the high watermark", async () => {
  let persisted = 0;
  const log = await fiveSegments(new World(), {}, { persistLogStartOffsets: () => Promise.resolve(void persisted++) });
  log.beginLeaderEpoch(3);
  assertEquals(await log.deleteRecordsBefore(12), { errorCode: ErrorCode.NONE, logStartOffset: 12 });
  assertEquals(await log.deleteRecordsBefore(5), { errorCode: ErrorCode.NONE, logStartOffset: 12 });
  assertEquals((await log.deleteRecordsBefore(46)).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
  assertEquals((await log.deleteRecordsBefore(-1)).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
  assertEquals((await log.deleteRecordsBefore(45)).logStartOffset, 45);
  assertEquals((await log.read(45, ALL)).errorCode, ErrorCode.NONE);
  assertEquals(log.lastStableOffset, 45);
  assertEquals(persisted, 3);
});

Deno.test("files are kept for a while after their segment is deleted, under another name", async () => {
  const world = new World();
  const removals: [number, number][] = [];
  const settings = {
    removeLater: (paths: readonly string[], delayMs: number) => void removals.push([paths.length, delayMs]),
  };
  const log = await fiveSegments(world, { retentionMs: 1, fileDeleteDelayMs: 777 }, settings);
  await log.applyRetention(NOW + 20_000);
  assertEquals(removals, [[3, 777], [3, 777]]);
  assertEquals(world.names().filter((name) => name.endsWith(".deleted")).length, 6);
  const again = await world.open();
  assertEquals([again.logStartOffset, world.names().filter((name) => name.endsWith(".deleted")).length], [20, 0]);
});

Deno.test("a reader of a segment that is deleted meanwhile is told that the offset is gone", async () => {
  const world = new World();
  const log = await fiveSegments(world, { retentionMs: 1 }, { tailCacheBytes: 0 });
  const reading = log.read(0, ALL);
  const deleting = log.applyRetention(NOW + 500_000);
  await deleting;
  const result = await reading;
  assertEquals([ErrorCode.NONE, ErrorCode.OFFSET_OUT_OF_RANGE].includes(result.errorCode as never), true);
  assertEquals((await log.read(0, ALL)).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE);
});

Deno.test("silent producers are forgotten", async () => {
  const log = new World().create({}, { producerIdExpirationMs: 1000 });
  await append(log, batchOf(["a"], { producerId: 5n, producerEpoch: 0, baseSequence: 0 }));
  log.expireProducers(NOW + 999);
  assertEquals(log.producers().length, 1);
  log.expireProducers(NOW + 1000);
  assertEquals(log.producers().length, 0);
});
