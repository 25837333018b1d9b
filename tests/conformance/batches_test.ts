/**
 * Batches that Apache Kafka's own writers made, and broken ones with what its readers say of them: README of the
 * vectors.
 */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { concat } from "@std/bytes";
import { DecodeError } from "../../lib/bytes/mod.ts";
import { ControlRecordType } from "../../lib/protocol/records/mod.ts";
import {
  type Batch,
  batchesOf,
  COMPRESSION_TYPES,
  type CompressionType,
  controlRecordTypeOf,
  CorruptBatchError,
  firstOffsetOf,
  type LogRecord,
  RecordBatch,
  RecordBatchBuilder,
  recordsOf,
} from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { checkLines, type Line, testVectors } from "./vectors.ts";

type Int64 = number | bigint;

interface RecordVector {
  readonly offset: Int64;
  readonly timestamp: Int64;
  readonly sequence?: number;
  readonly keyHex: string | null;
  readonly valueHex: string | null;
  readonly headers: readonly { readonly key: string; readonly valueHex: string | null }[];
  readonly controlType?: string;
}

interface BatchVector {
  readonly baseOffset: Int64;
  readonly lastOffset: Int64;
  readonly sizeInBytes: number;
  readonly magic: number;
  readonly compression: string;
  readonly partitionLeaderEpoch: number;
  readonly producerId: Int64;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly timestampType: string;
  readonly baseTimestamp?: Int64;
  readonly maxTimestamp: Int64;
  readonly deleteHorizonMs?: Int64;
  readonly crc: number;
  readonly count?: number;
  readonly records: readonly RecordVector[];
}

interface Vector {
  readonly case: string;
  readonly hex: string;
  readonly valid: boolean;
  readonly batches: readonly BatchVector[];
  readonly reason?: string;
  readonly failsAt?: "framing" | "batch" | "records" | "leftover";
  readonly validBytes?: number;
}

/** Batches of a codec that this runtime lacks pass through it, but cannot be read here. */
const canBeRead = ({ vector }: Line<Vector>) =>
  runtimeCompressor.supports("zstd") || vector.batches.every((batch) => batch.compression !== "zstd");

const describe = (vector: Vector) => `${vector.case} ${vector.reason ?? ""}`;

testVectors<Vector>(
  "sound batches show the fields and records that Apache Kafka gave them",
  "batches.jsonl",
  (lines) => {
    checkLines(lines.filter(canBeRead).filter(({ vector }) => vector.valid), describe, (vector) => {
      const batches = [...batchesOf(Uint8Array.fromHex(vector.hex))];
      assertEquals(batches.length, vector.batches.length);
      batches.forEach((batch, index) => assertBatch(batch, vector.batches[index]));
    });
  },
);

testVectors<Vector>("broken batches fail where Apache Kafka's readers fail", "batches.jsonl", (lines) => {
  checkLines(lines.filter(({ vector }) => !vector.valid), describe, (vector) => {
    const { failsAt, validBytes, batches } = readUntilItFails(Uint8Array.fromHex(vector.hex));
    assertEquals({ failsAt, validBytes }, { failsAt: vector.failsAt, validBytes: vector.validBytes });
    assertEquals(batches.length, vector.batches.length);
    batches.forEach((batch, index) => assertBatch(batch, vector.batches[index]));
  });
});

testVectors<Vector>("batches built anew have the bytes that Apache Kafka gave them", "batches.jsonl", (lines) => {
  const rebuildable = lines.filter(({ vector }) => vector.valid && vector.batches.every(isBuiltLikeThis));
  checkLines(rebuildable, describe, (vector) => {
    const timestamps = [...batchesOf(Uint8Array.fromHex(vector.hex))].map(producersTimestamps);
    const rebuilt = vector.batches.map((batch, index) => build(batch, "none", timestamps[index]));
    assertEquals(concat(rebuilt).toHex(), vector.hex);
  });
});

