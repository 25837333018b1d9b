/**
 * EndQuorumEpoch: a Raft leader resigns and names its preferred successors (KIP-595).
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
  until,
  uuid,
} from "../schema.ts";

export const EndQuorumEpochRequest = request(
  { key: 54, name: "EndQuorumEpochRequest", versions: [0, 1], flexible: 1 },
  {
    clusterId: nullable(string),
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: int32,
        preferredSuccessors: ignorable(until(0, array(int32))),
        preferredCandidates: ignorable(since(1, array({ candidateId: int32, candidateDirectoryId: uuid }))),
      }),
    }),
    leaderEndpoints: ignorable(since(1, array({ name: string, host: string, port: uint16 }))),
  },
);
export type EndQuorumEpochRequest = Infer<typeof EndQuorumEpochRequest>;

export const EndQuorumEpochResponse = response({
  key: 54,
  name: "EndQuorumEpochResponse",
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
export type EndQuorumEpochResponse = Infer<typeof EndQuorumEpochResponse>;
