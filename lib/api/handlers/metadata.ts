/**
 * Metadata: brokers, topics and who leads their partitions (topic ids KIP-516, authorized operations KIP-430).
 *
 * All topics are asked for by an empty list in version 0, by null later. A topic that is missing is created where both the
 * broker (`auto.create.topics.enable`) and the client allow it; the answer then shows the new topic, ready to be written.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../bytes/mod.ts";
import { internalTopicLayout, isInternalTopic } from "../../coordinator/mod.ts";
import { type MetadataImage, offlineReplicas, type TopicImage } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { MetadataRequest, MetadataResponse } from "../../protocol/messages/metadata.ts";
import type { Init } from "../../protocol/schema.ts";
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED_FOR, TOPIC_OPERATIONS } from "../../security/mod.ts";
import { advertisedBrokers } from "../addresses.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

type TopicAnswer = NonNullable<Init<MetadataResponse>["topics"]>[number];
type TopicRequest = NonNullable<MetadataRequest["topics"]>[number];

export const metadataApi = api(MetadataRequest, MetadataResponse, handleMetadata, {
  mayLeaveOver: isWideNullOfLibrdkafka,
});

async function handleMetadata(
  request: MetadataRequest,
  context: RequestContext,
): Promise<Init<MetadataResponse>> {
  const { apiVersion } = context.header;
  if (request.topics?.some((topic) => !isNamed(topic, apiVersion))) return refuse(request.topics);
  const asksForAll = request.topics === null || (apiVersion === 0 && request.topics.length === 0);
  if (!asksForAll && request.allowAutoTopicCreation) await createMissing(request.topics!, context);
  const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : OPERATIONS_NOT_ASKED_FOR;
  const topics = asksForAll
    ? Array.from(context.metadata.image.topics(), (topic) => describe(context.metadata.image, topic, operations))
    : describeAsked(request.topics!, operations, context);
  return {
    brokers: advertisedBrokers(context),
    clusterId: context.metadata.clusterId,
    controllerId: context.metadata.nodeId,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : OPERATIONS_NOT_ASKED_FOR,
  };
}

/**
 * librdkafka, up to 2.16 at least, asks for all topics with four zero bytes where the one byte of a null stands (its issue 5049).
 * Read as the protocol has it, three of them are the next fields, all false, and the fields it meant are left over.
 */
function isWideNullOfLibrdkafka(request: MetadataRequest, sizeInBytes: number): boolean {
  return request.topics === null && !request.allowAutoTopicCreation && !request.includeTopicAuthorizedOperations &&
    sizeInBytes <= WIDE_NULL_SURPLUS_BYTES;
}

const WIDE_NULL_SURPLUS_BYTES = 3;

/** Whether a topic is asked for in a way that the version has: by name, or since version 12 by id. */
function isNamed({ name, topicId }: TopicRequest, apiVersion: number): boolean {
  return apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS
    ? name !== null || topicId !== ZERO_UUID
    : name !== null && topicId === ZERO_UUID;
}

const FIRST_VERSION_WITH_TOPIC_IDS = 12;

function refuse(topics: readonly TopicRequest[]): Init<MetadataResponse> {
  const errorCode = ErrorCode.INVALID_REQUEST;
  return { topics: topics.map(({ name, topicId }) => ({ errorCode, name: name ?? "", topicId })), errorCode };
}

async function createMissing(topics: readonly TopicRequest[], context: RequestContext): Promise<void> {
  if (!context.settings.autoCreateTopicsEnable) return;
  const { image } = context.metadata;
  const missing = topics.flatMap(({ name, topicId }) => {
    return topicId === ZERO_UUID && name !== null && image.topicByName(name) === undefined ? [name] : [];
  });
  if (missing.length === 0) return;
  // What cannot be created is answered below by the error of the topic that is not there.
  await context.metadata.createTopics({
    topics: [...new Set(missing)].map((name) => ({
      name,
      assignments: [],
      ...internalTopicLayout(name, context.settings) ?? { numPartitions: -1, replicationFactor: -1, configs: [] },
    })),
    validateOnly: false,
  });
}

/** The topics that are asked for, each once. */
function describeAsked(topics: readonly TopicRequest[], operations: number, context: RequestContext): TopicAnswer[] {
  const answers = new Map<string, TopicAnswer>();
  for (const { name, topicId } of topics) {
    const answer = topicId === ZERO_UUID
      ? describeByName(name!, operations, context)
      : describeById(topicId, operations, context);
    answers.set(answer.name ?? topicId, answer);
  }
  return [...answers.values()];
}

function describeById(topicId: Uuid, operations: number, context: RequestContext): TopicAnswer {
  const topic = context.metadata.image.topicById(topicId);
  return topic === undefined
    ? { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId }
    : describe(context.metadata.image, topic, operations);
}

function describeByName(name: string, operations: number, context: RequestContext): TopicAnswer {
  const topic = context.metadata.image.topicByName(name);
  if (topic !== undefined) return describe(context.metadata.image, topic, operations);
  const errorCode = context.metadata.checkTopicName(name) === null
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.INVALID_TOPIC_EXCEPTION;
  return { errorCode, name, isInternal: isInternalTopic(name), topicAuthorizedOperations: operations };
}

function describe(image: MetadataImage, topic: TopicImage, topicAuthorizedOperations: number): TopicAnswer {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: Array.from(topic.partitions, ([partitionIndex, partition]) => ({
      errorCode: partition.leader < 0 ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE,
      partitionIndex,
      leaderId: partition.leader,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.isr,
      offlineReplicas: offlineReplicas(image, partition),
    })),
    topicAuthorizedOperations,
  };
}
