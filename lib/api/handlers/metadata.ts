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
import { offlineReplicas, type TopicImage } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { MetadataRequest, MetadataResponse } from "../../protocol/messages/metadata.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, CLUSTER_NAME, OPERATIONS_NOT_ASKED_FOR, ResourceType } from "../../security/mod.ts";
import { advertisedBrokers } from "../addresses.ts";
import { api } from "../api.ts";
import { authorizedClusterOperations, authorizedOperations, isTopicAuthorized, mayDo } from "../authorize.ts";
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
  const topics = asksForAll ? describeAll(request, context) : describeAsked(request, context);
  return {
    brokers: advertisedBrokers(context),
    clusterId: context.metadata.clusterId,
    controllerId: context.metadata.nodeId,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? authorizedClusterOperations(context)
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
    const isMissing = topicId === ZERO_UUID && name !== null && image.topicByName(name) === undefined;
    return isMissing && mayCreate(name, context) ? [name] : [];
  });
  if (missing.length === 0) return;
  const newTopics = [...new Set(missing)].map((name) => ({
    name,
    assignments: [],
    ...internalTopicLayout(name, context.settings) ?? { numPartitions: -1, replicationFactor: -1, configs: [] },
  }));
  // What cannot be created, or not yet, is answered below by the error of the topic that is not there.
  await context.metadata.createTopics(
    { topics: newTopics, validateOnly: false },
    context.throttle?.mutationQuota(true),
  );
}

/** Who may not create a topic is told so of one that is missing, if it may describe it. */
function mayCreate(name: string, context: RequestContext): boolean {
  return mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name) &&
    (mayDo(context, AclOperation.CREATE, ResourceType.CLUSTER, CLUSTER_NAME) ||
      mayDo(context, AclOperation.CREATE, ResourceType.TOPIC, name));
}

/** All topics that the client may see. */
function describeAll(request: MetadataRequest, context: RequestContext): TopicAnswer[] {
  const topics = [...context.metadata.image.topics()];
  return topics.filter(({ name }) => mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name))
    .map((topic) => describe(topic, request, context));
}

/** The topics that are asked for, each once. */
function describeAsked(request: MetadataRequest, context: RequestContext): TopicAnswer[] {
  const answers = new Map<string, TopicAnswer>();
  for (const { name, topicId } of request.topics!) {
    const answer = topicId === ZERO_UUID
      ? describeByName(name!, request, context)
      : describeById(topicId, request, context);
    answers.set(answer.name ?? topicId, answer);
  }
  return [...answers.values()];
}

function describeById(topicId: Uuid, request: MetadataRequest, context: RequestContext): TopicAnswer {
  const topic = context.metadata.image.topicById(topicId);
  if (topic === undefined) return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId };
  return isTopicAuthorized(context, AclOperation.DESCRIBE, topic.name)
    ? describe(topic, request, context)
    : { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name: null, topicId };
}

function describeByName(name: string, request: MetadataRequest, context: RequestContext): TopicAnswer {
  // Whether there is such a topic is not for those to know who may not describe it.
  if (!isTopicAuthorized(context, AclOperation.DESCRIBE, name)) {
    return { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name };
  }
  const topic = context.metadata.image.topicByName(name);
  if (topic !== undefined) return describe(topic, request, context);
  if (wouldCreate(request, context) && !mayCreate(name, context)) {
    return { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name };
  }
  const errorCode = context.metadata.checkTopicName(name) === null
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.INVALID_TOPIC_EXCEPTION;
  const topicAuthorizedOperations = operationsOn(name, request, context);
  return { errorCode, name, isInternal: isInternalTopic(name), topicAuthorizedOperations };
}

function wouldCreate({ allowAutoTopicCreation }: MetadataRequest, { settings }: RequestContext): boolean {
  return allowAutoTopicCreation && settings.autoCreateTopicsEnable;
}

function operationsOn(name: string, request: MetadataRequest, context: RequestContext): number {
  return request.includeTopicAuthorizedOperations
    ? authorizedOperations(context, ResourceType.TOPIC, name)
    : OPERATIONS_NOT_ASKED_FOR;
}

function describe(topic: TopicImage, request: MetadataRequest, context: RequestContext): TopicAnswer {
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
      offlineReplicas: offlineReplicas(context.metadata.image, partition),
    })),
    topicAuthorizedOperations: operationsOn(topic.name, request, context),
  };
}
