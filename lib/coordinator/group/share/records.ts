/**
 * The records of share groups, as Apache Kafka 4.3 writes them.
 *
 * @module
 */
import type { ShareGroupStatePartitionMetadataValue } from "../../../protocol/records/share_group.ts";
import { type Assignment, topicPartitionsOf } from "../modern/mod.ts";
import { type RecordOfGroup, TOMBSTONE_VERSION } from "../records.ts";
import type { ShareMember } from "./share_member.ts";

export type ShareGroupRecord = RecordOfGroup<"ShareGroup">;

/** The one version that all of them have. */
const VERSION = 0;
/** The one state that a member has. */
const STABLE = 0;

export function groupRecord(groupId: string, epoch: number, metadataHash: bigint): ShareGroupRecord {
  return { name: "ShareGroupMetadata", key: { groupId }, version: VERSION, value: { epoch, metadataHash } };
}

export function memberRecord(groupId: string, member: ShareMember): ShareGroupRecord {
  const { memberId, rackId, clientId, clientHost, subscribedTopicNames } = member;
  return {
    name: "ShareGroupMemberMetadata",
    key: { groupId, memberId },
    version: VERSION,
    value: { rackId, clientId, clientHost, subscribedTopicNames: [...subscribedTopicNames].sort() },
  };
}

/** The target assignment is made for an epoch. */
export function targetEpochRecord(groupId: string, assignmentEpoch: number, timestampMs: number): ShareGroupRecord {
  return {
    name: "ShareGroupTargetAssignmentMetadata",
    key: { groupId },
    version: VERSION,
    value: { assignmentEpoch, assignmentTimestamp: BigInt(timestampMs) },
  };
}

/** What a member should have. */
export function targetRecord(groupId: string, memberId: string, target: Assignment): ShareGroupRecord {
  return {
    name: "ShareGroupTargetAssignmentMember",
    key: { groupId, memberId },
    version: VERSION,
    value: { topicPartitions: topicPartitionsOf(target) },
  };
}

/** What a member has. */
export function assignmentRecord(groupId: string, member: ShareMember): ShareGroupRecord {
  const { memberId, memberEpoch, previousMemberEpoch, assigned } = member;
  return {
    name: "ShareGroupCurrentMemberAssignment",
    key: { groupId, memberId },
    version: VERSION,
    value: { memberEpoch, previousMemberEpoch, state: STABLE, assignedPartitions: topicPartitionsOf(assigned) },
  };
}

/** Which share partitions are made, being made, and being forgotten. */
export function statePartitionsRecord(groupId: string, value: ShareGroupStatePartitionMetadataValue): ShareGroupRecord {
  return { name: "ShareGroupStatePartitionMetadata", key: { groupId }, version: VERSION, value };
}

/** A member is gone. */
export function memberTombstones(groupId: string, memberId: string): ShareGroupRecord[] {
  const key = { groupId, memberId };
  return [
    { name: "ShareGroupCurrentMemberAssignment", key, version: TOMBSTONE_VERSION, value: null },
    { name: "ShareGroupTargetAssignmentMember", key, version: TOMBSTONE_VERSION, value: null },
    { name: "ShareGroupMemberMetadata", key, version: TOMBSTONE_VERSION, value: null },
  ];
}

/** A group that has no members is gone. */
export function groupTombstones(groupId: string): ShareGroupRecord[] {
  const key = { groupId };
  return [
    { name: "ShareGroupTargetAssignmentMetadata", key, version: TOMBSTONE_VERSION, value: null },
    { name: "ShareGroupStatePartitionMetadata", key, version: TOMBSTONE_VERSION, value: null },
    { name: "ShareGroupMetadata", key, version: TOMBSTONE_VERSION, value: null },
  ];
}
