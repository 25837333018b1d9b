import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { Broker } from "../../../lib/mod.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../../lib/protocol/messages/api_versions.ts";
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from "../../../lib/protocol/messages/get_telemetry_subscriptions.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { PushTelemetryRequest, PushTelemetryResponse } from "../../../lib/protocol/messages/push_telemetry.ts";
import { COMPRESSION_TYPES } from "../../../lib/records/mod.ts";
import { runtimeCompressor } from "../../../lib/shell/compressor.ts";
import { RawClient } from "../../interop/support/raw_client.ts";
import { metricsData } from "../../telemetry/otlp_support.ts";

const ZERO = "AAAAAAAAAAAAAAAAAAAAAA";
const WATCHED = { "barnabas.metrics.listener": "127.0.0.1:0" };
const NUMBERS = metricsData([{ name: "org.apache.kafka.producer.connection.count", value: 2 }]);

/** A broker whose metrics are watched, or not, and a client that pushes. */
class Telemetry implements AsyncDisposable {
  readonly warnings: string[] = [];
  #broker!: Broker;
  client!: RawClient;

  static async start(set: Readonly<Record<string, string>> = WATCHED): Promise<Telemetry> {
    const telemetry = new Telemetry();
    const logger = { info() {}, warn: (line: string) => void telemetry.warnings.push(line) };
    telemetry.#broker = await Broker.start({ set, logger });
    telemetry.client = await telemetry.connect();
    return telemetry;
  }

  async connect(): Promise<RawClient> {
    const { host, port } = this.#broker.address;
    return await RawClient.connect({ hostname: host, port });
  }

  subscribe(clientInstanceId = ZERO, client = this.client) {
    return client.ask(GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, 0, { clientInstanceId });
  }

  async push(
    told: { clientInstanceId: string; subscriptionId: number },
    fields: { metrics?: Uint8Array; compressionType?: number; terminating?: boolean } = {},
  ): Promise<string> {
    const { clientInstanceId, subscriptionId } = told;
    const request = { clientInstanceId, subscriptionId, metrics: NUMBERS, ...fields };
    const { errorCode } = await this.client.ask(PushTelemetryRequest, PushTelemetryResponse, 0, request);
    return Object.entries(ErrorCode).find(([, code]) => code === errorCode)![0];
  }

  async want(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    const configs = Object.entries(values).map(([name, value]) => ({ name, value, configOperation: 0 }));
    const { responses: [{ errorMessage }] } = await this.client.ask(
      IncrementalAlterConfigsRequest,
      IncrementalAlterConfigsResponse,
      1,
      { resources: [{ resourceType: 16, resourceName: name, configs }] },
    );
    assertEquals(errorMessage, null);
  }

  /** What is shown of the clients. */
  async shown(): Promise<string> {
    const { host, port } = this.#broker.metricsAddress!;
    const text = await (await fetch(`http://${host}:${port}/metrics`)).text();
    return text.split("\n").filter((line) => line.startsWith("kafka_client_")).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.#broker.close();
  }
}

Deno.test("clients are told that they can push where somebody watches, and there alone", async () => {
  for (const [set, expected] of [[{}, []], [WATCHED, [71, 72]]] as const) {
    await using telemetry = await Telemetry.start(set);
    const { apiKeys } = await telemetry.client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, {
      clientSoftwareName: "test",
      clientSoftwareVersion: "1",
    });
    const keys = apiKeys.map(({ apiKey }) => apiKey);
    assertEquals(keys.filter((key) => key === 71 || key === 72), [...expected]);
  }
});

