/**
 * Cleaning one log: a first walk through its dirty part finds the last offset of each key, a second one through all segments leaves out
 * what that makes obsolete, and puts small segments together.
 *
 * @module
 */
import { BATCH_HEADER_BYTES, CorruptBatchError, recordsOf } from "../records/mod.ts";
import { BatchFilter } from "./cleaner_filter.ts";
import type { CleanableLog } from "./cleaner_log.ts";
import { OffsetMap } from "./cleaner_offset_map.ts";
import { CleaningStopped, type Pace } from "./cleaner_pace.ts";
import type { DirtyLog } from "./cleaner_schedule.ts";
import { CleanedSegment } from "./cleaner_segment.ts";
import { CleanedTransactions } from "./cleaner_transactions.ts";
import type { LogConfig } from "./partition_log.ts";
import { MAX_RELATIVE_OFFSET, type Segment } from "./segment.ts";
import type { PositionedBatch } from "./segment_reader.ts";
import { TIME_INDEX_ENTRY_BYTES } from "./time_index.ts";

/** How a cleaning goes about it. */
export interface CleaningOptions {
  readonly pace: Pace;
  /** The bound on the memory for keys. */
  readonly maxMapBytes: number;
}

/** What a cleaning did. */
export interface CleaningResult {
  /** All before it is clean. */
  readonly endOffset: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Cleans a log as far as the keys find room in memory.
 *
 * @throws {CleaningStopped}
 * @throws {DiskError}
 * @throws {DecodeError} where a batch is damaged; what was cleaned before it stays so
 * @throws {UnsupportedCompressionError}
 */
export async function cleanLog(dirty: DirtyLog, { pace, maxMapBytes }: CleaningOptions): Promise<CleaningResult> {
  const { log, firstUncleanableOffset } = dirty;
  const { context, config } = log;
  const map = new OffsetMap(maxMapBytes, context.random);
  const endOffset = await fillMap(map, dirty, pace);
  const aborted = log.abortedTransactions(0, firstUncleanableOffset);
  let cleaned: CleanedSegment | null = null;
  const filter = new BatchFilter({
    compressor: context.compressor,
    pace,
    map,
    endOffset,
    transactions: new CleanedTransactions(aborted, context.compressor, (txn) => cleaned?.addAborted(txn)),
    producers: log.producerEnds(),
    nowMs: context.clock.now(),
    deleteRetentionMs: config.deleteRetentionMs,
  });
  let bytesBefore = 0;
  let bytesAfter = 0;
  for (const group of groupSegments(log, Math.min(endOffset, firstUncleanableOffset))) {
    bytesBefore += sizeOf(group.segments);
    cleaned = new CleanedSegment(context, log.folder, group.segments[0].baseOffset, config.indexIntervalBytes);
    await cleanGroup(group, cleaned, { log, pace, filter });
    bytesAfter += cleaned.size;
  }
  return { endOffset, bytesBefore, bytesAfter };
}

/** Segments that become one. */
interface Group {
  readonly segments: Segment[];
  /** Where the segment after them begins. */
  readonly endOffset: number;
}

/** @returns the offset up to which the map knows of all keys */
async function fillMap(map: OffsetMap, dirty: DirtyLog, pace: Pace): Promise<number> {
  const { log, firstDirtyOffset, firstUncleanableOffset } = dirty;
  const { compressor } = log.context;
  const aborted = log.abortedTransactions(firstDirtyOffset, firstUncleanableOffset);
  const transactions = new CleanedTransactions(aborted, compressor);
  for (const [index, segment] of log.segments.entries()) {
    const segmentEnd = log.segments[index + 1]?.baseOffset ?? Infinity;
    if (segmentEnd <= firstDirtyOffset) continue;
    if (segment.baseOffset >= firstUncleanableOffset) break;
    const position = (await segment.loadIndexes()).offsets.lookup(firstDirtyOffset);
    for await (const found of walk(segment, position, { log, pace })) {
      const { batch } = found;
      const isAborted = batch.magic === 2 && transactions.observe(batch);
      if (isAborted || (batch.magic === 2 && batch.isControl)) continue;
      for (const { offset, key } of recordsOf(batch, compressor)) {
        if (offset < firstDirtyOffset || key === null) continue;
        if (pace.isOver) await pace.rest();
        if (!map.put(key, offset)) return offset;
      }
    }
  }
  return firstUncleanableOffset;
}

/** Puts segments together as long as they fit into one. */
function groupSegments({ segments, config }: CleanableLog, endOffset: number): Group[] {
  const groups: Group[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment.baseOffset >= endOffset) break;
    const segmentEnd = segments[index + 1].baseOffset;
    const group = groups.at(-1);
    const fits = group !== undefined && sizeOf(group.segments) + segment.size <= config.segmentBytes &&
      segmentEnd - 1 - group.segments[0].baseOffset <= MAX_RELATIVE_OFFSET &&
      mayIndex([...group.segments, segment], config);
    if (fits) groups[groups.length - 1] = { segments: [...group.segments, segment], endOffset: segmentEnd };
    else groups.push({ segments: [segment], endOffset: segmentEnd });
  }
  return groups;
}

/** True where indexes of all the batches surely fit into their files. */
function mayIndex(segments: readonly Segment[], { segmentIndexBytes, indexIntervalBytes }: LogConfig): boolean {
  const entryCount = sizeOf(segments) / Math.max(indexIntervalBytes, BATCH_HEADER_BYTES) + 2;
  return entryCount * TIME_INDEX_ENTRY_BYTES <= segmentIndexBytes;
}

interface Walk {
  readonly log: CleanableLog;
  readonly pace: Pace;
}

interface Cleaning extends Walk {
  readonly filter: BatchFilter;
}

async function cleanGroup(group: Group, cleaned: CleanedSegment, cleaning: Cleaning): Promise<void> {
  const { log } = cleaning;
  try {
    if (!await copyGroup(group, cleaned, cleaning)) return cleaned.discard();
    await cleaned.seal();
    if (log.isEnded || !await log.replaceSegments(group.segments, cleaned)) throw new CleaningStopped();
  } catch (error) {
    // Where the log ended, the next start sees to what lies there.
    if (log.isEnded) cleaned.close();
    else cleaned.discard();
    throw error;
  }
}

/** @returns false where the copy would be the same as the one segment that it is made of */
async function copyGroup(
  { segments, endOffset }: Group,
  cleaned: CleanedSegment,
  { log, pace, filter }: Cleaning,
): Promise<boolean> {
  let isChanged = segments.length > 1;
  for (const segment of segments) {
    for await (const { batch } of walk(segment, 0, { log, pace })) {
      const bytes = await filter.filter(batch, endOffset);
      isChanged ||= bytes !== batch.bytes;
      if (bytes === null) continue;
      cleaned.append(bytes);
      pace.spend(bytes.length);
    }
  }
  return isChanged;
}

/**
 * One batch after the other, at the cleaner's pace. Each is checked: what is damaged must neither decide about others nor get a checksum
 * that hides it.
 */
async function* walk(segment: Segment, position: number, { log, pace }: Walk): AsyncGenerator<PositionedBatch> {
  for await (const found of segment.scan(position)) {
    if (pace.isOver) await pace.rest();
    if (log.isEnded) throw new CleaningStopped();
    const { batch } = found;
    if (!batch.checksumOk()) throw new CorruptBatchError("batch", "The checksum is wrong", found.position);
    pace.spend(batch.sizeInBytes);
    yield found;
  }
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.size, 0);
}
