import { assert, assertEquals, assertMatch } from "@std/assert";
import { LOG_AREAS } from "../../../lib/logging/mod.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../../lib/protocol/messages/describe_configs.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { errorOf, TestBroker } from "./support.ts";

const TOPIC = 2, BROKER = 4, BROKER_LOGGER = 8, CLIENT_METRICS = 16, GROUP = 32;
const TOPIC_CONFIG = 1, DYNAMIC_BROKER_CONFIG = 2, DYNAMIC_DEFAULT_BROKER_CONFIG = 3, STATIC_BROKER_CONFIG = 4;
const DEFAULT_CONFIG = 5, DYNAMIC_BROKER_LOGGER_CONFIG = 6;

interface Asked {
  readonly version?: number;
  readonly keys?: readonly string[] | null;
  readonly includeSynonyms?: boolean;
  readonly includeDocumentation?: boolean;
}

async function describe(broker: TestBroker, resourceType: number, resourceName: string, asked: Asked = {}) {
  const { version = 4, keys = null, includeSynonyms = false, includeDocumentation = false } = asked;
  const { results } = await broker.ask(DescribeConfigsRequest, DescribeConfigsResponse, version, {
    resources: [{ resourceType, resourceName, configurationKeys: keys }],
    includeSynonyms,
    includeDocumentation,
  });
  assertEquals([results[0].resourceType, results[0].resourceName], [resourceType, resourceName]);
  return results[0];
}

async function set(broker: TestBroker, resourceType: number, resourceName: string, name: string, value: string) {
  const configs = [{ name, configOperation: 0, value }];
  const { responses } = await broker.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources: [{ resourceType, resourceName, configs }],
  });
  assertEquals(responses.map(errorOf), ["NONE"]);
}

Deno.test("all configs of a topic are told where none is named, be it by null or by an empty list", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  for (const keys of [null, []]) {
    const { configs } = await describe(broker, TOPIC, "t", { keys });
    const names = configs.map(({ name }) => name);
    assert(names.includes("retention.ms") && names.includes("cleanup.policy") && names.length > 30);
    assertEquals(configs.every(({ readOnly, isSensitive }) => !readOnly && !isSensitive), true);
  }
});

Deno.test("configs that do not exist, or are named twice, make no difference", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const { configs } = await describe(broker, TOPIC, "t", { keys: ["retention.ms", "nope", "retention.ms"] });
  assertEquals(configs.map(({ name, value, configSource }) => [name, value, configSource]), [
    ["retention.ms", "604800000", DEFAULT_CONFIG],
  ]);
});

Deno.test("synonyms and documentation are told where they are asked for", async () => {
  await using broker = await TestBroker.start({ "log.retention.ms": "5000" });
  await broker.createTopics({ t: 1 });
  await set(broker, TOPIC, "t", "retention.ms", "1000");
  const keys = ["retention.ms"];
  const { configs: [bare] } = await describe(broker, TOPIC, "t", { keys });
  assertEquals([bare.synonyms, bare.documentation, bare.configType], [[], null, 5]);
  const { configs: [full] } = await describe(broker, TOPIC, "t", {
    keys,
    includeSynonyms: true,
    includeDocumentation: true,
  });
  assertMatch(full.documentation!, /milliseconds/);
  assertEquals(full.synonyms.map(({ name, value, source }) => [name, value, source]), [
    ["retention.ms", "1000", TOPIC_CONFIG],
    ["log.retention.ms", "5000", STATIC_BROKER_CONFIG],
    ["log.retention.hours", "168", DEFAULT_CONFIG],
  ]);
});

Deno.test("versions of DescribeConfigs before 3 tell no types", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  for (const version of [1, 2]) {
    const { configs } = await describe(broker, TOPIC, "t", { version, keys: ["retention.ms"], includeSynonyms: true });
    assertEquals([configs[0].value, configs[0].configType], ["604800000", 0]);
  }
});

