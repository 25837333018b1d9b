import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { DEFAULT_CLEANER_SETTINGS, LogCleaner } from "../../lib/log/cleaner.ts";
import { LogManager } from "../../lib/log/mod.ts";
import { DiskError } from "../../lib/ports.ts";
import { ControlRecordType } from "../../lib/protocol/records/producer.ts";
import { transactionMarkerBatch } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { appendEach, batchesIn, CleanerOf, COMPACTED, contentOf, type Entry, keyed } from "./cleaner_support.ts";
import { settled } from "./faulty_disk.ts";
import { ManualTimers } from "./manual_timers.ts";
import { append, batchOf, CONFIG, HOUR, NOW, TOPIC_ID, World } from "./support.ts";

/** Keys a and b, and what follows so that the segments before it are closed. */
const SOME: readonly Entry[] = [["a", "1"], ["b", "1"], ["a", "2"], ["end", ""]];

Deno.test("of each key the last record stays, at its offset; the active segment is left as it is", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  await appendEach(log, [["a", "1"], ["b", "1"], ["a", "2"], ["c", "1"], ["b", "2"], ["c", "2"], ["a", "3"], [
    "a",
    "4",
  ]]);
  const cleaner = new CleanerOf(world, log);
  assertEquals(await cleaner.clean(), true);
  assertEquals(await contentOf(log), [[4, "b", "2"], [5, "c", "2"], [6, "a", "3"], [7, "a", "4"]]);
  assertEquals([cleaner.cleanedUpTo, world.warnings], [7, []]);
  assertEquals(await cleaner.clean(), false);
  assertEquals(await contentOf(await world.open({ config: COMPACTED })), await contentOf(log));
});

Deno.test("segments become one as long as they fit, with their indexes, and the files of the old ones go", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  await appendEach(log, SOME);
  log.configure({ ...log.config, segmentBytes: 1000 });
  const sizeBefore = log.sizeInBytes;
  await new CleanerOf(world, log).clean();
  assertEquals(world.names().filter((name) => /^\d/.test(name)), [
    "00000000000000000000.index",
    "00000000000000000000.log",
    "00000000000000000000.timeindex",
    "00000000000000000003.log",
    "00000000000000000003.snapshot",
  ]);
  assert(log.sizeInBytes < sizeBefore);
  assertEquals(await contentOf(log), [[1, "b", "1"], [2, "a", "2"], [3, "end", ""]]);
  assertEquals((await log.offsetForTimestamp(NOW)).offset, 1);
});

Deno.test("a batch keeps its offsets, its sequence numbers and its compression, whatever it loses", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, segmentBytes: 250 });
  const producer = { producerId: 5n, producerEpoch: 1, baseSequence: 0 };
  const entries: Entry[] = [["a", "1"], ["b", "1"], ["c", "1"], ["d", "1"]];
  await append(log, keyed(entries, { ...producer, compressionType: "gzip" }));
  await append(log, keyed([["a", "2"], ["d", "2"]], { ...producer, baseSequence: 4 }));
  await append(log, keyed([["end", "x".repeat(150)]]));
  assertEquals(await new CleanerOf(world, log).clean(), true);
  const [first] = await batchesIn(log);
  const { baseOffset, lastOffset, baseSequence, lastSequence, producerEpoch, compressionType, recordCount } = first;
  assertEquals([baseOffset, lastOffset, baseSequence, lastSequence, producerEpoch], [0, 3, 0, 3, 1]);
  assertEquals([compressionType, recordCount, first.checksumOk()], ["gzip", 2, true]);
});

Deno.test("a tombstone is kept for delete.retention.ms from the first cleaning on", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, deleteRetentionMs: HOUR });
  await appendEach(log, [["a", "1"], ["a", null], ["b", "1"], ["b", "2"]]);
  const cleaner = new CleanerOf(world, log);
  world.clock.nowMs += 5 * HOUR;
  await cleaner.clean();
  assertEquals(await contentOf(log), [[1, "a", null], [2, "b", "1"], [3, "b", "2"]]);
  const tombstone = (await batchesIn(log)).find(({ recordCount }) => recordCount > 0)!;
  assertEquals([tombstone.hasDeleteHorizon, tombstone.baseTimestamp], [true, NOW + 6 * HOUR]);

  world.clock.nowMs = NOW + 6 * HOUR - 1;
  await appendEach(log, [["b", "3"]]);
  await cleaner.clean();
  assertEquals((await contentOf(log))[0], [1, "a", null]);
  world.clock.nowMs++;
  await appendEach(log, [["b", "4"]]);
  await cleaner.clean();
  assertEquals((await contentOf(log))[0][1], "b");
});

