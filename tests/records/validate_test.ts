import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { utf8 } from "../../lib/bytes/mod.ts";
import type { LogConfig } from "../../lib/log/partition_log.ts";
import type { Compressor } from "../../lib/ports.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import {
  type BatchOptions,
  type CompressionType,
  MAX_RECORD_ERRORS,
  RecordBatch,
  RecordBatchBuilder,
  type RecordInit,
  recordsOf,
} from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { accepted, assertRejected, HOUR, NOW, rejected, validate } from "./append.ts";

const COMPACTED: Partial<LogConfig> = { cleanupPolicy: new Set(["compact"]) };
const STAMPED: Partial<LogConfig> = { messageTimestampType: "LogAppendTime" };
const CODECS = (["gzip", "snappy", "lz4", "zstd"] as const).filter((name) => runtimeCompressor.supports(name));

/** A compressor that must not be used. */
const UNUSED: Compressor = {
  supports: () => true,
  compress: () => fail(),
  decompress: () => fail(),
};

function fail(): never {
  throw new Error("The records were decoded");
}

function batchOf(records: readonly RecordInit[], options: BatchOptions = {}): Uint8Array {
  const builder = new RecordBatchBuilder(options, runtimeCompressor);
  for (const record of records) builder.append(record);
  return builder.build();
}

const RECORDS: readonly RecordInit[] = [
  { timestamp: NOW, key: utf8("a"), value: utf8("1"), headers: [{ key: "h", value: utf8("x") }] },
  { timestamp: NOW + 5, key: utf8("b"), value: null },
  { timestamp: NOW - 5, key: utf8("a"), value: utf8("3") },
];

/** `bytes` with a header field changed and the checksum made right again. */
function withField(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = bytes.slice();
  change(new DataView(copy.buffer));
  const batch = new RecordBatch(copy);
  const { timestampType, maxTimestamp } = batch;
  batch.setMaxTimestamp(timestampType === "CreateTime" ? "LogAppendTime" : "CreateTime", maxTimestamp);
  batch.setMaxTimestamp(timestampType as "CreateTime" | "LogAppendTime", maxTimestamp);
  return copy;
}

const contents = (batch: RecordBatch) =>
  [...recordsOf(batch, runtimeCompressor)].map(({ offset, timestamp, key, value, headers }) => ({
    offset,
    timestamp,
    key,
    value,
    headers,
  }));

Deno.test("a sound batch is kept as it is, without a look at its records", () => {
  for (const compressionType of ["none", ...CODECS] as CompressionType[]) {
    const bytes = batchOf(RECORDS, { compressionType, producerId: 5n, producerEpoch: 0, baseSequence: 0 });
    const before = bytes.slice();
    const batch = accepted(bytes, {}, UNUSED);
    assertStrictEquals(batch.bytes.buffer, bytes.buffer);
    assertEquals(bytes, before);
  }
});

Deno.test("LogAppendTime is stamped in place, without a look at the records", () => {
  const bytes = batchOf(RECORDS, { compressionType: "gzip" });
  const result = validate(bytes, STAMPED, UNUSED);
  assert(result.rejection === null);
  assertEquals(result.logAppendTimeMs, NOW);
  assertStrictEquals(result.batch.bytes.buffer, bytes.buffer);
  assertEquals([result.batch.timestampType, result.batch.maxTimestamp], ["LogAppendTime", NOW]);
  assert(result.batch.checksumOk());
});

Deno.test("without LogAppendTime no time is answered", () => {
  const result = validate(batchOf(RECORDS));
  assert(result.rejection === null);
  assertEquals(result.logAppendTimeMs, -1);
});