testVectors<Vector>("compressed batches built anew give back their records", "batches.jsonl", (lines) => {
  const ofMagic2 = lines.filter(({ vector }) => vector.valid && vector.batches.every(({ magic }) => magic === 2));
  checkLines(ofMagic2, describe, (vector) => {
    for (const batch of vector.batches) {
      for (const compressionType of COMPRESSION_TYPES) {
        if (compressionType !== "none" && !runtimeCompressor.supports(compressionType)) continue;
        const rebuilt = new RecordBatch(build(batch, compressionType));
        assert(rebuilt.checksumOk(), compressionType);
        assertEquals(rebuilt.compressionType, compressionType);
        assertRecords(rebuilt, batch);
      }
    }
  });
});

testVectors<Vector>("control records tell their type", "batches.jsonl", (lines) => {
  const control = lines.filter(({ vector }) => vector.valid && vector.case.startsWith("control-"));
  checkLines(control, describe, (vector) => {
    for (const [index, batch] of [...batchesOf(Uint8Array.fromHex(vector.hex))].entries()) {
      const types = [...recordsOf(batch, runtimeCompressor)].map(controlRecordTypeOf);
      const names = vector.batches[index].records.map(({ controlType }) =>
        controlType as keyof typeof ControlRecordType
      );
      assertEquals(types, names.map((name) => ControlRecordType[name]));
    }
  });
});

/** Compressed batches have other bytes, for there is more than one way to compress, and empty ones a mere header. */
function isBuiltLikeThis(batch: BatchVector): boolean {
  return batch.magic === 2 && batch.compression === "none" && batch.records.length > 0;
}

/**
 * A batch with LogAppendTime keeps, and does not show, the timestamps that its producer gave; null for other batches.
 */
function producersTimestamps(batch: Batch): number[] | null {
  if (batch.timestampType !== "LogAppendTime") return null;
  const copy = new RecordBatch(batch.bytes.slice());
  copy.setMaxTimestamp("CreateTime", copy.maxTimestamp);
  copy.baseOffset = 0;
  return [...recordsOf(copy, runtimeCompressor)].map((record) => record.timestamp);
}

function build(
  vector: BatchVector,
  compressionType: CompressionType,
  timestamps: readonly Int64[] | null = null,
): Uint8Array {
  const base = BigInt(vector.baseOffset);
  // The builder counts offsets as numbers, the vectors go beyond: so they are counted from 0, and the base is set
  // after.
  const builder = new RecordBatchBuilder({
    partitionLeaderEpoch: vector.partitionLeaderEpoch,
    producerId: BigInt(vector.producerId),
    producerEpoch: vector.producerEpoch,
    baseSequence: vector.baseSequence,
    isTransactional: vector.isTransactional,
    isControl: vector.isControl,
    compressionType,
    logAppendTimeMs: vector.timestampType === "LogAppendTime" ? Number(vector.maxTimestamp) : undefined,
    deleteHorizonMs: vector.deleteHorizonMs === undefined ? undefined : Number(vector.deleteHorizonMs),
  }, runtimeCompressor);
  for (const [index, record] of vector.records.entries()) {
    builder.append({
      offset: Number(BigInt(record.offset) - base),
      timestamp: timestamps?.[index] ?? record.timestamp,
      key: fromHex(record.keyHex),
      value: fromHex(record.valueHex),
      headers: record.headers.map(({ key, valueHex }) => ({ key, value: fromHex(valueHex) })),
    });
  }
  const bytes = builder.build(Number(BigInt(vector.lastOffset) - base));
  new RecordBatch(bytes).baseOffset64 = base;
  return bytes;
}

