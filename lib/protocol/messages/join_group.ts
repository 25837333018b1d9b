/**
 * JoinGroup: enters a classic group, or its next generation.
 *
 * Version 1 has a rebalance timeout of its own (KIP-62), 4 makes new members ask twice (KIP-394), 5 has the group
 * instance id (KIP-345), 6 is flexible, 7 answers the protocol type (KIP-559), 8 has a reason (KIP-800), and 9 can
 * tell the leader to skip the assignment (KIP-814).
 *
 * @module
 */
import {
  array,
  bool,
  bytes,
  defaulting,
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
} from "../schema.ts";

export const JoinGroupRequest = request({ key: 11, name: "JoinGroupRequest", versions: [0, 9], flexible: 6 }, {
  groupId: string,
  sessionTimeoutMs: int32,
  rebalanceTimeoutMs: ignorable(since(1, int32, -1)),
  memberId: string,
  groupInstanceId: since(5, nullable(string)),
  protocolType: string,
  protocols: array({ name: string, metadata: bytes }),
  reason: ignorable(since(8, nullable(string))),
});
export type JoinGroupRequest = Infer<typeof JoinGroupRequest>;

export const JoinGroupResponse = response({ key: 11, name: "JoinGroupResponse", versions: [0, 9], flexible: 6 }, {
  throttleTimeMs: ignorable(since(2, int32)),
  errorCode: int16,
  generationId: defaulting(int32, -1),
  protocolType: ignorable(since(7, nullable(string))),
  protocolName: nullableSince(7, string),
  leader: string,
  skipAssignment: since(9, bool),
  memberId: string,
  members: array({
    memberId: string,
    groupInstanceId: ignorable(since(5, nullable(string))),
    metadata: bytes,
  }),
});
export type JoinGroupResponse = Infer<typeof JoinGroupResponse>;
