/**
 * DeleteGroups: deletes groups without members, and their offsets (KIP-229).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { DeleteGroupsRequest, DeleteGroupsResponse } from "../../protocol/messages/delete_groups.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { deleteStatesOfGroup } from "../share_groups.ts";

export const deleteGroupsApi = api(DeleteGroupsRequest, DeleteGroupsResponse, handleDeleteGroups);

async function handleDeleteGroups(
  { groupsNames }: DeleteGroupsRequest,
  context: RequestContext,
): Promise<Init<DeleteGroupsResponse>> {
  const names = [...new Set(groupsNames)];
  return {
    results: await Promise.all(
      names.map(async (groupId) => ({ groupId, errorCode: await deleteOne(groupId, context) })),
    ),
  };
}

async function deleteOne(groupId: string, context: RequestContext): Promise<ErrorCode> {
  if (!isGroupAuthorized(context, AclOperation.DELETE, groupId)) return ErrorCode.GROUP_AUTHORIZATION_FAILED;
  const errorCode = await deleteStatesOfGroup(groupId, context);
  return errorCode === ErrorCode.NONE ? await context.groups.delete(groupId) : errorCode;
}
