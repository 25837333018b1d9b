import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readFileSync, readTextSync, writeFileSync } from "../../lib/log/checkpoint_files.ts";
import type { FileLog } from "../../lib/log/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { ControlRecordType } from "../../lib/protocol/records/producer.ts";
import { transactionMarkerBatch } from "../../lib/records/mod.ts";
import { append, batchOf, HOUR, NOW, readAll, World } from "./support.ts";

const FOLDER = "/data/t-0";
const CLIENT = { origin: "client", acks: "durable" } as const;

async function fill(log: FileLog, count: number): Promise<void> {
  for (let batch = 0; batch < count; batch++) {
    await append(log, batchOf([`${log.logEndOffset}`], { timestamp: NOW + log.logEndOffset }));
  }
}

function pathOf(offset: number, suffix: string): string {
  return `${FOLDER}/${String(offset).padStart(20, "0")}${suffix}`;
}

/** Changes the content of a file. */
function change(world: World, path: string, edit: (bytes: Uint8Array) => Uint8Array): void {
  writeFileSync(world.disk, path, edit(readFileSync(world.disk, path)!));
}

function valuesUpTo(count: number): [number, string][] {
  return Array.from({ length: count }, (_, offset) => [offset, `${offset}`]);
}

Deno.test("after a clean stop a log opens as it was, from its files alone", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 1000 });
  log.beginLeaderEpoch(3);
  await fill(log, 50);
  await append(log, batchOf(["x"], { producerId: 7n, producerEpoch: 2, baseSequence: 0 }));
  const producers = log.producers();
  await log.close();
  const names = world.names();
  const again = await world.open({ hadCleanShutdown: true });
  assertEquals([again.logEndOffset, again.highWatermark, again.leaderEpoch, again.sizeInBytes], [
    51,
    51,
    3,
    log.sizeInBytes,
  ]);
  assertEquals([again.topicId, again.producers()], [log.topicId, producers]);
  assertEquals((await readAll(again)).slice(0, 50), valuesUpTo(50));
  assertEquals(again.endOffsetForEpoch(3), { leaderEpoch: 3, endOffset: 51 });
  await again.close();
  assertEquals(world.names(), names);
  assertEquals(world.warnings, []);
});

Deno.test("after a crash the torn end is cut, whatever it is, and the log goes on from there", async () => {
  const tears: [string, (bytes: Uint8Array) => Uint8Array][] = [
    ["half a batch", (bytes) => bytes.subarray(0, bytes.length - 20)],
    ["half a header", (bytes) => bytes.subarray(0, bytes.length - 60)],
    ["a flipped bit", (bytes) => bytes.map((byte, at) => at === bytes.length - 1 ? byte ^ 1 : byte)],
    ["a length that cannot be", (bytes) => bytes.map((byte, at) => at === bytes.length - 69 + 8 ? 0x7f : byte)],
    ["zeros", (bytes) => bytes.map((byte, at) => at >= bytes.length - 69 ? 0 : byte)],
  ];
  for (const [what, tear] of tears) {
    const world = new World();
    await fill(world.create(), 10);
    change(world, pathOf(0, ".log"), tear);
    const log = await world.open();
    assertEquals([log.logEndOffset, await readAll(log)], [9, valuesUpTo(9)], what);
    assertEquals(world.warnings.length, 1, what);
    assertStringIncludes(world.warnings[0], "whole up to offset 9");
    assertEquals((await append(log, batchOf(["9"]))).baseOffset, 9);
    assertEquals(await readAll(await world.open()), valuesUpTo(10), what);
  }
});

Deno.test("zeros behind the last batch, which Apache Kafka may reserve, are cut", async () => {
  const world = new World();
  const log = world.create();
  await fill(log, 10);
  await log.close();
  change(world, pathOf(0, ".log"), (bytes) => new Uint8Array([...bytes, ...new Uint8Array(5000)]));
  for (const hadCleanShutdown of [true, false]) {
    const again = await world.open({ hadCleanShutdown });
    assertEquals([again.logEndOffset, again.sizeInBytes], [10, log.sizeInBytes]);
  }
});

Deno.test("a crash costs no record that was acknowledged, though no index was written", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 700, indexIntervalBytes: 100 });
  await fill(log, 100);
  const names = world.names();
  assert(
    names.filter((name) => name.endsWith(".log")).length === names.filter((name) => name.endsWith(".index")).length + 1,
  );
  for (const recoveryPoint of [0, log.recoveryPoint]) {
    const again = await world.open({ recoveryPoint });
    assertEquals(await readAll(again), valuesUpTo(100));
    assertEquals((await again.offsetForTimestamp(NOW + 55)).offset, 55);
  }
  assertEquals(world.warnings, []);
});

