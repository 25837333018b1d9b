/**
 * GetTelemetrySubscriptions: which metrics a client shall push, and how often (KIP-714).
 *
 * @module
 */
import { array, bool, type Infer, int16, int32, int8, request, response, string, uuid } from "../schema.ts";

export const GetTelemetrySubscriptionsRequest = request({
  key: 71,
  name: "GetTelemetrySubscriptionsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  clientInstanceId: uuid,
});
export type GetTelemetrySubscriptionsRequest = Infer<typeof GetTelemetrySubscriptionsRequest>;

export const GetTelemetrySubscriptionsResponse = response({
  key: 71,
  name: "GetTelemetrySubscriptionsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  clientInstanceId: uuid,
  subscriptionId: int32,
  acceptedCompressionTypes: array(int8),
  pushIntervalMs: int32,
  telemetryMaxBytes: int32,
  deltaTemporality: bool,
  requestedMetrics: array(string),
});
export type GetTelemetrySubscriptionsResponse = Infer<typeof GetTelemetrySubscriptionsResponse>;
