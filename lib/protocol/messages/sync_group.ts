/**
 * SyncGroup: hands the leader's assignment to the members of a classic group.
 *
 * Version 3 has the group instance id (KIP-345), 4 is flexible, 5 checks protocol type and name (KIP-559).
 *
 * @module
 */
import {
  array,
  bytes,
  ignorable,
  type Infer,
  int16,
  int32,
  nullable,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const SyncGroupRequest = request({ key: 14, name: "SyncGroupRequest", versions: [0, 5], flexible: 4 }, {
  groupId: string,
  generationId: int32,
  memberId: string,
  groupInstanceId: since(3, nullable(string)),
  protocolType: ignorable(since(5, nullable(string))),
  protocolName: ignorable(since(5, nullable(string))),
  assignments: array({ memberId: string, assignment: bytes }),
});
export type SyncGroupRequest = Infer<typeof SyncGroupRequest>;

export const SyncGroupResponse = response({ key: 14, name: "SyncGroupResponse", versions: [0, 5], flexible: 4 }, {
  throttleTimeMs: ignorable(since(1, int32)),
  errorCode: int16,
  protocolType: ignorable(since(5, nullable(string))),
  protocolName: ignorable(since(5, nullable(string))),
  assignment: bytes,
});
export type SyncGroupResponse = Infer<typeof SyncGroupResponse>;
