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
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { authorizedOperations, GROUP_REFUSED, isGroupAuthorized, isTopicAuthorized } from "../authorize.ts";
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
  const groups = await Promise.all(groupIds.map((groupId) => describe(groupId, context)));
  if (!includeAuthorizedOperations) return { groups };
  return { groups: groups.map((group) => withOperations(group, context)) };
}

async function describe(groupId: string, context: RequestContext): Promise<DescribedStreamsGroup> {
  if (!isGroupAuthorized(context, AclOperation.DESCRIBE, groupId)) return { groupId, ...GROUP_REFUSED };
  if (groupId === "") return { groupId, errorCode: ErrorCode.INVALID_GROUP_ID };
  const group = await context.groups.decide<DescribedStreamsGroup>(
    groupId,
    (state) => describeStreamsGroup(state, groupId),
    (errorCode) => ({ groupId, errorCode }),
  );
  return [...topicsOf(group)].every((topic) => isTopicAuthorized(context, AclOperation.DESCRIBE, topic))
    ? group
    : { groupId, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage: TOPICS_REFUSED };
}

const TOPICS_REFUSED = "The described group uses topics that the client is not authorized to describe.";

function withOperations(group: DescribedStreamsGroup, context: RequestContext): DescribedStreamsGroup {
  if (group.errorCode !== ErrorCode.NONE) return group;
  return { ...group, authorizedOperations: authorizedOperations(context, ResourceType.GROUP, group.groupId!) };
}

/** All topics of a group, each once. */
function topicsOf({ topology }: DescribedStreamsGroup): ReadonlySet<string> {
  return new Set(
    topology?.subtopologies?.flatMap((each) => [
      ...each.sourceTopics ?? [],
      ...each.repartitionSinkTopics ?? [],
      ...[...each.repartitionSourceTopics ?? [], ...each.stateChangelogTopics ?? []].map(({ name }) => name!),
    ]),
  );
}
