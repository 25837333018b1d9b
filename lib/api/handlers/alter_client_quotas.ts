/**
 * AlterClientQuotas: sets and removes quotas of users, client ids and addresses (KIP-546).
 *
 * The metadata log keeps them, for Apache Kafka too, and DescribeClientQuotas shows them. This broker slows nobody
 * down, and says so where somebody sets a quota.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
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
  { metadata, logger }: RequestContext,
): Promise<Init<AlterClientQuotasResponse>> {
  const entries = await metadata.alterClientQuotas(request);
  const sets = request.entries.some(({ ops }) => ops.some(({ remove }) => !remove));
  if (sets && !request.validateOnly && entries.some(({ errorCode }) => errorCode === ErrorCode.NONE)) {
    logger.warn("Client quotas were set: they are kept in the metadata log, and this broker does not enforce them");
  }
  return { entries };
}
