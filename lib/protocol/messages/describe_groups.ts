/**
 * DescribeGroups: state, protocol and members of classic groups.
 *
 * Version 3 has authorized operations (KIP-430), 4 group instance ids (KIP-345), 5 is flexible, 6 has error messages
 * and tells an unknown group from a dead one (KIP-1043).
 *
 * @module
 */
import {
  array,
  bool,
  bytes,
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
} from "../schema.ts";

export const DescribeGroupsRequest = request(
  { key: 15, name: "DescribeGroupsRequest", versions: [0, 6], flexible: 5 },
  {
    groups: array(string),
    includeAuthorizedOperations: since(3, bool),
  },
);
export type DescribeGroupsRequest = Infer<typeof DescribeGroupsRequest>;

export const DescribeGroupsResponse = response({
  key: 15,
  name: "DescribeGroupsResponse",
  versions: [0, 6],
  flexible: 5,
}, {
  throttleTimeMs: ignorable(since(1, int32)),
  groups: array({
    errorCode: int16,
    errorMessage: since(6, nullable(prose)),
    groupId: string,
    groupState: string,
    protocolType: string,
    protocolData: string,
    members: array({
      memberId: string,
      groupInstanceId: ignorable(since(4, nullable(string))),
      clientId: string,
      clientHost: string,
      memberMetadata: bytes,
      memberAssignment: bytes,
    }),
    authorizedOperations: since(3, int32, -0x80000000),
  }),
});
export type DescribeGroupsResponse = Infer<typeof DescribeGroupsResponse>;
