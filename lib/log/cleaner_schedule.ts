/**
 * Which log is to be cleaned next, and which part of it: the dirtiest one of those that are due.
 *
 * A compacted log has a clean part, which earlier cleanings went through, a dirty part after it, and behind that the part that must not be
 * touched yet: the active segment, what is not stable, and what is younger than `min.compaction.lag.ms`.
 *
 * @module
 */
import type { CleanableLog } from "./cleaner_log.ts";
import type { Segment } from "./segment.ts";

/** What a cleaning would go through. */
export interface DirtyLog {
  readonly log: CleanableLog;
  readonly firstDirtyOffset: number;
  /** The end of the dirty part, where a segment begins. */
  readonly firstUncleanableOffset: number;
  /** Bytes of the dirty part. */
  readonly dirtyBytes: number;
  /** The dirty part's share of what a cleaning would go through, from 0 to 1. */
  readonly dirtyRatio: number;
  /** True where something in the dirty part is older than `max.compaction.lag.ms`. */
  readonly isOverdue: boolean;
}

/** The one to clean now; null where none is due. */
export function chooseDirtiest(dirtyLogs: readonly DirtyLog[]): DirtyLog | null {
  let dirtiest: DirtyLog | null = null;
  for (const dirty of dirtyLogs) {
    const isDue = dirty.isOverdue || dirty.dirtyRatio > dirty.log.config.minCleanableDirtyRatio;
    if (isDue && dirty.dirtyBytes > 0 && dirty.dirtyRatio > (dirtiest?.dirtyRatio ?? 0)) dirtiest = dirty;
  }
  return dirtiest;
}

/**
 * How dirty a log is.
 *
 * @param checkpointedOffset up to where earlier cleanings went; undefined where there was none
 * @throws {DiskError}
 * @throws {DecodeError} where a segment is damaged
 */
export async function measureDirt(
  log: CleanableLog,
  checkpointedOffset: number | undefined,
  nowMs: number,
): Promise<DirtyLog> {
  const segments = log.segments.slice(0, -1);
  const activeOffset = log.segments[log.segments.length - 1].baseOffset;
  const firstDirtyOffset = firstDirtyOf(log, checkpointedOffset);
  const dirtySegments = segments.filter((_, index) =>
    (segments[index + 1]?.baseOffset ?? activeOffset) > firstDirtyOffset
  );
  const firstYoung = await findYoung(dirtySegments, log, nowMs);
  const limit = Math.min(log.cleanableEndOffset, activeOffset, firstYoung?.baseOffset ?? Infinity);
  const firstUncleanable = dirtySegments.find((_, index) =>
    (dirtySegments[index + 1]?.baseOffset ?? activeOffset) > limit
  );
  const firstUncleanableOffset = firstUncleanable?.baseOffset ?? activeOffset;
  const cleanable = dirtySegments.filter(({ baseOffset }) => baseOffset < firstUncleanableOffset);
  const dirtyBytes = sizeOf(cleanable);
  const cleanBytes = sizeOf(segments.filter((segment) => !dirtySegments.includes(segment)));
  return {
    log,
    firstDirtyOffset,
    firstUncleanableOffset,
    dirtyBytes,
    dirtyRatio: dirtyBytes === 0 ? 0 : dirtyBytes / (dirtyBytes + cleanBytes),
    isOverdue: isOverdue(cleanable, log, nowMs),
  };
}

/** A checkpoint that lies before the log, or beyond its end, is of another time. */
function firstDirtyOf({ logStartOffset, logEndOffset }: CleanableLog, checkpointedOffset: number | undefined): number {
  const isSound = checkpointedOffset !== undefined && checkpointedOffset >= logStartOffset &&
    checkpointedOffset <= logEndOffset;
  return isSound ? checkpointedOffset : logStartOffset;
}

async function findYoung(
  segments: readonly Segment[],
  { config }: CleanableLog,
  nowMs: number,
): Promise<Segment | null> {
  const { minCompactionLagMs } = config;
  if (minCompactionLagMs === 0) return null;
  for (const segment of segments) {
    if (await segment.loadLargestTimestampMs() > nowMs - minCompactionLagMs) return segment;
  }
  return null;
}

function isOverdue(segments: readonly Segment[], { config }: CleanableLog, nowMs: number): boolean {
  const { maxCompactionLagMs } = config;
  if (maxCompactionLagMs >= nowMs) return false;
  return segments.some((segment) => {
    const timestamp = segment.firstTimestamp;
    return timestamp > 0 && timestamp < nowMs - maxCompactionLagMs;
  });
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.size, 0);
}