Deno.test("what was aborted goes at once, its marker when nothing is left of it and delete.retention.ms has passed", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, deleteRetentionMs: HOUR });
  const producer = { producerId: 5n, producerEpoch: 0 };
  await appendEach(log, [["a", "1"]]);
  await append(log, keyed([["a", "aborted"]], { ...producer, baseSequence: 0, isTransactional: true }));
  const marker = { ...producer, coordinatorEpoch: 0, type: ControlRecordType.ABORT };
  await append(log, transactionMarkerBatch(marker, NOW), "coordinator");
  await append(log, keyed([["b", "1"]], { ...producer, baseSequence: 1 }));
  await appendEach(log, [["end", ""]]);
  const cleaner = new CleanerOf(world, log);
  const markers = async () => (await batchesIn(log)).filter((batch) => batch.isControl && batch.recordCount > 0).length;
  const horizons: boolean[] = [];
  for (const passedMs of [0, HOUR, HOUR]) {
    await cleaner.clean();
    horizons.push((await batchesIn(log)).some((batch) => batch.isControl && batch.hasDeleteHorizon));
    assertEquals((await contentOf(log))[0], [0, "a", "1"]);
    world.clock.nowMs += passedMs;
    await appendEach(log, [["end", ""]]);
  }
  // First the records go, then the marker gets its horizon, then it goes itself.
  assertEquals([horizons, await markers()], [[false, true, false], 0]);
  assertEquals(log.producers()[0].lastSequence, 1);
  const again = await world.open({ config: COMPACTED });
  assertEquals([again.producers()[0].lastSequence, again.lastStableOffset], [1, again.logEndOffset]);
});

Deno.test("nothing of an open transaction is touched, nor what follows it", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  const producer = { producerId: 5n, producerEpoch: 0, baseSequence: 0, isTransactional: true };
  await appendEach(log, [["a", "1"], ["a", "2"]]);
  await append(log, keyed([["a", "3"]], producer));
  await appendEach(log, [["a", "4"], ["a", "5"], ["a", "6"]]);
  const cleaner = new CleanerOf(world, log);
  await cleaner.clean();
  assertEquals([cleaner.cleanedUpTo, (await contentOf(log)).map(([offset]) => offset)], [2, [1, 2, 3, 4, 5]]);
});

Deno.test("a log is cleaned when enough of it is dirty", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, minCleanableDirtyRatio: 0.6 });
  await appendEach(log, SOME);
  const cleaner = new CleanerOf(world, log);
  assertEquals(await cleaner.clean(), true);
  await appendEach(log, [["a", "3"], ["a", "4"]]);
  assertEquals(await cleaner.clean(), false);
  await appendEach(log, [["a", "5"], ["a", "6"], ["a", "7"], ["a", "8"], ["a", "9"]]);
  assertEquals(await cleaner.clean(), true);
});

Deno.test("what is younger than min.compaction.lag.ms is left as it is", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, minCompactionLagMs: HOUR });
  await appendEach(log, [["a", "1"], ["a", "2"]]);
  for (const value of ["3", "4", "5"]) await append(log, keyed([["a", value]], { timestamp: NOW + HOUR }));
  const cleaner = new CleanerOf(world, log);
  assertEquals(await cleaner.clean(), false);
  world.clock.nowMs += HOUR;
  assertEquals(await cleaner.clean(), true);
  assertEquals((await contentOf(log)).map(([offset]) => offset), [1, 2, 3, 4]);
  assertEquals(cleaner.cleanedUpTo, 2);
});

Deno.test("what is older than max.compaction.lag.ms is cleaned, however little it is; and ends its segment", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, segmentBytes: 1000, minCleanableDirtyRatio: 1, maxCompactionLagMs: HOUR });
  await appendEach(log, [["a", "1"], ["a", "2"]]);
  world.clock.nowMs += HOUR + 1;
  await append(log, keyed([["a", "3"]], { timestamp: NOW + HOUR + 1 }));
  assertEquals(world.names().filter((name) => name.endsWith(".log")).length, 2);
  assertEquals(await new CleanerOf(world, log).clean(), true);
  assertEquals((await contentOf(log)).map(([offset]) => offset), [1, 2]);
});

