/**
 * ListConfigResources: the names of what can have configs (KIP-1142); in version 0 of client metrics subscriptions
 * alone (KIP-714).
 *
 * Groups and metrics subscriptions are those that have configs of their own; topics, brokers and loggers are all that
 * there are. An empty list of types asks for every type; one that does not exist is an UNSUPPORTED_VERSION, since a
 * later version might have it.
 *
 * @module
 */
import { ConfigResourceType } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from "../../protocol/messages/list_config_resources.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import { BROKER_LOGGER } from "../broker_loggers.ts";
import type { RequestContext } from "../context.ts";

const ALL_TYPES: readonly number[] = [
  ConfigResourceType.GROUP,
  ConfigResourceType.CLIENT_METRICS,
  BROKER_LOGGER,
  ConfigResourceType.BROKER,
  ConfigResourceType.TOPIC,
];

export const listConfigResourcesApi = api(
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
  onCluster(AclOperation.DESCRIBE_CONFIGS, handleListConfigResources, ({ errorCode }) => ({ errorCode })),
);

function handleListConfigResources(
  request: ListConfigResourcesRequest,
  context: RequestContext,
): Init<ListConfigResourcesResponse> {
  const types = askedTypes(request, context.header.apiVersion);
  if (types.some((type) => !ALL_TYPES.includes(type))) return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
  const configResources = types.flatMap((resourceType) =>
    namesOf(resourceType, context).map((resourceName) => ({ resourceName, resourceType }))
  );
  return { errorCode: ErrorCode.NONE, configResources };
}

function askedTypes({ resourceTypes }: ListConfigResourcesRequest, apiVersion: number): readonly number[] {
  if (apiVersion === 0) return [ConfigResourceType.CLIENT_METRICS];
  return resourceTypes.length === 0 ? ALL_TYPES : [...new Set(resourceTypes)];
}

function namesOf(resourceType: number, { metadata }: RequestContext): string[] {
  switch (resourceType) {
    case ConfigResourceType.TOPIC:
      return Array.from(metadata.image.topics(), ({ name }) => name);
    case ConfigResourceType.BROKER:
    case BROKER_LOGGER:
      return [String(metadata.nodeId)];
    default:
      return [...metadata.image.configuredResources(resourceType)];
  }
}
