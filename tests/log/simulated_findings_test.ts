/**
 * What the simulator has found in the logs, each by itself: a power cut after a kill, a full disk, a deletion cut
 * short.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type FileLog, lockLogDirectories, LogManager } from "../../lib/log/mod.ts";
import { DiskError, type DiskFile } from "../../lib/ports.ts";
import { readFileSync } from "../../lib/log/checkpoint_files.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { type DiskWorld, SimDisk } from "../sim/disk.ts";
import { Draw } from "../sim/random.ts";
import { FaultyDisk, settled } from "./faulty_disk.ts";
import { ManualTimers } from "./manual_timers.ts";
import { appendEach, CleanerOf, COMPACTED, contentOf, type Entry } from "./cleaner_support.ts";
import { append, batchOf, CONFIG, NOW, readAll, TOPIC_ID, World } from "./support.ts";

const SEEDS = 60;

async function diskOf<D extends SimDisk>(seed: number, Kind: new (world: DiskWorld) => D): Promise<D>;
async function diskOf(seed: number): Promise<SimDisk>;
async function diskOf(seed: number, Kind = SimDisk): Promise<SimDisk> {
  const clock = { now: () => NOW };
  const disk = new Kind({ clock, draw: new Draw(seed), sleep: () => Promise.resolve(), trace: () => {} });
  disk.makeFolderSync("/data");
  await disk.syncFolder("/");
  return disk;
}

Deno.test("what a killed run has written is safe from a power cut once the next run has recovered it", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const disk = await diskOf(seed);
    const killed = new World(disk).create();
    killed.append(batchOf(["a", "b"]), { origin: "client", acks: "written" });
    const recovered = await new World(disk).open();
    // The log manager brings the names in the log directory to the device.
    await disk.syncFolder("/data");
    assertEquals(recovered.highWatermark, 2);
    disk.cutPower();
    const log = await new World(disk).open();
    assertEquals([log.topicId, await readAll(log)], [TOPIC_ID, [[0, "a"], [1, "b"]]], `seed ${seed}`);
  }
});

Deno.test("a producer's batch does not overtake its first one, which the disk had no room for", async () => {
  const disk = await diskOf(1);
  const log = new World(disk).create();
  const batch = (baseSequence: number, value: string) =>
    batchOf([value], { producerId: 7n, producerEpoch: 0, baseSequence });
  const send = (baseSequence: number, value: string) =>
    log.append(batch(baseSequence, value), { origin: "client", acks: "durable" });
  disk.faults.capacityBytes = disk.usedBytes();
  assertEquals((await send(0, "first")).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  disk.repair();
  assertEquals((await send(1, "second")).errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assertEquals((await send(0, "first")).errorCode, ErrorCode.NONE);
  assertEquals((await send(1, "second")).errorCode, ErrorCode.NONE);
  assertEquals(await readAll(log), [[0, "first"], [1, "second"]]);
});

Deno.test("nobody hears of a new log start offset before a restart would", async () => {
  const world = new World();
  const heard: number[][] = [];
  const persistLogStartOffsets = () => {
    heard.push([log.logStartOffset, log.comingLogStartOffset]);
    return Promise.resolve();
  };
  const log = world.create({ segmentBytes: 100, retentionMs: 10_000 }, { persistLogStartOffsets });
  await appendEach(log, [["a", "1"], ["b", "2"], ["c", "3"]]);
  await log.deleteRecordsBefore(1);
  assertEquals([heard, log.logStartOffset], [[[0, 1]], 1]);
  world.clock.nowMs += 20_000;
  assert(await log.applyRetention(world.clock.nowMs) > 0);
  assertEquals([heard[1], log.logStartOffset], [[1, log.logEndOffset], log.logEndOffset]);
});

Deno.test("a power cut that undoes a part of a deletion costs no record that was not deleted", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const disk = await diskOf(seed);
    const world = new World(disk);
    let persisted = 0;
    const settings = {
      persistLogStartOffsets: () => {
        persisted = log.comingLogStartOffset;
        return Promise.resolve();
      },
    };
    const log = world.create({ segmentBytes: 100, retentionBytes: 150 }, settings);
    for (const value of ["a", "b", "c", "d", "e"]) await append(log, batchOf([value]));
    await log.applyRetention(NOW);
    await log.flush();
    disk.cutPower();
    const recovered = await new World(disk).open({ logStartOffset: persisted, recoveryPoint: 0 });
    assertEquals((await readAll(recovered)).map(([, value]) => value).slice(-2), ["d", "e"], `seed ${seed}`);
    assertEquals(recovered.logStartOffset, persisted);
  }
});

Deno.test("of two partitions of one name in two directories, the one that the metadata knows is served", async () => {
  const OTHER_ID = "Zz-cdefghijklmnopqrstA";
  for (const wanted of [TOPIC_ID, OTHER_ID]) {
    const disk = await diskOf(1);
    disk.makeFolderSync("/more");
    const world = new World(disk);
    const start = (paths: readonly string[]) =>
      LogManager.open({
        ...world,
        timers: new ManualTimers(world.clock),
        compressor: runtimeCompressor,
        locks: lockLogDirectories(disk, paths),
        logDirs: paths.map((path, index) => ({ path, id: `dir${index}`.padEnd(22, "A") })),
        configFor: () => CONFIG,
        isStray: (log: FileLog) => log.topicId !== wanted,
      });
    for (const [path, topicId] of [["/data", TOPIC_ID], ["/more", OTHER_ID]]) {
      const manager = await start([path]);
      const log = manager.create({ topic: "t", partition: 0 }, { topicId, config: CONFIG, leaderEpoch: 0 });
      await append(log, batchOf([topicId]));
      await manager.close();
    }
    const manager = await start(["/data", "/more"]);
    assertEquals(await readAll(manager.get("t", 0)!), [[0, wanted]]);
    assertEquals(world.warnings.length, 1);
    await manager.close();
  }
});

Deno.test("a deletion of records is not acknowledged where the log went offline before it was written", async () => {
  const world = new World(await diskOf(1));
  const log = world.create({}, {
    persistLogStartOffsets: () => {
      log.goOffline("The disk has failed");
      return Promise.resolve();
    },
  });
  await append(log, batchOf(["a", "b"]));
  assertEquals((await log.deleteRecordsBefore(1)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
});

Deno.test("no log is made outside the directory that the metadata names, though that is offline", async () => {
  const disk = await diskOf(1);
  disk.makeFolderSync("/more");
  const world = new World(disk);
  const paths = ["/data", "/more"];
  const ids = ["data".padEnd(22, "A"), "more".padEnd(22, "A")];
  const manager = await LogManager.open({
    ...world,
    timers: new ManualTimers(world.clock),
    compressor: runtimeCompressor,
    locks: lockLogDirectories(disk, paths),
    logDirs: paths.map((path, index) => ({ path, id: ids[index] })),
    configFor: () => CONFIG,
  });
  const make = (topic: string, directoryId: string) =>
    manager.create({ topic, partition: 0 }, { topicId: TOPIC_ID, config: CONFIG, leaderEpoch: 0, directoryId });
  disk.faults.syncErrors = 1;
  await make("first", ids[0]).append(batchOf(["a"]), { origin: "client", acks: "durable" });
  disk.repair();
  assertThrows(() => make("second", ids[0]), DiskError, "is offline");
  await append(make("third", ids[1]), batchOf(["a"]));
  await manager.close();
});

Deno.test("a batch whose base offset is gone, which no checksum covers, is cut off", async () => {
  const disk = await diskOf(1);
  const killed = new World(disk).create();
  await append(killed, batchOf(["a"]));
  const position = killed.sizeInBytes;
  await append(killed, batchOf(["b"]));
  const file = disk.openSync(`${killed.folderPath}/00000000000000000000.log`, "write");
  file.writeSync(position, new Uint8Array(8));
  file.close();
  const log = await new World(disk).open();
  assertEquals(await readAll(log), [[0, "a"]]);
  assertEquals(log.logEndOffset, 1);
});

Deno.test("what a deleted partition's checkpoint said does not hold for a new one of its name", async () => {
  const disk = await diskOf(1, HeldDisk);
  const world = new World(disk);
  const start = () =>
    LogManager.open({
      ...world,
      timers: new ManualTimers(world.clock),
      compressor: runtimeCompressor,
      locks: lockLogDirectories(disk, ["/data"]),
      logDirs: [{ path: "/data", id: TOPIC_ID }],
      configFor: () => CONFIG,
    });
  const topicPartition = { topic: "t", partition: 0 };
  const manager = await start();
  const create = () => manager.create(topicPartition, { topicId: TOPIC_ID, config: CONFIG, leaderEpoch: 0 });
  await manager.delete({ topic: "t", partition: 1 });
  const deleted = create();
  await append(deleted, batchOf(["a", "b", "c"]));
  await deleted.deleteRecordsBefore(0);
  disk.isHolding = true;
  const moved = deleted.deleteRecordsBefore(2);
  const checkpoint = () => readFileSync(disk, "/data/log-start-offset-checkpoint");
  while (!new TextDecoder().decode(checkpoint() ?? new Uint8Array(0)).includes("t 0 2")) {
    await settled();
    disk.release(1);
  }
  // The file has its new name, and the name is not on the device.
  const isDeleted = manager.delete(topicPartition);
  disk.isHolding = false;
  disk.release(Infinity);
  await Promise.all([moved, isDeleted]);
  await append(create(), batchOf(["d", "e", "f"]));
  disk.endProcesses();
  assertEquals(await readAll((await start()).get("t", 0)!), [[0, "d"], [1, "e"], [2, "f"]]);
});

/** A disk that keeps everybody waiting who waits for the device. */
class HeldDisk extends SimDisk {
  isHolding = false;
  readonly #held: (() => void)[] = [];