Deno.test("keys that find no room in memory are cleaned the next time", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  const keys = Array.from({ length: 40 }, (_, index) => `k${index % 20}`);
  await appendEach(log, [...keys.map((key): Entry => [key, ""]), ["end", ""]]);
  const cleaner = new CleanerOf(world, log, { dedupeBufferBytes: 0 });
  const ends: number[] = [];
  while (await cleaner.clean()) ends.push(cleaner.cleanedUpTo!);
  assertEquals(ends.at(-1), 40);
  assert(ends.length > 1 && ends[0] >= 12);
  assertEquals((await contentOf(log)).map(([offset]) => offset), Array.from({ length: 21 }, (_, index) => 20 + index));
});

Deno.test("records without a key, of a time when the topic was not compacted, go", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, cleanupPolicy: new Set(["delete"]) });
  await append(log, batchOf(["no key"]));
  await appendEach(log, SOME);
  assertEquals(await new CleanerOf(world, log).clean(), false);
  log.configure({ ...log.config, cleanupPolicy: new Set(["compact", "delete"]) });
  assertEquals(await new CleanerOf(world, log).clean(), true);
  assertEquals((await contentOf(log)).map(([offset]) => offset), [2, 3, 4]);
});

Deno.test("a compacted log that also deletes loses its cleaned segments when they are too old", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, cleanupPolicy: new Set(["compact", "delete"]), retentionMs: HOUR });
  await appendEach(log, SOME);
  await new CleanerOf(world, log).clean();
  await append(log, keyed([["young", ""]], { timestamp: NOW + HOUR }));
  assertEquals(await log.applyRetention(NOW + HOUR), 0);
  assert(await log.applyRetention(NOW + HOUR + 1) > 0);
  assertEquals(await contentOf(log), [[4, "young", ""]]);
});

Deno.test("the youngest record is found though the header of a younger batch is left", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  const producer = { producerId: 5n, producerEpoch: 0 };
  await append(log, keyed([["b", "1"]], { timestamp: NOW + 1 }));
  await append(log, keyed([["a", "1"]], { ...producer, baseSequence: 0, timestamp: NOW + 9 }));
  await appendEach(log, [["a", "2"], ["end", ""]]);
  await new CleanerOf(world, log).clean();
  assertEquals((await batchesIn(log)).map(({ recordCount }) => recordCount), [1, 0, 1, 1]);
  assertEquals(await log.offsetOfMaxTimestamp(), { timestamp: NOW + 1, offset: 0, leaderEpoch: 0 });
  assertEquals((await log.offsetForTimestamp(NOW + 5)).offset, -1);
});

Deno.test("a damaged batch keeps its log from being cleaned, not the others, and is not given a checksum that hides it", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  await appendEach(log, [["a", "1"], ["b", "1"], ["a", "2"], ["end", ""]]);
  await log.flush();
  const file = world.disk.openSync("/data/t-0/00000000000000000001.log", "write");
  file.writeSync(65, new Uint8Array([0xff]));
  const cleaner = new CleanerOf(world, log);
  assertEquals([await cleaner.clean(), await cleaner.clean()], [false, false]);
  assertEquals(world.warnings.length, 1);
  assertStringIncludes(world.warnings[0], "t-0 is not compacted any more");
  assertStringIncludes(world.warnings[0], "00000000000000000001.log");
  assertEquals(world.names().filter((name) => /cleaned|swap/.test(name)), []);
});

Deno.test("a full disk puts cleaning off, and nothing half-written is left", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  await appendEach(log, SOME);
  const before = await contentOf(log);
  const openSync = world.disk.openSync.bind(world.disk);
  let isFull = true;
  world.disk.openSync = (path, mode) => {
    const file = openSync(path, mode);
    if (isFull && path.endsWith(".log.cleaned")) {
      file.writeSync = () => {
        throw new DiskError("no-space", path, `Cannot write to ${path}: the disk is full`);
      };
    }
    return file;
  };
  const cleaner = new CleanerOf(world, log);
  assertEquals(await cleaner.clean(), false);
  assertStringIncludes(world.warnings[0], "will be tried again");
  assertEquals([world.names().filter((name) => /cleaned|swap/.test(name)), await contentOf(log)], [[], before]);
  isFull = false;
  assertEquals(await cleaner.clean(), true);
  assertEquals((await contentOf(log)).map(([offset]) => offset), [1, 2, 3]);
});

