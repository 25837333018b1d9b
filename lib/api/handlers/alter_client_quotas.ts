/**
 * AlterClientQuotas: sets and removes quotas of users, client ids and addresses (KIP-546).
 *
 * The metadata log keeps them, and they hold from the next request on.
 *
 * @module
 */
import { AlterClientQuotasRequest, AlterClientQuotasResponse } from "../../protocol/messages/alter_client_quotas.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const alterClientQuotasApi = api(
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
  onCluster(
    AclOperation.ALTER_CONFIGS,
    handleAlterClientQuotas,
    (error, { entries }) => ({ entries: entries.map(({ entity }) => ({ entity, ...error })) }),
  ),
);

async function handleAlterClientQuotas(
  request: AlterClientQuotasRequest,
  { metadata }: RequestContext,
): Promise<Init<AlterClientQuotasResponse>> {
  return { entries: await metadata.alterClientQuotas(request) };
}
