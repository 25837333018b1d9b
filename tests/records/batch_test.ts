import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { DecodeError } from "../../lib/bytes/mod.ts";
import { batchesOf, batchHeaderAt, CorruptBatchError, RecordBatch } from "../../lib/records/mod.ts";

/** A batch without records, of offsets 400 to 409, by an idempotent producer, as the log cleaner leaves one. */
const BATCH = Uint8Array.fromHex(
  "0000000000000190000000310000000202650b5cf0000000000009ffffffffffffffff0000018bcfe56800000000000000004d00030000000500000000",
);
/** A message of magic 1 at offset 850. */
const MESSAGE = Uint8Array.fromHex(
  "0000000000000352000000222a9020cd01000000018bcfead504000000000000000ce697a5e69cac20f09f998220",
);

function damaged(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

Deno.test("a batch shows its header", () => {
  const batch = new RecordBatch(BATCH);
  assertEquals([batch.baseOffset, batch.lastOffset, batch.nextOffset], [400, 409, 410]);
  assertEquals([batch.sizeInBytes, batch.recordCount, batch.partitionLeaderEpoch], [61, 0, 2]);
  assertEquals([batch.producerId, batch.producerEpoch, batch.baseSequence, batch.lastSequence], [77n, 3, 5, 14]);
  assertEquals([batch.baseTimestamp, batch.maxTimestamp, batch.timestampType], [-1, 1700000000000, "CreateTime"]);
  assertEquals([batch.compressionType, batch.isControl, batch.isTransactional], ["none", false, false]);
  assert(batch.checksumOk());
});

Deno.test("base offset and leader epoch are set in place and leave the checksum right", () => {
  const bytes = BATCH.slice();
  const batch = new RecordBatch(bytes);
  batch.baseOffset = 2 ** 40 + 3;
  batch.partitionLeaderEpoch = 9;
  assert(batch.checksumOk());
  const [again] = batchesOf(bytes) as Generator<RecordBatch>;
  assertEquals([again.baseOffset, again.lastOffset, again.partitionLeaderEpoch], [2 ** 40 + 3, 2 ** 40 + 12, 9]);
});

Deno.test("a base offset beyond 2^53 can be had as a bigint only", () => {
  const batch = new RecordBatch(BATCH.slice());
  batch.baseOffset64 = 4052418895380773759n;
  assertEquals(batch.baseOffset64, 4052418895380773759n);
  assertEquals(batch.lastOffset64, 4052418895380773768n);
  assertThrows(() => batch.baseOffset, DecodeError, "4052418895380773759");
  assertThrows(() => batch.lastOffset, DecodeError);
});

Deno.test("stamping LogAppendTime sets type, maximum and checksum", () => {
  const batch = new RecordBatch(BATCH.slice());
  batch.setMaxTimestamp("LogAppendTime", 1800000000000);
  assertEquals([batch.timestampType, batch.maxTimestamp], ["LogAppendTime", 1800000000000]);
  assert(batch.checksumOk());
});

Deno.test("sequence numbers start anew at 0 after 2^31 - 1", () => {
  const bytes = BATCH.slice();
  new DataView(bytes.buffer).setInt32(53, 2 ** 31 - 1);
  assertEquals(new RecordBatch(bytes).lastSequence, 8);
});

Deno.test("a changed byte makes the checksum wrong", () => {
  for (const at of [17, 22, 30, 60]) assert(!new RecordBatch(damaged(BATCH, at, 0x55)).checksumOk(), `byte ${at}`);
});

Deno.test("batchesOf() splits a log of several formats", () => {
  const bytes = concat([BATCH, MESSAGE]);
  const batches = [...batchesOf(bytes)];
  assertEquals(batches.map((batch) => batch.magic), [2, 1]);
  assertEquals(batches.map((batch) => batch.lastOffset), [409, 850]);
  assertEquals(batches.map((batch) => batch.sizeInBytes), [61, 46]);
  assertEquals(batches.map((batch) => batch.maxTimestamp), [1700000000000, 1700000355588]);
});

Deno.test("batchesOf() tells a torn tail from a broken frame, and where it begins", () => {
  const torn = concat([BATCH, BATCH.subarray(0, 30)]);
  const leftover = assertThrows(() => [...batchesOf(torn)], CorruptBatchError);
  assertEquals([leftover.kind, leftover.offset], ["leftover", 61]);

  const magic = assertThrows(() => [...batchesOf(damaged(BATCH, 16, 3))], CorruptBatchError);
  assertEquals([magic.kind, magic.offset], ["framing", 0]);
  const short = assertThrows(() => [...batchesOf(damaged(BATCH, 11, 13))], CorruptBatchError);
  assertEquals([short.kind, short.offset], ["framing", 0]);
  const belowHeader = assertThrows(() => [...batchesOf(damaged(BATCH, 11, 48))], CorruptBatchError);
  assertEquals([belowHeader.kind, belowHeader.offset], ["batch", 0]);
});

Deno.test("a header alone is enough to walk through a file", () => {
  const bytes = BATCH.slice();
  new DataView(bytes.buffer).setInt32(8, 5000);
  const header = batchHeaderAt(bytes);
  assertEquals(header?.sizeInBytes, 5012);
  assertEquals(header?.isWhole, false);
  assertEquals(header?.lastOffset, 409);
  for (let length = 0; length < 61; length++) assertEquals(batchHeaderAt(bytes.subarray(0, length)), null);
});
