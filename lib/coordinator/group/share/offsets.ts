/**
 * What administrators do to the offsets of share groups: move and delete them. The group's record says what is under way,
 * the share coordinator is asked to do it, and the record says when it is done.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../../bytes/mod.ts";
import { ErrorCode } from "../../../protocol/error_code.ts";
import type {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from "../../../protocol/messages/alter_share_group_offsets.ts";
import type { DeleteShareGroupOffsetsResponse } from "../../../protocol/messages/delete_share_group_offsets.ts";
import type { Init } from "../../../protocol/schema.ts";
import type { Turn } from "../../turn.ts";
import { groupOfType, Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";
import { ShareGroup, shareGroup } from "./share_group.ts";
import {
  initializingRecord,
  recordOf,
  type StateTopic,
  type TopicPartitionsToInitialize,
  union,
} from "./state_partitions.ts";

/** What AlterShareGroupOffsets answers of a topic. */
export type AlteredTopic = NonNullable<Init<AlterShareGroupOffsetsResponse>["responses"]>[number];
/** What DeleteShareGroupOffsets answers of a topic. */
export type DeletedTopic = NonNullable<Init<DeleteShareGroupOffsetsResponse>["responses"]>[number];
/** Partitions that the share coordinator is to forget, by topic. */
export type StatesToDelete = ReadonlyMap<Uuid, StateTopic>;

const UNKNOWN_PARTITION = {
  errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: "This server does not host this topic-partition.",
};

/**
 * Begins to move offsets. A group that is not there is made. Errors of the group: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
 */
export function alterShareOffsets(
  state: GroupState,
  turn: Turn<GroupRecord>,
  { groupId, topics }: AlterShareGroupOffsetsRequest,
): { topics: AlteredTopic[]; toInitialize: TopicPartitionsToInitialize } | Refusal {
  const group = state.groups.has(groupId) ? groupOfType(state, groupId, ShareGroup, "share") : new ShareGroup(groupId);
  if (group instanceof Refusal) return group;
  if (!group.isEmpty) return new Refusal(ErrorCode.NON_EMPTY_GROUP, "The group is not empty.");
  const altered = new Map<Uuid, StateTopic>();
  const partitions: TopicPartitionsToInitialize["partitions"][number][] = [];
  const answers = topics.map(({ topicName, partitions: asked }) => {
    const topic = state.image.topicByName(topicName);
    const known = asked.filter(({ partitionIndex }) => topic?.partitions.has(partitionIndex));
    if (topic !== undefined && known.length > 0) {
      altered.set(topic.id, {
        name: topicName,
        partitions: new Set(known.map(({ partitionIndex }) => partitionIndex)),
      });
      for (const { partitionIndex: partition, startOffset } of known) {
        partitions.push({ topicId: topic.id, partition, startOffset });
      }
    }
    const answerOf = ({ partitionIndex }: { partitionIndex: number }) =>
      topic?.partitions.has(partitionIndex)
        ? { partitionIndex, errorCode: ErrorCode.NONE, errorMessage: null }
        : { partitionIndex, ...UNKNOWN_PARTITION };
    return { topicName, topicId: topic?.id ?? ZERO_UUID, partitions: asked.map(answerOf) };
  });
  if (altered.size > 0) turn.write(initializingRecord(group, altered));
  return { topics: answers, toInitialize: { stateEpoch: group.groupEpoch, partitions } };
}

/**
 * Begins to delete the offsets of topics. Errors of the group: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
 *
 * @returns what is to be forgotten, and the answers for topics of which nothing is
 */
export function beginDeletingOffsets(
  state: GroupState,
  turn: Turn<GroupRecord>,
  groupId: string,
  topicNames: readonly string[],
): { toDelete: StatesToDelete; failed: DeletedTopic[] } | Refusal {
  const group = emptyGroup(state, groupId);
  if (group instanceof Refusal) return group;
  const { initializing, initialized, deleting } = group.statePartitions;
  const stillInitialized = new Map(initialized);
  const nowDeleting = new Map(deleting);
  const toDelete = new Map<Uuid, StateTopic>();
  const failed: DeletedTopic[] = [];
  for (const topicName of topicNames) {
    const topic = state.image.topicByName(topicName);
    if (topic === undefined) failed.push({ topicName, ...UNKNOWN_PARTITION });
    else if (stillInitialized.has(topic.id) || nowDeleting.has(topic.id)) {
      const partitions = initialized.get(topic.id)?.partitions ?? new Set(topic.partitions.keys());
      toDelete.set(topic.id, { name: topicName, partitions });
      stillInitialized.delete(topic.id);
      nowDeleting.set(topic.id, topicName);
    } else {
      const errorMessage = "There is no offset information to delete.";
      failed.push({ topicName, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage });
    }
  }
  if (toDelete.size > 0) {
    turn.write(recordOf(groupId, { initializing, initialized: stillInitialized, deleting: nowDeleting }));
  }
  return { toDelete, failed };
}

/** The share coordinator has forgotten the partitions of these topics. */
export function endDeletingOffsets(
  state: GroupState,
  turn: Turn<GroupRecord>,
  groupId: string,
  topicIds: Iterable<Uuid>,
): void {
  const group = shareGroup(state, groupId);
  if (group === undefined) return;
  const deleting = new Map(group.statePartitions.deleting);
  for (const topicId of topicIds) deleting.delete(topicId);
  turn.write(recordOf(groupId, { ...group.statePartitions, deleting }));
}

/**
 * Begins to delete all that the share coordinator keeps of a group which is to be deleted. Nothing where there is no
 * such group. Error: NON_EMPTY_GROUP.
 */
export function beginDeletingStates(
  state: GroupState,
  turn: Turn<GroupRecord>,
  groupId: string,
): StatesToDelete | ErrorCode {
  const group = shareGroup(state, groupId);
  if (group === undefined) return new Map();
  if (!group.isEmpty) return ErrorCode.NON_EMPTY_GROUP;
  const { initializing, initialized, deleting } = group.statePartitions;
  const again = [...deleting.keys()].flatMap((topicId): [Uuid, StateTopic][] => {
    const topic = state.image.topicById(topicId);
    return topic === undefined ? [] : [[topicId, { name: topic.name, partitions: new Set(topic.partitions.keys()) }]];
  });
  const toDelete = union(union(initialized, initializing), new Map(again));
  if (toDelete.size > 0) {
    const names = new Map(Array.from(toDelete, ([topicId, { name }]) => [topicId, name]));
    turn.write(recordOf(groupId, { initializing: new Map(), initialized: new Map(), deleting: names }));
  }
  return toDelete;
}

function emptyGroup(state: GroupState, groupId: string): ShareGroup | Refusal {
  const group = groupOfType(state, groupId, ShareGroup, "share");
  if (group instanceof Refusal || group.isEmpty) return group;
  return new Refusal(ErrorCode.NON_EMPTY_GROUP, "The group is not empty.");
}