Deno.test("damage is CORRUPT_MESSAGE, and bytes left over are damage", () => {
  const bytes = batchOf(RECORDS);
  const changed = bytes.slice();
  changed[70] ^= 1;
  assertRejected(
    changed,
    ErrorCode.CORRUPT_MESSAGE,
    /^Record is corrupt \(stored crc = \d+\) in topic partition orders-3\.$/,
  );
  assertRejected(bytes.subarray(0, 70), ErrorCode.CORRUPT_MESSAGE, /no whole batch/);
  assertRejected(concat([bytes, Uint8Array.of(1, 2, 3)]), ErrorCode.CORRUPT_MESSAGE, /last 3 bytes/);
  const magic = bytes.slice();
  magic[16] = 3;
  assertRejected(magic, ErrorCode.CORRUPT_MESSAGE, /magic 3/);
});

Deno.test("there must be one batch, at the base offset 0", () => {
  const bytes = batchOf(RECORDS);
  assertRejected(new Uint8Array(0), ErrorCode.INVALID_RECORD, /no batches at all/);
  assertRejected(concat([bytes, bytes]), ErrorCode.INVALID_RECORD, /more than one batch/);
  const elsewhere = batchOf(RECORDS, { baseOffset: 7 });
  assertRejected(elsewhere, ErrorCode.INVALID_RECORD, /append to orders-3 should be 0, but it is 7$/);
});

Deno.test("sizes are limited by batch and by segment", () => {
  const bytes = batchOf(RECORDS);
  const size = bytes.length;
  accepted(bytes, { maxMessageBytes: size, segmentBytes: size });
  assertRejected(bytes, ErrorCode.MESSAGE_TOO_LARGE, /maximum configured value/, { maxMessageBytes: size - 1 });
  assertRejected(bytes, ErrorCode.RECORD_LIST_TOO_LARGE, /maximum configured segment size/, { segmentBytes: size - 1 });
});

Deno.test("a batch that grows too large by another compression is refused", () => {
  const zeros = batchOf([{ timestamp: NOW, value: new Uint8Array(5000) }], { compressionType: "gzip" });
  const config: Partial<LogConfig> = { compressionType: "uncompressed", maxMessageBytes: 1000 };
  assertRejected(zeros, ErrorCode.MESSAGE_TOO_LARGE, /Message batch size is 50\d\d bytes/, config);
});

Deno.test("offsets and count must agree with each other, and with the bytes there are", () => {
  const bytes = batchOf(RECORDS);
  const change = (lastOffsetDelta: number, count: number) =>
    withField(bytes, (view) => {
      view.setInt32(23, lastOffsetDelta);
      view.setInt32(57, count);
    });
  assertRejected(
    change(-1, 3),
    ErrorCode.INVALID_RECORD,
    /invalid offset range: \[0, -1\] in topic partition orders-3$/,
  );
  assertRejected(change(2, 0), ErrorCode.INVALID_RECORD, /Invalid reported count for record batch: 0 /);
  assertRejected(
    change(3, 3),
    ErrorCode.INVALID_RECORD,
    /Inconsistent batch offset range \[0, 3\] and count of records 3/,
  );
  assertRejected(change(2 ** 30 - 1, 2 ** 30), ErrorCode.INVALID_RECORD, /bytes for 1073741824 records/);
});

Deno.test("clients cannot write control records, nor be idempotent without a sequence number", () => {
  const control = batchOf(RECORDS, { isControl: true });
  assertRejected(control, ErrorCode.INVALID_RECORD, /not allowed to write control records in topic partition orders-3/);
  const noSequence = batchOf(RECORDS, { producerId: 5n, producerEpoch: 0 });
  assertRejected(noSequence, ErrorCode.INVALID_RECORD, /Invalid sequence number -1 in record batch with producerId 5/);
});

Deno.test("a compacted topic wants keys, and names the records that have none", () => {
  const bytes = batchOf([RECORDS[0], { timestamp: NOW, value: utf8("x") }, RECORDS[1], { timestamp: NOW }]);
  const rejection = rejected(bytes, COMPACTED);
  const message = "Compacted topic cannot accept message without key in topic partition orders-3";
  assertEquals(rejection.errorCode, ErrorCode.INVALID_RECORD);
  assertEquals(rejection.recordErrors, [{ index: 1, message }, { index: 3, message }]);
  assertEquals(
    rejection.errorMessage,
    "One or more records have been rejected due to 2 record errors in total, and only showing the first three errors at " +
      `most: [RecordError(batchIndex=1, message='${message}'), RecordError(batchIndex=3, message='${message}')]`,
  );
  accepted(batchOf(RECORDS), COMPACTED);
});