Deno.test("segments after a torn one are removed", async () => {
  const world = new World();
  await fill(world.create({ segmentBytes: 700 }), 50);
  change(world, pathOf(10, ".log"), (bytes) => bytes.subarray(0, bytes.length - 1));
  const log = await world.open();
  assertEquals([log.logEndOffset, await readAll(log)], [19, valuesUpTo(19)]);
  assertEquals(world.names().filter((name) => name.endsWith(".log")).map((name) => parseInt(name)), [0, 10]);
});

Deno.test("segments after one that lost whole batches are removed, unless the topic is compacted", async () => {
  for (const [cleanupPolicy, logEndOffset] of [["delete", 17], ["compact", 50]] as const) {
    const world = new World();
    await fill(world.create({ segmentBytes: 700 }), 50);
    change(world, pathOf(10, ".log"), (bytes) => bytes.subarray(0, bytes.length / 10 * 7));
    const log = await world.open({ config: { cleanupPolicy: new Set([cleanupPolicy]) } });
    assertEquals(log.logEndOffset, logEndOffset);
    assertEquals((await readAll(log)).length, cleanupPolicy === "delete" ? 17 : 47);
  }
});

Deno.test("what lies before the recovery point is not looked at", async () => {
  const world = new World();
  await fill(world.create({ segmentBytes: 700 }), 50);
  change(world, pathOf(0, ".log"), (bytes) => bytes.map((byte, at) => at === bytes.length - 1 ? byte ^ 1 : byte));
  assertEquals((await world.open({ recoveryPoint: 35 })).logEndOffset, 50);
  assertEquals((await world.open({ recoveryPoint: 5 })).logEndOffset, 9);
});

Deno.test("the recovery point follows the device, and no segment is left out whose files are not on it", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 700 });
  assertEquals(log.recoveryPoint, 0);
  await fill(log, 5);
  assertEquals(log.recoveryPoint, 5);
  await fill(log, 30);
  await log.flush();
  assertEquals(log.recoveryPoint, 35);
});

Deno.test("producers and transactions are known again after a crash", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 500 });
  const send = (producerId: bigint, baseSequence: number, isTransactional = false) =>
    append(log, batchOf(["v"], { producerId, producerEpoch: 0, baseSequence, isTransactional }));
  const end = (producerId: bigint, type: typeof ControlRecordType.ABORT | typeof ControlRecordType.COMMIT) => {
    const marker = transactionMarkerBatch({ type, producerId, producerEpoch: 0, coordinatorEpoch: 1 }, NOW);
    return append(log, marker, "coordinator");
  };
  for (let round = 0; round < 6; round++) {
    await send(1n, round);
    await send(2n, round, true);
    await send(3n, round, true);
    await end(2n, ControlRecordType.ABORT);
    if (round < 5) await end(3n, ControlRecordType.COMMIT);
  }
  const committed = { maxBytes: 100_000, atLeastOneBatch: true, isolationLevel: "read-committed" } as const;
  const seen = await log.read(0, committed);
  for (const recoveryPoint of [0, 8, log.recoveryPoint]) {
    const again = await world.open({ recoveryPoint });
    assertEquals(again.producers(), log.producers());
    assertEquals(again.lastStableOffset, log.lastStableOffset);
    assertEquals(
      (await again.read(0, committed)).abortedTransactions?.slice(0, 1),
      seen.abortedTransactions?.slice(0, 1),
    );
    const retry = await again.append(batchOf(["v"], { producerId: 1n, producerEpoch: 0, baseSequence: 5 }), CLIENT);
    assertEquals([retry.isDuplicate, retry.baseOffset], [true, 25]);
    const gap = await again.append(batchOf(["v"], { producerId: 1n, producerEpoch: 0, baseSequence: 9 }), CLIENT);
    assertEquals(gap.errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }
});

Deno.test("producers that have been silent for long are not loaded", async () => {
  const world = new World();
  const log = world.create();
  await append(log, batchOf(["v"], { producerId: 1n, producerEpoch: 0, baseSequence: 0 }));
  await log.close();
  world.clock.nowMs += 25 * HOUR;
  assertEquals((await world.open({ hadCleanShutdown: true })).producers(), []);
});

Deno.test("leader epochs are known again after a crash, and those beyond the end are forgotten", async () => {
  const world = new World();
  const log = world.create();
  await fill(log, 3);
  log.beginLeaderEpoch(2);
  await fill(log, 3);
  log.beginLeaderEpoch(5);
  world.disk.removeSync(`${FOLDER}/leader-epoch-checkpoint`);
  const again = await world.open();
  assertEquals(again.leaderEpoch, 2);
  assertEquals(again.endOffsetForEpoch(0), { leaderEpoch: 0, endOffset: 3 });
  assertEquals(again.endOffsetForEpoch(5), { leaderEpoch: -1, endOffset: -1 });
  writeFileSync(world.disk, `${FOLDER}/leader-epoch-checkpoint`, "0\n3\n0 0\n2 3\n5 6\n");
  assertEquals((await world.open({ hadCleanShutdown: true })).leaderEpoch, 2);
});

