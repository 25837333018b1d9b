/**
 * ShareGroupHeartbeat: a member of a share group joins, shows that it is there, learns which partitions it reads, and
 * leaves (KIP-932). See `coordinator/group/share/heartbeat.ts`.
 *
 * Partitions that are new to the group are made known to the share coordinator after the answer, as in Apache Kafka: the
 * next heartbeat tells of them.
 *
 * @module
 */
import { Refusal } from "../../coordinator/group/group.ts";
import { heartbeatComplaint, shareHeartbeat, type ShareHeartbeatResult } from "../../coordinator/group/share/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from "../../protocol/messages/share_group_heartbeat.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import { memberRefusal } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { isMemberId } from "../share_acknowledgements.ts";
import { initializeStates, servesShareGroups } from "../share_groups.ts";

export const shareGroupHeartbeatApi = api(
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
  handleShareGroupHeartbeat,
);

async function handleShareGroupHeartbeat(
  request: ShareGroupHeartbeatRequest,
  context: RequestContext,
): Promise<Init<ShareGroupHeartbeatResponse>> {
  if (!servesShareGroups(context)) return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
  const refusal = memberRefusal(context, request);
  if (refusal !== null) return refusal;
  const complaint = isMemberId(request.memberId) ? heartbeatComplaint(request) : "Invalid member id in the request.";
  if (complaint !== null) return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: complaint };
  const { groups, header, connection, fatal } = context;
  const heartbeat = { request, clientId: header.clientId ?? "", clientHost: `/${connection.remote.host}` };
  const result = await groups.decide<ShareHeartbeatResult | Refusal>(
    request.groupId,
    (state, turn) => shareHeartbeat(state, turn, heartbeat),
    (errorCode) => new Refusal(errorCode),
  );
  if (result instanceof Refusal) return { errorCode: result.errorCode, errorMessage: result.errorMessage };
  const { response, toInitialize } = result;
  if (toInitialize !== null) initializeStates(request.groupId, toInitialize, context).catch(fatal);
  return response;
}
