/**
 * GetTelemetrySubscriptions and PushTelemetry. Apache Kafka does not announce them, since nothing in it receives what is
 * pushed, and answers them all the same.
 *
 * @module
 */
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import type { Json } from "../../../lib/protocol/json.ts";
import { GetTelemetrySubscriptionsRequest } from "../../../lib/protocol/messages/get_telemetry_subscriptions.ts";
import { IncrementalAlterConfigsRequest } from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { PushTelemetryRequest } from "../../../lib/protocol/messages/push_telemetry.ts";
import { subscriptionId } from "../../../lib/telemetry/subscriptions.ts";
import { ask, type Case, type Step, type StepOptions } from "../support/case.ts";

const CLIENT_METRICS = 16;
const ZERO = "AAAAAAAAAAAAAAAAAAAAAA";
const ONE = "AAAAAAAAAAAAAAAAAAAAAQ";
const INTERVAL_MS = 3_600_000;

/** The ids of clients, each used by one case. */
const [ANN, BOB, CID, DEE, EVE, FAY, GIL, HAL, IDA, JOE, KIM] = Array.from(
  "BCDEFGHIJKL",
  (letter) => letter.repeat(21) + "A",
);

function get(clientInstanceId: string, options: StepOptions = {}): Step {
  return ask(GetTelemetrySubscriptionsRequest, 0, { clientInstanceId }, options);
}

/** Asks until a client is told so many metrics. */
function until(clientInstanceId: string, count: number, options: StepOptions = {}): Step {
  return get(clientInstanceId, {
    ...options,
    as: `until ${count} are wanted`,
    until: (answer) => (answer as { requestedMetrics: Json[] }).requestedMetrics.length === count,
  });
}

interface Push {
  readonly subscription?: { metrics: string[]; pushIntervalMs: number };
  readonly terminating?: boolean;
  readonly compressionType?: number;
  readonly metrics?: Uint8Array;
}

function push(
  clientInstanceId: string,
  { subscription, ...rest }: Push = {},
  options: StepOptions = {},
): Step {
  return ask(PushTelemetryRequest, 0, {
    clientInstanceId,
    subscriptionId: subscription === undefined ? 7 : subscriptionId(subscription, clientInstanceId),
    ...rest,
  }, options);
}

function alter(name: string, configs: Readonly<Record<string, string | null>>): Step {
  return ask(IncrementalAlterConfigsRequest, 1, {
    resources: [{
      resourceType: CLIENT_METRICS,
      resourceName: name,
      configs: Object.entries(configs).map(([name, value]) => ({
        name,
        configOperation: value === null ? 1 : 0,
        value,
      })),
    }],
  }, { as: `${name} ${JSON.stringify(configs)}` });
}

const NOTHING = { metrics: [], pushIntervalMs: 300_000 };

export const telemetryCases: readonly Case[] = [
  {
    name: "a client is told that nothing is wanted, and to come back later",
    steps: [
      get(ANN),
      get(ANN, { as: "too early" }),
      push(ANN, { subscription: NOTHING }),
      push(ANN, { subscription: NOTHING }, { as: "too early" }),
      push(ANN, { subscription: NOTHING, terminating: true }, { as: "for the last time" }),
      push(ANN, { subscription: NOTHING, terminating: true }, { as: "after the last time" }),
      get(ANN, { as: "after the last time" }),
      get(ONE, { as: "an id that is reserved" }),
    ],
  },
  {
    name: "what cannot be pushed",
    steps: [
      push(ZERO, {}, { as: "without an id" }),
      push(ONE, {}, { as: "under a reserved id" }),
      push(BOB, {}, { as: "under another subscription" }),
      get(BOB, { as: "after another subscription" }),
      push(BOB, { subscription: NOTHING }, {
        as: "under the right subscription",
        differs: [{
          at: "errorCode",
          barnabas: ErrorCode.NONE,
          reason: "who was refused for the subscription, and has asked anew, may push what it is asked for",
        }],
      }),
      get(BOB, { as: "after a push" }),
      push(CID, { subscription: NOTHING, compressionType: 9 }, { as: "in an unknown compression" }),
      get(CID, { as: "after an unknown compression" }),
      push(DEE, { subscription: NOTHING, compressionType: -1 }, { as: "in a negative compression" }),
      push(EVE, { subscription: NOTHING, metrics: new Uint8Array((1 << 20) + 1) }, { as: "too much" }),
      push(FAY, { metrics: new Uint8Array((1 << 20) + 1), compressionType: 9 }, { as: "all of it wrong" }),
      get(FAY, { as: "after all of it was wrong" }),
      get(FAY, { as: "and again" }),
    ],
  },
  {
    name: "subscriptions are for whom they match",
    steps: [
      alter("producers", {
        metrics: "org.apache.kafka.producer.",
        match: "client_id=telemetry-.*",
        "interval.ms": "100000",
      }),
      until(GIL, 1, { header: { clientId: "telemetry-1" } }),
      get(HAL, { header: { clientId: "x-telemetry-1" }, as: "of another client" }),
      alter("everybody", { metrics: "*" }),
      until(IDA, 1),
      until(GIL, 1, { header: { clientId: "telemetry-1" } }),
      alter("everybody", { metrics: "org.apache.kafka.consumer.", "interval.ms": String(INTERVAL_MS) }),
      alter("bad", { match: "client_id=a=b" }),
      alter("bad", { match: "client_id=" }),
      alter("bad", { match: "client_id=(" }),
      alter("bad", { match: "user=x" }),
      alter("bad", { match: "client_id" }),
      alter("bad", { match: "client_id=a,client_id=(" }),
      alter("bad", { "interval.ms": "1" }),
      alter("bad", { "interval.ms": "soon" }),
      alter("bad", { "no.such": "1" }),
      alter("producers", { metrics: null, match: null, "interval.ms": null }),
      alter("everybody", { metrics: null, "interval.ms": null }),
      until(JOE, 0),
    ],
  },
  {
    name: "who was told otherwise since must ask anew",
    steps: [
      get(KIM),
      alter("some", { metrics: "org.apache.kafka.producer.", "interval.ms": "1000" }),
      until(KIM, 1),
      push(KIM, { subscription: NOTHING }, { as: "under the old subscription" }),
      alter("some", { metrics: null, "interval.ms": null }),
      until(KIM, 0),
    ],
  },
];
