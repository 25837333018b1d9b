/**
 * A record batch of magic 2, the format since Kafka 0.11 (KIP-98), seen through its header and never decoded.
 *
 * ```
 *  0 baseOffset int64          21 attributes int16       43 producerId int64
 *  8 length int32              23 lastOffsetDelta int32  51 producerEpoch int16
 * 12 partitionLeaderEpoch int32 27 baseTimestamp int64   53 baseSequence int32
 * 16 magic int8                35 maxTimestamp int64     57 recordCount int32
 * 17 crc uint32                                          61 records, compressed or not
 * ```
 *
 * `length` counts what follows it, and the CRC32C covers what follows it: base offset and leader epoch lie before it,
 * so that a broker can set them without touching the rest.
 *
 * Source: https://kafka.apache.org/documentation/#recordbatch
 *
 * @module
 */
import { crc32c, int64At, setInt64At, toNumber, toNumberClamped } from "../bytes/mod.ts";
import {
  type CompressionType,
  compressionTypeOf,
  CONTROL_MASK,
  DELETE_HORIZON_MASK,
  LOG_OVERHEAD_BYTES,
  TIMESTAMP_TYPE_MASK,
  type TimestampType,
  TRANSACTIONAL_MASK,
} from "./attributes.ts";
import { CorruptBatchError } from "./corrupt.ts";

/** Bytes of the header, base offset and length included. */
export const BATCH_HEADER_BYTES = 61;

