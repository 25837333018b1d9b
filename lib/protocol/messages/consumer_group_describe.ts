/**
 * ConsumerGroupDescribe: state, epochs, members and assignments of consumer groups (KIP-848).
 *
 * Version 1 tells which members still use the classic protocol (KIP-1099).
 *
 * @module
 */
import {
  array,
  bool,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  int8,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  struct,
  uuid,
} from "../schema.ts";

export const ConsumerGroupDescribeRequest = request({
  key: 69,
  name: "ConsumerGroupDescribeRequest",
  versions: [0, 1],
  flexible: 0,
}, {
  groupIds: array(string),
  includeAuthorizedOperations: bool,
});
export type ConsumerGroupDescribeRequest = Infer<typeof ConsumerGroupDescribeRequest>;

const assignment = {
  topicPartitions: array({ topicId: uuid, topicName: string, partitions: array(int32) }),
};

export const ConsumerGroupDescribeResponse = response({
  key: 69,
  name: "ConsumerGroupDescribeResponse",
  versions: [0, 1],
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
    assignorName: string,
    members: array({
      memberId: string,
      instanceId: nullable(string),
      rackId: nullable(string),
      memberEpoch: int32,
      clientId: string,
      clientHost: string,
      subscribedTopicNames: array(string),
      subscribedTopicRegex: nullable(string),
      assignment: struct(assignment),
      targetAssignment: struct(assignment),
      memberType: ignorable(since(1, int8, -1)),
    }),
    authorizedOperations: defaulting(int32, -0x80000000),
  }),
});
export type ConsumerGroupDescribeResponse = Infer<typeof ConsumerGroupDescribeResponse>;