Deno.test("what a client pushes is shown, in whatever compression it comes", async () => {
  await using telemetry = await Telemetry.start();
  await telemetry.want("all", { "metrics": "*", "interval.ms": "100" });
  const told = await telemetry.subscribe();
  assertEquals([told.errorCode, told.requestedMetrics, told.pushIntervalMs, told.deltaTemporality], [
    0,
    ["*"],
    100,
    true,
  ]);
  assertEquals(await telemetry.push(told), "NONE");
  assertStringIncludes(await telemetry.shown(), `client_instance_id="${told.clientInstanceId}"`);
  for (const compressionType of told.acceptedCompressionTypes) {
    const name = COMPRESSION_TYPES[compressionType];
    if (name === "none") continue;
    const value = 10 + compressionType;
    const data = metricsData([{ name: "org.apache.kafka.producer.connection.count", value }]);
    const metrics = runtimeCompressor.compress(name, data);
    assertEquals(await telemetry.push(told, { metrics, compressionType, terminating: true }), "NONE");
    assertStringIncludes(await telemetry.shown(), `} ${value}`);
    // Whoever has said its last word begins anew where the subscriptions change.
    await telemetry.want("all", { "interval.ms": String(200 + compressionType) });
    Object.assign(told, await telemetry.subscribe(told.clientInstanceId));
  }
});

Deno.test("bytes that are no metrics, or too many once they are decompressed, are refused, and nothing is shown", async () => {
  await using telemetry = await Telemetry.start({ ...WATCHED, "telemetry.max.bytes": "10000" });
  const gzip = COMPRESSION_TYPES.indexOf("gzip");
  const bomb = runtimeCompressor.compress("gzip", new Uint8Array(1_000_000));
  const cases: [fields: Parameters<Telemetry["push"]>[1], error: string][] = [
    [{ metrics: Uint8Array.from([0x0a, 0xff]) }, "INVALID_RECORD"],
    [{ metrics: NUMBERS, compressionType: gzip }, "INVALID_RECORD"],
    [{ metrics: bomb, compressionType: gzip }, "INVALID_RECORD"],
    [{ metrics: new Uint8Array(10_001) }, "TELEMETRY_TOO_LARGE"],
    [{ compressionType: 5 }, "UNSUPPORTED_COMPRESSION_TYPE"],
    [{ metrics: new Uint8Array() }, "NONE"],
  ];
  for (const [fields, error] of cases) assertEquals(await telemetry.push(await telemetry.subscribe(), fields), error);
  assertEquals(await telemetry.shown(), "");
  assertEquals(telemetry.warnings.filter((line) => line.includes("cannot be read")).length, 3);
});

Deno.test("a client that pushes too early, under another subscription or after its last word is refused", async () => {
  await using telemetry = await Telemetry.start();
  const told = await telemetry.subscribe();
  assertNotEquals(told.clientInstanceId, ZERO);
  assertEquals((await telemetry.subscribe(told.clientInstanceId)).errorCode, ErrorCode.THROTTLING_QUOTA_EXCEEDED);
  assertEquals(await telemetry.push({ ...told, subscriptionId: told.subscriptionId + 1 }), "UNKNOWN_SUBSCRIPTION_ID");
  assertEquals((await telemetry.subscribe(told.clientInstanceId)).errorCode, ErrorCode.NONE);
  assertEquals(await telemetry.push(told), "NONE");
  assertEquals(await telemetry.push(told), "THROTTLING_QUOTA_EXCEEDED");
  assertEquals(await telemetry.push(told, { terminating: true }), "NONE");
  assertEquals(await telemetry.push(told, { terminating: true }), "INVALID_REQUEST");
  assertEquals(await telemetry.push({ ...told, clientInstanceId: ZERO }), "INVALID_REQUEST");
});

Deno.test("a client whose connection has ended begins anew on another one", async () => {
  await using telemetry = await Telemetry.start();
  const first = await telemetry.connect();
  const { clientInstanceId } = await telemetry.subscribe(ZERO, first);
  first.close();
  while ((await telemetry.subscribe(clientInstanceId)).errorCode !== ErrorCode.NONE);
});

Deno.test("an expression that RE2 does not know matches nobody, and is warned of", async () => {
  await using telemetry = await Telemetry.start();
  await telemetry.want("again", { "metrics": "*", "match": "client_id=(a)\\1" });
  assertEquals((await telemetry.subscribe()).requestedMetrics, []);
  assertStringIncludes(telemetry.warnings.join("\n"), "The subscription again to metrics of clients matches nobody");
});