/** The position of each field in a batch of magic 2. */
export const FIELD_AT = {
  baseOffset: 0,
  length: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

/**
 * A view of one batch of magic 2: nothing is copied, getters read the bytes, setters write into them. Offsets and times
 * (milliseconds since the epoch) are numbers. What a header says is not checked here but for its length; see
 * {@linkcode RecordBatch.checksumOk}.
 */
export class RecordBatch {
  readonly magic = 2;
  /** The bytes of this batch and nothing else; fewer than `sizeInBytes` where only the header was at hand. */
  readonly bytes: Uint8Array;
  /** All of the batch, base offset and length included. */
  readonly sizeInBytes: number;
  readonly #view: DataView;

  /**
   * @param bytes where the batch lies; it is not copied
   * @param offset where the batch starts in them
   * @param sizeInBytes of the batch, where the caller knows it; by default what its length field says
   * @throws {CorruptBatchError} of kind "leftover" where not even the header is there, of kind "batch" where the length
   *   is too small for a header
   */
  constructor(bytes: Uint8Array, offset = 0, sizeInBytes?: number) {
    const available = bytes.length - offset;
    if (available < LOG_OVERHEAD_BYTES) throw new CorruptBatchError("leftover", "A batch header is cut short", offset);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset + offset, available);
    this.sizeInBytes = sizeInBytes ?? this.#view.getInt32(FIELD_AT.length) + LOG_OVERHEAD_BYTES;
    if (this.sizeInBytes < BATCH_HEADER_BYTES) {
      throw new CorruptBatchError("batch", `A batch of ${this.sizeInBytes} bytes is smaller than its header`, offset);
    }
    if (available < BATCH_HEADER_BYTES) throw new CorruptBatchError("leftover", "A batch header is cut short", offset);
    this.bytes = bytes.subarray(offset, offset + Math.min(this.sizeInBytes, available));
  }

  /** False where only the first bytes of the batch are at hand, so that neither checksum nor records can be had. */
  get isWhole(): boolean {
    return this.bytes.length === this.sizeInBytes;
  }

  /** @throws {DecodeError} beyond 2^53; see {@linkcode RecordBatch.baseOffset64}. */
  get baseOffset(): number {
    const offset = int64At(this.#view, FIELD_AT.baseOffset);
    return Number.isSafeInteger(offset) ? offset : toNumber(this.baseOffset64, "base offset");
  }

  set baseOffset(offset: number) {
    setInt64At(this.#view, FIELD_AT.baseOffset, offset);
  }

  /** True where the base offset is 0, as in what clients send. */
  get startsAtZero(): boolean {
    return int64At(this.#view, FIELD_AT.baseOffset) === 0;
  }

  /** The base offset over its whole range. */
  get baseOffset64(): bigint {
    return this.#view.getBigInt64(FIELD_AT.baseOffset);
  }

  set baseOffset64(offset: bigint) {
    this.#view.setBigInt64(FIELD_AT.baseOffset, offset);
  }

  /**
   * The offset of the last record that the batch had when it was written, though the cleaner may have removed it since.
   */
  get lastOffset(): number {
    const baseOffset = int64At(this.#view, FIELD_AT.baseOffset);
    const lastOffset = baseOffset + this.lastOffsetDelta;
    const isSafe = Number.isSafeInteger(baseOffset) && Number.isSafeInteger(lastOffset);
    return isSafe ? lastOffset : toNumber(this.lastOffset64, "last offset");
  }

  /** The last offset over its whole range. */
  get lastOffset64(): bigint {
    return this.baseOffset64 + BigInt(this.lastOffsetDelta);
  }

  /** The first offset after the batch. */
  get nextOffset(): number {
    return this.lastOffset + 1;
  }

  get partitionLeaderEpoch(): number {
    return this.#view.getInt32(FIELD_AT.partitionLeaderEpoch);
  }

  set partitionLeaderEpoch(epoch: number) {
    this.#view.setInt32(FIELD_AT.partitionLeaderEpoch, epoch);
  }

  /** The CRC32C that the header holds, an unsigned 32-bit integer. */
  get crc(): number {
    return this.#view.getUint32(FIELD_AT.crc);
  }

  get attributes(): number {
    return this.#view.getInt16(FIELD_AT.attributes);
  }

  /** @throws {CorruptBatchError} of kind "records" where the attributes name no codec that there is. */
  get compressionType(): CompressionType {
    return compressionTypeOf(this.attributes);
  }

  get timestampType(): TimestampType {
    return this.attributes & TIMESTAMP_TYPE_MASK ? "LogAppendTime" : "CreateTime";
  }

  get isTransactional(): boolean {
    return (this.attributes & TRANSACTIONAL_MASK) !== 0;
  }

  get isControl(): boolean {
    return (this.attributes & CONTROL_MASK) !== 0;
  }

  get hasDeleteHorizon(): boolean {
    return (this.attributes & DELETE_HORIZON_MASK) !== 0;
  }

  get lastOffsetDelta(): number {
    return this.#view.getInt32(FIELD_AT.lastOffsetDelta);
  }

  /** What the records' timestamps count from, or the delete horizon. Brought to the nearest safe integer. */
  get baseTimestamp(): number {
    return toNumberClamped(int64At(this.#view, FIELD_AT.baseTimestamp));
  }

  /** -1 where the records have no timestamps. Brought to the nearest safe integer. */
  get maxTimestamp(): number {
    return toNumberClamped(int64At(this.#view, FIELD_AT.maxTimestamp));
  }

  /** -1 where the producer is not idempotent. */
  get producerId(): bigint {
    return this.#view.getBigInt64(FIELD_AT.producerId);
  }

  /** False where the producer is not idempotent. */
  get hasProducer(): boolean {
    return int64At(this.#view, FIELD_AT.producerId) !== -1;
  }

  get producerEpoch(): number {
    return this.#view.getInt16(FIELD_AT.producerEpoch);
  }

  /** -1 where the producer is not idempotent, and in control batches. */
  get baseSequence(): number {
    return this.#view.getInt32(FIELD_AT.baseSequence);
  }

  /** The sequence number of the last record; after 2^31 − 1 comes 0. */
  get lastSequence(): number {
    const baseSequence = this.baseSequence;
    return baseSequence === -1 ? -1 : (baseSequence + this.lastOffsetDelta) % 2 ** 31;
  }

  /** How many records the header claims; it may be negative or wrong. */
  get recordCount(): number {
    return this.#view.getInt32(FIELD_AT.recordCount);
  }

  /** What follows the header, compressed or not, as a view. */
  get recordsPayload(): Uint8Array {
    return this.#whole().subarray(BATCH_HEADER_BYTES);
  }

  /** True where the CRC32C of the bytes is the one that the header holds. */
  checksumOk(): boolean {
    return this.#computeChecksum() === this.crc;
  }

  /**
   * Sets what the timestamps mean and the greatest of them, in milliseconds, and the CRC where that changed something.
   */
  setMaxTimestamp(timestampType: "CreateTime" | "LogAppendTime", maxTimestamp: number): void {
    if (this.timestampType === timestampType && this.maxTimestamp === maxTimestamp) return;
    const bit = timestampType === "LogAppendTime" ? TIMESTAMP_TYPE_MASK : 0;
    this.#view.setInt16(FIELD_AT.attributes, (this.attributes & ~TIMESTAMP_TYPE_MASK) | bit);
    setInt64At(this.#view, FIELD_AT.maxTimestamp, maxTimestamp);
    this.#view.setUint32(FIELD_AT.crc, this.#computeChecksum());
  }

  #computeChecksum(): number {
    return crc32c(this.#whole().subarray(FIELD_AT.attributes));
  }

  #whole(): Uint8Array {
    if (!this.isWhole) {
      throw new Error(`Only ${this.bytes.length} of ${this.sizeInBytes} bytes of this batch are loaded`);
    }
    return this.bytes;
  }
}
