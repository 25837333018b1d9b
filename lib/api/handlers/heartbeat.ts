/**
 * Heartbeat: keeps a member of a classic group alive, and tells it of a rebalance.
 *
 * @module
 */
import { HeartbeatRequest, HeartbeatResponse } from "../../protocol/messages/heartbeat.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const heartbeatApi = api(HeartbeatRequest, HeartbeatResponse, handleHeartbeat);

async function handleHeartbeat(
  request: HeartbeatRequest,
  { groups }: RequestContext,
): Promise<Init<HeartbeatResponse>> {
  return { errorCode: await groups.heartbeat(request) };
}
