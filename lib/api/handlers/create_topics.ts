/**
 * CreateTopics: creates topics (KIP-4), each for itself: one that cannot be created does not keep the others from it.
 *
 * The answer comes when every partition of the new topics can be written. Since version 5 it shows the configs that
 * hold for the topic (KIP-525), also where nothing is created because of `validateOnly`; since version 7 the topic's id
 * (KIP-516).
 *
 * @module
 */
import { describeTopicConfigs } from "../../metadata/configs/mod.ts";
import type { CreateTopicResult } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../protocol/messages/create_topics.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, CLUSTER_NAME, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isTopicAuthorized, mayDo, TOPIC_REFUSED } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { hasAllLogs } from "../partitions.ts";

type TopicRequest = CreateTopicsRequest["topics"][number];
type TopicAnswer = NonNullable<Init<CreateTopicsResponse>["topics"]>[number];
type ConfigAnswer = NonNullable<TopicAnswer["configs"]>[number];

/** The first version that can be refused with THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const FIRST_STRICT_VERSION = 6;

export const createTopicsApi = api(CreateTopicsRequest, CreateTopicsResponse, handleCreateTopics);

async function handleCreateTopics(
  request: CreateTopicsRequest,
  context: RequestContext,
): Promise<Init<CreateTopicsResponse>> {
  const mayCreateAll = mayDo(context, AclOperation.CREATE, ResourceType.CLUSTER, CLUSTER_NAME);
  const isAllowed = ({ name }: TopicRequest) => isTopicAuthorized(context, AclOperation.CREATE, name);
  const allowed = mayCreateAll ? request.topics : request.topics.filter(isAllowed);
  const refused = new Set(request.topics.filter((topic) => !allowed.includes(topic)).map(({ name }) => name));
  const quota = context.throttle?.mutationQuota(context.header.apiVersion >= FIRST_STRICT_VERSION);
  const results = await context.metadata.createTopics({ ...request, topics: allowed }, quota);
  const requests = new Map(allowed.map((topic) => [topic.name, topic]));
  return {
    topics: [
      ...results.map((result) => answer(withLogs(result, request, context), requests.get(result.name)!, context)),
      ...Array.from(refused, (name) => ({ name, ...TOPIC_REFUSED })),
    ],
  };
}

/**
 * A topic that is there, and whose logs the disk had no room for, is told as an error: it can be written to when there is
 * room again.
 */
function withLogs(
  result: CreateTopicResult,
  { validateOnly }: CreateTopicsRequest,
  context: RequestContext,
): CreateTopicResult {
  if (validateOnly || result.errorCode !== ErrorCode.NONE || hasAllLogs(context, result.name)) return result;
  const errorMessage = "The topic is created, and can be written to as soon as the disk has room for its partitions";
  return { ...result, errorCode: ErrorCode.KAFKA_STORAGE_ERROR, errorMessage };
}

function answer(result: CreateTopicResult, request: TopicRequest, context: RequestContext): TopicAnswer {
  if (result.errorCode !== ErrorCode.NONE) return { ...result, configs: [] };
  if (mayDo(context, AclOperation.DESCRIBE_CONFIGS, ResourceType.TOPIC, result.name)) {
    return { ...result, configs: configsOf(request, context) };
  }
  const topicConfigErrorCode = ErrorCode.TOPIC_AUTHORIZATION_FAILED;
  return { ...result, configs: [], numPartitions: -1, replicationFactor: -1, topicConfigErrorCode };
}

function configsOf({ configs }: TopicRequest, context: RequestContext): ConfigAnswer[] {
  const texts = new Map(configs.map(({ name, value }) => [name, value!]));
  return describeTopicConfigs(texts, context.settings).map(({ name, value, isReadOnly, source, isSensitive }) => ({
    name,
    value,
    readOnly: isReadOnly,
    configSource: source,
    isSensitive,
  }));
}
