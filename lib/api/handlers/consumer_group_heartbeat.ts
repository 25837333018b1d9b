/**
 * ConsumerGroupHeartbeat: joins, keeps and leaves a consumer group, and hands out its assignment (KIP-848). See
 * `coordinator/group/consumer/heartbeat.ts`.
 *
 * Version 1 has regular expressions, and its members make their own ids (KIP-1082). Where the feature `group.version`
 * or `group.coordinator.rebalance.protocols` does not allow it, the error is UNSUPPORTED_VERSION.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "../../protocol/messages/consumer_group_heartbeat.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { mayDo, memberRefusal } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const consumerGroupHeartbeatApi = api(
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  handleConsumerGroupHeartbeat,
);

async function handleConsumerGroupHeartbeat(
  request: ConsumerGroupHeartbeatRequest,
  context: RequestContext,
): Promise<Init<ConsumerGroupHeartbeatResponse>> {
  const { groups, header: { apiVersion, clientId }, connection } = context;
  if (!groups.servesConsumerGroups) {
    return { errorCode: ErrorCode.UNSUPPORTED_VERSION, errorMessage: "The version of API is not supported." };
  }
  const refusal = memberRefusal(context, request);
  if (refusal !== null) return refusal;
  return await groups.consumerHeartbeat({
    request,
    apiVersion,
    clientId: clientId ?? "",
    // As Java prints an address.
    clientHost: `/${connection.remote.host}`,
    mayDescribe: (topic) => mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topic),
  });
}
