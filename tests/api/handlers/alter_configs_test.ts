import { assertEquals } from "@std/assert";
import { AlterConfigsRequest, AlterConfigsResponse } from "../../../lib/protocol/messages/alter_configs.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../../lib/protocol/messages/describe_configs.ts";
import { errorOf, TestBroker } from "./support.ts";

const TOPIC = 2, BROKER = 4, BROKER_LOGGER = 8, GROUP = 32;
const TOPIC_CONFIG = 1;

type Resource = readonly [resourceType: number, resourceName: string, configs: Readonly<Record<string, string | null>>];

async function alter(broker: TestBroker, resources: readonly Resource[], { version = 2, validateOnly = false } = {}) {
  const { responses } = await broker.ask(AlterConfigsRequest, AlterConfigsResponse, version, {
    resources: resources.map(([resourceType, resourceName, configs]) => ({
      resourceType,
      resourceName,
      configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
    })),
    validateOnly,
  });
  assertEquals(
    responses.map(({ resourceType, resourceName }) => [resourceType, resourceName]),
    resources.map(([resourceType, resourceName]) => [resourceType, resourceName]),
  );
  return responses.map(errorOf);
}

/** What a topic has of its own. */
async function own(broker: TestBroker, topic: string): Promise<Record<string, string | null>> {
  const { results: [{ configs }] } = await broker.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [{ resourceType: TOPIC, resourceName: topic, configurationKeys: null }],
  });
  const set = configs.filter(({ configSource }) => configSource === TOPIC_CONFIG);
  return Object.fromEntries(set.map(({ name, value }) => [name, value]));
}

Deno.test("AlterConfigs gives a topic just the configs that it names, in every version", async () => {
  await using broker = await TestBroker.start();
  for (const version of [0, 1, 2]) {
    const topic = `v${version}`;
    await broker.createTopics({ [topic]: 1 });
    assertEquals(
      await alter(broker, [[TOPIC, topic, { "cleanup.policy": "compact", "retention.ms": "5" }]], { version }),
      ["NONE"],
    );
    assertEquals(await own(broker, topic), { "cleanup.policy": "compact", "retention.ms": "5" });
    assertEquals(await alter(broker, [[TOPIC, topic, { "flush.ms": "77" }]], { version }), ["NONE"]);
    assertEquals(await own(broker, topic), { "flush.ms": "77" });
  }
});

Deno.test("what AlterConfigs refuses changes nothing, and does not keep the others from changing", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1, u: 1 });
  const errors = await alter(broker, [
    [TOPIC, "t", { "retention.ms": "1000", "nope": "1" }],
    [TOPIC, "nosuch", { "retention.ms": "1" }],
    [TOPIC, "", { "retention.ms": "1" }],
    [TOPIC, "u", { "retention.ms": "1" }],
    [BROKER, "7", { "log.retention.ms": "1" }],
    [BROKER, "1", { "node.id": "1" }],
    [BROKER_LOGGER, "1", { "root": "INFO" }],
    [GROUP, "", {}],
  ]);
  assertEquals(errors, [
    "INVALID_CONFIG: Unknown topic config name: nope",
    "UNKNOWN_TOPIC_OR_PARTITION: The topic 'nosuch' does not exist.",
    "INVALID_REQUEST: Default topic resources are not allowed.",
    "NONE",
    "INVALID_REQUEST: Unexpected broker id, expected 1, but received 7",
    "INVALID_REQUEST: Cannot update these configs dynamically: [node.id]",
    "INVALID_REQUEST: Unknown resource type 8",
    "INVALID_REQUEST: Default group resources are not allowed.",
  ]);
  assertEquals(await own(broker, "t"), {});
  assertEquals(await own(broker, "u"), { "retention.ms": "1" });
});

Deno.test("a config without a value, and a resource named twice, are refused", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  assertEquals(await alter(broker, [[TOPIC, "t", { "retention.ms": null }]]), [
    "INVALID_REQUEST: Null value not supported for : retention.ms",
  ]);
  const twice = "INVALID_REQUEST: Each resource must appear at most once.";
  assertEquals(await alter(broker, [[TOPIC, "t", { "flush.ms": "1" }], [TOPIC, "t", { "flush.ms": "2" }]]), [
    twice,
    twice,
  ]);
  assertEquals(await own(broker, "t"), {});
});

Deno.test("validateOnly alters nothing", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  assertEquals(await alter(broker, [[TOPIC, "t", { "flush.ms": "1" }]], { validateOnly: true }), ["NONE"]);
  assertEquals(await own(broker, "t"), {});
});
