/**
 * Cleaning one log: a first walk through its dirty part finds the last offset of each key, a second one through all segments leaves out
 * what that makes obsolete, and puts small segments together.
 *
 * @module
 */
import { BATCH_HEADER_BYTES, batchHeaderAt, cursorsOf } from "../records/mod.ts";
import { BatchFilter } from "./cleaner_filter.ts";
import { type CleanableLog, reading, unreadable } from "./cleaner_log.ts";
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
 * @throws {UnreadableLogError}
 * @throws {DiskError} where what was cleaned cannot be written
 * @throws {DecodeError} where a batch is damaged; what was cleaned before it stays so
 * @throws {UnsupportedCompressionError}
 */
export async function cleanLog(dirty: DirtyLog, { pace, maxMapBytes }: CleaningOptions): Promise<CleaningResult> {
  const { log, firstUncleanableOffset } = dirty;
  const { context, config } = log;
  const map = new OffsetMap(maxMapBytes, context.random);
  const endOffset = await fillMap(map, dirty, pace);
  const aborted = log.abortedTransactions(0, firstUncleanableOffset);
  let group: Group | null = null;
  const transactions = new CleanedTransactions(aborted, context.compressor, (txn) => group?.cleaned.addAborted(txn));
  const { compressor, clock } = context;
  const producers = log.producerEnds();
  const { deleteRetentionMs } = config;
  const nowMs = clock.now();
  const filter = new BatchFilter({
    compressor,
    pace,
    map,
    endOffset,
    transactions,
    producers,
    nowMs,
    deleteRetentionMs,
  });
  const result = { endOffset, bytesBefore: 0, bytesAfter: 0 };
  try {
    for (const [segment, segmentEnd] of segmentsBefore(Math.min(endOffset, firstUncleanableOffset), log)) {
      if (group !== null && !hasRoom(group, segment, segmentEnd, config)) await finish(group, log, result);
      group = group === null || group.isFinished ? begin(segment, log) : group;
      await copy(segment, segmentEnd, group, { log, pace, filter });
    }
    if (group !== null) await finish(group, log, result);
  } catch (error) {
    if (group !== null && !group.isFinished) giveUp(group, log);
    throw error;
  }
  return result;
}

/** Segments that become one. */
interface Group {
  readonly segments: Segment[];
  readonly cleaned: CleanedSegment;
  /** True where it has batches with records. */
  hasRecords: boolean;
  /** False where the result would be the same as the one segment that it is made of. */
  isChanged: boolean;
  /** True once it has taken the place of the segments. */
  isFinished: boolean;
}

function begin({ baseOffset }: Segment, { context, folder, config }: CleanableLog): Group {
  const cleaned = new CleanedSegment(context, folder, baseOffset, config.indexIntervalBytes);
  return { segments: [], cleaned, hasRecords: false, isChanged: false, isFinished: false };
}

/**
 * True where a further segment surely fits in. Where there are no records yet, it may exceed `segment.bytes` a little: Apache Kafka looks
 * for times in the first segment that is young enough, and in no other, though it has no record.
 */
function hasRoom({ cleaned, hasRecords }: Group, segment: Segment, segmentEnd: number, config: LogConfig): boolean {
  const size = cleaned.size + segment.size;
  const entryCount = size / Math.max(config.indexIntervalBytes, BATCH_HEADER_BYTES) + 2;
  return size <= (hasRecords ? config.segmentBytes : MAX_SEGMENT_BYTES) &&
    segmentEnd - 1 - cleaned.baseOffset <= MAX_RELATIVE_OFFSET &&
    entryCount * TIME_INDEX_ENTRY_BYTES <= config.segmentIndexBytes;
}

/** Positions in an index are of 31 bits. */
const MAX_SEGMENT_BYTES = 2 ** 31 - 1;

async function finish(group: Group, log: CleanableLog, result: { bytesBefore: number; bytesAfter: number }) {
  const { segments, cleaned } = group;
  result.bytesBefore += segments.reduce((sum, segment) => sum + segment.size, 0);
  result.bytesAfter += cleaned.size;
  if (group.isChanged || segments.length > 1) {
    await cleaned.seal();
    if (log.isEnded || !await log.replaceSegments(segments, cleaned)) throw new CleaningStopped();
  } else {
    cleaned.discard();
  }
  group.isFinished = true;
}

/** Where the log ended, the next start sees to what lies there. */
function giveUp({ cleaned }: Group, log: CleanableLog): void {
  if (log.isEnded) cleaned.close();
  else cleaned.discard();
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
    const { offsets } = await reading(() => segment.loadIndexes());
    const position = offsets.lookup(firstDirtyOffset);
    for await (const found of walk(segment, position, { log, pace })) {
      const { batch } = found;
      const isAborted = batch.magic === 2 && transactions.observe(batch);
      if (isAborted || (batch.magic === 2 && batch.isControl)) continue;
      const cursor = cursorsOf(batch, compressor)();
      while (cursor.next()) {
        const { offset, hasKey, bytes, keyStart, keyEnd } = cursor;
        if (pace.isOverAfter(keyEnd - keyStart)) await pace.rest();
        if (offset < firstDirtyOffset || !hasKey) continue;
        if (!map.put(bytes, keyStart, keyEnd, offset)) return offset;
      }
    }
  }
  return firstUncleanableOffset;
}

/** The segments that begin before an offset, each with the offset where the next one begins. The active one is never among them. */
function* segmentsBefore(
  offset: number,
  { segments }: CleanableLog,
): Generator<[segment: Segment, segmentEnd: number]> {
  for (const [index, segment] of segments.entries()) {
    if (segment.baseOffset >= offset) return;
    yield [segment, segments[index + 1].baseOffset];
  }
}

interface Walk {
  readonly log: CleanableLog;
  readonly pace: Pace;
}

interface Cleaning extends Walk {
  readonly filter: BatchFilter;
}

async function copy(
  segment: Segment,
  segmentEnd: number,
  group: Group,
  { log, pace, filter }: Cleaning,
): Promise<void> {
  group.segments.push(segment);
  for await (const { batch } of walk(segment, 0, { log, pace })) {
    const bytes = await filter.filter(batch, segmentEnd);
    group.isChanged ||= bytes !== batch.bytes;
    if (bytes === null) continue;
    group.cleaned.append(bytes);
    group.hasRecords ||= batchHeaderAt(bytes)!.recordCount !== 0;
    pace.spend(bytes.length);
  }
}

/**
 * One batch after the other, at the cleaner's pace. Each is checked: what is damaged must neither decide about others nor get a checksum
 * that hides it.
 */
async function* walk(segment: Segment, position: number, { log, pace }: Walk): AsyncGenerator<PositionedBatch> {
  try {
    for await (const found of segment.scan(position)) {
      if (pace.isOver) await pace.rest();
      if (log.isEnded) throw new CleaningStopped();
      const { batch } = found;
      if (!batch.checksumOk()) throw segment.damageAt(found.position);
      pace.spend(batch.sizeInBytes);
      yield found;
    }
  } catch (error) {
    throw unreadable(error);
  }
}
