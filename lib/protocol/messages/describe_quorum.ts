/**
 * DescribeQuorum: leader, voters and observers of the metadata quorum (KIP-595).
 *
 * Version 1 tells when each was last heard of and caught up (KIP-836), 2 has directory ids, endpoints and error
 * messages (KIP-853).
 *
 * @module
 */
import {
  array,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  uint16,
  uuid,
} from "../schema.ts";

export const DescribeQuorumRequest = request(
  { key: 55, name: "DescribeQuorumRequest", versions: [0, 2], flexible: 0 },
  {
    topics: array({
      topicName: string,
      partitions: array({ partitionIndex: int32 }),
    }),
  },
);
export type DescribeQuorumRequest = Infer<typeof DescribeQuorumRequest>;

const replicaState = {
  replicaId: int32,
  replicaDirectoryId: since(2, uuid),
  logEndOffset: int64,
  lastFetchTimestamp: ignorable(since(1, int64, -1n)),
  lastCaughtUpTimestamp: ignorable(since(1, int64, -1n)),
};

const node = {
  nodeId: int32,
  listeners: array({ name: string, host: string, port: uint16 }),
};

export const DescribeQuorumResponse = response({
  key: 55,
  name: "DescribeQuorumResponse",
  versions: [0, 2],
  flexible: 0,
}, {
  errorCode: int16,
  errorMessage: ignorable(since(2, nullable(prose, ""))),
  topics: array({
    topicName: string,
    partitions: array({
      partitionIndex: int32,
      errorCode: int16,
      errorMessage: ignorable(since(2, nullable(prose, ""))),
      leaderId: int32,
      leaderEpoch: int32,
      highWatermark: int64,
      currentVoters: array(replicaState),
      observers: array(replicaState),
    }),
  }),
  nodes: since(2, array(node)),
});
export type DescribeQuorumResponse = Infer<typeof DescribeQuorumResponse>;
