/**
 * RemoveRaftVoter: removes a voter from the metadata quorum (KIP-853).
 *
 * @module
 */
import { ignorable, type Infer, int16, int32, nullable, prose, request, response, string, uuid } from "../schema.ts";

export const RemoveRaftVoterRequest = request({
  key: 81,
  name: "RemoveRaftVoterRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  clusterId: nullable(string, ""),
  voterId: int32,
  voterDirectoryId: uuid,
});
export type RemoveRaftVoterRequest = Infer<typeof RemoveRaftVoterRequest>;

export const RemoveRaftVoterResponse = response({
  key: 81,
  name: "RemoveRaftVoterResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: ignorable(nullable(prose, "")),
});
export type RemoveRaftVoterResponse = Infer<typeof RemoveRaftVoterResponse>;