Deno.test("a new epoch is on the disk with the first records that carry it", async () => {
  const world = new World();
  const log = world.create();
  await fill(log, 3);
  log.beginLeaderEpoch(2);
  await fill(log, 1);
  await log.flush();
  assertEquals(readTextSync(world.disk, `${FOLDER}/leader-epoch-checkpoint`), "0\n2\n0 0\n2 3\n");
});

Deno.test("the log start offset of a checkpoint holds, and a log that does not reach it begins anew there", async () => {
  const world = new World();
  await fill(world.create(), 10);
  const log = await world.open({ logStartOffset: 4 });
  assertEquals([log.logStartOffset, (await readAll(log)).length], [4, 6]);
  const beyond = await world.open({ logStartOffset: 25 });
  assertEquals([beyond.logStartOffset, beyond.logEndOffset, beyond.sizeInBytes], [25, 25, 0]);
  assertEquals((await append(beyond, batchOf(["a"]))).baseOffset, 25);
});

Deno.test("damaged files around the segments are made anew or ignored, and told of", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 700 });
  await fill(log, 30);
  await append(log, batchOf(["v"], { producerId: 1n, producerEpoch: 0, baseSequence: 0 }));
  await log.close();
  writeFileSync(world.disk, `${FOLDER}/leader-epoch-checkpoint`, "rubbish");
  for (const name of world.names().filter((name) => name.endsWith(".snapshot"))) {
    writeFileSync(world.disk, `${FOLDER}/${name}`, "rubbish");
  }
  writeFileSync(world.disk, pathOf(10, ".txnindex"), "rubbish");
  const again = await world.open({ hadCleanShutdown: true });
  assertEquals([again.logEndOffset, again.producers().length, again.leaderEpoch], [31, 1, 0]);
  assert(world.warnings.length >= 3);
});

Deno.test("producers are found in the log where the snapshot of a clean stop is damaged", async () => {
  const world = new World();
  const log = world.create();
  await append(log, batchOf(["v"], { producerId: 1n, producerEpoch: 0, baseSequence: 0 }));
  await log.close();
  writeFileSync(world.disk, pathOf(1, ".snapshot"), "rubbish");
  assertEquals((await world.open({ hadCleanShutdown: true })).producers(), log.producers());
});

Deno.test("damage in a segment that needs no recovery costs nothing but what is damaged", async () => {
  const world = new World();
  const log = world.create({ segmentBytes: 700 });
  await fill(log, 50);
  await log.close();
  change(world, pathOf(10, ".log"), (bytes) => bytes.fill(0, 100, 200));
  for (const name of world.names()) {
    if (name.endsWith(".snapshot") || name.startsWith("00000000000000000010.index")) {
      world.disk.removeSync(`${FOLDER}/${name}`);
    }
  }
  const again = await world.open({ recoveryPoint: 35 });
  assertEquals(again.logEndOffset, 50);
  assertEquals((await readAll(again, 20)).length, 30);
  const limits = { maxBytes: 1000, atLeastOneBatch: true, isolationLevel: "read-uncommitted" } as const;
  assertEquals((await again.read(15, limits)).errorCode, ErrorCode.CORRUPT_MESSAGE);
});

Deno.test("a folder with nothing in it is an empty log without a topic id", async () => {
  const world = new World();
  world.disk.makeFolderSync(FOLDER);
  const log = await world.open();
  assertEquals([log.logStartOffset, log.logEndOffset, log.topicId], [0, 0, "AAAAAAAAAAAAAAAAAAAAAA"]);
  assertEquals((await append(log, batchOf(["a"]))).baseOffset, 0);
});

Deno.test("leftovers of an interrupted deletion or cleaning are removed, and a finished one is swapped in", async () => {
  const world = new World();
  await fill(world.create({ segmentBytes: 700 }), 30);
  const copy = (from: string, to: string) => writeFileSync(world.disk, to, readFileSync(world.disk, from)!);
  copy(pathOf(0, ".log"), pathOf(0, ".log.deleted"));
  copy(pathOf(20, ".log"), pathOf(20, ".log.cleaned"));
  copy(pathOf(20, ".log"), pathOf(5, ".index"));
  // What the cleaner made of the segments at 0 and 10.
  const cleaned = batchOf(["cleaned"], { baseOffset: 19 });
  writeFileSync(world.disk, pathOf(0, ".log.swap"), cleaned);
  const log = await world.open();
  assertEquals((await readAll(log))[0], [19, "cleaned"]);
  assertEquals((await readAll(log)).length, 11);
  assertEquals(world.names().filter((name) => name.endsWith(".log")).map((name) => parseInt(name)), [0, 20]);
  assertEquals(world.names().filter((name) => /deleted|cleaned|swap|5\.index/.test(name)), []);
});
