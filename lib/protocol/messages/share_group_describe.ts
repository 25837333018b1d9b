/**
 * ShareGroupDescribe: state, epochs, members and assignments of share groups (KIP-932).
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
  nullable,
  prose,
  request,
  response,
  string,
  struct,
  uuid,
} from "../schema.ts";

export const ShareGroupDescribeRequest = request({
  key: 77,
  name: "ShareGroupDescribeRequest",
  versions: [1, 1],
  flexible: 1,
}, {
  groupIds: array(string),
  includeAuthorizedOperations: bool,
});
export type ShareGroupDescribeRequest = Infer<typeof ShareGroupDescribeRequest>;

export const ShareGroupDescribeResponse = response({
  key: 77,
  name: "ShareGroupDescribeResponse",
  versions: [1, 1],
  flexible: 1,
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
      rackId: nullable(string),
      memberEpoch: int32,
      clientId: string,
      clientHost: string,
      subscribedTopicNames: array(string),
      assignment: struct({
        topicPartitions: array({ topicId: uuid, topicName: string, partitions: array(int32) }),
      }),
    }),
    authorizedOperations: defaulting(int32, -0x80000000),
  }),
});
export type ShareGroupDescribeResponse = Infer<typeof ShareGroupDescribeResponse>;
