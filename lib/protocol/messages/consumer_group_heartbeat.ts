/**
 * ConsumerGroupHeartbeat: joins, keeps and leaves a consumer group, and hands out its assignment (KIP-848).
 *
 * Version 1 has regular expressions, and its members make their own ids (KIP-1082).
 *
 * @module
 */
import {
  array,
  defaulting,
  type Infer,
  int16,
  int32,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  struct,
  uuid,
} from "../schema.ts";

const topicPartitions = { topicId: uuid, partitions: array(int32) };

export const ConsumerGroupHeartbeatRequest = request({
  key: 68,
  name: "ConsumerGroupHeartbeatRequest",
  versions: [0, 1],
  flexible: 0,
}, {
  groupId: string,
  memberId: string,
  memberEpoch: int32,
  instanceId: nullable(string),
  rackId: nullable(string),
  rebalanceTimeoutMs: defaulting(int32, -1),
  subscribedTopicNames: nullable(array(string)),
  subscribedTopicRegex: since(1, nullable(string)),
  serverAssignor: nullable(string),
  topicPartitions: nullable(array(topicPartitions)),
});
export type ConsumerGroupHeartbeatRequest = Infer<typeof ConsumerGroupHeartbeatRequest>;

export const ConsumerGroupHeartbeatResponse = response({
  key: 68,
  name: "ConsumerGroupHeartbeatResponse",
  versions: [0, 1],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose),
  memberId: nullable(string),
  memberEpoch: int32,
  heartbeatIntervalMs: int32,
  assignment: nullable(struct({ topicPartitions: array(topicPartitions) })),
});
export type ConsumerGroupHeartbeatResponse = Infer<typeof ConsumerGroupHeartbeatResponse>;
