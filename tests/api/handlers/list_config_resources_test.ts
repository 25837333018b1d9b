import { assertEquals } from "@std/assert";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from "../../../lib/protocol/messages/list_config_resources.ts";
import { errorOf, TestBroker } from "./support.ts";

const TOPIC = 2, BROKER = 4, BROKER_LOGGER = 8, CLIENT_METRICS = 16, GROUP = 32;

/** A broker with a topic, and a config each of a group and a metrics subscription. */
async function started(): Promise<TestBroker> {
  const broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const { responses } = await broker.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources: [
      { resourceType: GROUP, resourceName: "g", configs: [{ name: "share.auto.offset.reset", value: "earliest" }] },
      { resourceType: CLIENT_METRICS, resourceName: "m", configs: [{ name: "interval.ms", value: "1000" }] },
    ],
  });
  assertEquals(responses.map(errorOf), ["NONE", "NONE"]);
  return broker;
}

async function list(broker: TestBroker, version: number, resourceTypes: readonly number[]) {
  const answer = await broker.ask(ListConfigResourcesRequest, ListConfigResourcesResponse, version, { resourceTypes });
  const names = answer.configResources.map(({ resourceType, resourceName }) => [resourceType, resourceName]);
  return { error: errorOf(answer), names };
}

Deno.test("without a type all resources are listed", async () => {
  await using broker = await started();
  const names = [[GROUP, "g"], [CLIENT_METRICS, "m"], [BROKER_LOGGER, "1"], [BROKER, "1"], [TOPIC, "t"]];
  assertEquals(await list(broker, 1, []), { error: "NONE", names });
});

Deno.test("with types those are listed, each once", async () => {
  await using broker = await started();
  assertEquals(await list(broker, 1, [TOPIC, GROUP, TOPIC]), { error: "NONE", names: [[TOPIC, "t"], [GROUP, "g"]] });
});

Deno.test("version 0 lists metrics subscriptions", async () => {
  await using broker = await started();
  assertEquals(await list(broker, 0, []), { error: "NONE", names: [[CLIENT_METRICS, "m"]] });
});

Deno.test("a type that does not exist is one of another version", async () => {
  await using broker = await started();
  assertEquals(await list(broker, 1, [TOPIC, 99]), { error: "UNSUPPORTED_VERSION", names: [] });
});
