import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { readTextSync, writeFileSync } from "../../lib/log/checkpoint_files.ts";
import { kindOfFolder } from "../../lib/log/folder_names.ts";
import {
  type FileLog,
  lockLogDirectories,
  type LogConfig,
  LogManager,
  type LogManagerOptions,
  type NewLog,
} from "../../lib/log/mod.ts";
import { DiskError } from "../../lib/ports.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { FaultyDisk, settled } from "./faulty_disk.ts";
import { ManualTimers } from "./manual_timers.ts";
import { append, batchOf, CONFIG, HOUR, NOW, readAll, TOPIC_ID, World } from "./support.ts";

/** A world with log directories, in which brokers come and go. */
class Machine extends World {
  readonly timers = new ManualTimers(this.clock);
  readonly paths: readonly string[];
  readonly configs = new Map<string, Partial<LogConfig>>();

  constructor(disk = new FaultyDisk(), paths = ["/data"]) {
    super(disk);
    this.paths = paths;
    for (const path of paths) disk.makeFolderSync(path);
  }

  start(options: Partial<LogManagerOptions> = {}): Promise<LogManager> {
    const { disk, clock, random, logger, timers } = this;
    return LogManager.open({
      disk,
      clock,
      random,
      logger,
      timers,
      compressor: runtimeCompressor,
      locks: options.locks ?? lockLogDirectories(disk, this.paths),
      logDirs: this.paths.map((path, index) => ({ path, id: `dir${index}`.padEnd(22, "A") })),
      configFor: (topic) => ({ ...CONFIG, ...this.configs.get(topic) }),
      ...options,
    });
  }

  /** Starts again while the run before still stands as it was: a crash, which gives the locks back. */
  startAfterCrash(): Promise<LogManager> {
    return this.start({ locks: { release() {} } });
  }

  folders(path = "/data"): string[] {
    return this.disk.listSync(path).filter(({ isFolder }) => isFolder).map(({ name }) => name);
  }
}

function create(manager: LogManager, topic: string, partition: number, fields: Partial<NewLog> = {}): FileLog {
  return manager.create({ topic, partition }, { topicId: TOPIC_ID, config: CONFIG, leaderEpoch: 0, ...fields });
}

function keysOf(manager: LogManager): string[] {
  return [...manager.all()].map(({ topicPartition: { topic, partition } }) => `${topic}-${partition}`).sort();
}

Deno.test("partitions that are made are there, with their records, after a clean restart", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const log = create(manager, "orders", 3, { leaderEpoch: 5 });
  create(manager, "orders", 4);
  await append(log, batchOf(["a", "b"]));
  assertEquals(manager.get("orders", 3), log);
  assertEquals([manager.get("orders", 5), manager.get("none", 3)], [undefined, undefined]);
  await manager.close(42n);
  assertEquals(readTextSync(machine.disk, "/data/.kafka_cleanshutdown"), '{"version":0,"brokerEpoch":42}');
  assertEquals(readTextSync(machine.disk, "/data/recovery-point-offset-checkpoint"), "0\n2\norders 3 2\norders 4 0\n");
  assertEquals(readTextSync(machine.disk, "/data/replication-offset-checkpoint"), "0\n2\norders 3 2\norders 4 0\n");

  const again = await machine.start();
  assertEquals(machine.disk.statSync("/data/.kafka_cleanshutdown"), null, "a crash from now on must be noticed");
  assertEquals(keysOf(again), ["orders-3", "orders-4"]);
  assertEquals(await readAll(again.get("orders", 3)!), [[0, "a"], [1, "b"]]);
  assertEquals([again.get("orders", 3)!.leaderEpoch, again.get("orders", 3)!.topicId], [5, TOPIC_ID]);
  assertEquals(machine.warnings, []);
  await again.close();
  assertEquals(machine.timers.count, 0);
});

Deno.test("what a crash leaves is recovered from the checkpoint on", async () => {
  const machine = new Machine();
  const manager = await machine.start({ checkpointIntervalMs: 1000 });
  const log = create(manager, "t", 0, { config: { ...CONFIG, segmentBytes: 300 } });
  for (let batch = 0; batch < 10; batch++) await append(log, batchOf(["x".repeat(50)]));
  await log.deleteRecordsBefore(4);
  await machine.timers.advance(1000);
  assertEquals(readTextSync(machine.disk, "/data/log-start-offset-checkpoint"), "0\n1\nt 0 4\n");
  assertEquals(readTextSync(machine.disk, "/data/recovery-point-offset-checkpoint"), "0\n1\nt 0 10\n");
  await append(log, batchOf(["last"]));
  const again = await machine.startAfterCrash();
  assertEquals([again.get("t", 0)!.logStartOffset, again.get("t", 0)!.logEndOffset], [4, 11]);
});

