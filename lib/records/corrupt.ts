/**
 * The one error that damaged batches cause, and the fields that all formats share.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";

/** Where a batch breaks its format. */
export type CorruptBatchKind =
  /** The length or the magic cannot be: nothing after this point can be told apart. */
  | "framing"
  /** The bytes end before the batch does: a torn tail, or the end of a partial read. */
  | "leftover"
  /** The batch stands apart from its neighbours, but its header or its checksum is wrong. */
  | "batch"
  /** The header and the checksum are right, and the records inside do not decode. */
  | "records";

/**
 * A record batch that is damaged. It is a {@linkcode DecodeError}, so that whoever guards against malformed input
 * catches it too; `kind` says how much of the input is lost.
 *
 * `offset` counts bytes from the start of what was given: for "framing" and "leftover" all before it are whole batches.
 */
export class CorruptBatchError extends DecodeError {
  override name = "CorruptBatchError";

  constructor(readonly kind: CorruptBatchKind, reason: string, offset: number) {
    super(reason, offset);
  }
}

/** How the records of a batch are compressed. */
export type CompressionType = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** What the timestamps of a batch mean; messages of magic 0 have none. */
export type TimestampType = "NoTimestampType" | "CreateTime" | "LogAppendTime";

/** Bytes of base offset and length, which come before what the length counts. */
export const LOG_OVERHEAD_BYTES = 12;

/** By the number in the low three bits of a batch's attributes. */
export const COMPRESSION_TYPES: readonly CompressionType[] = ["none", "gzip", "snappy", "lz4", "zstd"];

/** The low bits of the attributes, in every format, that name the compression. */
export const COMPRESSION_MASK = 0x07;
/** The bit of the attributes, from magic 1 on, that is set for LogAppendTime. */
export const TIMESTAMP_TYPE_MASK = 0x08;
