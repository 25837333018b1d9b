/**
 * GetTelemetrySubscriptions: tells a client which of its metrics are wanted, how often, and in which forms (KIP-714).
 *
 * A client that has no id yet is given one. It is announced where somebody can see what clients push; else clients do not
 * ask. One that asks again before its interval is over is refused with THROTTLING_QUOTA_EXCEEDED, unless what is wanted has
 * changed.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from "../../protocol/messages/get_telemetry_subscriptions.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const getTelemetrySubscriptionsApi = api(
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
  handleGetTelemetrySubscriptions,
  { isAnnounced: ({ clientTelemetry }) => clientTelemetry.isWatched },
);

function handleGetTelemetrySubscriptions(
  { clientInstanceId }: GetTelemetrySubscriptionsRequest,
  { clientTelemetry, connection, header }: RequestContext,
): Init<GetTelemetrySubscriptionsResponse> {
  const subscription = clientTelemetry.subscribe(clientInstanceId, { connection, clientId: header.clientId });
  if (typeof subscription === "number") return { errorCode: subscription };
  const { metrics, ...rest } = subscription;
  return { errorCode: ErrorCode.NONE, ...rest, requestedMetrics: metrics, deltaTemporality: true };
}
