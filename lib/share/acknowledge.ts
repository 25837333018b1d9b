/**
 * From what a member says to the records that it speaks of.
 *
 * @module
 */
import { ErrorCode } from "../protocol/error_code.ts";
import type { InFlightRecords, Run } from "./in_flight.ts";
import { AcknowledgeType, isAcknowledgeType, RecordState } from "./record_state.ts";
import type { Refusal, SharePartition } from "./share_partition.ts";

/** What a member says of the offsets from `firstOffset` to `lastOffset`, inclusive: one type for all, or one for each. */
export interface Acknowledgement {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly types: readonly number[];
}

/** Records, and what a member says of them. */
interface AcknowledgedRun {
  readonly run: Run;
  readonly type: AcknowledgeType;
}

/**
 * The records that a member speaks of, all of which it has acquired; those before the start offset left out.
 *
 * Errors: INVALID_REQUEST where it speaks of what was not delivered, INVALID_RECORD_STATE where it does not have it.
 */
export function findAcknowledged(
  { startOffset, records, settings }: SharePartition,
  memberId: string,
  acknowledgement: Acknowledgement,
): { readonly runs: readonly AcknowledgedRun[] } | Refusal {
  const { lastOffset, types } = acknowledgement;
  if (!types.every(isAcknowledgeType)) return invalidRequest(`Invalid acknowledge type: [${types.join(", ")}]`);
  if (lastOffset < startOffset) return { runs: [] };
  const complaint = outOfBounds(startOffset, records, acknowledgement);
  if (complaint !== null) return complaint;
  const runs: AcknowledgedRun[] = [];
  for (const { first, last, type } of segmentsOf(acknowledgement)) {
    if (last < startOffset) continue;
    for (const run of records.cut(Math.max(first, startOffset), last)) {
      const refusal = refusalOf(run, memberId);
      if (refusal !== null) return refusal;
      if (type === AcknowledgeType.RENEW && !settings.isRenewEnabled) {
        return invalidState("Renewing acquisition locks is not enabled for the group.");
      }
      runs.push({ run, type });
    }
  }
  return { runs };
}

function outOfBounds(
  startOffset: number,
  records: InFlightRecords,
  { firstOffset, lastOffset }: Acknowledgement,
): Refusal | null {
  const { firstRun } = records;
  if (firstRun === undefined || (firstOffset >= startOffset && firstOffset < firstRun.first)) {
    return invalidState("Batch record not found. The request batch offsets are not found in the cache.");
  }
  const { last } = records.lastRunFrom(lastOffset);
  if (last < firstOffset) {
    return invalidRequest("Batch record not found. The first offset in request is past acquired records.");
  }
  if (last < lastOffset) {
    return invalidRequest("Batch record not found. The last offset in request is past acquired records.");
  }
  return null;
}

function refusalOf({ delivery: { state, memberId: owner }, pending }: Run, memberId: string): Refusal | null {
  if (state !== RecordState.ACQUIRED || pending !== null) {
    return invalidState("The offset cannot be acknowledged. The offset is not acquired.");
  }
  return owner === memberId ? null : invalidState("Member is not the owner of offset");
}

/** Neighbours of one type together. */
function segmentsOf({ firstOffset, lastOffset, types }: Acknowledgement) {
  if (types.length === 1) return [{ first: firstOffset, last: lastOffset, type: types[0] as AcknowledgeType }];
  const segments: { first: number; last: number; type: AcknowledgeType }[] = [];
  types.forEach((type, index) => {
    const offset = firstOffset + index;
    const segment = segments.at(-1);
    if (segment?.type === type) segment.last = offset;
    else segments.push({ first: offset, last: offset, type: type as AcknowledgeType });
  });
  return segments;
}

function invalidRequest(errorMessage: string): Refusal {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}

function invalidState(errorMessage: string): Refusal {
  return { errorCode: ErrorCode.INVALID_RECORD_STATE, errorMessage };
}
