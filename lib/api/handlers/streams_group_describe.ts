/**
 * StreamsGroupDescribe: state, topology, members and tasks of streams groups (KIP-1071).
 *
 * @module
 */
import { type DescribedStreamsGroup, describeStreamsGroup } from "../../coordinator/group/streams/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from "../../protocol/messages/streams_group_describe.ts";
import type { Init } from "../../protocol/schema.ts";
import { GROUP_OPERATIONS, OPERATIONS_NOT_ASKED_FOR } from "../../security/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { servesStreamsGroups } from "./streams_group_heartbeat.ts";

export const streamsGroupDescribeApi = api(
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
  handleStreamsGroupDescribe,
);

async function handleStreamsGroupDescribe(
  { groupIds, includeAuthorizedOperations }: StreamsGroupDescribeRequest,
  context: RequestContext,
): Promise<Init<StreamsGroupDescribeResponse>> {
  if (!servesStreamsGroups(context)) {
    return { groups: groupIds.map((groupId) => ({ groupId, errorCode: ErrorCode.UNSUPPORTED_VERSION })) };
  }
  const operations = includeAuthorizedOperations ? GROUP_OPERATIONS : OPERATIONS_NOT_ASKED_FOR;
  const groups = await Promise.all(groupIds.map((groupId) => describe(groupId, context)));
  return {
    groups: groups.map((group) =>
      group.errorCode === ErrorCode.NONE ? { ...group, authorizedOperations: operations } : group
    ),
  };
}

async function describe(groupId: string, { groups }: RequestContext): Promise<DescribedStreamsGroup> {
  if (groupId === "") return { groupId, errorCode: ErrorCode.INVALID_GROUP_ID };
  return await groups.decide<DescribedStreamsGroup>(
    groupId,
    (state) => describeStreamsGroup(state, groupId),
    (errorCode) => ({ groupId, errorCode }),
  );
}
