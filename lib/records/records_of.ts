/**
 * Iterates over the records of a batch, of any format, decompressing it where needed.
 *
 * @module
 */
import { CompressionError, type Compressor } from "../ports.ts";
import type { CompressionType } from "./attributes.ts";
import { BATCH_HEADER_BYTES, type RecordBatch } from "./batch.ts";
import type { Batch } from "./batches.ts";
import { CorruptBatchError } from "./corrupt.ts";
import { legacyRecordsOf } from "./legacy_records.ts";
import type { LogRecord } from "./record.ts";
import { BatchCursor, ObjectCursor, type RecordCursor } from "./record_cursor.ts";

/**
 * The most bytes that the records of one batch may decompress to. It is what a request may bring uncompressed
 * (`socket.request.max.bytes`); producers keep their batches to a few megabytes, and a bomb is stopped here.
 */
export const MAX_DECOMPRESSED_BYTES = 100 * 1024 * 1024;

/**
 * A batch must be decoded, and this runtime lacks the codec. Kafka's error code for it is UNSUPPORTED_COMPRESSION_TYPE.
 */
export class UnsupportedCompressionError extends Error {
  override name = "UnsupportedCompressionError";

  constructor(readonly compressionType: CompressionType) {
    super(`Cannot decompress ${compressionType} in this runtime: a newer Deno can`);
  }
}

/**
 * The records of a batch, one by one, as views of it or of what it decompresses to. The checksum is not looked at.
 *
 * @param maxBytes the most bytes to decompress to
 * @throws {DecodeError} where the records do not decompress or decode, or are not as many as the header says; its path
 *   names the record
 * @throws {UnsupportedCompressionError} where this runtime lacks the codec
 */
export function recordsOf(
  batch: Batch,
  compressor: Compressor,
  maxBytes: number = MAX_DECOMPRESSED_BYTES,
): Generator<LogRecord> {
  if (batch.magic === 2) return recordsIn(decompressedPayload(batch, compressor, maxBytes), batch);
  return legacyRecordsOf(batch, (bytes) => decompress(batch.compressionType, bytes, compressor, maxBytes));
}

/**
 * The offset of the first record that a batch had when it was written. A wrapper of magic 0 or 1 must be decompressed
 * for it.
 *
 * @throws as {@linkcode recordsOf} does
 */
export function firstOffsetOf(batch: Batch, compressor: Compressor): number {
  if (batch.magic === 2) return batch.baseOffset;
  const first = recordsOf(batch, compressor).next();
  return first.done ? batch.lastOffset : first.value.offset;
}

/**
 * What follows the header of a batch of magic 2, decompressed; a view of the batch where it is not compressed.
 *
 * @throws {DecodeError} where it does not decompress, or to more than `maxBytes`
 * @throws {UnsupportedCompressionError} where this runtime lacks the codec
 */
export function decompressedPayload(
  batch: RecordBatch,
  compressor: Compressor,
  maxBytes: number = MAX_DECOMPRESSED_BYTES,
): Uint8Array {
  return decompress(batch.compressionType, batch.recordsPayload, compressor, maxBytes);
}

/**
 * Gives cursors through the records of a batch, each from the first one on; what is compressed in a batch of magic 2 is decompressed once.
 *
 * @throws as {@linkcode recordsOf} does
 */
export function cursorsOf(batch: Batch, compressor: Compressor): () => RecordCursor {
  if (batch.magic !== 2) return () => new ObjectCursor(recordsOf(batch, compressor));
  const payload = decompressedPayload(batch, compressor);
  return () => new BatchCursor(payload, batch);
}

/** The records in `payload`, which is that of `batch`, decompressed. */
export function* recordsIn(payload: Uint8Array, batch: RecordBatch): Generator<LogRecord> {
  const cursor = new BatchCursor(payload, batch);
  while (cursor.next()) yield cursor.record();
}

function decompress(type: CompressionType, bytes: Uint8Array, compressor: Compressor, maxBytes: number): Uint8Array {
  if (type === "none") return bytes;
  if (!compressor.supports(type)) throw new UnsupportedCompressionError(type);
  try {
    return compressor.decompress(type, bytes, maxBytes);
  } catch (error) {
    if (!(error instanceof CompressionError)) throw error;
    throw new CorruptBatchError("records", `The records do not decompress: ${error.message}`, BATCH_HEADER_BYTES);
  }
}
