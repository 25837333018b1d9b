/**
 * Which segments a log no longer keeps.
 *
 * @module
 */
import type { LogConfig } from "./partition_log.ts";
import type { Segment } from "./segment.ts";

/** The log as retention sees it. */
export interface RetainedLog {
  readonly config: LogConfig;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
}

/**
 * How many segments, from the first on, are to be deleted now: those that lie before the log start offset, and where
 * the topic's cleanup policy says "delete" those that `retention.bytes` or `retention.ms` has no room for. Whole
 * segments, and none beyond the high watermark.
 */
export async function countDeletable(log: RetainedLog, segments: readonly Segment[], nowMs: number): Promise<number> {
  const { config } = log;
  const isDeleting = config.cleanupPolicy.has("delete");
  let excessBytes = segments.reduce((sum, segment) => sum + segment.size, 0) - config.retentionBytes;
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    const endOffset = next?.baseOffset ?? log.logEndOffset;
    if (endOffset > log.highWatermark || (next === undefined && segment.size === 0)) return index;
    excessBytes -= segment.size;
    const isBeforeStart = next !== undefined && next.baseOffset <= log.logStartOffset;
    const isTooMuch = isDeleting && config.retentionBytes >= 0 && excessBytes >= 0;
    if (!isBeforeStart && !isTooMuch && !(isDeleting && await isTooOld(segment, config, nowMs))) return index;
  }
  return segments.length;
}

async function isTooOld(segment: Segment, config: LogConfig, nowMs: number): Promise<boolean> {
  if (config.retentionMs < 0) return false;
  const largestTimestampMs = await segment.loadLargestTimestampMs();
  // The cleaner gives the time 0 to what it leaves without a record. Were it deleted for that, the offsets that were
  // cleaned away would be out of range, and a consumer that has come so far be sent elsewhere.
  const isEmptied = largestTimestampMs === 0 && config.cleanupPolicy.has("compact");
  return nowMs - (isEmptied ? segment.modifiedMs : largestTimestampMs) > config.retentionMs;
}
