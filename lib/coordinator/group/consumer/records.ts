/**
 * The records of consumer groups, as Apache Kafka 4.3 writes them: all of version 0. What has no order of its own is
 * written in ascending order.
 *
 * @module
 */
import { type Assignment, topicPartitionsOf } from "../modern/mod.ts";
import { type GroupRecord, TOMBSTONE_VERSION } from "../records.ts";
import type { ConsumerMember, OwnedPartitions } from "./consumer_member.ts";
import type { ResolvedRegex } from "./consumer_group.ts";

/** The epoch of a group, and the hash of its topics then. */
export function epochRecord(groupId: string, epoch: number, metadataHash: bigint): GroupRecord {
  return { name: "ConsumerGroupMetadata", key: { groupId }, version: 0, value: { epoch, metadataHash } };
}

export function epochTombstone(groupId: string): GroupRecord {
  return { name: "ConsumerGroupMetadata", key: { groupId }, version: TOMBSTONE_VERSION, value: null };
}

/** Takes back what brokers before Apache Kafka 4.1 wrote of a group's topics. */
export function partitionMetadataTombstone(groupId: string): GroupRecord {
  return { name: "ConsumerGroupPartitionMetadata", key: { groupId }, version: TOMBSTONE_VERSION, value: null };
}

/** What a member says of itself. */
export function memberRecord(groupId: string, member: ConsumerMember): GroupRecord {
  const { memberId, instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor, classic } = member;
  return {
    name: "ConsumerGroupMemberMetadata",
    key: { groupId, memberId },
    version: 0,
    value: {
      instanceId,
      rackId,
      clientId,
      clientHost,
      subscribedTopicNames: [...member.subscribedTopicNames].sort(),
      subscribedTopicRegex: member.subscribedTopicRegex,
      rebalanceTimeoutMs,
      serverAssignor,
      classicMemberMetadata: classic,
    },
  };
}

export function memberTombstone(groupId: string, memberId: string): GroupRecord {
  return {
    name: "ConsumerGroupMemberMetadata",
    key: { groupId, memberId },
    version: TOMBSTONE_VERSION,
    value: null,
  };
}

/** For which group epoch the target assignment was made, and when, milliseconds since the epoch. */
export function targetEpochRecord(
  groupId: string,
  assignmentEpoch: number,
  assignmentTimestampMs: number,
): GroupRecord {
  return {
    name: "ConsumerGroupTargetAssignmentMetadata",
    key: { groupId },
    version: 0,
    value: { assignmentEpoch, assignmentTimestamp: BigInt(assignmentTimestampMs) },
  };
}

export function targetEpochTombstone(groupId: string): GroupRecord {
  return { name: "ConsumerGroupTargetAssignmentMetadata", key: { groupId }, version: TOMBSTONE_VERSION, value: null };
}

/** What a member shall have. */
export function targetRecord(groupId: string, memberId: string, target: Assignment): GroupRecord {
  return {
    name: "ConsumerGroupTargetAssignmentMember",
    key: { groupId, memberId },
    version: 0,
    value: { topicPartitions: topicPartitionsOf(target) },
  };
}

export function targetTombstone(groupId: string, memberId: string): GroupRecord {
  return {
    name: "ConsumerGroupTargetAssignmentMember",
    key: { groupId, memberId },
    version: TOMBSTONE_VERSION,
    value: null,
  };
}

/** What a member has. */
export function assignmentRecord(groupId: string, member: ConsumerMember): GroupRecord {
  const { memberId, memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = member;
  return {
    name: "ConsumerGroupCurrentMemberAssignment",
    key: { groupId, memberId },
    version: 0,
    value: {
      memberEpoch,
      previousMemberEpoch,
      state,
      assignedPartitions: ownedTopicPartitions(assigned),
      partitionsPendingRevocation: ownedTopicPartitions(pendingRevocation),
    },
  };
}

export function assignmentTombstone(groupId: string, memberId: string): GroupRecord {
  return {
    name: "ConsumerGroupCurrentMemberAssignment",
    key: { groupId, memberId },
    version: TOMBSTONE_VERSION,
    value: null,
  };
}

/** The topics that an expression matches. */
export function regexRecord(
  groupId: string,
  regex: string,
  { topics, version, timestampMs }: ResolvedRegex,
): GroupRecord {
  return {
    name: "ConsumerGroupRegularExpression",
    key: { groupId, regularExpression: regex },
    version: 0,
    value: { topics: [...topics].sort(), version: BigInt(version), timestamp: BigInt(timestampMs) },
  };
}

export function regexTombstone(groupId: string, regex: string): GroupRecord {
  return {
    name: "ConsumerGroupRegularExpression",
    key: { groupId, regularExpression: regex },
    version: TOMBSTONE_VERSION,
    value: null,
  };
}

/** The end of a member, in the order that replaying needs. */
export function memberTombstones(groupId: string, memberId: string): GroupRecord[] {
  return [
    assignmentTombstone(groupId, memberId),
    targetTombstone(groupId, memberId),
    memberTombstone(groupId, memberId),
  ];
}

function ownedTopicPartitions(owned: OwnedPartitions) {
  return Array.from(owned, ([topicId, epochs]) => {
    const partitions = [...epochs.keys()].sort((a, b) => a - b);
    return { topicId, partitions, assignmentEpochs: partitions.map((partition) => epochs.get(partition)!) };
  });
}
