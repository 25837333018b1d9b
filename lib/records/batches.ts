/**
 * Splits bytes of a log or a request into batches, of any format, without decoding them.
 *
 * @module
 */
import { LOG_OVERHEAD_BYTES } from "./attributes.ts";
import { BATCH_HEADER_BYTES, RecordBatch } from "./batch.ts";
import { CorruptBatchError } from "./corrupt.ts";
import { LEAST_LEGACY_LENGTH, LEGACY_HEADER_BYTES, LegacyBatch } from "./legacy_batch.ts";

/** A batch of any format; `magic` tells them apart. Only magic 2 knows its base offset without decoding. */
export type Batch = RecordBatch | LegacyBatch;

/** Bytes from which on a batch's length and magic can be read. */
export const LEAST_HEADER_BYTES = 17;

/** Kafka counts sizes in an int32: a length that takes them beyond it breaks the framing. */
const MAX_SIZE_IN_BYTES = 2 ** 31 - 1;

/**
 * The batches in `bytes`, one after the other, as views. Each one's length and magic are checked before it is yielded,
 * and no more: its checksum and records are not looked at.
 *
 * @throws {CorruptBatchError} of kind "framing" or "batch" where a length or magic cannot be, of kind "leftover" where
 *   the bytes end
 *   within a batch. Its `offset` is where the sound batches end.
 */
export function* batchesOf(bytes: Uint8Array): Generator<Batch> {
  let offset = 0;
  for (let batch = batchAt(bytes, 0); batch !== null; batch = batchAt(bytes, offset)) {
    yield batch;
    offset += batch.sizeInBytes;
  }
}

/**
 * The one batch that starts at `offset`, as {@linkcode batchesOf} gives it; null at the end of the bytes.
 *
 * @throws {CorruptBatchError} as there
 */
export function batchAt(bytes: Uint8Array, offset: number): Batch | null {
  if (offset >= bytes.length) return null;
  const batch = batchHeaderAt(bytes, offset);
  if (batch === null || !batch.isWhole) {
    throw new CorruptBatchError("leftover", `The last ${bytes.length - offset} bytes are no whole batch`, offset);
  }
  return batch;
}

/**
 * The batch that starts at `offset`, of which only the header need be there: for walking through a file with small
 * reads. Where the batch is not whole (`isWhole`), neither its checksum nor its records can be had.
 *
 * @returns null where `bytes` ends before the header does
 * @throws {CorruptBatchError} of kind "framing" or "batch" where its length or magic cannot be
 */
export function batchHeaderAt(bytes: Uint8Array, offset = 0): Batch | null {
  const remaining = bytes.length - offset;
  if (remaining < LOG_OVERHEAD_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, remaining);
  const length = view.getInt32(8);
  if (length < LEAST_LEGACY_LENGTH || length > MAX_SIZE_IN_BYTES - LOG_OVERHEAD_BYTES) {
    throw new CorruptBatchError("framing", `A batch cannot have the length ${length}`, offset);
  }
  if (remaining < LEAST_HEADER_BYTES) return null;
  const sizeInBytes = length + LOG_OVERHEAD_BYTES;
  const magic = view.getInt8(16);
  switch (magic) {
    case 2:
      if (remaining < Math.min(BATCH_HEADER_BYTES, sizeInBytes)) return null;
      return new RecordBatch(bytes, offset, sizeInBytes);
    case 0:
    case 1:
      if (remaining < Math.min(LEGACY_HEADER_BYTES[magic], sizeInBytes)) return null;
      return new LegacyBatch(bytes, offset);
    default:
      throw new CorruptBatchError("framing", `A batch cannot have the magic ${magic}`, offset);
  }
}
