/**
 * Which batches of a stretch of a log a reader gets: a walk over their headers that allocates nothing, since a fetch
 * may pass by thousands of small batches.
 *
 * @module
 */
import {
  CorruptBatchError,
  FIELD_AT,
  LEAST_HEADER_BYTES,
  LEAST_LEGACY_LENGTH,
  LOG_OVERHEAD_BYTES,
} from "../records/mod.ts";

/** The limits of a read. */
export interface ReadLimits {
  readonly maxBytes: number;
  /** Take the first batch even where it alone exceeds `maxBytes`. */
  readonly atLeastOneBatch: boolean;
  /** Batches with a record at this offset or beyond are left out; no sound batch lies on both sides of it. */
  readonly endOffset: number;
}

/** A part of a stretch, from the first batch that is taken to the end of the last. */
export interface Extent {
  /** Where the first batch starts that lies at the offset or beyond; it may be beyond the stretch. */
  readonly start: number;
  readonly end: number;
  /** The offset after the last batch that was taken; where none was, the offset that was asked for. */
  readonly nextOffset: number;
  /**
   * Where nothing was taken because the stretch ends too early: how many bytes from `start` on are wanted at least.
   * Else 0.
   */
  readonly wantedBytes: number;
}

/** The fewest bytes from which on the last offset of a batch of magic 2 can be read. */
const LAST_OFFSET_END = FIELD_AT.lastOffsetDelta + 4;

/**
 * Walks from `position`, where a batch must start, to `length`, and takes what lies at `offset` or beyond, within the
 * limits.
 *
 * @throws {CorruptBatchError} where a length or an offset cannot be, so that the walk cannot go on
 */
export function extentOf(view: DataView, position: number, length: number, offset: number, limits: ReadLimits): Extent {
  let at = position;
  while (hasHeader(view, at, length) && lastOffsetAt(view, at) < offset) at += sizeAt(view, at);
  const start = at;
  let nextOffset = offset;
  while (hasHeader(view, at, length)) {
    // What comes before a damaged header is sound; who reads on from there is told.
    if (at > start && !isPossible(view, at)) break;
    const size = sizeAt(view, at);
    const lastOffset = lastOffsetAt(view, at);
    const fits = at + size - start <= limits.maxBytes || (limits.atLeastOneBatch && at === start);
    if (!fits || lastOffset >= limits.endOffset) return { start, end: at, nextOffset, wantedBytes: 0 };
    if (at + size > length) return { start, end: at, nextOffset, wantedBytes: at === start ? size : 0 };
    at += size;
    nextOffset = lastOffset + 1;
  }
  return { start, end: at, nextOffset, wantedBytes: at === start ? LAST_OFFSET_END : 0 };
}

function hasHeader(view: DataView, at: number, length: number): boolean {
  if (at + LAST_OFFSET_END <= length) return true;
  // A message of magic 0 or 1 can be that short.
  return at + LEAST_HEADER_BYTES <= length && view.getInt8(at + FIELD_AT.magic) < 2;
}

function isPossible(view: DataView, at: number): boolean {
  if (view.getInt32(at + FIELD_AT.length) < LEAST_LEGACY_LENGTH) return false;
  return view.getInt8(at + FIELD_AT.magic) < 2 || view.getInt32(at + FIELD_AT.lastOffsetDelta) >= 0;
}

function sizeAt(view: DataView, at: number): number {
  const length = view.getInt32(at + FIELD_AT.length);
  if (length < LEAST_LEGACY_LENGTH) throw new CorruptBatchError("framing", `A batch has the length ${length}`, at);
  return length + LOG_OVERHEAD_BYTES;
}

function lastOffsetAt(view: DataView, at: number): number {
  const offset = firstOffsetAt(view, at);
  if (view.getInt8(at + FIELD_AT.magic) < 2) return offset;
  const delta = view.getInt32(at + FIELD_AT.lastOffsetDelta);
  // Where it is damaged, the reader of this batch must not be led past it.
  if (delta < 0) throw new CorruptBatchError("batch", `A batch has the last offset delta ${delta}`, at);
  return offset + delta;
}

/** Of the old formats, the only offset that the header has. */
function firstOffsetAt(view: DataView, at: number): number {
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}
