/**
 * The offset index and the time index of one segment, and how they grow with it.
 *
 * @module
 */
import { isOffsetIndexSound, OffsetIndex } from "./offset_index.ts";
import { isTimeIndexSound, type MaxTimestamp, TimeIndex } from "./time_index.ts";

/** Both indexes, which get their entries at the same batches. */
export class SegmentIndexes {
  readonly offsets: OffsetIndex;
  readonly times: TimeIndex;
  /** The greatest timestamp of the segment so far. */
  maxTimestamp: MaxTimestamp;
  #lastIndexedPosition: number;

  private constructor(offsets: OffsetIndex, times: TimeIndex) {
    this.offsets = offsets;
    this.times = times;
    this.maxTimestamp = times.lastEntry;
    this.#lastIndexedPosition = offsets.lastPosition;
  }

  /** For a segment without a batch. */
  static empty(baseOffset: number): SegmentIndexes {
    return new SegmentIndexes(new OffsetIndex(baseOffset), new TimeIndex(baseOffset));
  }

  /**
   * From the contents of the files; null where they cannot be those of a segment with `segmentBytes` bytes, and must be
   * made anew.
   */
  static load(
    baseOffset: number,
    segmentBytes: number,
    offsetIndex: Uint8Array,
    timeIndex: Uint8Array,
  ): SegmentIndexes | null {
    if (!isOffsetIndexSound(offsetIndex, segmentBytes) || !isTimeIndexSound(timeIndex)) return null;
    return new SegmentIndexes(new OffsetIndex(baseOffset, offsetIndex), new TimeIndex(baseOffset, timeIndex));
  }

  /** Bytes that both take in memory and as files. */
  get sizeInBytes(): number {
    return this.offsets.bytes.length + this.times.bytes.length;
  }

  /**
   * Takes note of a batch at `position`; it gets entries where more than `intervalBytes` lie between it and the last
   * that got some.
   */
  add(lastOffset: number, maxTimestamp: number, position: number, intervalBytes: number): void {
    if (maxTimestamp > this.maxTimestamp.timestamp) this.maxTimestamp = { timestamp: maxTimestamp, offset: lastOffset };
    if (position - this.#lastIndexedPosition <= intervalBytes) return;
    this.offsets.append(lastOffset, position);
    this.times.maybeAppend(this.maxTimestamp);
    this.#lastIndexedPosition = position;
  }

  /** Ends the time index with the greatest timestamp of all, as the file of a segment that is closed must. */
  seal(): void {
    this.times.maybeAppend(this.maxTimestamp);
  }

  /** True where a further batch must go to another segment, the index files being limited to `maxBytes`. */
  isFull(maxBytes: number): boolean {
    return this.offsets.isFull(maxBytes) || this.times.isFull(maxBytes);
  }
}
