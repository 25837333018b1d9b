/**
 * Giving records to a member: first what has become available again, then what the group has not seen.
 *
 * How many: whole batches until the number asked for is reached (KIP-932), or exactly the number (KIP-1206). Records that
 * were delivered often are given in ever smaller portions, and for the last time alone, so that one that nobody can
 * process does not take others with it.
 *
 * @module
 */
import type { Run } from "./in_flight.ts";
import { RecordState } from "./record_state.ts";
import { isAvailable, type SharePartition } from "./share_partition.ts";

/** The modes of acquiring, by their numbers on the wire. */
export const ShareAcquireMode = { BATCH_OPTIMIZED: 0, RECORD_LIMIT: 1 } as const;
export type ShareAcquireMode = typeof ShareAcquireMode[keyof typeof ShareAcquireMode];

/** The offsets of a record batch, both inclusive. */
export interface FetchedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
}

/** Who wants how much of what was read. */
export interface Acquisition {
  readonly memberId: string;
  readonly mode: ShareAcquireMode;
  readonly maxRecords: number;
  /** How many records a batch of what is acquired should have at most. */
  readonly batchSize: number;
  /** From where the log was read. */
  readonly fetchOffset: number;
  /** What was read, at least one batch. */
  readonly batches: readonly FetchedBatch[];
  readonly nowMs: number;
}

