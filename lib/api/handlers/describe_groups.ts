/**
 * DescribeGroups: state, protocol and members of classic groups.
 *
 * A group that is not known is told as dead, and since version 6 as an error too (KIP-1043).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { DescribeGroupsRequest, DescribeGroupsResponse } from "../../protocol/messages/describe_groups.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, OPERATIONS_NOT_ASKED_FOR, ResourceType } from "../../security/mod.ts";
import { type DescribedGroup, Refusal } from "../../coordinator/mod.ts";
import { api } from "../api.ts";
import { authorizedOperations, isGroupAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

const FIRST_VERSION_WITH_NOT_FOUND = 6;

export const describeGroupsApi = api(DescribeGroupsRequest, DescribeGroupsResponse, handleDescribeGroups);

async function handleDescribeGroups(
  { groups, includeAuthorizedOperations }: DescribeGroupsRequest,
  context: RequestContext,
): Promise<Init<DescribeGroupsResponse>> {
  const operationsOn = (groupId: string) =>
    includeAuthorizedOperations ? authorizedOperations(context, ResourceType.GROUP, groupId) : OPERATIONS_NOT_ASKED_FOR;
  return {
    groups: await Promise.all(groups.map(async (groupId) => {
      if (!isGroupAuthorized(context, AclOperation.DESCRIBE, groupId)) {
        return { groupId, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED };
      }
      const described = await context.groups.describe(groupId);
      const group = described instanceof Refusal ? absent(groupId, described, context) : described;
      return {
        ...group,
        authorizedOperations: group.errorCode === ErrorCode.NONE ? operationsOn(groupId) : OPERATIONS_NOT_ASKED_FOR,
      };
    })),
  };
}

function absent(groupId: string, { errorCode, errorMessage }: Refusal, { header }: RequestContext): DescribedGroup {
  if (errorCode !== ErrorCode.GROUP_ID_NOT_FOUND) return { errorCode, groupId };
  if (header.apiVersion < FIRST_VERSION_WITH_NOT_FOUND) {
    return { errorCode: ErrorCode.NONE, groupId, groupState: "Dead" };
  }
  return { errorCode, errorMessage, groupId, groupState: "Dead" };
}