Deno.test("retention keeps what cleaning has left without a record as long as if it had been written then", async () => {
  const world = new World();
  const log = world.create({ ...COMPACTED, deleteRetentionMs: 0, cleanupPolicy: new Set(["compact", "delete"]) });
  await appendEach(log, [["a", "1"], ["a", null], ["end", ""]]);
  // The second one knows nothing of the first, as after a crash.
  for (let count = 0; count < 2; count++) assertEquals(await new CleanerOf(world, log).clean(), true);
  assertEquals((await contentOf(log)).map(([, key]) => key), ["end"]);
  log.configure({ ...log.config, retentionMs: HOUR });
  world.clock.nowMs += HOUR;
  assertEquals([await log.applyRetention(world.clock.nowMs), log.logStartOffset], [0, 0]);
  world.clock.nowMs += 1;
  assertEquals(await log.applyRetention(world.clock.nowMs) > 0, true);
});

/** A disk of which something fails with an I/O error, for a file whose name ends as told. */
function breaking(world: World, operation: "writeSync" | "sync" | "read", suffix: string): void {
  const openSync = world.disk.openSync.bind(world.disk);
  world.disk.openSync = (path, mode) => {
    const file = openSync(path, mode);
    if (!path.endsWith(suffix)) return file;
    const error = () => new DiskError("io", path, `Cannot use ${path}: input/output error`);
    switch (operation) {
      case "writeSync":
        file.writeSync = () => {
          throw error();
        };
        break;
      case "sync":
        file.sync = () => Promise.reject(error());
        break;
      case "read":
        file.read = () => Promise.reject(error());
    }
    return file;
  };
}

Deno.test("where what is cleaned cannot be written, the log goes offline with its directory, as with an append", async () => {
  for (const operation of ["writeSync", "sync"] as const) {
    const world = new World();
    const offline: string[] = [];
    const log = world.create(COMPACTED, { onStorageError: (folder) => offline.push(folder) });
    await appendEach(log, SOME);
    breaking(world, operation, ".log.cleaned");
    assertEquals(await new CleanerOf(world, log).clean(), false);
    assertEquals([log.isEnded, offline], [true, ["/data/t-0"]]);
    const recovered = await new World(world.disk).open({ config: COMPACTED });
    assertEquals((await contentOf(recovered)).map(([offset]) => offset), [0, 1, 2, 3]);
  }
});

Deno.test("a log that cannot be read is not cleaned, and goes on", async () => {
  const world = new World();
  const log = world.create(COMPACTED, { maxOpenFiles: 1 });
  await appendEach(log, SOME);
  await log.flush();
  breaking(world, "read", "/00000000000000000000.log");
  assertEquals(await new CleanerOf(world, log).clean(), false);
  assertStringIncludes(world.warnings[0], "t-0 is not compacted any more, until the next start");
  assertEquals(log.isEnded, false);
  await appendEach(log, [["a", "3"]]);
  assertEquals(world.names().filter((name) => /cleaned|swap/.test(name)), []);
});

Deno.test("a stop gives up what is under way, and leaves the log as it was", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  await appendEach(log, SOME);
  await log.flush();
  const before = await contentOf(log);
  // Each look at the clock ends a slice.
  const clock = { now: () => world.clock.nowMs += 10 };
  const timers = new ManualTimers(world.clock);
  let cleanedUpTo: number | undefined;
  const logs = {
    all: () => [log],
    cleanedUpTo: () => cleanedUpTo,
    setCleanedUpTo: (_: unknown, offset: number) => Promise.resolve(void (cleanedUpTo = offset)),
  };
  const cleaner = new LogCleaner({ ...world.context(), clock }, timers, logs, () => DEFAULT_CLEANER_SETTINGS);
  const cleaning = cleaner.cleanDirtiest();
  while (!world.names().some((name) => name.endsWith(".cleaned"))) await timers.advance(1);
  assertEquals((await append(log, keyed([["c", "1"]]))).baseOffset, 4);
  await cleaner.stop();
  assertEquals([await cleaning, cleanedUpTo], [false, undefined]);
  assertEquals(world.names().filter((name) => /cleaned|swap/.test(name)), []);
  assertEquals(await contentOf(log), [...before, [4, "c", "1"]]);
});

