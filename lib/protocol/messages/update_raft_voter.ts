/**
 * UpdateRaftVoter: a voter tells the quorum's leader its endpoints and supported versions (KIP-853).
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
  request,
  response,
  string,
  struct,
  tagged,
  uint16,
  uuid,
} from "../schema.ts";

export const UpdateRaftVoterRequest = request({
  key: 82,
  name: "UpdateRaftVoterRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  clusterId: nullable(string, ""),
  currentLeaderEpoch: int32,
  voterId: int32,
  voterDirectoryId: uuid,
  listeners: array({ name: string, host: string, port: uint16 }),
  kRaftVersionFeature: struct({ minSupportedVersion: int16, maxSupportedVersion: int16 }),
});
export type UpdateRaftVoterRequest = Infer<typeof UpdateRaftVoterRequest>;

const currentLeader = {
  leaderId: defaulting(int32, -1),
  leaderEpoch: defaulting(int32, -1),
  host: string,
  port: int32,
};

export const UpdateRaftVoterResponse = response({
  key: 82,
  name: "UpdateRaftVoterResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  currentLeader: tagged(0, struct(currentLeader)),
});
export type UpdateRaftVoterResponse = Infer<typeof UpdateRaftVoterResponse>;