/** Records that a member has got, both offsets inclusive. */
export interface AcquiredRecords {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

/** Deliveries before records are given in portions, where the limit is as low as can be. */
const LEAST_THROTTLE_LIMIT = 2;

export function acquire(partition: SharePartition, acquisition: Acquisition): AcquiredRecords[] {
  const { batches, fetchOffset } = acquisition;
  const firstBase = batches[0].baseOffset;
  // Between the offset asked for and the first that is there, the log has none: they were compacted away.
  if (fetchOffset < firstBase) {
    partition.archive(fetchOffset, firstBase - 1, RecordState.AVAILABLE);
    partition.advance();
  }
  if (batches.at(-1)!.lastOffset < partition.startOffset) return [];
  const limits = limitsOf(partition, acquisition);
  if (limits.maxRecords <= 0) return [];
  const first = Math.max(firstBase, partition.startOffset);
  const again = acquireAgain(partition, acquisition, first, limits);
  const left = limits.maxRecords - countOf(again.acquired);
  if (again.isThrottled || left <= 0) return again.acquired;
  return [
    ...again.acquired,
    ...acquireNew(partition, acquisition, Math.max(first, partition.nextOffset), { ...limits, maxRecords: left }),
  ];
}

interface Limits {
  readonly maxRecords: number;
  readonly lastOffset: number;
}

/** No more may be in flight than the settings say; what is in flight already may be given again. */
function limitsOf(partition: SharePartition, { maxRecords, batches, fetchOffset }: Acquisition): Limits {
  const lastOffset = batches.at(-1)!.lastOffset;
  const room = partition.settings.maxInFlightRecords - partition.inFlightCount;
  if (room > 0) return { maxRecords: Math.min(maxRecords, room), lastOffset };
  return {
    maxRecords: Math.min(maxRecords, partition.nextOffset - fetchOffset),
    lastOffset: Math.min(lastOffset, partition.nextOffset - 1),
  };
}

/** Records that have become available again. Those of a batch come together, as far as the mode allows. */
function acquireAgain(
  partition: SharePartition,
  acquisition: Acquisition,
  first: number,
  { maxRecords, lastOffset }: Limits,
): { acquired: AcquiredRecords[]; isThrottled: boolean } {
  const acquired: AcquiredRecords[] = [];
  let count = 0;
  for (const runs of byBatch(partition.records.overlapping(first, lastOffset).filter(isAvailable))) {
    if (count >= maxRecords) break;
    const isThrottled = Math.max(...runs.map(({ delivery }) => delivery.deliveryCount)) >= throttleLimit(partition);
    if (isThrottled && count > 0) return { acquired, isThrottled };
    const least = Math.max(first, runs[0].first);
    const most = Math.min(lastOffset, runs.at(-1)!.last);
    const mostRecords = acquisition.mode === ShareAcquireMode.RECORD_LIMIT ? maxRecords - count : Infinity;
    const ofBatch = acquireOfBatch(partition, acquisition, { least, most, mostRecords });
    acquired.push(...ofBatch);
    count += countOf(ofBatch);
    if (isThrottled && ofBatch.length > 0) return { acquired, isThrottled };
  }
  return { acquired, isThrottled: false };
}

function throttleLimit({ settings: { maxDeliveryCount } }: SharePartition): number {
  return Math.max(LEAST_THROTTLE_LIMIT, Math.ceil(maxDeliveryCount / 2));
}

function acquireOfBatch(
  partition: SharePartition,
  { memberId, nowMs }: Acquisition,
  { least, most, mostRecords }: { least: number; most: number; mostRecords: number },
): AcquiredRecords[] {
  const { maxDeliveryCount, recordLockDurationMs } = partition.settings;
  const acquired: AcquiredRecords[] = [];
  let left = mostRecords;
  let portion = Infinity;
  for (const { first, last, batch, delivery } of partition.records.cut(least, most).filter(isAvailable)) {
    const { deliveryCount } = delivery;
    if (deliveryCount >= maxDeliveryCount) {
      partition.archive(first, last, RecordState.AVAILABLE);
      continue;
    }
    const isLastTime = deliveryCount === maxDeliveryCount - 1 && maxDeliveryCount > LEAST_THROTTLE_LIMIT;
    if (isLastTime && acquired.length > 0) break;
    const throttle = throttleLimit(partition);
    if (deliveryCount >= throttle && portion === Infinity) {
      const batchSize = batch.last - batch.first + 1;
      portion = Math.max(1, Math.floor(batchSize / 2 ** (deliveryCount - throttle + 1))) - countOf(acquired);
    }
    const size = Math.min(last - first + 1, left, portion, isLastTime ? 1 : Infinity);
    if (size <= 0) break;
    for (const run of partition.records.cut(first, first + size - 1)) {
      run.delivery = { state: RecordState.ACQUIRED, deliveryCount: deliveryCount + 1, memberId };
      run.lockExpiresAtMs = nowMs + recordLockDurationMs;
    }
    add(acquired, { firstOffset: first, lastOffset: first + size - 1, deliveryCount: deliveryCount + 1 });
    left -= size;
    portion -= size;
    if (isLastTime) break;
  }
  return acquired;
}

/** Records that the group has not seen, in batches of about the size asked for. */
function acquireNew(
  partition: SharePartition,
  { memberId, mode, batchSize, batches, nowMs }: Acquisition,
  first: number,
  { maxRecords, lastOffset }: Limits,
): AcquiredRecords[] {
  if (first > lastOffset) return [];
  const lockExpiresAtMs = nowMs + partition.settings.recordLockDurationMs;
  const acquired = { state: RecordState.ACQUIRED, deliveryCount: 1, memberId };
  const last = Math.min(lastOffset, endOfBatchWith(batches, first + maxRecords - 1));
  if (mode === ShareAcquireMode.RECORD_LIMIT) {
    partition.append({ first, last }, acquired, lockExpiresAtMs);
    const lastAcquired = Math.min(last, first + maxRecords - 1);
    for (const run of partition.records.cut(lastAcquired + 1, last)) {
      run.delivery = { state: RecordState.AVAILABLE, deliveryCount: 0, memberId: null };
      run.lockExpiresAtMs = Infinity;
    }
    return [{ firstOffset: first, lastOffset: lastAcquired, deliveryCount: 1 }];
  }
  const starts = [first];
  for (const { baseOffset } of batches) {
    if (baseOffset <= last && baseOffset - starts.at(-1)! >= batchSize) starts.push(baseOffset);
  }
  return starts.map((start, index) => {
    const end = (starts[index + 1] ?? last + 1) - 1;
    partition.append({ first: start, last: end }, acquired, lockExpiresAtMs);
    return { firstOffset: start, lastOffset: end, deliveryCount: 1 };
  });
}

/** The last offset of the batch that contains this one; the offset itself where none does. */
function endOfBatchWith(batches: readonly FetchedBatch[], offset: number): number {
  const batch = batches.findLast(({ baseOffset }) => baseOffset <= offset);
  return batch === undefined ? offset : Math.max(offset, batch.lastOffset);
}

function byBatch(runs: readonly Run[]): Run[][] {
  const groups: Run[][] = [];
  for (const run of runs) {
    const last = groups.at(-1);
    if (last !== undefined && last[0].batch === run.batch) last.push(run);
    else groups.push([run]);
  }
  return groups;
}

function countOf(acquired: readonly AcquiredRecords[]): number {
  return acquired.reduce((count, { firstOffset, lastOffset }) => count + lastOffset - firstOffset + 1, 0);
}

/** Adds records to those before; one entry for all that follow each other and were delivered as often. */
function add(acquired: AcquiredRecords[], next: AcquiredRecords): void {
  const last = acquired.at(-1);
  if (last !== undefined && last.lastOffset + 1 === next.firstOffset && last.deliveryCount === next.deliveryCount) {
    acquired[acquired.length - 1] = { ...last, lastOffset: next.lastOffset };
  } else acquired.push(next);
}
