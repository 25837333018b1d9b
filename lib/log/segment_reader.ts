/**
 * Reading the `.log` file of a segment: the batches that a fetch gets, or one batch after the other.
 *
 * All reads are asynchronous, so that one that waits for the device holds up nobody else.
 *
 * @module
 */
import type { DiskFile } from "../ports.ts";
import { type Batch, batchHeaderAt, CorruptBatchError } from "../records/mod.ts";
import { extentOf, type ReadLimits } from "./batch_extent.ts";

/**
 * What is read beyond the limit of a fetch, so that the batches between the index entry and the offset do not take a
 * second read.
 */
const SLACK_BYTES = 8 << 10;
const SCAN_BYTES = 256 << 10;

/** A stretch of a segment, and where what was asked for lies in it. */
export interface FoundExtent {
  readonly bytes: Uint8Array;
  readonly nextOffset: number;
  /** Where in the file the batch after these starts. */
  readonly nextPosition: number;
}

/**
 * The batches from the one that contains `offset`, or the first after it.
 *
 * @param position where a batch starts, at or before that one
 * @param size of the file, as far as it may be read
 * @returns null where all batches of the file lie before `offset`
 */
export async function readExtent(
  file: DiskFile,
  position: number,
  size: number,
  offset: number,
  limits: ReadLimits,
): Promise<FoundExtent | null> {
  let wantedBytes = limits.maxBytes + SLACK_BYTES;
  while (position < size) {
    const chunk = new Uint8Array(Math.min(wantedBytes, size - position));
    const length = await file.read(position, chunk);
    const extent = extentOf(new DataView(chunk.buffer), 0, length, offset, limits);
    const isLastChunk = length < chunk.length || position + length === size;
    if (extent.wantedBytes === 0 || (isLastChunk && extent.start < length)) {
      const bytes = chunk.subarray(extent.start, extent.end);
      return { bytes, nextOffset: extent.nextOffset, nextPosition: position + extent.end };
    }
    position += extent.start;
    wantedBytes = Math.max(extent.wantedBytes, limits.maxBytes, SLACK_BYTES);
  }
  return null;
}

/** A batch of a segment and where it starts. */
export interface PositionedBatch {
  readonly batch: Batch;
  readonly position: number;
}

/**
 * One whole batch after the other, from `position` to `size`. Checksums are not looked at.
 *
 * @throws {CorruptBatchError} at the first that cannot be, or is cut short; its offset is the position in the file
 */
export async function* scanBatches(
  file: Pick<DiskFile, "read">,
  position: number,
  size: number,
): AsyncGenerator<PositionedBatch> {
  let wantedBytes = SCAN_BYTES;
  while (position < size) {
    const chunk = new Uint8Array(Math.min(wantedBytes, size - position));
    const length = await file.read(position, chunk);
    if (length < chunk.length) {
      throw new CorruptBatchError("leftover", "The file is shorter than it was", position + length);
    }
    let at = 0;
    let batch = headerAt(chunk, at, position);
    while (batch !== null && batch.isWhole) {
      yield { batch, position: position + at };
      at += batch.sizeInBytes;
      batch = headerAt(chunk, at, position);
    }
    const isRestTorn = at === 0 && position + length === size;
    position += at;
    if (isRestTorn || position + (batch?.sizeInBytes ?? 0) > size) {
      throw new CorruptBatchError("leftover", "The last batch is cut short", position);
    }
    wantedBytes = Math.max(SCAN_BYTES, batch?.sizeInBytes ?? 0);
  }
}

function headerAt(chunk: Uint8Array, at: number, chunkPosition: number): Batch | null {
  try {
    return batchHeaderAt(chunk, at);
  } catch (error) {
    if (!(error instanceof CorruptBatchError)) throw error;
    throw new CorruptBatchError(error.kind, error.message, chunkPosition + at);
  }
}
