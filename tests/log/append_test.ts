import { assert, assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { RecordBatch, transactionMarkerBatch } from "../../lib/records/mod.ts";
import { ControlRecordType } from "../../lib/protocol/records/producer.ts";
import { append, batchOf, NOW, readAll, recordsIn, TOPIC_ID, World } from "./support.ts";
import { FaultyDisk, settled } from "./faulty_disk.ts";

const CLIENT = { origin: "client", acks: "durable" } as const;
const ALL = { maxBytes: 1_000_000, atLeastOneBatch: true, isolationLevel: "read-uncommitted" } as const;

Deno.test("appended batches get the next offsets and the leader epoch, and are read back as they were sent", async () => {
  const log = new World().create();
  assertEquals(log.topicId, TOPIC_ID);
  const first = await append(log, batchOf(["a", "b", "c"]));
  assertEquals([first.baseOffset, first.lastOffset, first.logAppendTimeMs, first.logStartOffset], [0, 2, -1, 0]);
  log.beginLeaderEpoch(4);
  const second = await append(log, batchOf(["d", "e"]));
  assertEquals([second.baseOffset, second.lastOffset], [3, 4]);
  assertEquals([log.logEndOffset, log.highWatermark, log.lastStableOffset], [5, 5, 5]);
  assertEquals(await readAll(log), [[0, "a"], [1, "b"], [2, "c"], [3, "d"], [4, "e"]]);
  const { records } = await log.read(3, ALL);
  assertEquals(new RecordBatch(records).partitionLeaderEpoch, 4);
  assertEquals(new RecordBatch(records).checksumOk(), true);
});

Deno.test("a refused append leaves no trace", async () => {
  const log = new World().create({ maxMessageBytes: 200 });
  await append(log, batchOf(["a"]));
  const damaged = batchOf(["b"]);
  damaged[65] ^= 1;
  for (
    const [records, code] of [
      [damaged, ErrorCode.CORRUPT_MESSAGE],
      [batchOf(["x".repeat(200)]), ErrorCode.MESSAGE_TOO_LARGE],
      [batchOf(["c"], { timestamp: NOW + 3 * 3_600_000 }), ErrorCode.INVALID_TIMESTAMP],
      [batchOf(["d"], { baseOffset: 1 }), ErrorCode.INVALID_RECORD],
      [new Uint8Array(0), ErrorCode.INVALID_RECORD],
    ] as const
  ) {
    const result = await log.append(records, CLIENT);
    assertEquals([result.errorCode, result.baseOffset, result.lastOffset], [code, -1, -1]);
    assertNotEquals(result.errorMessage, null);
  }
  assertEquals((await append(log, batchOf(["e"]))).baseOffset, 1);
  assertEquals(await readAll(log), [[0, "a"], [1, "e"]]);
});

Deno.test("a batch that no segment can hold is refused", async () => {
  const log = new World().create({ segmentBytes: 300 });
  const result = await log.append(batchOf(["x".repeat(400)]), CLIENT);
  assertEquals(result.errorCode, ErrorCode.RECORD_LIST_TOO_LARGE);
});

Deno.test("the time of appending is stamped where the topic asks for it", async () => {
  const world = new World();
  const log = world.create({ messageTimestampType: "LogAppendTime" });
  world.clock.nowMs = NOW + 77;
  const result = await append(log, batchOf(["a"], { timestamp: 5 }));
  assertEquals(result.logAppendTimeMs, NOW + 77);
  const batch = new RecordBatch((await log.read(0, ALL)).records);
  assertEquals([batch.timestampType, batch.maxTimestamp, batch.checksumOk()], ["LogAppendTime", NOW + 77, true]);
});

Deno.test("a retry of an idempotent producer gets the offsets of the first time", async () => {
  const log = new World().create();
  const send = (sequence: number) =>
    log.append(batchOf(["a", "b"], { producerId: 9n, producerEpoch: 0, baseSequence: sequence }), CLIENT);
  await send(0);
  const first = await send(2);
  const again = await send(2);
  assertEquals(again, { ...first, isDuplicate: true });
  assertEquals(log.logEndOffset, 4);
  const gap = await send(6);
  assertEquals([gap.errorCode, gap.logStartOffset], [ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0]);
  assertEquals(log.producers().map(({ producerId, lastSequence }) => [producerId, lastSequence]), [[9n, 3]]);
});

Deno.test("a transaction is invisible to committed readers until it ends, and an aborted one is named to them", async () => {
  const log = new World().create();
  const read = () => log.read(0, { ...ALL, isolationLevel: "read-committed" });
  await append(log, batchOf(["plain"]));
  const inTransaction = { producerId: 9n, producerEpoch: 0, isTransactional: true };
  await append(log, batchOf(["x", "y"], { ...inTransaction, baseSequence: 0 }));
  await append(log, batchOf(["after"]));
  assertEquals([log.highWatermark, log.lastStableOffset], [4, 1]);
  assertEquals(recordsIn((await read()).records), [[0, "plain"]]);
  assertEquals((await read()).abortedTransactions, []);
  const marker = { type: ControlRecordType.ABORT, producerId: 9n, producerEpoch: 0, coordinatorEpoch: 3 };
  const ended = await append(log, transactionMarkerBatch(marker, NOW), "coordinator");
  assertEquals([ended.baseOffset, log.lastStableOffset], [4, 5]);
  assertEquals((await read()).abortedTransactions, [{ producerId: 9n, firstOffset: 1 }]);
  assertEquals(recordsIn((await read()).records).length, 5);
  assertEquals((await log.read(4, { ...ALL, isolationLevel: "read-committed" })).abortedTransactions, [{
    producerId: 9n,
    firstOffset: 1,
  }]);
  assertEquals((await log.read(0, ALL)).abortedTransactions, null);
});

Deno.test("the coordinator's batches are appended together, and not validated", async () => {
  const log = new World().create();
  const one = batchOf(["a", "b"]);
  const two = batchOf(["c"]);
  const both = new Uint8Array([...one, ...two]);
  const result = await append(log, both, "coordinator");
  assertEquals([result.baseOffset, result.lastOffset], [0, 2]);
  assertEquals(await readAll(log), [[0, "a"], [1, "b"], [2, "c"]]);
});

Deno.test("the metadata log's batches keep their offsets and epochs, and must follow each other", async () => {
  const log = new World().create();
  await append(log, batchOf(["a"], { baseOffset: 0, partitionLeaderEpoch: 5 }), "raft");
  await append(log, batchOf(["b"], { baseOffset: 1, partitionLeaderEpoch: 8 }), "raft");
  assertEquals(log.endOffsetForEpoch(5), { leaderEpoch: 5, endOffset: 1 });
  assertEquals([log.epochForOffset(0), log.epochForOffset(1)], [5, 8]);
  assertThrows(
    () => log.append(batchOf(["c"], { baseOffset: 7 }), { origin: "raft", acks: "durable" }),
    Error,
    "offset 2 is next",
  );
});

Deno.test("durable appends are answered, and shown, when the device has them; written ones are answered at once", async () => {
  const disk = new FaultyDisk();
  const log = new World(disk).create();
  disk.holdSyncs = true;
  const answered: string[] = [];
  Promise.resolve(log.append(batchOf(["a"]), { origin: "client", acks: "written" })).then(() =>
    answered.push("written")
  );
  Promise.resolve(log.append(batchOf(["b"]), CLIENT)).then(() => answered.push("durable"));
  await settled();
  assertEquals(answered, ["written"]);
  assertEquals([log.logEndOffset, log.highWatermark], [2, 0]);
  assertEquals((await log.read(0, ALL)).records.length, 0);
  await disk.finishSyncs();
  assertEquals(answered, ["written", "durable"]);
  assertEquals(await readAll(log), [[0, "a"], [1, "b"]]);
});

Deno.test("appends that come while a sync is under way share the next one", async () => {
  const disk = new FaultyDisk();
  const log = new World(disk).create();
  await append(log, batchOf(["a"]));
  disk.holdSyncs = true;
  disk.syncCount = 0;
  let answered = 0;
  for (let index = 0; index < 10; index++) {
    Promise.resolve(log.append(batchOf([`${index}`]), CLIENT)).then(() => answered++);
    if (index === 3) await settled();
  }
  await settled();
  assertEquals(disk.syncCount, 1);
  await disk.finishSyncs();
  assertEquals([answered, disk.syncCount, log.highWatermark], [4, 2, 5]);
  await disk.finishSyncs();
  assertEquals([answered, disk.syncCount, log.highWatermark], [10, 2, 11]);
});

Deno.test("without flush.on.ack the page cache is enough", async () => {
  const disk = new FaultyDisk();
  const log = new World(disk).create({}, { flushOnAck: false });
  disk.holdSyncs = true;
  await append(log, batchOf(["a"]));
  assertEquals([log.highWatermark, disk.syncCount], [1, 0]);
  log.configure({ ...log.config, flushMessages: 2 });
  await append(log, batchOf(["b"]));
  await settled();
  assertEquals(disk.syncCount, 1, "flush.messages");
});

Deno.test("flush.ms brings to the device what has waited that long", async () => {
  const disk = new FaultyDisk();
  const world = new World(disk);
  const log = world.create({ flushMs: 1000 }, { flushOnAck: false });
  await append(log, batchOf(["a"]));
  log.flushIfDue(NOW + 999);
  await settled();
  assertEquals(disk.syncCount, 0);
  log.flushIfDue(NOW + 1000);
  await settled();
  assertEquals([disk.syncCount, log.recoveryPoint], [1, 1]);
});

Deno.test("watchers hear of each move until they stop, and when the log is gone", async () => {
  const log = new World().create();
  const heard: number[] = [];
  const watch = log.watch(() => heard.push(log.highWatermark));
  const other = log.watch(() => {});
  await append(log, batchOf(["a"]));
  await append(log, batchOf(["b"]));
  await log.deleteRecordsBefore(1);
  assertEquals(heard, [1, 2, 2]);
  other.stop();
  await log.close();
  assertEquals(heard, [1, 2, 2, 2]);
  watch.stop();
});

Deno.test("a full disk refuses appends, and the log goes on as soon as there is room", async () => {
  const disk = new FaultyDisk();
  const world = new World(disk);
  const log = world.create();
  await append(log, batchOf(["a"]));
  disk.failWrites = "no-space";
  for (let attempt = 0; attempt < 3; attempt++) {
    const result = await log.append(batchOf(["lost, and longer than what comes next"]), CLIENT);
    assertEquals([result.errorCode, result.baseOffset], [ErrorCode.KAFKA_STORAGE_ERROR, -1]);
  }
  assertEquals(world.warnings.length, 1);
  disk.failWrites = null;
  assertEquals((await append(log, batchOf(["b"]))).baseOffset, 1);
  assertEquals(await readAll(await world.open()), [[0, "a"], [1, "b"]]);
});

Deno.test("when a sync fails, nothing that waited is acknowledged, and the log is served no more", async () => {
  const disk = new FaultyDisk();
  const world = new World(disk);
  const failed: string[] = [];
  const log = world.create({}, { onStorageError: (folder) => void failed.push(folder) });
  await append(log, batchOf(["a"]));
  let notified = 0;
  log.watch(() => notified++);
  disk.failSyncs = "io";
  const result = await log.append(batchOf(["b"]), CLIENT);
  assertEquals(result.errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assertStringIncludes(result.errorMessage!, "Cannot sync");
  assertEquals((await log.append(batchOf(["c"]), CLIENT)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assertEquals((await log.read(0, ALL)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assertEquals((await log.deleteRecordsBefore(0)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assertEquals([failed, notified], [["/data/t-0"], 1]);
});

Deno.test("a failed write that cannot be undone ends the log", async () => {
  const disk = new FaultyDisk();
  const log = new World(disk).create();
  disk.failWrites = disk.failTruncates = "no-space";
  await log.append(batchOf(["a"]), CLIENT);
  disk.failWrites = disk.failTruncates = null;
  assertEquals((await log.append(batchOf(["b"]), CLIENT)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
});

Deno.test("a write that the device fails takes the log offline, even where what it left could be cut off", async () => {
  const disk = new FaultyDisk();
  const failed: string[] = [];
  const log = new World(disk).create({}, { onStorageError: (folder) => void failed.push(folder) });
  disk.failWrites = "io";
  for (let attempt = 0; attempt < 2; attempt++) {
    assertEquals((await log.append(batchOf(["a"]), CLIENT)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  }
  disk.failWrites = null;
  assertEquals((await log.read(0, ALL)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assertEquals(failed, ["/data/t-0"], "told once");
});

Deno.test("a closed log answers with an error", async () => {
  const log = new World().create();
  await append(log, batchOf(["a"]));
  await log.close();
  await log.close();
  const result = await log.append(batchOf(["b"]), CLIENT);
  assertEquals(result.errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  assert(result.errorMessage!.includes("closed"));
});
