/**
 * AlterShareGroupOffsets: has a share group without members begin elsewhere (KIP-932). A group that is not there is made.
 *
 * @module
 */
import { ZERO_UUID } from "../../bytes/mod.ts";
import { Refusal } from "../../coordinator/group/group.ts";
import { type AlteredTopic, alterShareOffsets } from "../../coordinator/group/share/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from "../../protocol/messages/alter_share_group_offsets.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { GROUP_REFUSED, isGroupAuthorized, separateTopics, TOPIC_AUTHORIZATION_FAILED } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { initializeStates, servesShareGroups } from "../share_groups.ts";

export const alterShareGroupOffsetsApi = api(
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
  handleAlterShareGroupOffsets,
);

async function handleAlterShareGroupOffsets(
  request: AlterShareGroupOffsetsRequest,
  context: RequestContext,
): Promise<Init<AlterShareGroupOffsetsResponse>> {
  const { groupId } = request;
  if (!servesShareGroups(context)) return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
  if (!isGroupAuthorized(context, AclOperation.READ, groupId)) return GROUP_REFUSED;
  if (groupId === "") return { errorCode: ErrorCode.INVALID_GROUP_ID };
  const { allowed: topics, refused } = separateTopics(
    request.topics,
    AclOperation.READ,
    context,
    ({ topicName }) => topicName,
  );
  const altered = await context.groups.decide<ReturnType<typeof alterShareOffsets>>(
    groupId,
    (state, turn) => alterShareOffsets(state, turn, { groupId, topics }),
    (errorCode) => new Refusal(errorCode),
  );
  if (altered instanceof Refusal) return { errorCode: altered.errorCode, errorMessage: altered.errorMessage };
  const results = await initializeStates(groupId, altered.toInitialize, context);
  const failures = new Map(
    results.filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
      .map((result) => [`${result.topicId}/${result.partition}`, result]),
  );
  const responses = altered.topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions!.map((partition) => {
      const failure = failures.get(`${topic.topicId}/${partition.partitionIndex}`);
      if (failure === undefined) return partition;
      return { ...partition, errorCode: failure.errorCode, errorMessage: failure.errorMessage };
    }),
  }));
  return { responses: [...responses, ...refused.map((topic) => refusalOf(topic, context))] };
}

function refusalOf(
  { topicName, partitions }: AlterShareGroupOffsetsRequest["topics"][number],
  { metadata }: RequestContext,
): AlteredTopic {
  return {
    topicName,
    topicId: metadata.image.topicByName(topicName)?.id ?? ZERO_UUID,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...TOPIC_AUTHORIZATION_FAILED })),
  };
}
