/**
 * DescribeTopicPartitions: topics and their partitions, in pages with a cursor (KIP-966).
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
  nullable,
  request,
  response,
  string,
  struct,
  uuid,
} from "../schema.ts";

const cursor = { topicName: string, partitionIndex: int32 };

export const DescribeTopicPartitionsRequest = request({
  key: 75,
  name: "DescribeTopicPartitionsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  topics: array({ name: string }),
  responsePartitionLimit: defaulting(int32, 2000),
  cursor: nullable(struct(cursor)),
});
export type DescribeTopicPartitionsRequest = Infer<typeof DescribeTopicPartitionsRequest>;

export const DescribeTopicPartitionsResponse = response({
  key: 75,
  name: "DescribeTopicPartitionsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: ignorable(int32),
  topics: array({
    errorCode: int16,
    name: nullable(string, ""),
    topicId: ignorable(uuid),
    isInternal: ignorable(bool),
    partitions: array({
      errorCode: int16,
      partitionIndex: int32,
      leaderId: int32,
      leaderEpoch: ignorable(defaulting(int32, -1)),
      replicaNodes: array(int32),
      isrNodes: array(int32),
      eligibleLeaderReplicas: nullable(array(int32)),
      lastKnownElr: nullable(array(int32)),
      offlineReplicas: ignorable(array(int32)),
    }),
    topicAuthorizedOperations: defaulting(int32, -0x80000000),
  }),
  nextCursor: nullable(struct(cursor)),
});
export type DescribeTopicPartitionsResponse = Infer<typeof DescribeTopicPartitionsResponse>;