Deno.test("however large a log and its batches are, everybody has a turn after some records and some bytes", async () => {
  const world = new World();
  let bytesOfTurn = 0;
  let mostBytes = 0;
  const openSync = world.disk.openSync.bind(world.disk);
  world.disk.openSync = (path, mode) => {
    const file = openSync(path, mode);
    const { read, writeSync } = file;
    file.read = (position, into) => {
      bytesOfTurn += into.length;
      return read.call(file, position, into);
    };
    file.writeSync = (position, bytes) => {
      bytesOfTurn += bytes.length;
      writeSync.call(file, position, bytes);
    };
    return file;
  };
  const log = world.create({ ...COMPACTED, segmentBytes: 1 << 20 });
  const BATCHES = 40;
  const RECORDS = 1000;
  for (let batch = 0; batch < BATCHES; batch++) {
    const entries = Array.from({ length: RECORDS }, (_, index): Entry => [`${index}`, "x".repeat(100)]);
    await append(log, keyed(entries));
  }
  await log.flush();
  // Each look at the clock takes a millisecond, so that a slice of three has four of them at most.
  const clock = { now: () => world.clock.nowMs++ };
  let turns = 0;
  const timers = {
    after(_: number, callback: () => void) {
      turns++;
      mostBytes = Math.max(mostBytes, bytesOfTurn);
      bytesOfTurn = 0;
      queueMicrotask(callback);
      return { cancel() {} };
    },
  };
  let cleanedUpTo: number | undefined;
  const logs = {
    all: () => [log],
    cleanedUpTo: () => cleanedUpTo,
    setCleanedUpTo: (_: unknown, offset: number) => Promise.resolve(void (cleanedUpTo = offset)),
  };
  bytesOfTurn = 0;
  const cleaner = new LogCleaner({ ...world.context(), clock }, timers, logs, () => DEFAULT_CLEANER_SETTINGS);
  assertEquals(await cleaner.cleanDirtiest(), true);
  const cleaned = cleanedUpTo!;
  assertEquals(cleaned > (BATCHES * RECORDS) / 2, true);
  // For each 64 records at most, on both walks.
  assertGreaterOrEqual(turns, 2 * (cleaned / 64 / 4));
  assertLessOrEqual(mostBytes, 1 << 20);
});

Deno.test("a reader that is under way when segments are replaced gets what is there now", async () => {
  const world = new World();
  const log = world.create(COMPACTED, { tailCacheBytes: 0, indexCacheBytes: 0 });
  await appendEach(log, SOME);
  await log.flush();
  log.configure({ ...log.config, segmentBytes: 1000 });
  const cleaning = new CleanerOf(world, log).clean();
  const options = { maxBytes: 100, atLeastOneBatch: true, isolationLevel: "read-uncommitted" } as const;
  const reads: ReturnType<typeof log.read>[] = [];
  for (let turn = 0; turn < 300; turn++) {
    reads.push(log.read(turn % 4, options));
    await Promise.resolve();
  }
  assertEquals(await cleaning, true);
  for (const [turn, read] of reads.entries()) {
    const { errorCode, records } = await read;
    assertEquals(errorCode, 0);
    assert(records.length > 0, `read ${turn}`);
  }
  assertEquals(world.warnings, []);
});

Deno.test("the cleaner of a broker works by itself, remembers up to where, and ends with it", async () => {
  const world = new World();
  const timers = new ManualTimers(world.clock);
  const open = () =>
    LogManager.open({
      disk: world.disk,
      clock: world.clock,
      random: world.random,
      logger: world.logger,
      compressor: runtimeCompressor,
      timers,
      locks: { release() {} },
      logDirs: [{ path: "/data", id: "x" }],
      configFor: () => ({ ...CONFIG, ...COMPACTED }),
    });
  const manager = await open();
  const config = { ...CONFIG, ...COMPACTED };
  const log = manager.create({ topic: "t", partition: 0 }, { topicId: TOPIC_ID, config, leaderEpoch: 0 });
  await appendEach(log, SOME);
  await log.flush();
  await timers.advance(15_000);
  for (let turn = 0; turn < 20; turn++) await timers.advance(10);
  assertEquals((await contentOf(log)).map(([offset]) => offset), [1, 2, 3]);
  const checkpoint = "0\n1\nt 0 3\n";
  assertEquals(textOf(world, "/data/cleaner-offset-checkpoint"), checkpoint);
  await manager.close();
  const again = await open();
  await again.close();
  assertEquals(textOf(world, "/data/cleaner-offset-checkpoint"), checkpoint);
  await settled();
});

function textOf({ disk }: World, path: string): string {
  const file = disk.openSync(path, "read");
  const bytes = new Uint8Array(file.sizeSync());
  file.readSync(0, bytes);
  file.close();
  return new TextDecoder().decode(bytes);
}
