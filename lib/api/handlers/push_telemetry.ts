/**
 * PushTelemetry: takes the metrics that a client was asked for (KIP-714).
 *
 * They are taken once in an interval, under the number of the subscription that the client was told, up to
 * `telemetry.max.bytes`; a last push, which says that it is one, at any time. What was pushed is shown to whoever watches
 * the broker.
 *
 * @module
 */
import { PushTelemetryRequest, PushTelemetryResponse } from "../../protocol/messages/push_telemetry.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const pushTelemetryApi = api(PushTelemetryRequest, PushTelemetryResponse, handlePushTelemetry, {
  isAnnounced: ({ clientTelemetry }) => clientTelemetry.isWatched,
});

function handlePushTelemetry(
  request: PushTelemetryRequest,
  { clientTelemetry, connection, header }: RequestContext,
): Init<PushTelemetryResponse> {
  return { errorCode: clientTelemetry.push(request, { connection, clientId: header.clientId }) };
}
