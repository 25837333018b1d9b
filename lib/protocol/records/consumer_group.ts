/**
 * Records of `__consumer_offsets` for consumer groups of the new protocol (KIP-848).
 *
 * @module
 */
import {
  array,
  bytes,
  coordinatorKey,
  coordinatorValue,
  defaulting,
  ignorable,
  type Infer,
  int32,
  int64,
  int8,
  nullable,
  string,
  struct,
  tagged,
  uuid,
} from "../schema.ts";

/** Names a consumer group. */
export const ConsumerGroupMetadataKey = coordinatorKey({
  key: 3,
  name: "ConsumerGroupMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type ConsumerGroupMetadataKey = Infer<typeof ConsumerGroupMetadataKey>;

/** The epoch of a group, and a hash of the topics that it depends on. */
export const ConsumerGroupMetadataValue = coordinatorValue({
  key: 3,
  name: "ConsumerGroupMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  epoch: int32,
  metadataHash: tagged(0, int64),
});
export type ConsumerGroupMetadataValue = Infer<typeof ConsumerGroupMetadataValue>;

/** Names the topics of a group; a hash in {@linkcode ConsumerGroupMetadataValue} has taken their place (KIP-1101). */
export const ConsumerGroupPartitionMetadataKey = coordinatorKey({
  key: 4,
  name: "ConsumerGroupPartitionMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type ConsumerGroupPartitionMetadataKey = Infer<typeof ConsumerGroupPartitionMetadataKey>;

/** The topics that a group subscribed to, as they were at its epoch. */
export const ConsumerGroupPartitionMetadataValue = coordinatorValue({
  key: 4,
  name: "ConsumerGroupPartitionMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  topics: array({
    topicId: uuid,
    topicName: string,
    numPartitions: int32,
    partitionMetadata: array({ partition: int32, racks: array(string) }),
  }),
});
export type ConsumerGroupPartitionMetadataValue = Infer<typeof ConsumerGroupPartitionMetadataValue>;

/** Names a member. */
export const ConsumerGroupMemberMetadataKey = coordinatorKey({
  key: 5,
  name: "ConsumerGroupMemberMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type ConsumerGroupMemberMetadataKey = Infer<typeof ConsumerGroupMemberMetadataKey>;

const classicMemberMetadata = struct({
  sessionTimeoutMs: int32,
  supportedProtocols: array({ name: string, metadata: bytes }),
});

/** What a member said of itself. */
export const ConsumerGroupMemberMetadataValue = coordinatorValue({
  key: 5,
  name: "ConsumerGroupMemberMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  instanceId: nullable(string, ""),
  rackId: nullable(string, ""),
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string),
  subscribedTopicRegex: nullable(string, ""),
  rebalanceTimeoutMs: defaulting(int32, -1),
  serverAssignor: nullable(string, ""),
  classicMemberMetadata: tagged(0, nullable(classicMemberMetadata, classicMemberMetadata.zero)),
});
export type ConsumerGroupMemberMetadataValue = Infer<typeof ConsumerGroupMemberMetadataValue>;

/** Names the target assignment of a group. */
export const ConsumerGroupTargetAssignmentMetadataKey = coordinatorKey({
  key: 6,
  name: "ConsumerGroupTargetAssignmentMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type ConsumerGroupTargetAssignmentMetadataKey = Infer<typeof ConsumerGroupTargetAssignmentMetadataKey>;

/** The epoch of the target assignment. */
export const ConsumerGroupTargetAssignmentMetadataValue = coordinatorValue({
  key: 6,
  name: "ConsumerGroupTargetAssignmentMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  assignmentEpoch: int32,
  assignmentTimestamp: ignorable(tagged(0, int64)),
});
export type ConsumerGroupTargetAssignmentMetadataValue = Infer<typeof ConsumerGroupTargetAssignmentMetadataValue>;

/** Names the target assignment of a member. */
export const ConsumerGroupTargetAssignmentMemberKey = coordinatorKey({
  key: 7,
  name: "ConsumerGroupTargetAssignmentMemberKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type ConsumerGroupTargetAssignmentMemberKey = Infer<typeof ConsumerGroupTargetAssignmentMemberKey>;

/** The partitions that a member shall have. */
export const ConsumerGroupTargetAssignmentMemberValue = coordinatorValue({
  key: 7,
  name: "ConsumerGroupTargetAssignmentMemberValue",
  versions: [0, 0],
  flexible: 0,
}, {
  topicPartitions: array({ topicId: uuid, partitions: array(int32) }),
});
export type ConsumerGroupTargetAssignmentMemberValue = Infer<typeof ConsumerGroupTargetAssignmentMemberValue>;

/** Names the current assignment of a member. */
export const ConsumerGroupCurrentMemberAssignmentKey = coordinatorKey({
  key: 8,
  name: "ConsumerGroupCurrentMemberAssignmentKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type ConsumerGroupCurrentMemberAssignmentKey = Infer<typeof ConsumerGroupCurrentMemberAssignmentKey>;

const ownedTopicPartitions = {
  topicId: uuid,
  partitions: array(int32),
  assignmentEpochs: tagged(0, nullable(array(int32), [])),
};

/** The partitions that a member has, and those that it must give up. */
export const ConsumerGroupCurrentMemberAssignmentValue = coordinatorValue({
  key: 8,
  name: "ConsumerGroupCurrentMemberAssignmentValue",
  versions: [0, 0],
  flexible: 0,
}, {
  memberEpoch: int32,
  previousMemberEpoch: int32,
  state: int8,
  assignedPartitions: array(ownedTopicPartitions),
  partitionsPendingRevocation: array(ownedTopicPartitions),
});
export type ConsumerGroupCurrentMemberAssignmentValue = Infer<typeof ConsumerGroupCurrentMemberAssignmentValue>;

/** Names a regular expression that members subscribed to. */
export const ConsumerGroupRegularExpressionKey = coordinatorKey({
  key: 16,
  name: "ConsumerGroupRegularExpressionKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  regularExpression: string,
});
export type ConsumerGroupRegularExpressionKey = Infer<typeof ConsumerGroupRegularExpressionKey>;

/** The topics that the expression matched, in which version of the metadata. */
export const ConsumerGroupRegularExpressionValue = coordinatorValue({
  key: 16,
  name: "ConsumerGroupRegularExpressionValue",
  versions: [0, 0],
  flexible: 0,
}, {
  topics: array(string),
  version: int64,
  timestamp: int64,
});
export type ConsumerGroupRegularExpressionValue = Infer<typeof ConsumerGroupRegularExpressionValue>;
