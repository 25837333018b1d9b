/**
 * ShareGroupHeartbeat: joins, keeps and leaves a share group, and hands out its assignment (KIP-932).
 *
 * @module
 */
import {
  array,
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

export const ShareGroupHeartbeatRequest = request({
  key: 76,
  name: "ShareGroupHeartbeatRequest",
  versions: [1, 1],
  flexible: 1,
}, {
  groupId: string,
  memberId: string,
  memberEpoch: int32,
  rackId: nullable(string),
  subscribedTopicNames: nullable(array(string)),
});
export type ShareGroupHeartbeatRequest = Infer<typeof ShareGroupHeartbeatRequest>;

export const ShareGroupHeartbeatResponse = response({
  key: 76,
  name: "ShareGroupHeartbeatResponse",
  versions: [1, 1],
  flexible: 1,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose),
  memberId: nullable(string),
  memberEpoch: int32,
  heartbeatIntervalMs: int32,
  assignment: nullable(struct({
    topicPartitions: array({ topicId: uuid, partitions: array(int32) }),
  })),
});
export type ShareGroupHeartbeatResponse = Infer<typeof ShareGroupHeartbeatResponse>;