Deno.test("a change of a topic, of the broker or of all brokers is seen at once", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const shown = async (resourceType: number, resourceName: string, key: string) => {
    const { configs } = await describe(broker, resourceType, resourceName, { keys: [key] });
    return configs.map(({ value, configSource }) => [value, configSource])[0];
  };
  assertEquals(await shown(TOPIC, "t", "max.message.bytes"), ["1048588", DEFAULT_CONFIG]);
  await set(broker, BROKER, "", "message.max.bytes", "2000000");
  assertEquals(await shown(BROKER, "", "message.max.bytes"), ["2000000", DYNAMIC_DEFAULT_BROKER_CONFIG]);
  assertEquals(await shown(BROKER, "1", "message.max.bytes"), ["2000000", DYNAMIC_DEFAULT_BROKER_CONFIG]);
  assertEquals(await shown(TOPIC, "t", "max.message.bytes"), ["2000000", DYNAMIC_DEFAULT_BROKER_CONFIG]);
  await set(broker, BROKER, "1", "message.max.bytes", "3000000");
  assertEquals(await shown(BROKER, "1", "message.max.bytes"), ["3000000", DYNAMIC_BROKER_CONFIG]);
  assertEquals(await shown(TOPIC, "t", "max.message.bytes"), ["3000000", DYNAMIC_BROKER_CONFIG]);
  await set(broker, TOPIC, "t", "max.message.bytes", "4000000");
  assertEquals(await shown(TOPIC, "t", "max.message.bytes"), ["4000000", TOPIC_CONFIG]);
});

Deno.test("the broker tells what was set before its start, and keeps secrets", async () => {
  await using broker = await TestBroker.start({ "log.retention.hours": "24" });
  const keys = ["log.retention.hours", "num.io.threads", "node.id", "ssl.keystore.password"];
  const { configs } = await describe(broker, BROKER, "1", { keys });
  assertEquals(configs.map(({ name, value, readOnly, isSensitive }) => [name, value, readOnly, isSensitive]), [
    ["log.retention.hours", "24", true, false],
    ["node.id", "1", true, false],
    ["num.io.threads", "8", false, false],
    ["ssl.keystore.password", null, false, true],
  ]);
});

Deno.test("a new cluster has one config for all of its brokers", async () => {
  await using broker = await TestBroker.start();
  const { configs } = await describe(broker, BROKER, "");
  assertEquals(configs.map(({ name, value, configSource }) => [name, value, configSource]), [
    ["min.insync.replicas", "1", DYNAMIC_DEFAULT_BROKER_CONFIG],
  ]);
});

Deno.test("the areas of the log are loggers, each with its level", async () => {
  await using broker = await TestBroker.start({
    "barnabas.log.level": "WARN",
    "barnabas.log.level.overrides": "kafka.log=TRACE",
  });
  const { configs } = await describe(broker, BROKER_LOGGER, "1");
  assertEquals(configs.map(({ name, value, configSource, readOnly }) => [name, value, configSource, readOnly]), [
    ["root", "WARN", DYNAMIC_BROKER_LOGGER_CONFIG, false],
    ...Object.keys(LOG_AREAS).map((
      name,
    ) => [name, name.startsWith("kafka.log") ? "TRACE" : "WARN", DYNAMIC_BROKER_LOGGER_CONFIG, false]),
  ]);
});

Deno.test("groups and metrics subscriptions have configs before anybody has set one", async () => {
  await using broker = await TestBroker.start();
  const keys = ["consumer.session.timeout.ms", "interval.ms"];
  const { configs: [session] } = await describe(broker, GROUP, "g", { keys });
  assertEquals([session.name, session.value], ["consumer.session.timeout.ms", "45000"]);
  const { configs: [interval] } = await describe(broker, CLIENT_METRICS, "m", { keys });
  assertEquals([interval.name, interval.value], ["interval.ms", "300000"]);
});

Deno.test("resources that are not there, or not named well, are refused one by one", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const resources: [number, string][] = [
    [TOPIC, "t"],
    [TOPIC, "nosuch"],
    [TOPIC, ""],
    [BROKER, "2"],
    [BROKER, "x"],
    [BROKER_LOGGER, ""],
    [BROKER_LOGGER, "2"],
    [CLIENT_METRICS, ""],
    [GROUP, ""],
    [99, "x"],
  ];
  const { results } = await broker.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: resources.map(([resourceType, resourceName]) => ({ resourceType, resourceName })),
  });
  assertEquals(results.map(errorOf), [
    "NONE",
    "UNKNOWN_TOPIC_OR_PARTITION: The topic 'nosuch' does not exist.",
    "INVALID_TOPIC_EXCEPTION: Topic name is invalid: the empty string is not allowed",
    "INVALID_REQUEST: Unexpected broker id, expected 1 or empty string, but received 2",
    "INVALID_REQUEST: Broker id must be an integer, but it is: x",
    "INVALID_REQUEST: Broker id must not be empty",
    "INVALID_REQUEST: Unexpected broker id, expected 1 but received 2",
    "INVALID_REQUEST: Client metrics subscription name must not be empty",
    "INVALID_REQUEST: Group name must not be empty",
    "INVALID_REQUEST: Unsupported resource type 99",
  ]);
  assertEquals(results.slice(1).flatMap(({ configs }) => configs), []);
});
