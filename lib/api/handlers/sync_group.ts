/**
 * SyncGroup: fetches a member's assignment, and brings those of all members from the leader; answered when these
 * are written.
 *
 * Since version 5 a member says which protocol it means (KIP-559).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { SyncGroupRequest, SyncGroupResponse } from "../../protocol/messages/sync_group.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

const FIRST_VERSION_WITH_PROTOCOL = 5;

export const syncGroupApi = api(SyncGroupRequest, SyncGroupResponse, handleSyncGroup);

async function handleSyncGroup(request: SyncGroupRequest, context: RequestContext): Promise<Init<SyncGroupResponse>> {
  const isSilent = request.protocolType === null || request.protocolName === null;
  if (context.header.apiVersion >= FIRST_VERSION_WITH_PROTOCOL && isSilent) {
    return { errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL };
  }
  if (!isGroupAuthorized(context, AclOperation.READ, request.groupId)) {
    return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED };
  }
  return await context.groups.sync(request);
}
