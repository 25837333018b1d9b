import { assert, assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../lib/bytes/mod.ts";
import { encodeBatch, RecordBatch, RecordBatchBuilder, recordsOf } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";

const records = (batch: RecordBatch) => [...recordsOf(batch, runtimeCompressor)];

Deno.test("a batch has what it was built of", () => {
  const builder = new RecordBatchBuilder({
    baseOffset: 1000,
    partitionLeaderEpoch: 3,
    producerId: 9n,
    producerEpoch: 1,
    baseSequence: 2 ** 31 - 1,
    isTransactional: true,
  });
  builder.append({ timestamp: 50, key: utf8("k"), value: utf8("v"), headers: [{ key: "é", value: null }] });
  builder.append({ timestamp: 70 });
  builder.append({ timestamp: 60, offset: 1007, value: new Uint8Array(0) });
  const size = builder.sizeInBytes;
  const bytes = builder.build();
  assertEquals(bytes.length, size);

  const batch = new RecordBatch(bytes);
  assert(batch.checksumOk());
  assertEquals([batch.baseOffset, batch.lastOffset, batch.recordCount], [1000, 1007, 3]);
  assertEquals([batch.baseTimestamp, batch.maxTimestamp, batch.timestampType], [50, 70, "CreateTime"]);
  assertEquals([batch.producerId, batch.producerEpoch, batch.isTransactional, batch.isControl], [9n, 1, true, false]);
  assertEquals(records(batch).map((record) => record.offset), [1000, 1001, 1007]);
  assertEquals(records(batch).map((record) => record.timestamp), [50, 70, 60]);
  assertEquals(records(batch).map((record) => record.sequence), [2 ** 31 - 1, 0, 6]);
  assertEquals(records(batch).map((record) => record.key), [utf8("k"), null, null]);
  assertEquals(records(batch).map((record) => record.value), [utf8("v"), null, new Uint8Array(0)]);
  assertEquals(records(batch).map((record) => record.headers), [[{ key: "é", value: null }], [], []]);
});

Deno.test("LogAppendTime gives all records the time of the batch", () => {
  const builder = new RecordBatchBuilder({ logAppendTimeMs: 900 });
  builder.append({ timestamp: 50 });
  builder.append({ timestamp: 5000 });
  const batch = new RecordBatch(builder.build());
  assertEquals([batch.timestampType, batch.baseTimestamp, batch.maxTimestamp], ["LogAppendTime", 50, 900]);
  assertEquals(records(batch).map((record) => record.timestamp), [900, 900]);
});

Deno.test("records go from batch to batch with their headers", () => {
  const first = new RecordBatchBuilder({ baseOffset: 10 });
  first.append({ timestamp: 7, key: utf8("k"), headers: [{ key: "a", value: utf8("1") }, { key: "a", value: null }] });
  const [record] = recordsOf(new RecordBatch(first.build()), runtimeCompressor);
  const second = new RecordBatchBuilder({ baseOffset: 20 });
  second.appendRecord(record, 25);
  const [copy] = recordsOf(new RecordBatch(second.build()), runtimeCompressor);
  assertEquals([copy.offset, copy.timestamp, copy.key], [25, 7, utf8("k")]);
  assertEquals(copy.headers, [{ key: "a", value: utf8("1") }, { key: "a", value: null }]);
});

Deno.test("a batch may cover offsets beyond its last record, and have none at all", () => {
  const builder = new RecordBatchBuilder({ baseOffset: 10 });
  builder.append({});
  assertEquals(new RecordBatch(builder.build(19)).lastOffset, 19);
  const empty = new RecordBatch(new RecordBatchBuilder({ baseOffset: 10 }).build(19));
  assertEquals([empty.lastOffset, empty.recordCount, records(empty)], [19, 0, []]);
  assertThrows(() => new RecordBatchBuilder().build(), RangeError, "needs a last offset");
});

Deno.test("offsets that do not rise, or lie outside of the batch, are refused", () => {
  const builder = new RecordBatchBuilder({ baseOffset: 10 });
  builder.append({ offset: 12 });
  assertThrows(() => builder.append({ offset: 12 }), RangeError, "12");
  assertThrows(() => builder.append({ offset: 9 }), RangeError, "9");
  assertThrows(() => builder.append({ offset: 10 + 2 ** 31 }), RangeError);
});

Deno.test("encodeBatch() puts a header around records that are encoded already", () => {
  const builder = new RecordBatchBuilder();
  builder.append({ timestamp: 5, value: utf8("v") });
  const batch = new RecordBatch(builder.build());
  const again = encodeBatch({}, batch.recordsPayload, {
    lastOffsetDelta: 0,
    baseTimestamp: 5n,
    maxTimestamp: 5n,
    recordCount: 1,
  });
  assertEquals(again, batch.bytes);
});
