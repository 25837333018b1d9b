/**
 * State batches: what became of ranges of offsets of a share partition. New ones are laid over those before.
 *
 * Where two overlap, the one that tells of more deliveries holds, and of as many, the one in the later state. The order in
 * which pairs are taken is Apache Kafka's, so that the snapshots are its own, byte for byte.
 *
 * @module
 */
import type { ShareSnapshotValue } from "../../protocol/records/mod.ts";

/** The state of the offsets from `firstOffset` to `lastOffset`, inclusive. */
export type StateBatch = ShareSnapshotValue["stateBatches"][number];

/**
 * All batches as ones that do not overlap, in the order of their offsets, without what lies before the start offset.
 *
 * @param startOffset -1 for unknown
 */
export function combineStateBatches(batches: readonly StateBatch[], startOffset: bigint): StateBatch[] {
  const pruned = batches.flatMap((batch) => {
    if (batch.lastOffset < startOffset) return [];
    return batch.firstOffset >= startOffset ? [batch] : [{ ...batch, firstOffset: startOffset }];
  });
  if (pruned.length < 2) return pruned;
  const sorted: StateBatch[] = [];
  for (const batch of pruned) insert(sorted, batch, 0);
  for (let index = 0; index + 1 < sorted.length;) {
    const [previous, candidate] = [sorted[index], sorted[index + 1]];
    const merged = mergePair(previous, candidate);
    if (merged === null) {
      index++;
      continue;
    }
    sorted.splice(index, 2);
    for (const batch of merged) insert(sorted, batch, index);
  }
  return sorted;
}

/** What two neighbours come to; null where they neither overlap nor continue each other. */
function mergePair(previous: StateBatch, candidate: StateBatch): StateBatch[] | null {
  const order = compareDelivery(candidate, previous);
  const overlaps = candidate.firstOffset <= previous.lastOffset;
  if (order === 0) {
    if (!overlaps && previous.lastOffset + 1n !== candidate.firstOffset) return null;
    return [{ ...previous, lastOffset: max(previous.lastOffset, candidate.lastOffset) }];
  }
  if (!overlaps) return null;
  const tail = previous.lastOffset + 1n;
  if (order < 0) {
    return candidate.lastOffset < tail ? [previous] : [previous, { ...candidate, firstOffset: tail }];
  }
  const result = [candidate];
  if (previous.firstOffset < candidate.firstOffset) {
    result.unshift({ ...previous, lastOffset: candidate.firstOffset - 1n });
  }
  if (candidate.lastOffset < previous.lastOffset) {
    result.push({ ...previous, firstOffset: candidate.lastOffset + 1n });
  }
  return result;
}

/** Puts a batch into the sorted list, `from` that index on; the same one stands there but once. */
function insert(sorted: StateBatch[], batch: StateBatch, from: number): void {
  let index = from;
  while (index < sorted.length && compare(sorted[index], batch) < 0) index++;
  if (index < sorted.length && compare(sorted[index], batch) === 0) return;
  sorted.splice(index, 0, batch);
}

function compare(a: StateBatch, b: StateBatch): number {
  return Number(a.firstOffset - b.firstOffset) || Number(a.lastOffset - b.lastOffset) || compareDelivery(a, b);
}

function compareDelivery(a: StateBatch, b: StateBatch): number {
  return a.deliveryCount - b.deliveryCount || a.deliveryState - b.deliveryState;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
