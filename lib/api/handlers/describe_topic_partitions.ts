/**
 * DescribeTopicPartitions: topics and their partitions, page by page (KIP-966).
 *
 * Topics come in the order of their names, from the cursor's on; all of them where the request names none. At most
 * `responsePartitionLimit` partitions, and no more than the broker's own limit, are in one answer; where some are left, a cursor says where to go on.
 *
 * @module
 */
import { isInternalTopic } from "../../coordinator/mod.ts";
import { offlineReplicas, type PartitionImage, type TopicImage } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from "../../protocol/messages/describe_topic_partitions.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { authorizedOperations, isTopicAuthorized, mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type Answer = Init<DescribeTopicPartitionsResponse>;
type TopicAnswer = NonNullable<Answer["topics"]>[number];
type Cursor = NonNullable<DescribeTopicPartitionsRequest["cursor"]>;

export const describeTopicPartitionsApi = api(
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
  handleDescribeTopicPartitions,
);

function handleDescribeTopicPartitions(
  request: DescribeTopicPartitionsRequest,
  context: RequestContext,
): Answer {
  const { cursor } = request;
  if (cursor !== null && !isUsable(cursor, request)) return refuse(request);
  const limit = Math.max(1, Math.min(request.responsePartitionLimit, context.settings.maxRequestPartitionSizeLimit));
  let left = limit;
  const topics: TopicAnswer[] = [];
  for (const name of topicNames(request, context)) {
    if (left === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } };
    if (!isTopicAuthorized(context, AclOperation.DESCRIBE, name)) {
      topics.push({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name });
      continue;
    }
    const topic = context.metadata.image.topicByName(name);
    if (topic === undefined) {
      topics.push(unknownTopic(name, context));
      continue;
    }
    const first = cursor?.topicName === name ? cursor.partitionIndex : 0;
    const partitions = [...topic.partitions].filter(([index]) => index >= first);
    topics.push(describe(context, topic, partitions.slice(0, left)));
    if (partitions.length > left) {
      return { topics, nextCursor: { topicName: name, partitionIndex: partitions[left][0] } };
    }
    left -= partitions.length;
  }
  return { topics, nextCursor: null };
}

/** A cursor must lie in what is asked for: that it moves on from page to page is for the client to see to. */
function isUsable(cursor: Cursor, { topics }: DescribeTopicPartitionsRequest): boolean {
  if (cursor.partitionIndex < 0) return false;
  return topics.length === 0 || topics.some(({ name }) => name === cursor.topicName);
}

function refuse({ topics }: DescribeTopicPartitionsRequest): Answer {
  return { topics: topics.map(({ name }) => ({ errorCode: ErrorCode.INVALID_REQUEST, name })) };
}

/** The names to answer, sorted, from the cursor's topic on. */
function topicNames(request: DescribeTopicPartitionsRequest, context: RequestContext): string[] {
  const asked = request.topics.length > 0
    ? request.topics.map(({ name }) => name)
    : Array.from(context.metadata.image.topics(), ({ name }) => name)
      .filter((name) => mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name));
  const from = request.cursor?.topicName ?? "";
  return [...new Set(asked)].filter((name) => name >= from).sort();
}

function unknownTopic(name: string, context: RequestContext): TopicAnswer {
  const errorCode = context.metadata.checkTopicName(name) === null
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.INVALID_TOPIC_EXCEPTION;
  return { errorCode, name, isInternal: isInternalTopic(name), topicAuthorizedOperations: operationsOn(name, context) };
}

function describe(
  context: RequestContext,
  topic: TopicImage,
  partitions: readonly (readonly [number, PartitionImage])[],
): TopicAnswer {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: partitions.map(([partitionIndex, partition]) => ({
      errorCode: partition.leader < 0 ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE,
      partitionIndex,
      leaderId: partition.leader,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.isr,
      eligibleLeaderReplicas: partition.eligibleLeaderReplicas,
      lastKnownElr: partition.lastKnownElr,
      offlineReplicas: offlineReplicas(context.metadata.image, partition),
    })),
    topicAuthorizedOperations: operationsOn(topic.name, context),
  };
}

function operationsOn(name: string, context: RequestContext): number {
  return authorizedOperations(context, ResourceType.TOPIC, name);
}
