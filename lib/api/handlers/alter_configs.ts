/**
 * AlterConfigs: gives resources the configs of the request, and takes away all others that they had (KIP-133).
 *
 * Old clients use it; newer ones send IncrementalAlterConfigs, which changes what it names. Each resource is changed
 * for itself, all of it or nothing.
 *
 * @module
 */
import { AlterConfigsRequest, AlterConfigsResponse } from "../../protocol/messages/alter_configs.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { separate } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const alterConfigsApi = api(AlterConfigsRequest, AlterConfigsResponse, handleAlterConfigs);

async function handleAlterConfigs(
  request: AlterConfigsRequest,
  context: RequestContext,
): Promise<Init<AlterConfigsResponse>> {
  const { allowed, refused } = separate(request.resources, AclOperation.ALTER_CONFIGS, context);
  return { responses: [...await context.metadata.alterConfigs({ ...request, resources: allowed }), ...refused] };
}
