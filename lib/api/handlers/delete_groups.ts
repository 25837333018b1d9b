/**
 * DeleteGroups: deletes groups without members, and their offsets (KIP-229).
 *
 * @module
 */
import { DeleteGroupsRequest, DeleteGroupsResponse } from "../../protocol/messages/delete_groups.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const deleteGroupsApi = api(DeleteGroupsRequest, DeleteGroupsResponse, handleDeleteGroups);

async function handleDeleteGroups(
  { groupsNames }: DeleteGroupsRequest,
  { groups }: RequestContext,
): Promise<Init<DeleteGroupsResponse>> {
  const names = [...new Set(groupsNames)];
  return {
    results: await Promise.all(names.map(async (groupId) => ({ groupId, errorCode: await groups.delete(groupId) }))),
  };
}
