/**
 * LeaveGroup: takes members out of a classic group.
 *
 * Since version 3 it is a list of members, by group instance id too (KIP-345); 4 is flexible, 5 has a reason
 * (KIP-800).
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
  until,
} from "../schema.ts";

const memberIdentity = {
  memberId: string,
  groupInstanceId: nullable(string),
  reason: ignorable(since(5, nullable(string))),
};

export const LeaveGroupRequest = request({ key: 13, name: "LeaveGroupRequest", versions: [0, 5], flexible: 4 }, {
  groupId: string,
  memberId: until(2, string),
  members: since(3, array(memberIdentity)),
});
export type LeaveGroupRequest = Infer<typeof LeaveGroupRequest>;

const memberResponse = { memberId: string, groupInstanceId: nullable(string, ""), errorCode: int16 };

export const LeaveGroupResponse = response({ key: 13, name: "LeaveGroupResponse", versions: [0, 5], flexible: 4 }, {
  throttleTimeMs: ignorable(since(1, int32)),
  errorCode: int16,
  members: since(3, array(memberResponse)),
});
export type LeaveGroupResponse = Infer<typeof LeaveGroupResponse>;
