/**
 * OffsetDelete: forgets a group's offsets of partitions that it no longer consumes (KIP-496).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { OffsetDeleteRequest, OffsetDeleteResponse } from "../../protocol/messages/offset_delete.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized, isTopicAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type TopicRequest = OffsetDeleteRequest["topics"][number];

export const offsetDeleteApi = api(OffsetDeleteRequest, OffsetDeleteResponse, handleOffsetDelete);

async function handleOffsetDelete(
  { groupId, topics }: OffsetDeleteRequest,
  context: RequestContext,
): Promise<Init<OffsetDeleteResponse>> {
  if (!isGroupAuthorized(context, AclOperation.DELETE, groupId)) {
    return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED };
  }
  const allowed = new Set(
    topics.map(({ name }) => name).filter((name) => isTopicAuthorized(context, AclOperation.READ, name)),
  );
  const asked = topics.filter(({ name }) => allowed.has(name)).map((topic) => ({
    name: topic.name,
    partitionIndexes: knownPartitions(topic, context),
  }));
  const result = await context.groups.deleteOffsets(groupId, asked);
  if (typeof result === "number") return { errorCode: result };
  return {
    topics: topics.map(({ name, partitions }) => {
      const index = asked.findIndex((topic) => topic.name === name);
      const errors = new Map(result[index]?.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode]));
      const otherwise = index === -1 ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      return {
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errors.get(partitionIndex) ?? otherwise,
        })),
      };
    }),
  };
}

function knownPartitions({ name, partitions }: TopicRequest, { metadata }: RequestContext): number[] {
  const topic = metadata.image.topicByName(name);
  return partitions.flatMap(({ partitionIndex }) => topic?.partitions.has(partitionIndex) ? [partitionIndex] : []);
}
