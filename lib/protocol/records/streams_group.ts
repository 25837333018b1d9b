/**
 * Records of `__consumer_offsets` for streams groups (KIP-1071).
 *
 * @module
 */
import {
  array,
  coordinatorKey,
  coordinatorValue,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  nullable,
  string,
  struct,
  tagged,
  uint16,
} from "../schema.ts";

/** Names a streams group. */
export const StreamsGroupMetadataKey = coordinatorKey({
  key: 17,
  name: "StreamsGroupMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type StreamsGroupMetadataKey = Infer<typeof StreamsGroupMetadataKey>;

/** The epoch of a group, and what it depends on. */
export const StreamsGroupMetadataValue = coordinatorValue({
  key: 17,
  name: "StreamsGroupMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  epoch: int32,
  metadataHash: int64,
  validatedTopologyEpoch: tagged(0, defaulting(int32, -1)),
  lastAssignmentConfigs: tagged(1, nullable(array({ key: string, value: string }), [])),
});
export type StreamsGroupMetadataValue = Infer<typeof StreamsGroupMetadataValue>;

/** Names a member. */
export const StreamsGroupMemberMetadataKey = coordinatorKey({
  key: 19,
  name: "StreamsGroupMemberMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type StreamsGroupMemberMetadataKey = Infer<typeof StreamsGroupMemberMetadataKey>;

/** What a member said of itself. */
export const StreamsGroupMemberMetadataValue = coordinatorValue({
  key: 19,
  name: "StreamsGroupMemberMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  instanceId: nullable(string, ""),
  rackId: nullable(string, ""),
  clientId: string,
  clientHost: string,
  rebalanceTimeoutMs: defaulting(int32, -1),
  topologyEpoch: int32,
  processId: string,
  userEndpoint: nullable(struct({ host: string, port: uint16 })),
  clientTags: array({ key: string, value: string }),
});
export type StreamsGroupMemberMetadataValue = Infer<typeof StreamsGroupMemberMetadataValue>;

/** Names the target assignment of a group. */
export const StreamsGroupTargetAssignmentMetadataKey = coordinatorKey({
  key: 20,
  name: "StreamsGroupTargetAssignmentMetadataKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type StreamsGroupTargetAssignmentMetadataKey = Infer<typeof StreamsGroupTargetAssignmentMetadataKey>;

/** The epoch of the target assignment. */
export const StreamsGroupTargetAssignmentMetadataValue = coordinatorValue({
  key: 20,
  name: "StreamsGroupTargetAssignmentMetadataValue",
  versions: [0, 0],
  flexible: 0,
}, {
  assignmentEpoch: int32,
  assignmentTimestamp: ignorable(tagged(0, int64)),
});
export type StreamsGroupTargetAssignmentMetadataValue = Infer<typeof StreamsGroupTargetAssignmentMetadataValue>;

/** Names the target assignment of a member. */
export const StreamsGroupTargetAssignmentMemberKey = coordinatorKey({
  key: 21,
  name: "StreamsGroupTargetAssignmentMemberKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type StreamsGroupTargetAssignmentMemberKey = Infer<typeof StreamsGroupTargetAssignmentMemberKey>;

const taskIds = { subtopologyId: string, partitions: array(int32) };

/** The tasks that a member shall have. */
export const StreamsGroupTargetAssignmentMemberValue = coordinatorValue({
  key: 21,
  name: "StreamsGroupTargetAssignmentMemberValue",
  versions: [0, 0],
  flexible: 0,
}, {
  activeTasks: array(taskIds),
  standbyTasks: array(taskIds),
  warmupTasks: array(taskIds),
});
export type StreamsGroupTargetAssignmentMemberValue = Infer<typeof StreamsGroupTargetAssignmentMemberValue>;

/** Names the current assignment of a member. */
export const StreamsGroupCurrentMemberAssignmentKey = coordinatorKey({
  key: 22,
  name: "StreamsGroupCurrentMemberAssignmentKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
  memberId: string,
});
export type StreamsGroupCurrentMemberAssignmentKey = Infer<typeof StreamsGroupCurrentMemberAssignmentKey>;

const ownedTaskIds = {
  subtopologyId: string,
  partitions: array(int32),
  assignmentEpochs: tagged(0, nullable(array(int32), [])),
};

/** The tasks that a member has, and those that it must give up. */
export const StreamsGroupCurrentMemberAssignmentValue = coordinatorValue({
  key: 22,
  name: "StreamsGroupCurrentMemberAssignmentValue",
  versions: [0, 0],
  flexible: 0,
}, {
  memberEpoch: int32,
  previousMemberEpoch: int32,
  state: int8,
  activeTasks: array(ownedTaskIds),
  standbyTasks: array(ownedTaskIds),
  warmupTasks: array(ownedTaskIds),
  activeTasksPendingRevocation: array(ownedTaskIds),
  standbyTasksPendingRevocation: array(ownedTaskIds),
  warmupTasksPendingRevocation: array(ownedTaskIds),
});
export type StreamsGroupCurrentMemberAssignmentValue = Infer<typeof StreamsGroupCurrentMemberAssignmentValue>;

/** Names the topology of a group. */
export const StreamsGroupTopologyKey = coordinatorKey({
  key: 23,
  name: "StreamsGroupTopologyKey",
  versions: [0, 0],
  flexible: null,
}, {
  groupId: string,
});
export type StreamsGroupTopologyKey = Infer<typeof StreamsGroupTopologyKey>;

const topicInfo = {
  name: string,
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array({ key: string, value: string }),
};

/** The topology: subtopologies and the topics between them. */
export const StreamsGroupTopologyValue = coordinatorValue({
  key: 23,
  name: "StreamsGroupTopologyValue",
  versions: [0, 0],
  flexible: 0,
}, {
  epoch: int32,
  subtopologies: array({
    subtopologyId: string,
    sourceTopics: array(string),
    sourceTopicRegex: array(string),
    stateChangelogTopics: array(topicInfo),
    repartitionSinkTopics: array(string),
    repartitionSourceTopics: array(topicInfo),
    copartitionGroups: array({
      sourceTopics: array(int16),
      sourceTopicRegex: array(int16),
      repartitionSourceTopics: array(int16),
    }),
  }),
});
export type StreamsGroupTopologyValue = Infer<typeof StreamsGroupTopologyValue>;