/** The whole way of a batch into a log and out: framing, checksum, records. Every failure must be a DecodeError. */
function readUntilItFails(bytes: Uint8Array) {
  const batches: Batch[] = [];
  let validBytes = 0;
  let step: "framing" | "batch" | "records" = "framing";
  try {
    for (const batch of batchesOf(bytes)) {
      step = "batch";
      if (!batch.checksumOk()) return { failsAt: "batch", validBytes, batches };
      step = "records";
      for (const record of recordsOf(batch, runtimeCompressor)) assert(record.headers.length >= 0);
      batches.push(batch);
      validBytes += batch.sizeInBytes;
      step = "framing";
    }
    return { failsAt: null, validBytes, batches };
  } catch (error) {
    assertInstanceOf(error, DecodeError);
    return { failsAt: step === "framing" ? (error as CorruptBatchError).kind : step, validBytes, batches };
  }
}

function assertBatch(batch: Batch, vector: BatchVector): void {
  assert(batch.checksumOk(), "checksum");
  assertEquals(
    {
      lastOffset: batch.lastOffset64,
      sizeInBytes: batch.sizeInBytes,
      magic: batch.magic,
      compression: batch.compressionType,
      partitionLeaderEpoch: batch.partitionLeaderEpoch,
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      lastSequence: batch.lastSequence,
      isTransactional: batch.isTransactional,
      isControl: batch.isControl,
      timestampType: batch.timestampType,
      maxTimestamp: batch.maxTimestamp,
      crc: batch.crc,
      count: batch.recordCount ?? undefined,
    },
    {
      lastOffset: BigInt(vector.lastOffset),
      sizeInBytes: vector.sizeInBytes,
      magic: vector.magic,
      compression: vector.compression,
      partitionLeaderEpoch: vector.partitionLeaderEpoch,
      producerId: BigInt(vector.producerId),
      producerEpoch: vector.producerEpoch,
      baseSequence: vector.baseSequence,
      lastSequence: vector.lastSequence,
      isTransactional: vector.isTransactional,
      isControl: vector.isControl,
      timestampType: vector.timestampType,
      maxTimestamp: clamped(vector.maxTimestamp),
      crc: vector.crc,
      count: vector.count,
    },
  );
  if (batch.magic === 2) {
    assertEquals(batch.baseOffset64, BigInt(vector.baseOffset));
    assertEquals(batch.baseTimestamp, clamped(vector.baseTimestamp!));
    assertEquals(batch.hasDeleteHorizon, vector.deleteHorizonMs !== undefined);
  } else {
    assertEquals(firstOffsetOf(batch, runtimeCompressor), Number(vector.baseOffset));
  }
  assertRecords(batch, vector);
}

/** Some vectors have offsets beyond 2^53, which the core refuses: their records are read at the base offset 0. */
function assertRecords(batch: Batch, vector: BatchVector): void {
  const shift = batch.magic === 2 && batch.lastOffset64 > Number.MAX_SAFE_INTEGER ? batch.baseOffset64 : 0n;
  let near = batch;
  if (shift > 0n) {
    near = new RecordBatch(batch.bytes.slice());
    near.baseOffset = 0;
  }
  const records = [...recordsOf(near, runtimeCompressor)];
  assertEquals(records.map((record) => plainRecord(record, shift)), vector.records.map(expectedRecord));
}

function plainRecord(record: LogRecord, shift: bigint) {
  return {
    offset: BigInt(record.offset) + shift,
    timestamp: record.timestamp,
    sequence: record.sequence,
    key: record.key?.toHex() ?? null,
    value: record.value?.toHex() ?? null,
    headers: record.headers.map(({ key, value }) => ({ key, valueHex: value?.toHex() ?? null })),
  };
}

function fromHex(hex: string | null): Uint8Array | null {
  return hex === null ? null : Uint8Array.fromHex(hex);
}

function expectedRecord(record: RecordVector): ReturnType<typeof plainRecord> {
  return {
    offset: BigInt(record.offset),
    timestamp: clamped(record.timestamp),
    sequence: record.sequence ?? -1,
    key: record.keyHex,
    value: record.valueHex,
    headers: record.headers.map(({ key, valueHex }) => ({ key, valueHex })),
  };
}

/** Timestamps in the core are numbers, at most 2^53 − 1. */
function clamped(value: Int64): number {
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}
