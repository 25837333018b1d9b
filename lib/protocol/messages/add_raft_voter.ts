/**
 * AddRaftVoter: adds a voter to the metadata quorum (KIP-853).
 *
 * Version 1 can be answered before the change is committed (KIP-1186).
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
  nullable,
  prose,
  request,
  response,
  since,
  string,
  uint16,
  uuid,
} from "../schema.ts";

export const AddRaftVoterRequest = request({ key: 80, name: "AddRaftVoterRequest", versions: [0, 1], flexible: 0 }, {
  clusterId: nullable(string, ""),
  timeoutMs: int32,
  voterId: int32,
  voterDirectoryId: uuid,
  listeners: array({ name: string, host: string, port: uint16 }),
  ackWhenCommitted: since(1, bool, true),
});
export type AddRaftVoterRequest = Infer<typeof AddRaftVoterRequest>;

export const AddRaftVoterResponse = response({ key: 80, name: "AddRaftVoterResponse", versions: [0, 1], flexible: 0 }, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: ignorable(nullable(prose, "")),
});
export type AddRaftVoterResponse = Infer<typeof AddRaftVoterResponse>;
