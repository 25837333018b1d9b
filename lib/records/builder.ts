/**
 * Builds batches of magic 2: for the coordinators and the metadata log, for conversion and compaction, and for tests.
 *
 * @module
 */
import { crc32c, sizeOfUnsignedVarint, sizeOfVarint, sizeOfVarlong, utf8, Writer } from "../bytes/mod.ts";
import type { Compressor } from "../ports.ts";
import {
  COMPRESSION_TYPES,
  type CompressionType,
  CONTROL_MASK,
  DELETE_HORIZON_MASK,
  LOG_OVERHEAD_BYTES,
  TIMESTAMP_TYPE_MASK,
  TRANSACTIONAL_MASK,
} from "./attributes.ts";
import { BATCH_HEADER_BYTES, FIELD_AT } from "./batch.ts";
import type { LogRecord, RecordHeader } from "./record.ts";

/** The header of a batch to be built. What is left out has Kafka's value for "none". */
export interface BatchOptions {
  readonly baseOffset?: number | bigint;
  readonly partitionLeaderEpoch?: number;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly compressionType?: CompressionType;
  /** In the codec's own scale; its default where left out. */
  readonly compressionLevel?: number;
  /**
   * Stamps the batch with the time of appending, milliseconds since the epoch: LogAppendTime. CreateTime where left
   * out.
   */
  readonly logAppendTimeMs?: number;
  /** The time after which tombstones may go, set by the log cleaner (KIP-534). */
  readonly deleteHorizonMs?: number;
}

/** A record to be put into a batch. */
export interface RecordInit {
  /** Its offset; where left out, the one after the record before it. Offsets must rise. */
  readonly offset?: number;
  /** Milliseconds since the epoch; -1, the default, for none. */
  readonly timestamp?: number | bigint;
  /** Null, the default, for none. */
  readonly key?: Uint8Array | null;
  /** Null, the default, for none. */
  readonly value?: Uint8Array | null;
  readonly headers?: readonly RecordHeader[];
}

/**
 * Collects records and makes one batch of them.
 *
 * ```ts
 * import { RecordBatchBuilder, RecordBatch } from "./mod.ts";
 *
 * const builder = new RecordBatchBuilder({ baseOffset: 100 });
 * builder.append({ timestamp: 1700000000000, value: new TextEncoder().encode("hello") });
 * new RecordBatch(builder.build()).lastOffset; // 100
 * ```
 */
export class RecordBatchBuilder {
  readonly #options: BatchOptions;
  readonly #compressor: Compressor | null;
  readonly #records = new Writer();
  #count = 0;
  #lastOffsetDelta = -1;
  #baseTimestamp: number | bigint | null;
  #maxTimestamp: number | bigint = -1;

  /** @param compressor needed where the options name a compression */
  constructor(options: BatchOptions = {}, compressor: Compressor | null = null) {
    this.#options = options;
    this.#compressor = compressor;
    this.#baseTimestamp = options.deleteHorizonMs ?? null;
  }

  /** How many records were appended. */
  get recordCount(): number {
    return this.#count;
  }

  /** Bytes of the batch so far, before compression. */
  get sizeInBytes(): number {
    return BATCH_HEADER_BYTES + this.#records.length;
  }

