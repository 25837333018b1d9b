/**
 * StreamsGroupHeartbeat: joins, keeps and leaves a streams group; brings its topology and hands out its tasks
 * (KIP-1071).
 *
 * @module
 */
import {
  array,
  bool,
  defaulting,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  nullable,
  prose,
  request,
  response,
  string,
  struct,
  uint16,
} from "../schema.ts";

const keyValue = { key: string, value: string };

const topicInfo = {
  name: string,
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array(keyValue),
};

const taskIds = { subtopologyId: string, partitions: array(int32) };

const endpoint = { host: string, port: uint16 };

const taskOffset = { subtopologyId: string, partition: int32, offset: int64 };

export const StreamsGroupHeartbeatRequest = request({
  key: 88,
  name: "StreamsGroupHeartbeatRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  groupId: string,
  memberId: string,
  memberEpoch: int32,
  endpointInformationEpoch: int32,
  instanceId: nullable(string),
  rackId: nullable(string),
  rebalanceTimeoutMs: defaulting(int32, -1),
  topology: nullable(struct({
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
  })),
  activeTasks: nullable(array(taskIds)),
  standbyTasks: nullable(array(taskIds)),
  warmupTasks: nullable(array(taskIds)),
  processId: nullable(string),
  userEndpoint: nullable(struct(endpoint)),
  clientTags: nullable(array(keyValue)),
  taskOffsets: nullable(array(taskOffset)),
  taskEndOffsets: nullable(array(taskOffset)),
  shutdownApplication: bool,
});
export type StreamsGroupHeartbeatRequest = Infer<typeof StreamsGroupHeartbeatRequest>;

const topicPartition = { topic: string, partitions: array(int32) };

export const StreamsGroupHeartbeatResponse = response({
  key: 88,
  name: "StreamsGroupHeartbeatResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose),
  memberId: string,
  memberEpoch: int32,
  heartbeatIntervalMs: int32,
  acceptableRecoveryLag: int32,
  taskOffsetIntervalMs: int32,
  status: nullable(array({ statusCode: int8, statusDetail: string }), []),
  activeTasks: nullable(array(taskIds)),
  standbyTasks: nullable(array(taskIds)),
  warmupTasks: nullable(array(taskIds)),
  endpointInformationEpoch: int32,
  partitionsByUserEndpoint: nullable(array({
    userEndpoint: struct(endpoint),
    activePartitions: array(topicPartition),
    standbyPartitions: array(topicPartition),
  })),
});
export type StreamsGroupHeartbeatResponse = Infer<typeof StreamsGroupHeartbeatResponse>;
