/**
 * LeaveGroup: takes members out of a classic group, since version 3 several, and static ones by their instance id
 * (KIP-345).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "../../protocol/messages/leave_group.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

const FIRST_VERSION_WITH_MEMBERS = 3;

export const leaveGroupApi = api(LeaveGroupRequest, LeaveGroupResponse, handleLeaveGroup);

async function handleLeaveGroup(
  { groupId, memberId, members }: LeaveGroupRequest,
  context: RequestContext,
): Promise<Init<LeaveGroupResponse>> {
  const { groups, header } = context;
  if (!isGroupAuthorized(context, AclOperation.READ, groupId)) {
    return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED };
  }
  const isOfOne = header.apiVersion < FIRST_VERSION_WITH_MEMBERS;
  const leaving = isOfOne ? [{ memberId, groupInstanceId: null, reason: null, unknownTaggedFields: [] }] : members;
  const result = await groups.leave(groupId, leaving);
  if (typeof result === "number") return { errorCode: result };
  return isOfOne ? { errorCode: result[0].errorCode } : { errorCode: ErrorCode.NONE, members: result };
}