Deno.test("the records named in an answer are limited", () => {
  const bytes = batchOf(Array.from({ length: 5000 }, () => ({ timestamp: NOW })));
  const rejection = rejected(bytes, COMPACTED);
  assertEquals(rejection.recordErrors.length, MAX_RECORD_ERRORS);
  assertMatch(rejection.errorMessage, /due to 5000 record errors/);
});

Deno.test("timestamps too far ahead are refused by name, those at the limit are not", () => {
  accepted(batchOf([{ timestamp: NOW + HOUR }]));
  for (const compressionType of ["none", "gzip"] as const) {
    const rejection = rejected(batchOf([RECORDS[0], { timestamp: NOW + HOUR + 1 }], { compressionType }));
    assertEquals(rejection.errorCode, ErrorCode.INVALID_TIMESTAMP);
    assertEquals(rejection.errorMessage, "One or more records have been rejected due to invalid timestamp");
    assertEquals(rejection.recordErrors.map(({ index }) => index), [1]);
    assertMatch(
      rejection.recordErrors[0].message,
      /^Timestamp 1700003600001 of message with offset 1 is out of range\. The timestamp should be within \[/,
    );
  }
});

Deno.test("timestamps too far back are refused where the topic says so", () => {
  const config: Partial<LogConfig> = { messageTimestampBeforeMaxMs: 1000 };
  accepted(batchOf([{ timestamp: NOW - 1000 }]), config);
  const rejection = rejected(batchOf([RECORDS[0], { timestamp: NOW - 1001 }]), config);
  assertEquals(rejection.errorCode, ErrorCode.INVALID_TIMESTAMP);
  assertMatch(rejection.recordErrors[0].message, /within \[1699999999000, 1700003600000\]$/);
});

Deno.test("records without a timestamp are taken, whatever the limits", () => {
  accepted(batchOf([{}, {}]), { messageTimestampBeforeMaxMs: 1000 });
});

Deno.test("a timestamp at fault outweighs a missing key in the error code", () => {
  const rejection = rejected(batchOf([{ timestamp: NOW }, { timestamp: NOW + 2 * HOUR, key: utf8("k") }]), COMPACTED);
  assertEquals(rejection.errorCode, ErrorCode.INVALID_TIMESTAMP);
  assertEquals(rejection.recordErrors.length, 2);
});

Deno.test("producers cannot claim LogAppendTime", () => {
  const claimed = batchOf(RECORDS, { logAppendTimeMs: NOW });
  const rejection = rejected(claimed, STAMPED);
  assertEquals(rejection.errorCode, ErrorCode.INVALID_TIMESTAMP);
  assertEquals(
    rejection.recordErrors[0].message,
    "Invalid timestamp type in message DefaultRecord(offset=0, timestamp=1700000000000, key=1 bytes, value=1 bytes). " +
      "Producer should not set timestamp type to LogAppendTime.",
  );
  // Where the topic has CreateTime, Kafka takes the batch and its one timestamp.
  const batch = accepted(batchOf(RECORDS, { logAppendTimeMs: NOW }));
  assertEquals([batch.timestampType, batch.maxTimestamp], ["CreateTime", NOW]);
});

Deno.test("a greatest timestamp that the producer left out is put right", () => {
  const bytes = withField(batchOf(RECORDS), (view) => view.setBigInt64(35, -1n));
  const batch = accepted(bytes);
  assertStrictEquals(batch.bytes.buffer, bytes.buffer);
  assertEquals(batch.maxTimestamp, NOW + 5);
});

Deno.test("offsets that are not 0, 1, 2 and so on are counted anew", () => {
  const gaps = batchOf([{ ...RECORDS[0], offset: 0 }, { ...RECORDS[1], offset: 2 }], { compressionType: "gzip" });
  const bytes = withField(gaps, (view) => view.setInt32(23, 1));
  const batch = accepted(bytes, COMPACTED);
  assertEquals(contents(batch).map(({ offset }) => offset), [0, 1]);
  assertEquals(batch.lastOffset, 1);
});

Deno.test("each codec becomes each other that the topic wants", () => {
  const origin = { producerId: 77n, producerEpoch: 2, baseSequence: 9, isTransactional: true };
  const expected = contents(new RecordBatch(batchOf(RECORDS)));
  for (const source of ["none", ...CODECS] as CompressionType[]) {
    for (const target of ["uncompressed", ...CODECS] as const) {
      const batch = accepted(batchOf(RECORDS, { ...origin, compressionType: source }), { compressionType: target });
      assertEquals(batch.compressionType, target === "uncompressed" ? "none" : target);
      assertEquals(contents(batch), expected);
      assertEquals([batch.baseTimestamp, batch.maxTimestamp, batch.lastOffset], [NOW, NOW + 5, 2]);
      assertEquals([batch.producerId, batch.producerEpoch, batch.baseSequence], [77n, 2, 9]);
      assertEquals(batch.isTransactional, true);
    }
  }
});

Deno.test("recompression stamps LogAppendTime too", () => {
  const batch = accepted(batchOf(RECORDS), { ...STAMPED, compressionType: "lz4" });
  assertEquals([batch.compressionType, batch.timestampType, batch.maxTimestamp], ["lz4", "LogAppendTime", NOW]);
});

Deno.test("records that are malformed under a right checksum are INVALID_RECORD, once they must be decoded", () => {
  const builder = batchOf(RECORDS);
  const malformed = withField(builder, (view) => view.setInt8(61, 100));
  assertRejected(malformed, ErrorCode.INVALID_RECORD, /records\[0\]/, COMPACTED);
  const notGzip = withField(batchOf(RECORDS), (view) => view.setInt16(21, 1));
  assertRejected(notGzip, ErrorCode.INVALID_RECORD, /do not decompress/, COMPACTED);
  accepted(notGzip);
});

Deno.test("a codec that there is not, or that the runtime lacks, is UNSUPPORTED_COMPRESSION_TYPE", () => {
  const unknown = withField(batchOf(RECORDS), (view) => view.setInt16(21, 5));
  assertRejected(unknown, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, /Compression 5/);
  const lacking: Compressor = { ...runtimeCompressor, supports: (name) => name !== "snappy" };
  const bytes = batchOf(RECORDS, { compressionType: "snappy" });
  accepted(bytes.slice(), {}, lacking);
  for (const [records, config] of [[bytes, COMPACTED], [batchOf(RECORDS), { compressionType: "snappy" }]] as const) {
    const { rejection } = validate(records, config, lacking);
    assertEquals(rejection?.errorCode, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
  }
});

Deno.test("a fault that is not the client's is not hidden", () => {
  let message = "";
  try {
    validate(batchOf(RECORDS, { compressionType: "gzip" }), COMPACTED, UNUSED);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "The records were decoded");
});

Deno.test("whatever bytes arrive, there is an answer", () => {
  const sound = batchOf(RECORDS, { compressionType: "gzip", producerId: 5n, producerEpoch: 0, baseSequence: 0 });
  const configs = [{}, COMPACTED, STAMPED, { compressionType: "lz4" }, { compressionType: "uncompressed" }] as const;
  const changes = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(fc.property(changes, fc.nat(sound.length), fc.constantFrom(...configs), (changes, length, config) => {
    const bytes = sound.slice(0, Math.max(length, sound.length - 2));
    for (const [at, value] of changes) bytes[at] = value;
    if (bytes.length === sound.length && bytes[16] === 2) fixChecksum(bytes);
    validate(bytes, config);
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...configs), (bytes, config) => {
    validate(bytes, config);
  }));
});

/** Makes the checksum right, so that what lies behind it is reached. */
function fixChecksum(bytes: Uint8Array): void {
  if (new DataView(bytes.buffer).getInt32(8) + 12 === bytes.length) bytes.set(withField(bytes, () => {}));
}
