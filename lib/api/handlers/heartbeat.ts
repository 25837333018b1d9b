/**
 * Heartbeat: keeps a member of a classic group alive, and tells it of a rebalance.
 *
 * @module
 */
import { HeartbeatRequest, HeartbeatResponse } from "../../protocol/messages/heartbeat.ts";
import type { Init } from "../../protocol/schema.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const heartbeatApi = api(HeartbeatRequest, HeartbeatResponse, handleHeartbeat);

async function handleHeartbeat(
  request: HeartbeatRequest,
  context: RequestContext,
): Promise<Init<HeartbeatResponse>> {
  if (!isGroupAuthorized(context, AclOperation.READ, request.groupId)) {
    return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED };
  }
  return { errorCode: await context.groups.heartbeat(request) };
}
