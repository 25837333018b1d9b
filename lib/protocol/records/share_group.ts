/**
 * Records of `__consumer_offsets` for share groups (KIP-932).
 *
 * @module
 */
import {
  array,
  coordinatorKey,
  coordinatorValue,
  ignorable,
  type Infer,
  int32,
  int64,
  int8,
  nullable,
  string,
  tagged,
  uuid,
} from "../schema.ts";

/** Names a share group. */
export const ShareGroupMetadataKey = coordinatorKey({
  key: 11,
  name: "ShareGroupMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type ShareGroupMetadataKey = Infer<typeof ShareGroupMetadataKey>;

/** The epoch of a group, and a hash of the topics that it depends on. */
export const ShareGroupMetadataValue = coordinatorValue({
  key: 11,
  name: "ShareGroupMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  epoch: int32,
  metadataHash: int64,
});
export type ShareGroupMetadataValue = Infer<typeof ShareGroupMetadataValue>;

/** Names a member. */
export const ShareGroupMemberMetadataKey = coordinatorKey({
  key: 10,
  name: "ShareGroupMemberMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type ShareGroupMemberMetadataKey = Infer<typeof ShareGroupMemberMetadataKey>;

/** What a member said of itself. */
export const ShareGroupMemberMetadataValue = coordinatorValue({
  key: 10,
  name: "ShareGroupMemberMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  rackId: nullable(string, ""),
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string),
});
export type ShareGroupMemberMetadataValue = Infer<typeof ShareGroupMemberMetadataValue>;

/** Names the target assignment of a group. */
export const ShareGroupTargetAssignmentMetadataKey = coordinatorKey({
  key: 12,
  name: "ShareGroupTargetAssignmentMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type ShareGroupTargetAssignmentMetadataKey = Infer<typeof ShareGroupTargetAssignmentMetadataKey>;

/** The epoch of the target assignment. */
export const ShareGroupTargetAssignmentMetadataValue = coordinatorValue({
  key: 12,
  name: "ShareGroupTargetAssignmentMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  assignmentEpoch: int32,
  assignmentTimestamp: ignorable(tagged(0, int64)),
});
export type ShareGroupTargetAssignmentMetadataValue = Infer<typeof ShareGroupTargetAssignmentMetadataValue>;

/** Names the target assignment of a member. */
export const ShareGroupTargetAssignmentMemberKey = coordinatorKey({
  key: 13,
  name: "ShareGroupTargetAssignmentMemberKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type ShareGroupTargetAssignmentMemberKey = Infer<typeof ShareGroupTargetAssignmentMemberKey>;

/** The partitions that a member shall have. */
export const ShareGroupTargetAssignmentMemberValue = coordinatorValue({
  key: 13,
  name: "ShareGroupTargetAssignmentMemberValue",
  versions: [0, 0],
  flexible: 0,
}, {
  topicPartitions: array({ topicId: uuid, partitions: array(int32) }),
});
export type ShareGroupTargetAssignmentMemberValue = Infer<typeof ShareGroupTargetAssignmentMemberValue>;

/** Names the current assignment of a member. */
export const ShareGroupCurrentMemberAssignmentKey = coordinatorKey({
  key: 14,
  name: "ShareGroupCurrentMemberAssignmentKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type ShareGroupCurrentMemberAssignmentKey = Infer<typeof ShareGroupCurrentMemberAssignmentKey>;

/** The partitions that a member has. */
export const ShareGroupCurrentMemberAssignmentValue = coordinatorValue({
  key: 14,
  name: "ShareGroupCurrentMemberAssignmentValue",
  versions: [0, 0],
  flexible: 0,
}, {
  memberEpoch: int32,
  previousMemberEpoch: int32,
  state: int8,
  assignedPartitions: array({ topicId: uuid, partitions: array(int32) }),
});
export type ShareGroupCurrentMemberAssignmentValue = Infer<typeof ShareGroupCurrentMemberAssignmentValue>;

/** Names the state partitions of a group. */
export const ShareGroupStatePartitionMetadataKey = coordinatorKey({
  key: 15,
  name: "ShareGroupStatePartitionMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type ShareGroupStatePartitionMetadataKey = Infer<typeof ShareGroupStatePartitionMetadataKey>;

const topicPartitionsInfo = { topicId: uuid, topicName: string, partitions: array(int32) };

/** For which topics the share coordinator's state is being made, made, and being deleted. */
export const ShareGroupStatePartitionMetadataValue = coordinatorValue({
  key: 15,
  name: "ShareGroupStatePartitionMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  initializingTopics: array(topicPartitionsInfo),
  initializedTopics: array(topicPartitionsInfo),
  deletingTopics: array({ topicId: uuid, topicName: string }),
});
export type ShareGroupStatePartitionMetadataValue = Infer<typeof ShareGroupStatePartitionMetadataValue>;
