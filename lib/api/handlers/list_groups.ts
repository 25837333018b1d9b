/**
 * ListGroups: the groups that there are, since version 4 those in some states (KIP-518), since 5 those of some types
 * (KIP-848). Neither looks at upper and lower case.
 *
 * @module
 */
import { ListGroupsRequest, ListGroupsResponse } from "../../protocol/messages/list_groups.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, CLUSTER_NAME, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const listGroupsApi = api(ListGroupsRequest, ListGroupsResponse, handleListGroups);

async function handleListGroups(
  { statesFilter, typesFilter }: ListGroupsRequest,
  context: RequestContext,
): Promise<Init<ListGroupsResponse>> {
  const listed = await context.groups.list();
  if (typeof listed === "number") return { errorCode: listed };
  // Who may describe the cluster sees all groups, others those that they may describe.
  const seesAll = mayDo(context, AclOperation.DESCRIBE, ResourceType.CLUSTER, CLUSTER_NAME);
  const sees = (groupId: string) => seesAll || mayDo(context, AclOperation.DESCRIBE, ResourceType.GROUP, groupId);
  return {
    groups: listed.filter(({ groupId, groupState, groupType }) =>
      sees(groupId!) && passes(groupState!, statesFilter) && passes(groupType!, typesFilter)
    ),
  };
}

function passes(value: string, filter: readonly string[]): boolean {
  return filter.length === 0 || filter.some((wanted) => wanted.toLowerCase() === value.toLowerCase());
}
