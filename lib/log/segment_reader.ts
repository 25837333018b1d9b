/**
 * Reading the `.log` file of a segment: the batches that a fetch gets, or one batch after the other.
 *
 * All reads are asynchronous, so that one that waits for the device holds up nobody else.
 *
 * @module
 */
import type { BufferPool } from "../bytes/mod.ts";
import type { DiskFile } from "../ports.ts";
import { type Batch, batchesOf, batchHeaderAt, CorruptBatchError } from "../records/mod.ts";
import { extentOf, type ReadLimits } from "./batch_extent.ts";

/**
 * What is read beyond the limit of a fetch, so that the batches between the index entry and the offset do not take a
 * second read.
 */
export const SLACK_BYTES = 8 << 10;
const SCAN_BYTES = 256 << 10;

/** A stretch of a segment, and where what was asked for lies in it. */
export interface FoundExtent {
  readonly bytes: Uint8Array;
  readonly nextOffset: number;
  /** Where in the file the batch after these starts. */
  readonly nextPosition: number;
}

/**
 * The batches from the one that contains `offset`, or the first after it, up to one that is damaged: the device may have
 * lost a bit long after the broker has checked what it wrote.
 *
 * @param position where a batch starts, at or before that one
 * @param size of the file, as far as it may be read
 * @param buffers where the memory of what is read comes from
 * @returns null where all batches of the file lie before `offset`
 * @throws {CorruptBatchError} where the first of them is damaged, or one on the way to it; its offset is the position in
 *   the file
 */
export async function readExtent(
  file: DiskFile,
  position: number,
  size: number,
  offset: number,
  limits: ReadLimits,
  buffers: BufferPool,
): Promise<FoundExtent | null> {
  let wantedBytes = limits.maxBytes + SLACK_BYTES;
  while (position < size) {
    const chunk = buffers.take(Math.min(wantedBytes, size - position));
    const length = await file.read(position, chunk);
    if (length < chunk.length) throw new CorruptBatchError("leftover", FILE_IS_SHORTER, position + length);
    const extent = atPosition(position, () => extentOf(new DataView(chunk.buffer), 0, length, offset, limits));
    const { start, end, nextOffset } = extent;
    if (extent.wantedBytes === 0) {
      if (end === start) atPosition(position, () => checkOffsets(chunk, start, limits.endOffset));
      return soundPart(chunk.subarray(start, end), position + start, nextOffset);
    }
    const isAtEnd = position + length === size;
    position += start;
    // A damaged length must not make the broker allocate all that follows.
    const isTooLong = extent.wantedBytes > SLACK_BYTES && position + extent.wantedBytes > size;
    if (start < length && (isAtEnd || isTooLong)) throw new CorruptBatchError("leftover", BATCH_IS_CUT, position);
    wantedBytes = Math.max(extent.wantedBytes, limits.maxBytes, SLACK_BYTES);
  }
  return null;
}

export const WRONG_CHECKSUM = "The checksum of a batch is wrong";
const FILE_IS_SHORTER = "The file is shorter than it was";
const BATCH_IS_CUT = "A batch is cut short, or its length is wrong";

/** Where the next batch seems to go beyond what may be read, its reader must not wait for the rest of it. */
function checkOffsets(chunk: Uint8Array, at: number, endOffset: number): void {
  const batch = batchHeaderAt(chunk, at);
  if (batch?.magic !== 2 || batch.baseOffset >= endOffset || batch.lastOffset < endOffset) return;
  throw new CorruptBatchError("batch", `A batch has the impossible last offset ${batch.lastOffset}`, at);
}

/** The batches before the first that is damaged. */
function soundPart(bytes: Uint8Array, position: number, nextOffset: number): FoundExtent {
  let soundBytes = 0;
  let soundOffset = nextOffset;
  try {
    for (const batch of batchesOf(bytes)) {
      if (!batch.checksumOk()) throw new CorruptBatchError("batch", WRONG_CHECKSUM, soundBytes);
      soundBytes += batch.sizeInBytes;
      soundOffset = batch.nextOffset;
    }
  } catch (error) {
    if (!(error instanceof CorruptBatchError) || soundBytes === 0) throw inFile(position, error);
  }
  return {
    bytes: bytes.subarray(0, soundBytes),
    nextOffset: soundOffset,
    nextPosition: position + soundBytes,
  };
}

/** Runs `read` on a chunk of a file, and tells of damage by its position in the file. */
function atPosition<T>(position: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw inFile(position, error);
  }
}

function inFile(position: number, error: unknown): unknown {
  return error instanceof CorruptBatchError ? error.movedBy(position) : error;
}

/** A batch of a segment and where it starts. It is valid until the next one is asked for, which may use its memory again. */
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
  let memory = NO_BYTES;
  while (position < size) {
    const chunkBytes = Math.min(wantedBytes, size - position);
    if (memory.length < chunkBytes) memory = new Uint8Array(chunkBytes);
    const chunk = memory.subarray(0, chunkBytes);
    const length = await file.read(position, chunk);
    if (length < chunk.length) {
      throw new CorruptBatchError("leftover", FILE_IS_SHORTER, position + length);
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

const NO_BYTES = new Uint8Array(0);

function headerAt(chunk: Uint8Array, at: number, chunkPosition: number): Batch | null {
  return atPosition(chunkPosition, () => batchHeaderAt(chunk, at));
}
