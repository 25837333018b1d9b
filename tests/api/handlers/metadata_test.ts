import { assertEquals } from "@std/assert";
import { ZERO_UUID } from "../../../lib/bytes/mod.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../../lib/protocol/messages/describe_configs.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { TestBroker } from "./support.ts";

const UNKNOWN_ID = "RANDOMRANDOMRANDOMRANA";
const TOPIC = 2;

type TopicRequest = NonNullable<Init<MetadataRequest>["topics"]>[number];

/** Asks without creating anything. */
function describe(broker: TestBroker, version: number, topics: readonly TopicRequest[]): Promise<MetadataResponse> {
  return broker.ask(MetadataRequest, MetadataResponse, version, { topics, allowAutoTopicCreation: false });
}

Deno.test("a topic is shown once, however often and in whatever way it is asked for", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 2 });
  const { topics } = await describe(broker, 12, [{ name: "t" }, { name: null, topicId }, { name: "t" }]);
  assertEquals(topics.map(({ name, partitions }) => [name, partitions.length]), [["t", 2]]);
});

Deno.test("a topic without a name, or by an id that the version does not have, makes the request invalid", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 1 });
  for (const [version, topic] of [[12, { name: null }], [11, { name: null }], [10, { name: null, topicId }]] as const) {
    const { topics, brokers, controllerId } = await describe(broker, version, [topic]);
    assertEquals([brokers.length, controllerId], [0, -1]);
    assertEquals(topics.map(({ errorCode, name }) => [errorCode, name]), [[ErrorCode.INVALID_REQUEST, ""]]);
  }
});

Deno.test("topics that are not there are named with the error, and with the operations that were asked for", async () => {
  await using broker = await TestBroker.start();
  const { topics } = await broker.ask(MetadataRequest, MetadataResponse, 12, {
    topics: [{ name: "none" }, { name: "a/b" }, { name: null, topicId: UNKNOWN_ID }],
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: true,
  });
  assertEquals(topics.map(({ errorCode, name, topicId }) => [errorCode, name, topicId]), [
    [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "none", ZERO_UUID],
    [ErrorCode.INVALID_TOPIC_EXCEPTION, "a/b", ZERO_UUID],
    [ErrorCode.UNKNOWN_TOPIC_ID, null, UNKNOWN_ID],
  ]);
  assertEquals(topics[0].topicAuthorizedOperations, 3576);
});

Deno.test("a missing topic is there in the answer, if both broker and client want it created", async () => {
  const ask = async (enable: string, allowAutoTopicCreation: boolean) => {
    await using broker = await TestBroker.start({ "auto.create.topics.enable": enable, "num.partitions": "3" });
    const { topics } = await broker.ask(MetadataRequest, MetadataResponse, 12, {
      topics: [{ name: "new" }],
      allowAutoTopicCreation,
    });
    return [topics[0].errorCode, topics[0].partitions.length];
  };
  assertEquals(await ask("true", true), [ErrorCode.NONE, 3]);
  assertEquals(await ask("true", false), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 0]);
  assertEquals(await ask("false", true), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 0]);
});

Deno.test("an internal topic is created with the settings that the broker has for it", async () => {
  await using broker = await TestBroker.start({ "offsets.topic.num.partitions": "5" });
  const { topics } = await broker.ask(MetadataRequest, MetadataResponse, 12, {
    topics: [{ name: "__consumer_offsets" }],
  });
  assertEquals([topics[0].isInternal, topics[0].partitions.length], [true, 5]);
  const { results } = await broker.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [{
      resourceType: TOPIC,
      resourceName: "__consumer_offsets",
      configurationKeys: ["cleanup.policy", "compression.type", "segment.bytes"],
    }],
  });
  const configs = new Map(results[0].configs.map(({ name, value }) => [name, value]));
  assertEquals(configs.get("cleanup.policy"), "compact");
  assertEquals(configs.get("compression.type"), "producer");
  assertEquals(configs.get("segment.bytes"), "104857600");
});
