/**
 * JoinGroup: enters a classic group, or its next generation; answered when that begins. See
 * `coordinator/group/classic/join.ts`.
 *
 * New members of version 4 and later get their id first, and join with it (KIP-394). Since version 9 a static
 * leader that is back can be told not to assign (KIP-814).
 *
 * @module
 */
import { JoinGroupRequest, JoinGroupResponse } from "../../protocol/messages/join_group.ts";
import type { Init } from "../../protocol/schema.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized, mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

const FIRST_VERSION_WITH_KNOWN_MEMBER_IDS = 4;
const FIRST_VERSION_WITH_NULL_PROTOCOL = 7;
const FIRST_VERSION_WITH_SKIPPED_ASSIGNMENTS = 9;

export const joinGroupApi = api(JoinGroupRequest, JoinGroupResponse, handleJoinGroup);

async function handleJoinGroup(
  request: JoinGroupRequest,
  context: RequestContext,
): Promise<Init<JoinGroupResponse>> {
  const { groups, header: { apiVersion, clientId }, connection } = context;
  const noProtocol = apiVersion >= FIRST_VERSION_WITH_NULL_PROTOCOL ? null : "";
  if (!isGroupAuthorized(context, AclOperation.READ, request.groupId)) {
    return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, protocolName: noProtocol };
  }
  const answer = await groups.join({
    request,
    clientId: clientId ?? "",
    // As Java prints an address.
    clientHost: `/${connection.remote.host}`,
    requiresKnownMemberId: apiVersion >= FIRST_VERSION_WITH_KNOWN_MEMBER_IDS,
    canSkipAssignment: apiVersion >= FIRST_VERSION_WITH_SKIPPED_ASSIGNMENTS,
    mayDescribe: (topic) => mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topic),
  });
  return { ...answer, protocolName: answer.protocolName ?? noProtocol };
}
