import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../lib/protocol/messages/create_topics.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { batch } from "../../interop/support/record_batch.ts";
import { errorOf, newTopic, TestBroker } from "./support.ts";

const ZERO_ID = "AAAAAAAAAAAAAAAAAAAAAA";

type TopicRequest = NonNullable<Init<CreateTopicsRequest>["topics"]>[number];

async function create(broker: TestBroker, topics: readonly TopicRequest[], { version = 7, validateOnly = false } = {}) {
  const request = { topics, validateOnly };
  return (await broker.ask(CreateTopicsRequest, CreateTopicsResponse, version, request)).topics;
}

/** The errors of topics that are created each in a request of its own. */
async function errorsOf(broker: TestBroker, topics: readonly TopicRequest[]): Promise<string[]> {
  const errors: string[] = [];
  for (const topic of topics) errors.push(errorOf((await create(broker, [topic]))[0]));
  return errors;
}

async function partitionCount(broker: TestBroker, name: string): Promise<number> {
  const { topics } = await broker.ask(MetadataRequest, MetadataResponse, 12, {
    topics: [{ name }],
    allowAutoTopicCreation: false,
  });
  return topics[0].partitions.length;
}

Deno.test("CreateTopics tells the id, the counts and the configs of a new topic", async () => {
  await using broker = await TestBroker.start();
  const [topic] = await create(broker, [
    newTopic("events", { numPartitions: 3, configs: { "retention.ms": "1000" } }),
  ]);
  assertEquals(errorOf(topic), "NONE");
  assertMatch(topic.topicId, /^[\w-]{22}$/);
  assertNotEquals(topic.topicId, ZERO_ID);
  assertEquals([topic.numPartitions, topic.replicationFactor], [3, 1]);
  const shown = ({ name, value, configSource, readOnly }: NonNullable<typeof topic.configs>[number]) => [
    name,
    value,
    configSource,
    readOnly,
  ];
  const configs = topic.configs!.filter(({ name }) => ["retention.ms", "cleanup.policy"].includes(name));
  assertEquals(configs.map(shown), [["cleanup.policy", "delete", 5, false], ["retention.ms", "1000", 1, false]]);
  assertEquals(await partitionCount(broker, "events"), 3);
});

Deno.test("every partition of a new topic can be written at once", async () => {
  await using broker = await TestBroker.start();
  await create(broker, [newTopic("events", { numPartitions: 20 })]);
  const { responses } = await broker.ask(ProduceRequest, ProduceResponse, 12, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{
      name: "events",
      partitionData: Array.from({ length: 20 }, (_, index) => ({ index, records: batch(["hello"]) })),
    }],
  });
  assertEquals(responses[0].partitionResponses.map(errorOf), Array(20).fill("NONE"));
});

Deno.test("versions of CreateTopics before 5 tell the error alone", async () => {
  await using broker = await TestBroker.start();
  for (const version of [2, 3, 4]) {
    const [topic] = await create(broker, [newTopic(`v${version}`)], { version });
    assertEquals([topic.name, errorOf(topic), topic.numPartitions], [`v${version}`, "NONE", -1]);
  }
});

Deno.test("-1 takes the broker's number of partitions", async () => {
  await using broker = await TestBroker.start({ "num.partitions": "4" });
  const [topic] = await create(broker, [newTopic("events", { numPartitions: -1, replicationFactor: -1 })]);
  assertEquals([errorOf(topic), topic.numPartitions, topic.replicationFactor], ["NONE", 4, 1]);
});

Deno.test("the client may say which broker has which partition", async () => {
  await using broker = await TestBroker.start();
  const assignments = [{ partitionIndex: 1, brokerIds: [1] }, { partitionIndex: 0, brokerIds: [1] }];
  const [topic] = await create(broker, [
    newTopic("events", { numPartitions: -1, replicationFactor: -1, assignments }),
  ]);
  assertEquals([errorOf(topic), topic.numPartitions, topic.replicationFactor], ["NONE", 2, 1]);
});

Deno.test("a topic that cannot be created does not keep the others from it", async () => {
  await using broker = await TestBroker.start();
  const topics = await create(broker, [newTopic("bad name"), newTopic("good"), newTopic("few", { numPartitions: 0 })]);
  assertEquals(topics.map(({ name }) => name), ["bad name", "good", "few"]);
  assertEquals(topics.map(errorOf), [
    "INVALID_TOPIC_EXCEPTION: Topic name is invalid: 'bad name' contains one or more characters other than ASCII " +
    "alphanumerics, '.', '_' and '-'",
    "NONE",
    "INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.",
  ]);
  assertEquals([topics[0].topicId, topics[0].numPartitions, topics[0].configs], [ZERO_ID, -1, []]);
  assertEquals(await partitionCount(broker, "good"), 1);
});

Deno.test("what CreateTopics refuses, it refuses in the words of Apache Kafka", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ "a.b": 1 });
  const errors = await errorsOf(broker, [
    newTopic("a.b"),
    newTopic("a_b"),
    newTopic(""),
    newTopic("__cluster_metadata"),
    newTopic("t", { replicationFactor: 2 }),
    newTopic("t", { numPartitions: 10_001 }),
    newTopic("t", { configs: { "retention.mss": "1" } }),
    newTopic("t", { configs: { "retention.ms": "soon" } }),
    newTopic("t", { configs: { "retention.ms": null } }),
    newTopic("t", { replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [1] }] }),
  ]);
  assertEquals(errors, [
    "TOPIC_ALREADY_EXISTS: Topic 'a.b' already exists.",
    "INVALID_TOPIC_EXCEPTION: Topic 'a_b' collides with existing topic: a.b",
    "INVALID_TOPIC_EXCEPTION: Topic name is invalid: the empty string is not allowed",
    "INVALID_REQUEST: Creation of internal topic __cluster_metadata is prohibited.",
    "INVALID_REPLICATION_FACTOR: Unable to replicate the partition 2 time(s): The target replication factor of 2 " +
    "cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.",
    "POLICY_VIOLATION: Excessively large number of partitions per request.",
    "INVALID_CONFIG: Unknown topic config name: retention.mss",
    "INVALID_CONFIG: Invalid value soon for configuration retention.ms: Not a number of type LONG",
    "INVALID_CONFIG: Null value not supported for topic configs: retention.ms",
    "INVALID_REQUEST: A manual partition assignment was specified, but numPartitions was not set to -1.",
  ]);
});

Deno.test("a topic that is named twice in a request is refused, once, and the others are created", async () => {
  await using broker = await TestBroker.start();
  const topics = await create(broker, [newTopic("twice"), newTopic("once"), newTopic("twice")]);
  assertEquals(topics.map((topic) => [topic.name, errorOf(topic)]), [
    ["once", "NONE"],
    ["twice", "INVALID_REQUEST: Duplicate topic name."],
  ]);
  assertEquals(await partitionCount(broker, "twice"), 0);
});

Deno.test("validateOnly tells what would come, and creates nothing", async () => {
  await using broker = await TestBroker.start();
  const topics = await create(broker, [newTopic("dry", { numPartitions: 2 }), newTopic("b d")], { validateOnly: true });
  assertEquals([errorOf(topics[0]), topics[0].numPartitions, topics[0].configs!.length > 20], ["NONE", 2, true]);
  assertMatch(errorOf(topics[1]), /^INVALID_TOPIC_EXCEPTION/);
  assertEquals(await partitionCount(broker, "dry"), 0);
});

Deno.test("an empty CreateTopics request has an empty answer", async () => {
  await using broker = await TestBroker.start();
  assertEquals(await create(broker, []), []);
});
