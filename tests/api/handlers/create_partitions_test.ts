import { assertEquals } from "@std/assert";
import { CreatePartitionsRequest, CreatePartitionsResponse } from "../../../lib/protocol/messages/create_partitions.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { batch } from "../../interop/support/record_batch.ts";
import { errorOf, TestBroker } from "./support.ts";

type TopicRequest = NonNullable<Init<CreatePartitionsRequest>["topics"]>[number];

async function grow(broker: TestBroker, topics: readonly TopicRequest[], { version = 3, validateOnly = false } = {}) {
  const request = {
    topics: topics.map((topic) => ({ assignments: null, ...topic })),
    timeoutMs: 1000,
    validateOnly,
  };
  const { results } = await broker.ask(CreatePartitionsRequest, CreatePartitionsResponse, version, request);
  return results.map((result) => [result.name, errorOf(result)]);
}

async function partitionCount(broker: TestBroker, name: string): Promise<number> {
  const { topics } = await broker.ask(MetadataRequest, MetadataResponse, 12, { topics: [{ name }] });
  return topics[0].partitions.length;
}

Deno.test("topics get more partitions, in every version of CreatePartitions", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  for (const version of [0, 1, 2, 3]) {
    assertEquals(await grow(broker, [{ name: "t", count: 3 + version }], { version }), [["t", "NONE"]]);
    assertEquals(await partitionCount(broker, "t"), 3 + version);
  }
});

Deno.test("every new partition can be written at once", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  await grow(broker, [{ name: "t", count: 2 }]);
  const { responses } = await broker.ask(ProduceRequest, ProduceResponse, 12, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: "t", partitionData: [{ index: 1, records: batch(["hello"]) }] }],
  });
  assertEquals(responses[0].partitionResponses.map(errorOf), ["NONE"]);
});

Deno.test("the client may say which broker has which new partition", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const assignments = [{ brokerIds: [1] }, { brokerIds: [1] }];
  assertEquals(await grow(broker, [{ name: "t", count: 3, assignments }]), [["t", "NONE"]]);
  assertEquals(await grow(broker, [{ name: "t", count: 5, assignments: [{ brokerIds: [1] }] }]), [
    [
      "t",
      "INVALID_REPLICA_ASSIGNMENT: Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.",
    ],
  ]);
  assertEquals(await grow(broker, [{ name: "t", count: 4, assignments: [{ brokerIds: [2] }] }]), [
    [
      "t",
      "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 2, but no such broker is registered.",
    ],
  ]);
});

Deno.test("counts that would not be an increase are refused, and the other topics grow", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ same: 2, fewer: 2, many: 1, good: 1 });
  const results = await grow(broker, [
    { name: "same", count: 2 },
    { name: "fewer", count: 1 },
    { name: "many", count: 20_000 },
    { name: "nosuch", count: 3 },
    { name: "good", count: 2 },
  ]);
  assertEquals(Object.fromEntries(results), {
    same: "INVALID_PARTITIONS: Topic already has 2 partition(s).",
    fewer: "INVALID_PARTITIONS: The topic fewer currently has 2 partition(s); 1 would not be an increase.",
    many: "POLICY_VIOLATION: Excessively large number of partitions per request.",
    nosuch: "UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.",
    good: "NONE",
  });
  assertEquals(await partitionCount(broker, "many"), 1);
  assertEquals(await partitionCount(broker, "good"), 2);
});

Deno.test("a topic that is named twice is refused, once", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  assertEquals(await grow(broker, [{ name: "t", count: 2 }, { name: "t", count: 3 }]), [
    ["t", "INVALID_REQUEST: Duplicate topic name."],
  ]);
  assertEquals(await partitionCount(broker, "t"), 1);
});

Deno.test("validateOnly adds nothing", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  assertEquals(await grow(broker, [{ name: "t", count: 2 }], { validateOnly: true }), [["t", "NONE"]]);
  assertEquals(await partitionCount(broker, "t"), 1);
});
