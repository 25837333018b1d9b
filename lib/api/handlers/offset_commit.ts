/**
 * OffsetCommit: stores the offsets that a group has consumed; answered when they are on the disk.
 *
 * Since version 10 topics are named by id. Partitions that there are not are refused each for itself.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../protocol/messages/offset_commit.ts";
import type { Init } from "../../protocol/schema.ts";
import type { TopicImage } from "../../metadata/mod.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { findTopic } from "../partitions.ts";

type TopicRequest = OffsetCommitRequest["topics"][number];
type TopicAnswer = NonNullable<Init<OffsetCommitResponse>["topics"]>[number];

const FIRST_VERSION_WITH_TOPIC_IDS = 10;

export const offsetCommitApi = api(OffsetCommitRequest, OffsetCommitResponse, handleOffsetCommit);

async function handleOffsetCommit(
  request: OffsetCommitRequest,
  context: RequestContext,
): Promise<Init<OffsetCommitResponse>> {
  const { apiVersion } = context.header;
  if (!isGroupAuthorized(context, AclOperation.READ, request.groupId)) return refuse(request);
  const found = request.topics.map((topic) => ({ topic, ...find(context, topic) }));
  const known = found.flatMap(({ topic, image }) => image === null ? [] : [sound(topic, image)]);
  const hasSome = known.some(({ partitions }) => partitions.length > 0);
  const results = hasSome ? await context.groups.commitOffsets(request, known, apiVersion) : [];
  let next = 0;
  return {
    topics: found.map(({ topic, errorCode, image }): TopicAnswer => {
      const errors = new Map(
        image === null ? [] : results[next++]?.map((result) => [result.partitionIndex, result.errorCode]),
      );
      return {
        name: topic.name,
        topicId: topic.topicId,
        partitions: topic.partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errors.get(partitionIndex) ?? (image === null ? errorCode : UNKNOWN),
        })),
      };
    }),
  };
}

function refuse({ topics }: OffsetCommitRequest): Init<OffsetCommitResponse> {
  const errorCode = ErrorCode.GROUP_AUTHORIZATION_FAILED;
  return {
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  };
}

const UNKNOWN = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;

function find(context: RequestContext, { name, topicId }: TopicRequest) {
  const usesIds = context.header.apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS;
  const { errorCode, topic } = findTopic(context, name, topicId, usesIds, AclOperation.READ);
  return { errorCode, image: topic };
}

/** The partitions that there are. */
function sound({ partitions }: TopicRequest, { name, id, partitions: known }: TopicImage) {
  return { name, topicId: id, partitions: partitions.filter(({ partitionIndex }) => known.has(partitionIndex)) };
}
