/**
 * OffsetCommit, OffsetFetch and OffsetDelete: what groups have consumed. Topics are named here, never given by id.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../bytes/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { OffsetCommitRequest } from "../../protocol/messages/offset_commit.ts";
import type { OffsetFetchRequest } from "../../protocol/messages/offset_fetch.ts";
import type { OpenTransaction, Turn } from "../turn.ts";
import type { Commit, Committer } from "./group.ts";
import type { GroupState } from "./group_state.ts";
import { type GroupRecord, NEVER_EXPIRES, offsetRecord, offsetTombstone } from "./records.ts";

/** Offsets to commit for the partitions of a topic. */
export interface TopicOffsets {
  readonly name: string;
  readonly topicId: Uuid;
  readonly partitions: OffsetCommitRequest["topics"][number]["partitions"];
}

/** What became of a partition. */
export interface PartitionError {
  readonly partitionIndex: number;
  readonly errorCode: ErrorCode;
}

/** Who fetches offsets: a member of a group, or an administrator, who tells neither a member nor an epoch. */
export type Fetcher = Pick<OffsetFetchRequest["groups"][number], "groupId" | "memberId" | "memberEpoch">;

/** Partitions of a topic whose offsets are asked for. The id is zero where the topic is known by name alone. */
export interface TopicPartitions {
  readonly name: string;
  readonly topicId: Uuid;
  readonly partitionIndexes: readonly number[];
}

/** An offset as OffsetFetch tells it; -1 where none is committed. */
export interface FetchedOffset extends PartitionError {
  readonly committedOffset: bigint;
  readonly committedLeaderEpoch: number;
  readonly metadata: string;
}

/** Offsets as OffsetFetch tells them, by topic. */
export interface FetchedTopic {
  readonly name: string;
  readonly partitions: readonly FetchedOffset[];
}

/** Where a group does not exist, versions up to this one call the generation wrong. */
const LAST_VERSION_WITHOUT_GROUP_ID_NOT_FOUND = 8;

/**
 * Commits offsets, or has them committed with the transaction of a producer; an error that is the group's is that of
 * every partition.
 *
 * Errors: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, GROUP_ID_NOT_FOUND; of one
 * partition OFFSET_METADATA_TOO_LARGE.
 */
export function commitOffsets(
  state: GroupState,
  turn: Turn<GroupRecord>,
  committer: Committer,
  topics: readonly TopicOffsets[],
  apiVersion: number,
  transaction: OpenTransaction | null = null,
): PartitionError[][] {
  const isTransactional = transaction !== null;
  const transactionError = transaction?.error() ?? ErrorCode.NONE;
  const groupError = transactionError === ErrorCode.NONE
    ? commitError(state, { committer, topics: withIds(state, topics), isTransactional, apiVersion })
    : transactionError;
  return topics.map((topic) =>
    topic.partitions.map((partition) => {
      const { partitionIndex } = partition;
      const isTooLarge = (partition.committedMetadata?.length ?? 0) > state.settings.offsetMetadataMaxSize;
      const errorCode = groupError === ErrorCode.NONE && isTooLarge ? ErrorCode.OFFSET_METADATA_TOO_LARGE : groupError;
      if (errorCode !== ErrorCode.NONE) return { partitionIndex, errorCode };
      const record = recordOf(committer, topic, partition, turn.nowMs);
      if (transaction === null) turn.write(record);
      else turn.writeInTransaction(transaction, record);
      return { partitionIndex, errorCode };
    })
  );
}

/** Why a member may not have the offsets of its group, or NONE: it is none any more, or has not learnt its newest epoch. */
export function fetchError(state: GroupState, { groupId, memberId, memberEpoch }: Fetcher): ErrorCode {
  return state.groups.get(groupId)?.fetchError(memberId, memberEpoch) ?? ErrorCode.NONE;
}

/** The offsets of these partitions; where `isStable`, none that an open transaction may change (KIP-447). */
export function fetchOffsets(
  state: GroupState,
  groupId: string,
  topics: readonly TopicPartitions[],
  isStable: boolean,
): FetchedTopic[] {
  return topics.map(({ name, topicId, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => {
      if (isStable && state.offsets.isUnstable(groupId, name, partitionIndex)) {
        return { ...NO_OFFSET, partitionIndex, errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT };
      }
      const value = state.offsets.get(groupId, name, partitionIndex);
      // It is of an earlier topic of the same name.
      if (value === undefined || !isSameTopic(value.topicId, topicId)) return { ...NO_OFFSET, partitionIndex };
      return {
        partitionIndex,
        committedOffset: value.offset,
        committedLeaderEpoch: value.leaderEpoch,
        metadata: value.metadata,
        errorCode: ErrorCode.NONE,
      };
    }),
  }));
}

