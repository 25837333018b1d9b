import { assert, assertEquals, assertInstanceOf, assertLess, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { DecodeError, utf8, Writer } from "../../lib/bytes/mod.ts";
import type { Compressor } from "../../lib/ports.ts";
import {
  batchesOf,
  type BatchOptions,
  COMPRESSION_TYPES,
  type CompressionType,
  encodeBatch,
  RecordBatch,
  RecordBatchBuilder,
  type RecordInit,
  recordsOf,
  UnsupportedCompressionError,
} from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";

const MEGABYTE = 2 ** 20;
const CODECS = COMPRESSION_TYPES.filter((name) => name === "none" || runtimeCompressor.supports(name));

function batchOf(records: readonly RecordInit[], options: BatchOptions = {}): Uint8Array {
  const builder = new RecordBatchBuilder(options, runtimeCompressor);
  for (const record of records) builder.append(record);
  return builder.build();
}

/** A batch around `payload`, whatever that is. */
function batchAround(payload: Uint8Array, recordCount: number, compressionType: CompressionType = "none"): RecordBatch {
  const contents = { lastOffsetDelta: recordCount - 1, baseTimestamp: 0n, maxTimestamp: 0n, recordCount };
  return new RecordBatch(encodeBatch({ compressionType }, payload, contents));
}

const nullableBytes = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null });
const header = fc.record(
  { key: fc.string({ unit: "binary", maxLength: 10 }), value: nullableBytes },
  { noNullPrototype: true },
);
const record: fc.Arbitrary<RecordInit> = fc.record({
  timestamp: fc.integer({ min: -1, max: 2 ** 50 }),
  key: nullableBytes,
  value: nullableBytes,
  headers: fc.array(header, { maxLength: 4 }),
});

Deno.test("whatever records are put into a batch come out of it", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.constantFrom(...CODECS), (records, codec) => {
      const batch = new RecordBatch(batchOf(records, { compressionType: codec, baseOffset: 500 }));
      assert(batch.checksumOk());
      const read = [...recordsOf(batch, runtimeCompressor)];
      assertEquals(
        read.map(({ timestamp, key, value, headers }) => ({ timestamp, key, value, headers })),
        records.map(({ timestamp, key, value, headers }) => ({ timestamp, key, value, headers })) as typeof read,
      );
      assertEquals(read.map(({ offset }) => offset), records.map((_, index) => 500 + index));
    }),
  );
});

Deno.test("records come lazily, as views", () => {
  const bytes = batchOf([{ value: utf8("first") }, { value: utf8("second") }]);
  bytes[61] = 100;
  const [first, second] = [
    recordsOf(new RecordBatch(bytes), runtimeCompressor),
    recordsOf(new RecordBatch(bytes), runtimeCompressor),
  ];
  assertThrows(() => first.next(), DecodeError);
  bytes[61] = batchOf([{ value: utf8("first") }])[61];
  const { value } = second.next() as { value: { value: Uint8Array } };
  assert(value.value.buffer === bytes.buffer);
});

Deno.test("damage causes DecodeError and nothing else, wherever it is", () => {
  const records = [{
    timestamp: 5,
    key: utf8("k"),
    value: utf8("v".repeat(100)),
    headers: [{ key: "h", value: null }],
  }];
  for (const compressionType of CODECS) {
    const sound = batchOf([...records, ...records, ...records], { compressionType });
    for (let length = 0; length < sound.length; length++) assertReadsOrFails(sound.subarray(0, length));
    const changes = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(fc.property(changes, (changes) => {
      const damaged = sound.slice();
      for (const [at, value] of changes) damaged[at] = value;
      assertReadsOrFails(damaged);
    }));
  }
});

Deno.test("random bytes cause DecodeError and nothing else", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), assertReadsOrFails));
  const count = fc.integer({ min: -3, max: 30 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), count, fc.nat(7), (payload, count, attributes) => {
    const { bytes } = batchAround(payload, count);
    bytes[22] = attributes;
    assertReadsOrFails(bytes);
  }));
});

function assertReadsOrFails(bytes: Uint8Array): void {
  try {
    for (const batch of batchesOf(bytes)) {
      batch.checksumOk();
      for (const record of recordsOf(batch, runtimeCompressor, MEGABYTE)) assert(record.headers.length >= 0);
    }
  } catch (error) {
    if (!(error instanceof UnsupportedCompressionError)) assertInstanceOf(error, DecodeError);
  }
}

Deno.test("an error names the record and the place in it", () => {
  const sound = batchOf([{ value: utf8("v") }]).subarray(61);
  const damaged = concat([sound, Uint8Array.of(12, 0, 0, 2, 1, 100, 0)]);
  const error = assertThrows(() => [...recordsOf(batchAround(damaged, 2), runtimeCompressor)], DecodeError);
  assertEquals([error.path, error.offset], ["records[1]", 14]);
});

Deno.test("what decompresses to more than the limit is refused", () => {
  const bytes = batchOf([{ value: new Uint8Array(3 * MEGABYTE) }], { compressionType: "gzip" });
  assertThrows(() => [...recordsOf(new RecordBatch(bytes), runtimeCompressor, MEGABYTE)], DecodeError, "1048576");
  assertEquals([...recordsOf(new RecordBatch(bytes), runtimeCompressor)][0].value?.length, 3 * MEGABYTE);
});

Deno.test("millions of claimed headers or records cost no memory", () => {
  const claims = new Writer();
  claims.varint(3 * MEGABYTE);
  claims.bytes(new Uint8Array(3));
  claims.varint(-1);
  claims.varint(-1);
  claims.varint(1_500_000);
  claims.bytes(new Uint8Array(3 * MEGABYTE - 8));
  const batch = batchAround(claims.finish(), 1);
  const before = Deno.memoryUsage().heapUsed;
  let count = 0;
  try {
    for (const record of recordsOf(batch, runtimeCompressor)) count += record.headerCount;
  } catch (error) {
    assertInstanceOf(error, DecodeError);
  }
  assertLess(Deno.memoryUsage().heapUsed - before, 20 * MEGABYTE);
  assertLess(count, 1_500_001);
  assertThrows(() => [...recordsOf(batchAround(new Uint8Array(0), 2 ** 31 - 1), runtimeCompressor)], DecodeError);
});

Deno.test("a codec that the runtime lacks is told apart from damage", () => {
  const lacking: Compressor = { ...runtimeCompressor, supports: () => false };
  const bytes = batchOf([{ value: utf8("v") }], { compressionType: "gzip" });
  assertThrows(() => recordsOf(new RecordBatch(bytes), lacking), UnsupportedCompressionError, "gzip");
});

Deno.test("a batch of which only the header is there cannot be read", () => {
  const bytes = batchOf([{ value: utf8("v") }]).subarray(0, 61);
  const batch = new RecordBatch(bytes);
  assert(!batch.isWhole);
  assertThrows(() => recordsOf(batch, runtimeCompressor), Error, "Only 61 of");
});
