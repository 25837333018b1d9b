/**
 * The metrics of clients (KIP-714): which of them a client is asked for, whether what it pushes is taken, and what it said
 * last.
 *
 * In: the subscriptions that the metadata have (`kafka-client-metrics` makes them), and requests of clients. Out: answers, and
 * series for whoever watches the broker. `client_telemetry.ts` decides on requests, `subscriptions.ts` on who is meant,
 * `otlp.ts` reads what was pushed, `client_series.ts` keeps it within bounds.
 *
 * @module
 */
export { ClientSeries } from "./client_series.ts";
export { ClientTelemetry, type TelemetryClient, type TelemetryPorts } from "./client_telemetry.ts";