Deno.test("a deleted partition is gone at once, its files a while later, and it can be made anew before", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const log = create(manager, "t", 0);
  await append(log, batchOf(["old", "old"]));
  await log.deleteRecordsBefore(2);
  let notified = 0;
  log.watch(() => notified++);
  const deleting = manager.delete({ topic: "t", partition: 0 });
  assertEquals([manager.get("t", 0), notified], [undefined, 1]);
  await deleting;
  const fresh = create(manager, "t", 0, { topicId: "Bb-cdefghijklmnopqrstA" });
  await append(fresh, batchOf(["new"]));
  assertEquals(machine.folders().length, 2);
  assert(machine.folders().some((name) => /^t-0\.[0-9a-f]{32}-delete$/.test(name)));
  assertEquals(readTextSync(machine.disk, "/data/log-start-offset-checkpoint"), "0\n0\n");
  await machine.timers.advance(CONFIG.fileDeleteDelayMs);
  assertEquals(machine.folders(), ["t-0"]);
  assertEquals(await readAll(manager.get("t", 0)!), [[0, "new"]]);
  await manager.delete({ topic: "none", partition: 0 });
});

Deno.test("no log is made where a checkpoint hides its records, before there was room to write that anew", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  await append(create(manager, "t", 0), batchOf(["old", "old"]));
  await manager.get("t", 0)!.deleteRecordsBefore(2);
  const openSync = machine.disk.openSync.bind(machine.disk);
  let isFull = true;
  machine.disk.openSync = (path, mode) => {
    if (isFull && path.endsWith(".tmp")) throw new DiskError("no-space", path, `Cannot open ${path}: no space left`);
    return openSync(path, mode);
  };
  await manager.delete({ topic: "t", partition: 0 });
  assertThrows(() => create(manager, "t", 0), DiskError, "tells of an earlier t-0");
  assertEquals(machine.folders().includes("t-0"), false);
  await settled();
  isFull = false;
  assertThrows(() => create(manager, "t", 0), DiskError, "tells of an earlier t-0");
  await settled();
  await append(create(manager, "t", 0), batchOf(["new"]));
  assertEquals(await readAll(manager.get("t", 0)!), [[0, "new"]]);
});

Deno.test("whoever asks for the checkpoints in the very turn in which others were written has them written, too", async () => {
  for (let turns = 0; turns < 60; turns++) {
    const machine = new Machine();
    const manager = await machine.start();
    const logs = [0, 1].map((partition) => create(manager, "t", partition));
    for (const log of logs) await append(log, batchOf(["a", "b", "c"]));
    logs[0].deleteRecordsBefore(1);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    await logs[1].deleteRecordsBefore(2);
    const text = readTextSync(machine.disk, "/data/log-start-offset-checkpoint")!;
    assertStringIncludes(text, "t 1 2", `after ${turns} turns`);
  }
});

Deno.test("a start forgets where partitions began that are gone", async () => {
  const machine = new Machine();
  writeFileSync(machine.disk, "/data/log-start-offset-checkpoint", "0\n1\nt 0 70\n");
  const manager = await machine.start();
  assertEquals(readTextSync(machine.disk, "/data/log-start-offset-checkpoint"), "0\n0\n");
  await append(create(manager, "t", 0), batchOf(["new"]));
  assertEquals((await machine.startAfterCrash()).get("t", 0)!.logStartOffset, 0);
});

Deno.test("what a stop left to be removed, the next start removes", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  create(manager, "t", 0);
  await manager.delete({ topic: "t", partition: 0 });
  await manager.close();
  const [folder] = machine.folders();
  const files = machine.disk.listSync(`/data/${folder}`).map(({ name }) => name.replace(/^0+/, ""));
  assertEquals(files.filter((name) => /^\./.test(name)).sort(), [".index", ".log", ".timeindex"], "for Apache Kafka");
  await machine.start();
  await machine.timers.advance(1);
  assertEquals(machine.folders(), []);
});

Deno.test("a partition that the metadata does not know can be put aside", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  create(manager, "t", 0);
  await manager.setAside({ topic: "t", partition: 0 });
  assert(/^t-0\.[0-9a-f]{32}-stray$/.test(machine.folders()[0]));
  await machine.timers.advance(HOUR);
  assertEquals(machine.folders().length, 1);
  assertStringIncludes(machine.warnings[0], "put aside");
});

Deno.test("folders that are no partitions are left alone, and told of", async () => {
  const machine = new Machine();
  for (const name of ["lost+found", "t-0.abc-future", "t-0.abc-stray", "__cluster_metadata-0"]) {
    machine.disk.makeFolderSync(`/data/${name}`);
  }
  const manager = await machine.start();
  assertEquals([keysOf(manager), machine.warnings.length], [[], 3]);
  assertEquals(machine.folders().length, 4);
});

