/**
 * Finding records by their time: the time index leads to a batch, and the records of that batch are looked at one by
 * one.
 *
 * @module
 */
import type { Compressor } from "../ports.ts";
import { type Batch, type LogRecord, recordsOf } from "../records/mod.ts";
import type { TimestampOffset } from "./partition_log.ts";
import type { Segment } from "./segment.ts";
import type { PositionedBatch } from "./segment_reader.ts";
import type { MaxTimestamp } from "./time_index.ts";

/** No record was found. */
export const NO_TIMESTAMP_OFFSET: TimestampOffset = { timestamp: -1, offset: -1, leaderEpoch: -1 };

/** The first record at `startOffset` or beyond whose timestamp is `timestamp` or later. */
export async function findTimestamp(
  segments: readonly Segment[],
  timestamp: number,
  startOffset: number,
  compressor: Compressor,
): Promise<TimestampOffset> {
  for (const segment of segments) {
    if (await segment.loadLargestTimestampMs() < timestamp) continue;
    const { times, offsets } = await segment.loadIndexes();
    const position = offsets.lookup(Math.max(times.lookup(timestamp).offset, startOffset));
    for await (const found of segment.scan(position)) {
      const { batch } = found;
      if (batch.maxTimestamp < timestamp || batch.lastOffset < startOffset) continue;
      const isFound = (record: LogRecord) => record.timestamp >= timestamp && record.offset >= startOffset;
      const record = findRecord(found, segment, compressor, isFound);
      if (record !== null) return resultOf(record, batch);
    }
  }
  return NO_TIMESTAMP_OFFSET;
}

/** The first of the records that have the greatest timestamp of all (KIP-734). */
export async function findMaxTimestamp(
  segments: readonly Segment[],
  compressor: Compressor,
): Promise<TimestampOffset> {
  const candidates: { segment: Segment; max: MaxTimestamp }[] = [];
  for (const segment of segments) candidates.push({ segment, max: await segment.loadMaxTimestamp() });
  candidates.sort((a, b) => b.max.timestamp - a.max.timestamp);
  let found = NO_TIMESTAMP_OFFSET;
  for (const { segment, max } of candidates) {
    if (max.timestamp <= found.timestamp) break;
    const best = await findMaxIn(segment, max, compressor);
    if (best.timestamp > found.timestamp) found = best;
  }
  return found;
}

/** The cleaner may have left the header alone of the batch that has the greatest timestamp: then the others are looked at. */
async function findMaxIn(segment: Segment, max: MaxTimestamp, compressor: Compressor): Promise<TimestampOffset> {
  const { offsets } = await segment.loadIndexes();
  for await (const found of segment.scan(offsets.lookup(max.offset))) {
    const best = maxOf(found, segment, max.timestamp, compressor);
    if (best !== null) return best;
  }
  let youngest = { timestamp: -1, position: 0 };
  for await (const { batch: { maxTimestamp: timestamp, recordCount }, position } of segment.scan(0)) {
    if (timestamp > youngest.timestamp && recordCount !== 0) youngest = { timestamp, position };
  }
  if (youngest.timestamp < 0) return NO_TIMESTAMP_OFFSET;
  for await (const found of segment.scan(youngest.position)) {
    return maxOf(found, segment, youngest.timestamp, compressor) ?? NO_TIMESTAMP_OFFSET;
  }
  return NO_TIMESTAMP_OFFSET;
}

function maxOf(
  found: PositionedBatch,
  segment: Segment,
  timestamp: number,
  compressor: Compressor,
): TimestampOffset | null {
  if (found.batch.maxTimestamp !== timestamp) return null;
  const record = findRecord(found, segment, compressor, (record) => record.timestamp === timestamp);
  return record === null ? null : resultOf(record, found.batch);
}

/** @throws {CorruptBatchError} where the batch is damaged */
function findRecord(
  { batch, position }: PositionedBatch,
  segment: Segment,
  compressor: Compressor,
  isFound: (record: LogRecord) => boolean,
): LogRecord | null {
  if (!batch.checksumOk()) throw segment.damageAt(position);
  for (const record of recordsOf(batch, compressor)) {
    if (isFound(record)) return record;
  }
  return null;
}

function resultOf(record: LogRecord, batch: Batch): TimestampOffset {
  return { timestamp: record.timestamp, offset: record.offset, leaderEpoch: batch.partitionLeaderEpoch };
}
