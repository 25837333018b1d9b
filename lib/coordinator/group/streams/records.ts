/**
 * The records of streams groups, as Apache Kafka 4.3 writes them.
 *
 * @module
 */
import type { StreamsGroupTopologyValue } from "../../../protocol/records/streams_group.ts";
import { type RecordOfGroup, TOMBSTONE_VERSION } from "../records.ts";
import type { MemberMetadata, StreamsMember } from "./member.ts";
import { compareText, listOf, type TaskAssignment, type TasksWithEpochs } from "./tasks.ts";

export type StreamsGroupRecord = RecordOfGroup<"StreamsGroup">;

/** The one version that all of them have. */
const VERSION = 0;

/** What the group depends on has changed, and its epoch with it. */
export interface GroupEpoch {
  readonly epoch: number;
  readonly metadataHash: bigint;
  /** The epoch of the topology that the topics fit; -1 where they do not. */
  readonly validatedTopologyEpoch: number;
  /** The configs by which tasks are assigned. */
  readonly assignmentConfigs: ReadonlyMap<string, string>;
}

export function groupRecord(groupId: string, { assignmentConfigs, ...rest }: GroupEpoch): StreamsGroupRecord {
  return {
    name: "StreamsGroupMetadata",
    key: { groupId },
    version: VERSION,
    value: { ...rest, lastAssignmentConfigs: keyValues(assignmentConfigs) },
  };
}

export function groupTombstone(groupId: string): StreamsGroupRecord {
  return { name: "StreamsGroupMetadata", key: { groupId }, version: TOMBSTONE_VERSION, value: null };
}

export function memberRecord(groupId: string, memberId: string, metadata: MemberMetadata): StreamsGroupRecord {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, topologyEpoch, processId, userEndpoint } =
    metadata;
  return {
    name: "StreamsGroupMemberMetadata",
    key: { groupId, memberId },
    version: VERSION,
    value: {
      instanceId,
      rackId,
      clientId,
      clientHost,
      rebalanceTimeoutMs,
      topologyEpoch,
      processId,
      userEndpoint,
      clientTags: keyValues(metadata.clientTags),
    },
  };
}

export function memberTombstone(groupId: string, memberId: string): StreamsGroupRecord {
  return { name: "StreamsGroupMemberMetadata", key: { groupId, memberId }, version: TOMBSTONE_VERSION, value: null };
}

/** The target assignment is made for an epoch. */
export function targetEpochRecord(groupId: string, assignmentEpoch: number, timestampMs: number): StreamsGroupRecord {
  return {
    name: "StreamsGroupTargetAssignmentMetadata",
    key: { groupId },
    version: VERSION,
    value: { assignmentEpoch, assignmentTimestamp: BigInt(timestampMs) },
  };
}

export function targetEpochTombstone(groupId: string): StreamsGroupRecord {
  return { name: "StreamsGroupTargetAssignmentMetadata", key: { groupId }, version: TOMBSTONE_VERSION, value: null };
}

/** What a member should have. */
export function targetRecord(groupId: string, memberId: string, target: TaskAssignment): StreamsGroupRecord {
  return {
    name: "StreamsGroupTargetAssignmentMember",
    key: { groupId, memberId },
    version: VERSION,
    value: {
      activeTasks: listOf(target.active),
      standbyTasks: listOf(target.standby),
      warmupTasks: listOf(target.warmup),
    },
  };
}

export function targetTombstone(groupId: string, memberId: string): StreamsGroupRecord {
  return {
    name: "StreamsGroupTargetAssignmentMember",
    key: { groupId, memberId },
    version: TOMBSTONE_VERSION,
    value: null,
  };
}

/** What a member has, and what it is to give up. */
export function currentAssignmentRecord(groupId: string, member: StreamsMember): StreamsGroupRecord {
  const { memberId, memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = member;
  return {
    name: "StreamsGroupCurrentMemberAssignment",
    key: { groupId, memberId },
    version: VERSION,
    value: {
      memberEpoch,
      previousMemberEpoch,
      state,
      activeTasks: listWithEpochs(assigned.active),
      standbyTasks: listWithoutEpochs(assigned.standby),
      warmupTasks: listWithoutEpochs(assigned.warmup),
      activeTasksPendingRevocation: listWithEpochs(pendingRevocation.active),
      standbyTasksPendingRevocation: listWithoutEpochs(pendingRevocation.standby),
      warmupTasksPendingRevocation: listWithoutEpochs(pendingRevocation.warmup),
    },
  };
}

export function currentAssignmentTombstone(groupId: string, memberId: string): StreamsGroupRecord {
  return {
    name: "StreamsGroupCurrentMemberAssignment",
    key: { groupId, memberId },
    version: TOMBSTONE_VERSION,
    value: null,
  };
}

export function topologyRecord(groupId: string, value: StreamsGroupTopologyValue): StreamsGroupRecord {
  return { name: "StreamsGroupTopology", key: { groupId }, version: VERSION, value };
}

export function topologyTombstone(groupId: string): StreamsGroupRecord {
  return { name: "StreamsGroupTopology", key: { groupId }, version: TOMBSTONE_VERSION, value: null };
}

function listWithEpochs(tasks: TasksWithEpochs) {
  return listOf(tasks).map(({ subtopologyId, partitions }) => ({
    subtopologyId,
    partitions,
    assignmentEpochs: partitions.map((partition) => tasks.get(subtopologyId)!.get(partition)!),
  }));
}

function listWithoutEpochs(tasks: TaskAssignment["standby"]) {
  return listOf(tasks).map((ids) => ({ ...ids, assignmentEpochs: [] }));
}

function keyValues(map: ReadonlyMap<string, string>): { key: string; value: string }[] {
  return Array.from(map, ([key, value]) => ({ key, value })).sort((one, other) => compareText(one.key, other.key));
}