Deno.test("folders are told apart by their names", () => {
  const partition = (topic: string, partition: number) => ({ kind: "partition", topicPartition: { topic, partition } });
  assertEquals(kindOfFolder("a-0") as unknown, partition("a", 0));
  assertEquals(kindOfFolder("with-dash-7-12") as unknown, partition("with-dash-7", 12));
  assertEquals(kindOfFolder("a.b-delete-3") as unknown, partition("a.b-delete", 3));
  assertEquals(kindOfFolder("a-0.0123abcd-delete"), { kind: "delete" });
  assertEquals(kindOfFolder("a-0.0123abcd-stray"), { kind: "stray" });
  for (const name of ["a", "a-", "-1", "a-x", "a-0.x"]) assertEquals(kindOfFolder(name), { kind: "unknown" }, name);
});

Deno.test("new partitions go to the log directory that has the fewest", async () => {
  const machine = new Machine(new FaultyDisk(), ["/data", "/more"]);
  const manager = await machine.start();
  for (let partition = 0; partition < 6; partition++) create(manager, "t", partition);
  assertEquals([machine.folders("/data").length, machine.folders("/more").length], [3, 3]);
  const [first, second] = manager.directories();
  assertEquals([first.path, first.logs.length, first.isOffline, first.totalBytes], ["/data", 3, false, -1]);
  assertEquals([second.path, second.id], ["/more", "dir1AAAAAAAAAAAAAAAAAA"]);
  await manager.close();
  assertEquals(keysOf(await machine.start()).length, 6);
});

Deno.test("a new partition goes to the directory that is asked for, as long as that is online", async () => {
  const machine = new Machine(new FaultyDisk(), ["/data", "/more"]);
  const manager = await machine.start();
  const directoryId = manager.directories()[1].id;
  for (let partition = 0; partition < 3; partition++) create(manager, "t", partition, { directoryId });
  assertEquals([machine.folders("/data").length, machine.folders("/more").length], [0, 3]);
  assertStringIncludes(create(manager, "t", 3, { directoryId: "unknown" }).folderPath, "/data/");
});

Deno.test("a partition in two directories is an error that names both", async () => {
  const machine = new Machine(new FaultyDisk(), ["/data", "/more"]);
  machine.disk.makeFolderSync("/data/t-0");
  machine.disk.makeFolderSync("/more/t-0");
  const error = await assertRejects(() => machine.start(), Error, "/data/t-0");
  assertStringIncludes(error.message, "/more/t-0");
});

Deno.test("a log directory whose device fails is offline with all that lies in it, the others go on", async () => {
  const disk = new FaultyDisk();
  const machine = new Machine(disk, ["/data", "/more"]);
  const offline: string[] = [];
  const manager = await machine.start({ onDirectoryOffline: (id) => offline.push(id) });
  const logs = [0, 1, 2, 3].map((partition) => create(manager, "t", partition));
  disk.failSyncs = "io";
  const result = await logs[0].append(batchOf(["a"]), { origin: "client", acks: "durable" });
  disk.failSyncs = null;
  assertEquals(result.errorCode, 56);
  assertEquals(manager.directories().map(({ isOffline }) => isOffline), [true, false]);
  assertEquals(offline, [manager.directories()[0].id]);
  assertEquals((await logs[2].append(batchOf(["a"]), { origin: "client", acks: "durable" })).errorCode, 56);
  await append(logs[1], batchOf(["a"]));
  assertStringIncludes(create(manager, "t", 4).folderPath, "/more/");
  await manager.close();
  assertEquals(disk.statSync("/data/.kafka_cleanshutdown"), null);
  assert(disk.statSync("/more/.kafka_cleanshutdown") !== null);
});

Deno.test("a start fails where no log directory can be read", async () => {
  const machine = new Machine(new FaultyDisk(), ["/data"]);
  await assertRejects(() => machine.start({ logDirs: [{ path: "/none", id: "x" }] }), DiskError);
});

Deno.test("a log directory that another broker uses cannot be locked, and none is then", () => {
  const machine = new Machine(new FaultyDisk(), ["/data", "/more"]);
  const other = lockLogDirectories(machine.disk, ["/more"]);
  assertThrows(() => lockLogDirectories(machine.disk, machine.paths), DiskError, "/more/.lock");
  lockLogDirectories(machine.disk, ["/data"]).release();
  other.release();
  lockLogDirectories(machine.disk, machine.paths).release();
});

