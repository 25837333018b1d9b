/**
 * What the share coordinator does with a share partition's state when it is asked: decide, and write the records.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import type { ReadShareGroupStateResponse } from "../../protocol/messages/read_share_group_state.ts";
import type { ReadShareGroupStateSummaryResponse } from "../../protocol/messages/read_share_group_state_summary.ts";
import type { WriteShareGroupStateRequest } from "../../protocol/messages/write_share_group_state.ts";
import type { ShareStateRecord } from "../../protocol/records/mod.ts";
import type { Init } from "../../protocol/schema.ts";
import type { Turn } from "../turn.ts";
import { snapshotRecord, tombstone, updateRecord } from "./records.ts";
import type { SharePartitionKey, SharePartitionState, ShareState } from "./share_state.ts";
import { combineStateBatches } from "./state_batches.ts";

/** What a request says of a partition's state. */
export type WrittenState = Omit<WriteShareGroupStateRequest["topics"][number]["partitions"][number], "partition">;
/** What a request is answered of a partition. */
export interface StateResult {
  readonly partition: number;
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
}
/** A partition's state, as ReadShareGroupState tells it. */
export type ReadState = Init<ReadShareGroupStateResponse["results"][number]["partitions"][number]>;
/** A partition's state in short, as ReadShareGroupStateSummary tells it. */
export type StateSummary = Init<ReadShareGroupStateSummaryResponse["results"][number]["partitions"][number]>;

/** "No epoch": who says so is not fenced. */
const NO_EPOCH = -1;
/** The start offset of a share partition that has not begun to read. */
const UNINITIALIZED_START_OFFSET = -1n;

/**
 * Makes a share partition, or begins it anew at another offset. Errors: INVALID_REQUEST, FENCED_STATE_EPOCH,
 * UNKNOWN_TOPIC_OR_PARTITION.
 */
