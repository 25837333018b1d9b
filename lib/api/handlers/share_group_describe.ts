/**
 * ShareGroupDescribe: state, members and assignments of share groups (KIP-932).
 *
 * @module
 */
import { type DescribedShareGroup, describeShareGroup } from "../../coordinator/group/share/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ShareGroupDescribeRequest, ShareGroupDescribeResponse } from "../../protocol/messages/share_group_describe.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import { describeVisible, groupOperations } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { servesShareGroups } from "../share_groups.ts";

export const shareGroupDescribeApi = api(
  ShareGroupDescribeRequest,
  ShareGroupDescribeResponse,
  handleShareGroupDescribe,
);

async function handleShareGroupDescribe(
  { groupIds, includeAuthorizedOperations }: ShareGroupDescribeRequest,
  context: RequestContext,
): Promise<Init<ShareGroupDescribeResponse>> {
  if (!servesShareGroups(context)) {
    return { groups: groupIds.map((groupId) => ({ groupId, errorCode: ErrorCode.UNSUPPORTED_VERSION })) };
  }
  const groups = await describeVisible(
    context,
    groupIds,
    (groupId) => describe(groupId, context),
    ({ members }) =>
      (members ?? []).flatMap(({ assignment }) =>
        (assignment?.topicPartitions ?? []).map(({ topicName }) => topicName!)
      ),
  );
  return {
    groups: groups.map((group) => ({
      ...group,
      authorizedOperations: groupOperations(context, group, includeAuthorizedOperations),
    })),
  };
}

async function describe(groupId: string, { groups }: RequestContext): Promise<DescribedShareGroup> {
  if (groupId === "") return { groupId, errorCode: ErrorCode.INVALID_GROUP_ID };
  return await groups.decide<DescribedShareGroup>(
    groupId,
    (state) => describeShareGroup(state, groupId),
    (errorCode) => ({ groupId, errorCode }),
  );
}
