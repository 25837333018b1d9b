import { assertEquals, assertStringIncludes } from "@std/assert";
import { readTextSync } from "../../lib/log/checkpoint_files.ts";
import { lockLogDirectories, LogManager } from "../../lib/log/mod.ts";
import { DiskError, type DiskFile } from "../../lib/ports.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { MemoryDisk } from "../../lib/shell/memory_disk.ts";
import { ManualTimers } from "./manual_timers.ts";
import { append, batchOf, CONFIG, readAll, TOPIC_ID, World } from "./support.ts";

/** A disk on which nothing can be written while it is full; what is there can be read, renamed, cut and removed. */
class SmallDisk extends MemoryDisk {
  isFull = false;

  override openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    const file = super.openSync(path, mode);
    return new Proxy(file, {
      get: (target, name) => {
        if (name === "writeSync" && this.isFull) {
          return () => {
            throw new DiskError("no-space", path, `Cannot write to ${path}: no space left`);
          };
        }
        const member = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  }
}

class Machine extends World {
  readonly small: SmallDisk;
  readonly timers = new ManualTimers(this.clock);

  constructor() {
    const disk = new SmallDisk({ now: () => 0 });
    super(disk);
    this.small = disk;
  }

  start(): Promise<LogManager> {
    const { disk, clock, random, logger, timers } = this;
    return LogManager.open({
      ...{ disk, clock, random, logger, timers, compressor: runtimeCompressor },
      locks: lockLogDirectories(disk, ["/data"]),
      logDirs: [{ path: "/data", id: "dir".padEnd(22, "A") }],
      configFor: () => CONFIG,
    });
  }
}

const PARTITION = { topic: "t", partition: 0 };
const NEW_LOG = { topicId: TOPIC_ID, config: { ...CONFIG, segmentBytes: 300 }, leaderEpoch: 0 };
const DURABLE = { origin: "client", acks: "durable" } as const;

Deno.test("a full disk refuses appends, shows nothing of them, and takes them when it has room", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const log = manager.create(PARTITION, NEW_LOG);
  for (const value of ["a", "b", "c"]) await append(log, batchOf([value]));
  machine.small.isFull = true;
  for (let tries = 0; tries < 5; tries++) {
    const { errorCode, baseOffset } = await log.append(batchOf(["lost"]), DURABLE);
    assertEquals([errorCode, baseOffset], [ErrorCode.KAFKA_STORAGE_ERROR, -1]);
  }
  assertEquals((await readAll(log)).length, 3);
  assertEquals(machine.warnings.length, 1, "told once");
  machine.small.isFull = false;
  assertEquals((await append(log, batchOf(["d"]))).baseOffset, 3);
  await manager.close();
  const again = await machine.start();
  assertEquals((await readAll(again.get("t", 0)!)).map(([, value]) => value), ["a", "b", "c", "d"]);
  await again.close();
});

Deno.test("a segment that cannot roll on a full disk rolls when it has room, and a crash meanwhile costs nothing", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const log = manager.create(PARTITION, NEW_LOG);
  while (log.sizeInBytes < 250) await append(log, batchOf(["x".repeat(20)]));
  const count = log.logEndOffset;
  machine.small.isFull = true;
  assertEquals((await log.append(batchOf(["y".repeat(60)]), DURABLE)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  machine.small.isFull = false;
  const crashed = await LogManager.open({
    ...{ disk: machine.disk, clock: machine.clock, random: machine.random, logger: machine.logger },
    ...{ timers: machine.timers, compressor: runtimeCompressor, locks: { release() {} } },
    logDirs: [{ path: "/data", id: "dir".padEnd(22, "A") }],
    configFor: () => CONFIG,
  });
  assertEquals(crashed.get("t", 0)!.logEndOffset, count);
  assertEquals((await append(log, batchOf(["y".repeat(60)]))).baseOffset, count);
});

Deno.test("a topic is deleted from a full disk, and one of the same name begins anew", async () => {
  const machine = new Machine();
  const before = await machine.start();
  const old = before.create(PARTITION, NEW_LOG);
  for (const value of ["a", "b", "c"]) await append(old, batchOf([value]));
  await before.close();
  const manager = await machine.start();
  machine.small.isFull = true;
  await manager.delete(PARTITION);
  assertEquals(manager.get("t", 0), undefined);
  machine.small.isFull = false;
  const log = manager.create(PARTITION, NEW_LOG);
  assertEquals(readTextSync(machine.disk, "/data/recovery-point-offset-checkpoint"), "0\n0\n");
  await append(log, batchOf(["new"]));
  assertEquals((await readAll(log)).map(([, value]) => value), ["new"]);
  await manager.close();
});

Deno.test("a stop on a full disk does not pass for a clean one", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const log = manager.create(PARTITION, NEW_LOG);
  await append(log, batchOf(["a"], { producerId: 7n, producerEpoch: 0, baseSequence: 0 }));
  machine.small.isFull = true;
  assertEquals(await log.close(), false);
  machine.small.isFull = false;
  await manager.close();
  assertEquals(machine.disk.statSync("/data/.kafka_cleanshutdown"), null);
  const again = await machine.start();
  assertEquals(again.get("t", 0)!.producers().map(({ producerId }) => producerId), [7n], "recovery has found it");
  await again.close();
});

Deno.test("leader epochs that a full disk does not take are written with a later one", async () => {
  const machine = new Machine();
  const manager = await machine.start();
  const log = manager.create(PARTITION, NEW_LOG);
  await append(log, batchOf(["a"]));
  machine.small.isFull = true;
  log.beginLeaderEpoch(1);
  await log.flush();
  assertStringIncludes(machine.warnings[0], "leader-epoch-checkpoint");
  machine.small.isFull = false;
  await append(log, batchOf(["b"]));
  await manager.close();
  const again = await machine.start();
  assertEquals(again.get("t", 0)!.endOffsetForEpoch(0), { leaderEpoch: 0, endOffset: 1 });
  await again.close();
});