  /** Appends a record. */
  append(record: RecordInit): void {
    const headers = record.headers ?? [];
    const keys = headers.map((header) => utf8(header.key));
    let headerBytes = 0;
    headers.forEach(({ value }, index) => headerBytes += sizeOfNullable(keys[index]) + sizeOfNullable(value));
    const { key = null, value = null, timestamp = -1 } = record;
    this.#startRecord(this.#offsetDelta(record.offset), timestamp, key, value, headers.length, headerBytes);
    headers.forEach(({ value }, index) => {
      writeNullable(this.#records, keys[index]);
      writeNullable(this.#records, value);
    });
  }

  /** Appends a record that was read from another batch, at `offset` where given, without decoding its headers. */
  appendRecord(record: LogRecord, offset?: number): void {
    const { timestamp, key, value, headerCount, headerBytes } = record;
    this.#startRecord(this.#offsetDelta(offset), timestamp, key, value, headerCount, headerBytes.length);
    this.#records.bytes(headerBytes);
  }

  /**
   * The batch, with all that was appended; nothing can be appended after it.
   *
   * @param lastOffset the last offset that the batch covers, where it is beyond that of the last record
   */
  build(lastOffset?: number): Uint8Array {
    const type = this.#options.compressionType ?? "none";
    const records = this.#records.finish();
    const payload = type === "none" ? records : this.#compress(type, records);
    const lastOffsetDelta = lastOffset === undefined ? this.#lastOffsetDelta : this.#deltaOf(lastOffset);
    if (lastOffsetDelta < 0) throw new RangeError("A batch without records needs a last offset");
    return encodeBatch(this.#options, payload, {
      lastOffsetDelta,
      baseTimestamp: BigInt(this.#baseTimestamp ?? -1),
      maxTimestamp: BigInt(this.#maxTimestamp),
      recordCount: this.#count,
    });
  }

  #compress(type: Exclude<CompressionType, "none">, records: Uint8Array): Uint8Array {
    if (this.#compressor === null) throw new Error(`A batch compressed with ${type} needs a compressor`);
    return this.#compressor.compress(type, records, this.#options.compressionLevel);
  }

  #offsetDelta(offset: number | undefined): number {
    const delta = offset === undefined ? this.#lastOffsetDelta + 1 : this.#deltaOf(offset);
    if (delta <= this.#lastOffsetDelta) {
      throw new RangeError(`Offset ${offset} does not lie after the record before it`);
    }
    return delta;
  }

  #deltaOf(offset: number): number {
    const delta = offset - Number(this.#options.baseOffset ?? 0);
    if (delta < 0 || delta > MAX_INT32) throw new RangeError(`Offset ${offset} lies outside of the batch`);
    return delta;
  }

  /** Writes all of a record but its headers, and accounts for it. */
  #startRecord(
    offsetDelta: number,
    timestamp: number | bigint,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headerCount: number,
    headerBytes: number,
  ): void {
    this.#baseTimestamp ??= timestamp;
    const timestampDelta = deltaOf(timestamp, this.#baseTimestamp);
    const writer = this.#records;
    writer.varint(
      1 + sizeOfDelta(timestampDelta) + sizeOfVarint(offsetDelta) + sizeOfNullable(key) + sizeOfNullable(value) +
        sizeOfVarint(headerCount) + headerBytes,
    );
    writer.int8(0);
    if (typeof timestampDelta === "number") writer.varint(timestampDelta);
    else writer.varlong(timestampDelta);
    writer.varint(offsetDelta);
    writeNullable(writer, key);
    writeNullable(writer, value);
    writer.varint(headerCount);
    this.#count++;
    this.#lastOffsetDelta = offsetDelta;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
  }
}

const MAX_INT32 = 2 ** 31 - 1;

/** A timestamp less the base timestamp, as a `number` where it has 32 bits, as it nearly always does; else a `bigint`. */
function deltaOf(timestamp: number | bigint, baseTimestamp: number | bigint): number | bigint {
  if (typeof timestamp === "number" && typeof baseTimestamp === "number") {
    const delta = timestamp - baseTimestamp;
    if (delta === (delta | 0)) return delta;
  }
  return BigInt.asIntN(64, BigInt(timestamp) - BigInt(baseTimestamp));
}

function sizeOfDelta(delta: number | bigint): number {
  return typeof delta === "number" ? sizeOfVarint(delta) : sizeOfVarlong(delta);
}

function sizeOfNullable(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : sizeOfUnsignedVarint(bytes.length * 2) + bytes.length;
}

function writeNullable(writer: Writer, bytes: Uint8Array | null): void {
  if (bytes === null) return writer.varint(-1);
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/** What the records of a batch say about its header. */
export interface BatchContents {
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: bigint;
  /** The greatest of the records'; not used where the batch is stamped with LogAppendTime. */
  readonly maxTimestamp: bigint;
  readonly recordCount: number;
}

/** A batch of magic 2 around `payload`, its records, compressed already as the options say. */
export function encodeBatch(options: BatchOptions, payload: Uint8Array, contents: BatchContents): Uint8Array {
  const bytes = new Uint8Array(BATCH_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  const { logAppendTimeMs } = options;
  view.setBigInt64(FIELD_AT.baseOffset, BigInt(options.baseOffset ?? 0));
  view.setInt32(FIELD_AT.length, bytes.length - LOG_OVERHEAD_BYTES);
  view.setInt32(FIELD_AT.partitionLeaderEpoch, options.partitionLeaderEpoch ?? -1);
  view.setInt8(FIELD_AT.magic, 2);
  view.setInt16(FIELD_AT.attributes, attributesOf(options));
  view.setInt32(FIELD_AT.lastOffsetDelta, contents.lastOffsetDelta);
  view.setBigInt64(FIELD_AT.baseTimestamp, contents.baseTimestamp);
  view.setBigInt64(
    FIELD_AT.maxTimestamp,
    logAppendTimeMs === undefined ? contents.maxTimestamp : BigInt(logAppendTimeMs),
  );
  view.setBigInt64(FIELD_AT.producerId, options.producerId ?? -1n);
  view.setInt16(FIELD_AT.producerEpoch, options.producerEpoch ?? -1);
  view.setInt32(FIELD_AT.baseSequence, options.baseSequence ?? -1);
  view.setInt32(FIELD_AT.recordCount, contents.recordCount);
  bytes.set(payload, BATCH_HEADER_BYTES);
  view.setUint32(FIELD_AT.crc, crc32c(bytes.subarray(FIELD_AT.attributes)));
  return bytes;
}

function attributesOf(options: BatchOptions): number {
  return COMPRESSION_TYPES.indexOf(options.compressionType ?? "none") |
    (options.logAppendTimeMs === undefined ? 0 : TIMESTAMP_TYPE_MASK) |
    (options.isTransactional ? TRANSACTIONAL_MASK : 0) |
    (options.isControl ? CONTROL_MASK : 0) |
    (options.deleteHorizonMs === undefined ? 0 : DELETE_HORIZON_MASK);
}
