/**
 * Vote: a candidate asks a Raft voter for its vote (KIP-595).
 *
 * Version 1 has directory ids (KIP-853), 2 the pre-vote (KIP-996).
 *
 * @module
 */
import {
  array,
  bool,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  request,
  response,
  since,
  string,
  tagged,
  uint16,
  uuid,
} from "../schema.ts";

export const VoteRequest = request({ key: 52, name: "VoteRequest", versions: [0, 2], flexible: 0 }, {
  clusterId: nullable(string),
  voterId: ignorable(since(1, int32, -1)),
  topics: array({
    topicName: string,
    partitions: array({
      partitionIndex: int32,
      replicaEpoch: int32,
      replicaId: int32,
      replicaDirectoryId: ignorable(since(1, uuid)),
      voterDirectoryId: ignorable(since(1, uuid)),
      lastOffsetEpoch: int32,
      lastOffset: int64,
      preVote: since(2, bool),
    }),
  }),
});
export type VoteRequest = Infer<typeof VoteRequest>;

export const VoteResponse = response({ key: 52, name: "VoteResponse", versions: [0, 2], flexible: 0 }, {
  errorCode: int16,
  topics: array({
    topicName: string,
    partitions: array({
      partitionIndex: int32,
      errorCode: int16,
      leaderId: int32,
      leaderEpoch: int32,
      voteGranted: bool,
    }),
  }),
  nodeEndpoints: tagged(0, since(1, array({ nodeId: int32, host: string, port: uint16 }))),
});
export type VoteResponse = Infer<typeof VoteResponse>;
