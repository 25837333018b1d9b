/**
 * StreamsGroupDescribe: state, topology, members and tasks of streams groups (KIP-1071).
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
  nullable,
  prose,
  request,
  response,
  string,
  struct,
  uint16,
} from "../schema.ts";

export const StreamsGroupDescribeRequest = request({
  key: 89,
  name: "StreamsGroupDescribeRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  groupIds: array(string),
  includeAuthorizedOperations: bool,
});
export type StreamsGroupDescribeRequest = Infer<typeof StreamsGroupDescribeRequest>;

const keyValue = { key: string, value: string };

const topicInfo = {
  name: string,
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array(keyValue),
};

const taskOffset = { subtopologyId: string, partition: int32, offset: int64 };

const taskIds = { subtopologyId: string, partitions: array(int32) };

const assignment = {
  activeTasks: array(taskIds),
  standbyTasks: array(taskIds),
  warmupTasks: array(taskIds),
};

export const StreamsGroupDescribeResponse = response({
  key: 89,
  name: "StreamsGroupDescribeResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  groups: array({
    errorCode: int16,
    errorMessage: nullable(prose),
    groupId: string,
    groupState: string,
    groupEpoch: int32,
    assignmentEpoch: int32,
    topology: nullable(struct({
      epoch: int32,
      subtopologies: nullable(array({
        subtopologyId: string,
        sourceTopics: array(string),
        repartitionSinkTopics: array(string),
        stateChangelogTopics: array(topicInfo),
        repartitionSourceTopics: array(topicInfo),
      })),
    })),
    members: array({
      memberId: string,
      memberEpoch: int32,
      instanceId: nullable(string),
      rackId: nullable(string),
      clientId: string,
      clientHost: string,
      topologyEpoch: int32,
      processId: string,
      userEndpoint: nullable(struct({ host: string, port: uint16 })),
      clientTags: array(keyValue),
      taskOffsets: array(taskOffset),
      taskEndOffsets: array(taskOffset),
      assignment: struct(assignment),
      targetAssignment: struct(assignment),
      isClassic: bool,
    }),
    authorizedOperations: defaulting(int32, -0x80000000),
  }),
});
export type StreamsGroupDescribeResponse = Infer<typeof StreamsGroupDescribeResponse>;
