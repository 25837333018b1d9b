/**
 * A message of magic 0 or 1, the formats before Kafka 0.11, as the outermost level of a message set frames it.
 *
 * ```
 *  0 offset int64        16 magic int8
 *  8 length int32        17 attributes int8
 * 12 crc uint32          18 timestamp int64 (magic 1 only)
 *                        then key and value, each as int32 length (-1: null) and bytes
 * ```
 *
 * A compressed message is a wrapper: its value holds a message set, and its offset is that of the last message inside
 * (KIP-31). The CRC-32 covers what follows it. Segments written long ago still hold such messages; they are read and
 * served, and never written.
 *
 * Source: https://kafka.apache.org/documentation/#messageset
 *
 * @module
 */
import { crc32, toNumber, toNumberClamped } from "../bytes/mod.ts";
import {
  type CompressionType,
  compressionTypeOf,
  LOG_OVERHEAD_BYTES,
  TIMESTAMP_TYPE_MASK,
  type TimestampType,
} from "./attributes.ts";
import { CorruptBatchError } from "./corrupt.ts";

/** The fewest bytes that the length of a message can count: its header, an empty key and an empty value. */
export const LEAST_LEGACY_LENGTH = 14;

/** Bytes from the start of the message to its key: what the getters of a header view read. */
export const LEGACY_HEADER_BYTES = { 0: 18, 1: 26 } as const;

/** Where the magic stands, in every format. */
export const MAGIC_AT = 16;

const LENGTH_AT = 8;
const CRC_AT = 12;
const ATTRIBUTES_AT = 17;
const TIMESTAMP_AT = 18;

/**
 * A view of one message of magic 0 or 1. It has the members of a {@linkcode RecordBatch}, with the values that Kafka
 * gives where the format lacks a field, so that a log can serve and index both alike.
 */
export class LegacyBatch {
  readonly magic: 0 | 1;
  /** The bytes of this message and nothing else; fewer than `sizeInBytes` where only the header was at hand. */
  readonly bytes: Uint8Array;
  /** All of the message, offset and length included. */
  readonly sizeInBytes: number;
  readonly partitionLeaderEpoch = -1;
  readonly isTransactional = false;
  readonly isControl = false;
  readonly hasDeleteHorizon = false;
  readonly producerId = -1n;
  readonly producerEpoch = -1;
  readonly baseSequence = -1;
  readonly lastSequence = -1;
  /** Not known without decoding. */
  readonly recordCount = null;
  readonly #view: DataView;

  /**
   * @param bytes where the message lies; it is not copied
   * @param offset where the message starts in them
   * @throws {CorruptBatchError} of kind "leftover" where its header is not there, of kind "batch" where the length is
   *   too small
   *   for it
   */
  constructor(bytes: Uint8Array, offset = 0) {
    const available = bytes.length - offset;
    if (available <= MAGIC_AT) throw new CorruptBatchError("leftover", "A message header is cut short", offset);
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, available);
    this.magic = view.getInt8(MAGIC_AT) === 0 ? 0 : 1;
    this.sizeInBytes = view.getInt32(LENGTH_AT) + LOG_OVERHEAD_BYTES;
    const header = LEGACY_HEADER_BYTES[this.magic];
    if (this.sizeInBytes < header) {
      throw new CorruptBatchError("batch", `A message of ${this.sizeInBytes} bytes is smaller than its header`, offset);
    }
    if (available < header) throw new CorruptBatchError("leftover", "A message header is cut short", offset);
    this.bytes = bytes.subarray(offset, offset + Math.min(this.sizeInBytes, available));
    this.#view = view;
  }

  /** False where only the first bytes of the message are at hand. */
  get isWhole(): boolean {
    return this.bytes.length === this.sizeInBytes;
  }

  /**
   * The offset of the message. For a wrapper it is that of the last message inside: that of the first is known only
   * after decompression, see {@linkcode firstOffsetOf}.
   */
  get lastOffset(): number {
    return toNumber(this.lastOffset64, "offset");
  }

  /** The last offset over its whole range. */
  get lastOffset64(): bigint {
    return this.#view.getBigInt64(0);
  }

  get nextOffset(): number {
    return this.lastOffset + 1;
  }

  /** The CRC-32 that the message holds, an unsigned 32-bit integer. */
  get crc(): number {
    return this.#view.getUint32(CRC_AT);
  }

  get attributes(): number {
    return this.#view.getInt8(ATTRIBUTES_AT);
  }

  /** @throws {CorruptBatchError} of kind "records" where the attributes name no codec that there is. */
  get compressionType(): CompressionType {
    return compressionTypeOf(this.attributes);
  }

  get timestampType(): TimestampType {
    if (this.magic === 0) return "NoTimestampType";
    return this.attributes & TIMESTAMP_TYPE_MASK ? "LogAppendTime" : "CreateTime";
  }

  /** -1 in magic 0. For a wrapper it is the greatest of the messages inside. Brought to the nearest safe integer. */
  get maxTimestamp(): number {
    return this.magic === 0 ? -1 : toNumberClamped(this.#view.getBigInt64(TIMESTAMP_AT));
  }

  /** Key and value, each with its length before it, as a view. */
  get keyAndValue(): Uint8Array {
    return this.#whole().subarray(LEGACY_HEADER_BYTES[this.magic]);
  }

  /** True where the CRC-32 of the bytes is the one that the message holds. */
  checksumOk(): boolean {
    return crc32(this.#whole().subarray(MAGIC_AT)) === this.crc;
  }

  #whole(): Uint8Array {
    if (!this.isWhole) {
      throw new Error(`Only ${this.bytes.length} of ${this.sizeInBytes} bytes of this message are loaded`);
    }
    return this.bytes;
  }
}
