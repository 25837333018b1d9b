/**
 * Metadata: brokers, topics, partitions and their leaders.
 *
 * An empty list of topics means all topics in version 0, and none since version 1, where null means all. Version 4 can
 * forbid auto-creation, 5 has offline replicas (KIP-112), 7 leader epochs (KIP-320), 8 authorized operations
 * (KIP-430), 9 is flexible, 10 has topic ids and 12 asks by them (KIP-516), 11 leaves the cluster's authorized
 * operations to DescribeCluster (KIP-700), and 13 has an error for the whole answer (KIP-1102).
 *
 * @module
 */
import {
  array,
  between,
  bool,
  ignorable,
  type Infer,
  int16,
  int32,
  nullable,
  nullableSince,
  request,
  response,
  since,
  string,
  uuid,
} from "../schema.ts";

export const MetadataRequest = request({ key: 3, name: "MetadataRequest", versions: [0, 13], flexible: 9 }, {
  topics: nullableSince(1, array({ topicId: ignorable(since(10, uuid)), name: nullableSince(10, string) })),
  allowAutoTopicCreation: since(4, bool, true),
  includeClusterAuthorizedOperations: between(8, 10, bool),
  includeTopicAuthorizedOperations: since(8, bool),
});
export type MetadataRequest = Infer<typeof MetadataRequest>;

export const MetadataResponse = response({ key: 3, name: "MetadataResponse", versions: [0, 13], flexible: 9 }, {
  throttleTimeMs: ignorable(since(3, int32)),
  brokers: array({
    nodeId: int32,
    host: string,
    port: int32,
    rack: ignorable(since(1, nullable(string))),
  }),
  clusterId: ignorable(since(2, nullable(string))),
  controllerId: ignorable(since(1, int32, -1)),
  topics: array({
    errorCode: int16,
    name: nullableSince(12, string),
    topicId: ignorable(since(10, uuid)),
    isInternal: ignorable(since(1, bool)),
    partitions: array({
      errorCode: int16,
      partitionIndex: int32,
      leaderId: int32,
      leaderEpoch: ignorable(since(7, int32, -1)),
      replicaNodes: array(int32),
      isrNodes: array(int32),
      offlineReplicas: ignorable(since(5, array(int32))),
    }),
    topicAuthorizedOperations: since(8, int32, -0x80000000),
  }),
  clusterAuthorizedOperations: between(8, 10, int32, -0x80000000),
  errorCode: ignorable(since(13, int16)),
});
export type MetadataResponse = Infer<typeof MetadataResponse>;