Deno.test("retention is applied every few minutes, with the topic's own configuration", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const log = create(manager, "t", 0);
  await append(log, batchOf(["a"], { timestamp: NOW }));
  await machine.timers.advance(HOUR);
  assertEquals(log.logStartOffset, 0);
  manager.configure("t", { ...CONFIG, retentionMs: HOUR });
  manager.configure("other", CONFIG);
  await machine.timers.advance(300_000);
  assertEquals(log.logStartOffset, 1);
  await machine.timers.advance(CONFIG.fileDeleteDelayMs);
  assertEquals(machine.names().filter((name) => name.endsWith(".deleted")), []);
});

Deno.test("producers expire in the background", async () => {
  const machine = new Machine();
  const manager = await machine.start({ producerIdExpirationMs: HOUR });
  const log = create(manager, "t", 0);
  await append(log, batchOf(["a"], { producerId: 1n, producerEpoch: 0, baseSequence: 0 }));
  await machine.timers.advance(HOUR + 600_000);
  assertEquals(log.producers(), []);
});

Deno.test("a topic of many partitions is deleted without writing the checkpoints for each of them", async () => {
  let renames = 0;
  const disk = new class extends FaultyDisk {
    override renameSync(from: string, to: string): void {
      if (to.endsWith("-checkpoint")) renames++;
      super.renameSync(from, to);
    }
  }();
  const machine = new Machine(disk);
  const before = await machine.start();
  const partitions = Array.from({ length: 50 }, (_, partition) => partition);
  for (const partition of partitions) create(before, "t", partition);
  await before.close();
  const manager = await machine.start();
  renames = 0;
  await Promise.all(partitions.map((partition) => manager.delete({ topic: "t", partition })));
  assertLessOrEqual(renames, 10);
  assertEquals(readTextSync(disk, "/data/recovery-point-offset-checkpoint"), "0\n0\n");
  await manager.close();
});

Deno.test("deleted records stay deleted after a crash right after the answer", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const log = create(manager, "t", 0);
  await append(log, batchOf(["a", "b", "c"]));
  await log.deleteRecordsBefore(2);
  const again = await machine.startAfterCrash();
  assertEquals(await readAll(again.get("t", 0)!), [[2, "c"]]);
});

Deno.test("cleaner checkpoints of partitions that are there are kept", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  for (const topic of ["a", "b"]) create(manager, topic, 0);
  await manager.close();
  writeFileSync(machine.disk, "/data/cleaner-offset-checkpoint", "0\n3\na 0 5\nb 0 6\ngone 0 7\n");
  const again = await machine.start();
  await again.delete({ topic: "a", partition: 0 });
  await again.close();
  assertEquals(readTextSync(machine.disk, "/data/cleaner-offset-checkpoint"), "0\n1\nb 0 6\n");
});

Deno.test("logs that are expected are made a few at a time, or when somebody asks for one", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const partitions = [0, 1, 2, 3].map((partition) => ({ topic: "t", partition }));
  for (const partition of partitions) {
    manager.expect(partition, { topicId: TOPIC_ID, config: CONFIG, leaderEpoch: 7 });
  }
  assertEquals(keysOf(manager), []);
  const early = manager.get("t", 3)!;
  assertEquals([early.leaderEpoch, keysOf(manager)], [7, ["t-3"]]);
  await append(early, batchOf(["a"]));
  // Each look at the clock ends a slice.
  machine.clock.now = () => machine.clock.nowMs += 20;
  const made = manager.createAll(partitions, () => {});
  const seen: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await settled();
    seen.push(keysOf(manager).length);
    await machine.timers.advance(40);
  }
  await made;
  assertEquals([seen[0], seen.at(-1)], [2, 4]);
  assertEquals(manager.get("t", 3), early);
  assertEquals(await readAll(early), [[0, "a"]]);
  await manager.close();
});

Deno.test("an expected log that cannot be made is told of when its turn comes, not to whoever asks for it", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const openSync = machine.disk.openSync.bind(machine.disk);
  machine.disk.openSync = (path, mode) => {
    if (path.includes("/full-0/")) throw new DiskError("no-space", path, `Cannot open ${path}: no space left`);
    return openSync(path, mode);
  };
  const partitions = ["full", "t"].map((topic) => ({ topic, partition: 0 }));
  for (const partition of partitions) {
    manager.expect(partition, { topicId: TOPIC_ID, config: CONFIG, leaderEpoch: 0 });
  }
  assertEquals(manager.get("full", 0), undefined);
  const failed: unknown[] = [];
  await manager.createAll(partitions, (partition, error) => failed.push([partition.topic, error.kind]));
  assertEquals([failed, keysOf(manager)], [[["full", "no-space"]], ["t-0"]]);
  await manager.close();
});
