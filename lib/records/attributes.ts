/**
 * What the headers of all formats share: the attributes, and the two fields in front of what the length counts.
 *
 * @module
 */
import { CorruptBatchError } from "./corrupt.ts";

/** Bytes of base offset and length, which come before what the length counts. */
export const LOG_OVERHEAD_BYTES = 12;

/** How the records of a batch are compressed. */
export type CompressionType = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** What the timestamps of a batch mean; messages of magic 0 have none. */
export type TimestampType = "NoTimestampType" | "CreateTime" | "LogAppendTime";

/** By the number in the low three bits of a batch's attributes. */
export const COMPRESSION_TYPES: readonly CompressionType[] = ["none", "gzip", "snappy", "lz4", "zstd"];

/** The low bits of the attributes, in every format, that name the compression. */
export const COMPRESSION_MASK = 0x07;
/** The bit of the attributes, from magic 1 on, that is set for LogAppendTime. */
export const TIMESTAMP_TYPE_MASK = 0x08;

/** The bits of the attributes that only magic 2 has. */
export const TRANSACTIONAL_MASK = 0x10;
export const CONTROL_MASK = 0x20;
/** Set by the log cleaner: the base timestamp is then the time after which tombstones may go (KIP-534). */
export const DELETE_HORIZON_MASK = 0x40;

/**
 * The codec that the attributes of a batch or message name.
 *
 * @throws {CorruptBatchError} of kind "records" where there is none of that number.
 */
export function compressionTypeOf(attributes: number): CompressionType {
  const id = attributes & COMPRESSION_MASK;
  if (id >= COMPRESSION_TYPES.length) {
    throw new CorruptBatchError("records", `Compression ${id} is none that Kafka knows`, 0);
  }
  return COMPRESSION_TYPES[id];
}
