/**
 * DescribeConfigs: configs of topics, brokers, groups and others, and where each value comes from (KIP-133, KIP-226,
 * KIP-569).
 *
 * Each resource is answered for itself. All of its configs are told where the request names none; names that do not
 * exist are left out. A broker named "" stands for what was set for all brokers. Synonyms and documentation are told
 * where they are asked for.
 *
 * @module
 */
import {
  CONFIG_SOURCE,
  describeBrokerConfigs,
  describeClientMetricsConfigs,
  describeClusterConfigs,
  type DescribedConfig,
  describeGroupConfigs,
  describeTopicConfigs,
} from "../../metadata/configs/mod.ts";
import { ConfigResourceType } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../protocol/messages/describe_configs.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { separate } from "../authorize.ts";
import { BROKER_LOGGER, describeLoggers } from "../broker_loggers.ts";
import type { RequestContext } from "../context.ts";
import { mapInSlices } from "../slices.ts";

type ResourceRequest = DescribeConfigsRequest["resources"][number];
type ResourceAnswer = NonNullable<Init<DescribeConfigsResponse>["results"]>[number];
type ConfigAnswer = NonNullable<ResourceAnswer["configs"]>[number];

/** The configs of a resource, or the error that says why there are none. */
type Described = readonly DescribedConfig[] | Failed;
type Failed = { readonly errorCode: ErrorCode; readonly errorMessage: string };

export const describeConfigsApi = api(DescribeConfigsRequest, DescribeConfigsResponse, handleDescribeConfigs);

async function handleDescribeConfigs(
  request: DescribeConfigsRequest,
  context: RequestContext,
): Promise<Init<DescribeConfigsResponse>> {
  const { allowed, refused } = separate(request.resources, AclOperation.DESCRIBE_CONFIGS, context);
  // A resource is answered as often as it is named, and looked up once.
  const known = new Map<string, readonly ConfigAnswer[] | Failed>();
  const results = await mapInSlices(allowed, context, (resource) => {
    const key = `${resource.resourceType} ${resource.resourceName}`;
    let configs = known.get(key);
    if (configs === undefined) known.set(key, configs = configsOf(resource, request, context));
    return answer(resource, configs);
  });
  return { results: [...results, ...refused] };
}

function configsOf(
  resource: ResourceRequest,
  request: DescribeConfigsRequest,
  context: RequestContext,
): readonly ConfigAnswer[] | Failed {
  const described = describe(resource, context);
  return "errorCode" in described ? described : described.map((config) => configAnswer(config, request));
}

function answer(
  { resourceType, resourceName, configurationKeys }: ResourceRequest,
  described: readonly ConfigAnswer[] | Failed,
): ResourceAnswer {
  if ("errorCode" in described) return { resourceType, resourceName, ...described };
  const asked = new Set(configurationKeys ?? []);
  const configs = asked.size === 0 ? described : described.filter(({ name }) => asked.has(name!));
  return { errorCode: ErrorCode.NONE, resourceType, resourceName, configs };
}

function configAnswer(
  config: DescribedConfig,
  { includeSynonyms, includeDocumentation }: DescribeConfigsRequest,
): ConfigAnswer {
  return {
    name: config.name,
    value: config.value,
    readOnly: config.isReadOnly,
    configSource: config.source,
    isSensitive: config.isSensitive,
    synonyms: includeSynonyms ? config.synonyms : [],
    configType: config.type,
    // Where nobody has asked, Apache Kafka tells null, but of its loggers an empty text.
    documentation: includeDocumentation
      ? config.documentation
      : config.source === CONFIG_SOURCE.DYNAMIC_BROKER_LOGGER_CONFIG
      ? ""
      : null,
  };
}

function describe({ resourceType, resourceName }: ResourceRequest, context: RequestContext): Described {
  const texts = context.metadata.image.configs(resourceType, resourceName);
  switch (resourceType) {
    case ConfigResourceType.TOPIC:
      return topicError(resourceName, context) ?? describeTopicConfigs(texts, context.settings);
    case ConfigResourceType.BROKER:
      if (resourceName === "") return describeClusterConfigs(context.settings);
      return brokerError(resourceName, "expected NODE or empty string, but", context) ?? describeBroker(context);
    case BROKER_LOGGER:
      if (resourceName === "") return invalidRequest("Broker id must not be empty");
      return brokerError(resourceName, "expected NODE but", context) ?? describeLoggers(context);
    case ConfigResourceType.CLIENT_METRICS:
      if (resourceName === "") return invalidRequest("Client metrics subscription name must not be empty");
      return describeClientMetricsConfigs(texts);
    case ConfigResourceType.GROUP:
      if (resourceName === "") return invalidRequest("Group name must not be empty");
      return describeGroupConfigs(texts, context.settings);
    default:
      return invalidRequest(`Unsupported resource type ${resourceType}`);
  }
}

/** The broker's configs; where none says so, the node id is that of the data folder. */
function describeBroker({ settings, metadata }: RequestContext): DescribedConfig[] {
  return describeBrokerConfigs(settings).map((config) =>
    config.name === "node.id" ? { ...config, value: String(metadata.nodeId) } : config
  );
}

function topicError(name: string, { metadata }: RequestContext): Described | null {
  if (metadata.image.topicByName(name) !== undefined) return null;
  const complaint = metadata.checkTopicName(name);
  if (complaint !== null) return { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, errorMessage: complaint };
  return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: `The topic '${name}' does not exist.` };
}

function brokerError(name: string, expectation: string, { metadata: { nodeId } }: RequestContext): Described | null {
  if (name === String(nodeId)) return null;
  if (!/^[+-]?\d+$/.test(name)) return invalidRequest(`Broker id must be an integer, but it is: ${name}`);
  return invalidRequest(`Unexpected broker id, ${expectation.replace("NODE", String(nodeId))} received ${name}`);
}

function invalidRequest(errorMessage: string): Described {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}
