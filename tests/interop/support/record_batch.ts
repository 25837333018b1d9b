/**
 * Record batches with any field as a test wants it, wrong ones included.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { crc32 } from "../../../lib/bytes/crc32.ts";
import { crc32c, Writer } from "../../../lib/bytes/mod.ts";

/** A record of a batch of magic 2; a string is a record with that value and nothing else. */
export type TestRecord = string | {
  readonly key?: string | null;
  readonly value?: string | null;
  /** Milliseconds after the batch's base timestamp. */
  readonly timestampDelta?: number;
  /** By default the index of the record in the batch. */
  readonly offsetDelta?: number;
  readonly headers?: readonly (readonly [key: string, value: string | null])[];
};

/** What the header of a batch says, where it is not what its records suggest. */
export interface BatchFields {
  readonly baseOffset?: bigint;
  readonly length?: number;
  readonly partitionLeaderEpoch?: number;
  readonly magic?: number;
  readonly crc?: number;
  readonly attributes?: number;
  readonly lastOffsetDelta?: number;
  readonly baseTimestamp?: number | bigint;
  readonly maxTimestamp?: number | bigint;
  readonly producerId?: number | bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly recordCount?: number;
  /** Applied to the encoded records. */
  readonly compress?: (records: Uint8Array) => Uint8Array;
}

/** Bits of the attributes. */
export const Attributes = {
  GZIP: 1,
  SNAPPY: 2,
  LZ4: 3,
  ZSTD: 4,
  LOG_APPEND_TIME: 0x08,
  TRANSACTIONAL: 0x10,
  CONTROL: 0x20,
} as const;

/** The time of the records where a test does not care: one for all runs, not long ago for the brokers' clocks. */
export const NOW_MS = Date.now() - 60_000;

/** A batch of magic 2. */
export function batch(records: readonly TestRecord[], fields: BatchFields = {}): Uint8Array {
  const deltas = records.map((record) => typeof record === "string" ? 0 : record.timestampDelta ?? 0);
  const baseTimestamp = BigInt(fields.baseTimestamp ?? NOW_MS);
  const payload = concat(records.map(encodeRecord));
  const tail = new Writer();
  tail.int16(fields.attributes ?? 0);
  tail.int32(fields.lastOffsetDelta ?? records.length - 1);
  tail.int64(baseTimestamp);
  tail.int64(BigInt(fields.maxTimestamp ?? baseTimestamp + BigInt(Math.max(0, ...deltas))));
  tail.int64(BigInt(fields.producerId ?? -1));
  tail.int16(fields.producerEpoch ?? -1);
  tail.int32(fields.baseSequence ?? -1);
  tail.int32(fields.recordCount ?? records.length);
  tail.bytes(fields.compress?.(payload) ?? payload);
  const covered = tail.finish();
  const head = new Writer();
  head.int64(fields.baseOffset ?? 0n);
  head.int32(fields.length ?? covered.length + 9);
  head.int32(fields.partitionLeaderEpoch ?? -1);
  head.int8(fields.magic ?? 2);
  head.uint32(fields.crc ?? crc32c(covered));
  return concat([head.finish(), covered]);
}

function encodeRecord(record: TestRecord, index: number): Uint8Array {
  const { key, value, timestampDelta, offsetDelta, headers } = typeof record === "string"
    ? { value: record } as Exclude<TestRecord, string>
    : record;
  const body = new Writer();
  body.int8(0);
  body.varlong(BigInt(timestampDelta ?? 0));
  body.varint(offsetDelta ?? index);
  writeBytes(body, key ?? null);
  writeBytes(body, value ?? null);
  body.varint(headers?.length ?? 0);
  for (const [name, content] of headers ?? []) {
    writeBytes(body, name);
    writeBytes(body, content);
  }
  const bytes = body.finish();
  const whole = new Writer();
  whole.varint(bytes.length);
  whole.bytes(bytes);
  return whole.finish();
}

function writeBytes(writer: Writer, text: string | null): void {
  if (text === null) return writer.varint(-1);
  const bytes = new TextEncoder().encode(text);
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/** A message of magic 0 or 1, as producers before Kafka 0.11 send them. */
export function legacyMessage(
  { magic, key, value, timestampMs, attributes, offset, crc }: {
    readonly magic: 0 | 1;
    readonly key?: string | null;
    readonly value: string | Uint8Array | null;
    readonly timestampMs?: number;
    readonly attributes?: number;
    readonly offset?: number;
    readonly crc?: number;
  },
): Uint8Array {
  const tail = new Writer();
  tail.int8(magic);
  tail.int8(attributes ?? 0);
  if (magic === 1) tail.int64(BigInt(timestampMs ?? NOW_MS));
  writeSized(tail, key ?? null);
  writeSized(tail, value);
  const covered = tail.finish();
  const head = new Writer();
  head.int64(BigInt(offset ?? 0));
  head.int32(covered.length + 4);
  head.uint32(crc ?? crc32(covered));
  return concat([head.finish(), covered]);
}

function writeSized(writer: Writer, content: string | Uint8Array | null): void {
  if (content === null) return writer.int32(-1);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  writer.int32(bytes.length);
  writer.bytes(bytes);
}
