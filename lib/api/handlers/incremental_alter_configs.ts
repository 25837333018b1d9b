/**
 * IncrementalAlterConfigs: sets and removes configs of resources, and appends to and subtracts from those that are
 * lists (KIP-339).
 *
 * Each resource is changed for itself, all of it or nothing; the next request, of whichever client, sees the change.
 * The metadata log keeps the configs of topics, brokers, groups and metrics subscriptions; loggers have no place in it,
 * and what is changed of them holds until the broker stops.
 *
 * @module
 */
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../protocol/messages/incremental_alter_configs.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { separate } from "../authorize.ts";
import { alterLoggers, BROKER_LOGGER } from "../broker_loggers.ts";
import type { RequestContext } from "../context.ts";

export const incrementalAlterConfigsApi = api(
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  handleIncrementalAlterConfigs,
);

async function handleIncrementalAlterConfigs(
  { resources, validateOnly }: IncrementalAlterConfigsRequest,
  context: RequestContext,
): Promise<Init<IncrementalAlterConfigsResponse>> {
  const { metadata } = context;
  const { allowed, refused } = separate(resources, AclOperation.ALTER_CONFIGS, context);
  const loggers = allowed.filter(({ resourceType }) => resourceType === BROKER_LOGGER);
  const others = allowed.filter(({ resourceType }) => resourceType !== BROKER_LOGGER);
  const responses = await metadata.incrementalAlterConfigs({ resources: others, validateOnly });
  return {
    responses: [...responses, ...alterLoggers(loggers, validateOnly, context), ...refused],
  };
}