export function initializeState(
  state: ShareState,
  turn: Turn<ShareStateRecord>,
  key: SharePartitionKey,
  { stateEpoch, startOffset }: { readonly stateEpoch: number; readonly startOffset: bigint },
): StateResult {
  if (key.partition < 0) return negativePartition(key);
  const known = state.get(key);
  if (known !== undefined && isBehind(stateEpoch, known.stateEpoch)) return failed(key, ErrorCode.FENCED_STATE_EPOCH);
  if (!state.hasPartition(key)) return failed(key, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const timestamp = BigInt(turn.nowMs);
  turn.write(snapshotRecord(key, {
    snapshotEpoch: known === undefined ? 0 : known.value.snapshotEpoch + 1,
    stateEpoch,
    leaderEpoch: 0,
    startOffset,
    deliveryCompleteCount: startOffset === UNINITIALIZED_START_OFFSET ? -1 : 0,
    createTimestamp: timestamp,
    writeTimestamp: timestamp,
    stateBatches: [],
  }));
  return done(key);
}

/**
 * Keeps what became of records. Errors: INVALID_REQUEST, FENCED_LEADER_EPOCH, FENCED_STATE_EPOCH,
 * UNKNOWN_TOPIC_OR_PARTITION.
 */
export function writeState(
  state: ShareState,
  turn: Turn<ShareStateRecord>,
  key: SharePartitionKey,
  written: WrittenState,
): StateResult {
  if (key.partition < 0) return negativePartition(key);
  const known = state.get(key);
  if (known === undefined) return invalid(key, "Write operation on uninitialized share partition not allowed.");
  if (isBehind(written.leaderEpoch, known.leaderEpoch)) return failed(key, ErrorCode.FENCED_LEADER_EPOCH);
  if (isBehind(written.stateEpoch, known.stateEpoch)) return failed(key, ErrorCode.FENCED_STATE_EPOCH);
  if (!state.hasPartition(key)) return failed(key, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  turn.write(changeRecord(state, turn, known, { ...written, leaderEpoch: known.value.leaderEpoch }));
  return done(key);
}

/**
 * Tells what is kept of a share partition; a leader epoch that is new is kept. Errors: INVALID_REQUEST,
 * FENCED_LEADER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION.
 */
export function readState(
  state: ShareState,
  turn: Turn<ShareStateRecord>,
  key: SharePartitionKey,
  leaderEpoch: number,
): ReadState {
  if (key.partition < 0) return negativePartition(key);
  const known = state.get(key);
  if (known === undefined) return invalid(key, "Read operation on uninitialized share partition not allowed.");
  if (isBehind(leaderEpoch, known.leaderEpoch)) return failed(key, ErrorCode.FENCED_LEADER_EPOCH);
  if (!state.hasPartition(key)) return failed(key, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const { startOffset, stateEpoch, stateBatches, deliveryCompleteCount } = known.value;
  if (leaderEpoch !== NO_EPOCH && leaderEpoch !== known.leaderEpoch) {
    turn.write(changeRecord(state, turn, known, { startOffset, deliveryCompleteCount, leaderEpoch, stateBatches: [] }));
  }
  return { partition: key.partition, startOffset, stateEpoch, stateBatches };
}

/**
 * Tells where a share partition stands; where nobody has made it, that it has not begun. Errors: INVALID_REQUEST,
 * UNKNOWN_TOPIC_OR_PARTITION.
 */
export function summarizeState(state: ShareState, key: SharePartitionKey): StateSummary {
  const { partition } = key;
  if (partition < 0) return negativePartition(key);
  if (!state.hasPartition(key)) return failed(key, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const known = state.get(key);
  if (known === undefined) {
    const startOffset = UNINITIALIZED_START_OFFSET;
    return { partition, startOffset, leaderEpoch: 0, stateEpoch: 0, deliveryCompleteCount: -1 };
  }
  const { startOffset, leaderEpoch, stateEpoch, deliveryCompleteCount } = known.value;
  return { partition, startOffset, leaderEpoch, stateEpoch, deliveryCompleteCount };
}

/** Forgets a share partition, which need not be known. Errors: INVALID_REQUEST, UNKNOWN_TOPIC_OR_PARTITION. */
export function deleteState(state: ShareState, turn: Turn<ShareStateRecord>, key: SharePartitionKey): StateResult {
  if (key.partition < 0) return negativePartition(key);
  if (!state.hasPartition(key)) return failed(key, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  if (state.get(key) !== undefined) turn.write(tombstone(key));
  return done(key);
}

/** Forgets the share partitions of topics that are gone. */
export function forgetTopics(state: ShareState, turn: Turn<ShareStateRecord>, topicIds: ReadonlySet<string>): void {
  for (const key of state.partitions) if (topicIds.has(key.topicId)) turn.write(tombstone(key));
}

/**
 * Writes the partitions anew whose last snapshot is old, so that they do not keep the log from being cut: none where
 * that was done already to all of them.
 */
export function snapshotColdPartitions(state: ShareState, turn: Turn<ShareStateRecord>, intervalMs: number): void {
  const partitions = Array.from(state.partitions);
  if (partitions.every(({ value }) => value.createTimestamp !== value.writeTimestamp)) return;
  for (const { groupId, topicId, partition, value } of partitions) {
    if (turn.nowMs - Number(value.writeTimestamp) < intervalMs) continue;
    const written = { ...value, snapshotEpoch: value.snapshotEpoch + 1, writeTimestamp: BigInt(turn.nowMs) };
    turn.write(snapshotRecord({ groupId, topicId, partition }, written));
  }
}

function isBehind(epoch: number, known: number): boolean {
  return epoch !== NO_EPOCH && known > epoch;
}

type Change = Pick<WrittenState, "startOffset" | "deliveryCompleteCount" | "leaderEpoch" | "stateBatches">;

/** An update, or, after so many of them, a snapshot. */
function changeRecord(
  state: ShareState,
  turn: Turn<ShareStateRecord>,
  known: SharePartitionState,
  { startOffset, deliveryCompleteCount, leaderEpoch, stateBatches }: Change,
): ShareStateRecord {
  const { groupId, topicId, partition, value } = known;
  const key = { groupId, topicId, partition };
  if (!state.isSnapshotDue(known)) {
    const batches = combineStateBatches(stateBatches, startOffset);
    const { snapshotEpoch } = value;
    const update = { snapshotEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches: batches };
    return updateRecord(key, update);
  }
  const newStartOffset = startOffset === UNINITIALIZED_START_OFFSET ? value.startOffset : startOffset;
  const timestamp = BigInt(turn.nowMs);
  return snapshotRecord(key, {
    ...value,
    snapshotEpoch: value.snapshotEpoch + 1,
    startOffset: newStartOffset,
    deliveryCompleteCount,
    leaderEpoch,
    stateBatches: combineStateBatches([...value.stateBatches, ...stateBatches], newStartOffset),
    createTimestamp: timestamp,
    writeTimestamp: timestamp,
  });
}

function done({ partition }: SharePartitionKey): StateResult {
  return { partition, errorCode: ErrorCode.NONE, errorMessage: null };
}

/** An error of a share partition, in Apache Kafka's words. */
export function failed({ partition }: SharePartitionKey, errorCode: ErrorCode): StateResult {
  return { partition, errorCode, errorMessage: MESSAGES.get(errorCode) ?? null };
}

const MESSAGES: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  [ErrorCode.COORDINATOR_NOT_AVAILABLE, "The coordinator is not available."],
  [ErrorCode.FENCED_LEADER_EPOCH, "The leader epoch in the request is older than the epoch on the broker."],
  [
    ErrorCode.FENCED_STATE_EPOCH,
    "The share coordinator rejected the request because the share-group state epoch did not match.",
  ],
  [ErrorCode.NOT_COORDINATOR, "This is not the correct coordinator."],
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."],
]);

function invalid({ partition }: SharePartitionKey, errorMessage: string): StateResult {
  return { partition, errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}

function negativePartition(key: SharePartitionKey): StateResult {
  return invalid(key, "The partition id cannot be a negative number.");
}