  override wait(): Promise<void> {
    return this.isHolding ? new Promise((resolve) => this.#held.push(resolve)) : Promise.resolve();
  }

  /** Lets so many of them go on that have waited longest. */
  release(count: number): void {
    for (const release of this.#held.splice(0, count)) release();
  }
}

Deno.test("the snapshot of a roll that failed is safe from a power cut once the log has rolled", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const disk = await diskOf(seed, FillingDisk);
    const log = new World(disk).create({ segmentBytes: 100 });
    const send = (baseSequence: number) =>
      log.append(batchOf(["x"], { producerId: 7n, producerEpoch: 0, baseSequence }), {
        origin: "client",
        acks: "durable",
      });
    await disk.syncFolder("/data");
    assertEquals((await send(0)).errorCode, ErrorCode.NONE);
    disk.hasRoomForIndexes = false;
    assertEquals((await send(1)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
    disk.hasRoomForIndexes = true;
    assertEquals((await send(1)).errorCode, ErrorCode.NONE);
    await log.flush();
    disk.cutPower();
    const world = new World(disk);
    const { recoveryPoint } = log;
    const recovered = await world.open({ recoveryPoint });
    assertEquals(world.warnings, [], `seed ${seed}`);
    assertEquals(recovered.producers().map(({ lastSequence }) => lastSequence), [1]);
  }
});

class FillingDisk extends SimDisk {
  hasRoomForIndexes = true;

  override openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    if (!this.hasRoomForIndexes && path.endsWith(".timeindex")) throw this.noSpace("open", path);
    return super.openSync(path, mode);
  }
}

Deno.test("nothing becomes visible by a sync beside which another one has failed", async () => {
  const disk = new FaultyDisk();
  const log = new World(disk).create();
  disk.holdSyncs = true;
  const appended = log.append(batchOf(["a"]), { origin: "client", acks: "durable" });
  await settled();
  log.goOffline("The disk has failed");
  await disk.finishSyncs();
  assertEquals((await appended).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assertEquals([log.highWatermark, log.recoveryPoint], [0, 0]);
});

Deno.test("wherever a power cut interrupts a cleaning, no batch is there twice, and the last of each key is there", async () => {
  const entries: Entry[] = [["a", "1"], ["b", "1"], ["a", "2"], ["c", "1"], ["b", "2"], ["end", ""]];
  for (let seed = 1; seed <= SEEDS; seed++) {
    let isDone = false;
    for (let waits = 0; !isDone; waits++) {
      const disk = await diskOf(seed, HeldDisk);
      const world = new World(disk);
      const log = world.create(COMPACTED);
      await appendEach(log, entries);
      await log.flush();
      log.configure({ ...log.config, segmentBytes: 1000 });
      await disk.syncFolder("/data");
      disk.isHolding = true;
      new CleanerOf(world, log).clean().then(() => isDone = true);
      for (let count = 0; count < waits; count++) {
        await settled();
        disk.release(1);
      }
      await settled();
      disk.isHolding = false;
      disk.cutPower();
      const recovered = await new World(disk).open({ config: COMPACTED, recoveryPoint: log.recoveryPoint });
      const inSegments: number[] = [];
      for (const segment of recovered.segments) {
        for await (const { batch } of segment.scan(0)) inSegments.push(batch.lastOffset);
      }
      const rising = [...new Set(inSegments)].sort((a, b) => a - b);
      assertEquals(inSegments, rising, `seed ${seed}, after ${waits} waits`);
      const content = await contentOf(recovered);
      assertEquals(new Map(content.map(([, key, value]) => [key, value])), new Map(entries));
    }
  }
});

Deno.test("a producer whose records are deleted is known after a kill in the midst of a roll", async () => {
  const disk = await diskOf(1);
  const send = (log: FileLog, baseSequence: number) =>
    log.append(batchOf(["x"], { producerId: 7n, producerEpoch: 0, baseSequence }), {
      origin: "client",
      acks: "durable",
    });
  const killed = new World(disk).create({ segmentBytes: 100 });
  for (const sequence of [0, 1, 2]) await send(killed, sequence);
  await killed.flush();
  await killed.deleteRecordsBefore(3);
  for (const name of ["00000000000000000003.log", "00000000000000000003.snapshot"]) {
    disk.openSync(`${killed.folderPath}/${name}`, "create").close();
  }
  const log = await new World(disk).open({ recoveryPoint: 3, logStartOffset: 3 });
  assertEquals(log.producers().map(({ lastSequence }) => lastSequence), [2]);
  assertEquals((await send(log, 3)).errorCode, ErrorCode.NONE);
});
