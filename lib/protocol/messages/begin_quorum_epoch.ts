/**
 * BeginQuorumEpoch: a new Raft leader announces itself (KIP-595).
 *
 * Version 1 has directory ids and endpoints (KIP-853).
 *
 * @module
 */
import {
  array,
  ignorable,
  type Infer,
  int16,
  int32,
  nullable,
  request,
  response,
  since,
  string,
  tagged,
  uint16,
  uuid,
} from "../schema.ts";

export const BeginQuorumEpochRequest = request({
  key: 53,
  name: "BeginQuorumEpochRequest",
  versions: [0, 1],
  flexible: 1,
}, {
  clusterId: nullable(string),
  voterId: ignorable(since(1, int32, -1)),
  topics: array({
    topicName: string,
    partitions: array({
      partitionIndex: int32,
      voterDirectoryId: ignorable(since(1, uuid)),
      leaderId: int32,
      leaderEpoch: int32,
    }),
  }),
  leaderEndpoints: ignorable(since(1, array({ name: string, host: string, port: uint16 }))),
});
export type BeginQuorumEpochRequest = Infer<typeof BeginQuorumEpochRequest>;

export const BeginQuorumEpochResponse = response({
  key: 53,
  name: "BeginQuorumEpochResponse",
  versions: [0, 1],
  flexible: 1,
}, {
  errorCode: int16,
  topics: array({
    topicName: string,
    partitions: array({ partitionIndex: int32, errorCode: int16, leaderId: int32, leaderEpoch: int32 }),
  }),
  nodeEndpoints: tagged(0, since(1, array({ nodeId: int32, host: string, port: uint16 }))),
});
export type BeginQuorumEpochResponse = Infer<typeof BeginQuorumEpochResponse>;