/** All topics and partitions for which the group has offsets. */
export function committedPartitions(state: GroupState, groupId: string): TopicPartitions[] {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of state.offsets.of(groupId)) {
    const partitions = byTopic.get(topic);
    if (partitions === undefined) byTopic.set(topic, [partition]);
    else partitions.push(partition);
  }
  return Array.from(byTopic, ([name, partitionIndexes]) => ({ name, topicId: ZERO_UUID, partitionIndexes }));
}

/**
 * Why no offset of the group can be deleted: GROUP_ID_NOT_FOUND, or NON_EMPTY_GROUP where it cannot be told which
 * it uses.
 */
export function offsetDeleteError(state: GroupState, groupId: string): ErrorCode {
  return state.groups.get(groupId)?.offsetDeleteError() ?? ErrorCode.GROUP_ID_NOT_FOUND;
}

/** Forgets offsets of a topic. Error: GROUP_SUBSCRIBED_TO_TOPIC. */
export function deleteOffsets(
  state: GroupState,
  turn: Turn<GroupRecord>,
  groupId: string,
  topic: string,
  partitionIndexes: readonly number[],
): PartitionError[] {
  const isInUse = state.groups.get(groupId)!.isSubscribedTo(topic);
  return partitionIndexes.map((partitionIndex) => {
    if (isInUse) return { partitionIndex, errorCode: ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC };
    const isCommitted = state.offsets.get(groupId, topic, partitionIndex) !== undefined;
    if (isCommitted || state.offsets.isUnstable(groupId, topic, partitionIndex)) {
      turn.write(offsetTombstone(groupId, topic, partitionIndex));
    }
    return { partitionIndex, errorCode: ErrorCode.NONE };
  });
}

/** Forgets the offsets of topics that are deleted: a new one of the same name must not begin in the middle. */
export function forgetTopics(state: GroupState, turn: Turn<GroupRecord>, names: ReadonlySet<string>): void {
  for (const groupId of state.offsets.groupIds()) {
    for (const { topic, partition } of state.offsets.of(groupId)) {
      if (names.has(topic)) turn.write(offsetTombstone(groupId, topic, partition));
    }
  }
}

const NO_OFFSET = {
  committedOffset: -1n,
  committedLeaderEpoch: -1,
  metadata: "",
  errorCode: ErrorCode.NONE as ErrorCode,
};

function isSameTopic(known: Uuid, asked: Uuid): boolean {
  return known === asked || known === ZERO_UUID || asked === ZERO_UUID;
}

function commitError(state: GroupState, commit: Commit): ErrorCode {
  const { groupId, memberId, generationIdOrMemberEpoch: generationId } = commit.committer;
  const group = state.groups.get(groupId);
  if (group === undefined) {
    // An administrator, or a consumer that assigns itself its partitions: the group comes to be by this.
    if (generationId < 0) return ErrorCode.NONE;
    return commit.apiVersion > LAST_VERSION_WITHOUT_GROUP_ID_NOT_FOUND
      ? ErrorCode.GROUP_ID_NOT_FOUND
      : ErrorCode.ILLEGAL_GENERATION;
  }
  const errorCode = group.commitError(commit);
  if (errorCode === ErrorCode.NONE) group.onCommit(state, memberId);
  // Producers know no member epochs.
  if (commit.isTransactional && errorCode === ErrorCode.STALE_MEMBER_EPOCH) return ErrorCode.ILLEGAL_GENERATION;
  return errorCode;
}

/** Who names topics by name alone has the ids looked up: groups know the partitions of their members by these. */
function withIds(state: GroupState, topics: readonly TopicOffsets[]): readonly TopicOffsets[] {
  return topics.map((topic) => {
    if (topic.topicId !== ZERO_UUID) return topic;
    return { ...topic, topicId: state.image.topicByName(topic.name)?.id ?? ZERO_UUID };
  });
}

/** Beyond it a record cannot say when it expires. */
const LAST_TIMESTAMP = (1n << 63n) - 1n;

function earlier(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function recordOf(
  { groupId, retentionTimeMs }: Committer,
  { name, topicId }: TopicOffsets,
  { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }: TopicOffsets["partitions"][number],
  nowMs: number,
): GroupRecord {
  const expireTimestamp = retentionTimeMs < 0n
    ? NEVER_EXPIRES
    : earlier(BigInt(nowMs) + retentionTimeMs, LAST_TIMESTAMP);
  return offsetRecord(groupId, name, partitionIndex, {
    offset: committedOffset,
    leaderEpoch: committedLeaderEpoch,
    metadata: committedMetadata ?? "",
    commitTimestamp: BigInt(nowMs),
    expireTimestamp,
    topicId,
  });
}
