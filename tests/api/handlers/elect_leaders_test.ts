import { assertEquals } from "@std/assert";
import { ElectLeadersRequest, ElectLeadersResponse } from "../../../lib/protocol/messages/elect_leaders.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { errorOf, TestBroker } from "./support.ts";

const PREFERRED = 0, UNCLEAN = 1;
const NOT_NEEDED = "ELECTION_NOT_NEEDED: Leader election not needed for topic partition.";

type TopicPartitions = Init<ElectLeadersRequest>["topicPartitions"];

async function elect(broker: TestBroker, version: number, electionType: number, topicPartitions: TopicPartitions) {
  const request = { electionType, topicPartitions };
  const answer = await broker.ask(ElectLeadersRequest, ElectLeadersResponse, version, request);
  const errors = answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
    partitionResult.map((result) => [`${topic}-${result.partitionId}`, errorOf(result)])
  );
  return { error: errorOf(answer), errors: Object.fromEntries(errors) };
}

Deno.test("partitions that have their leader need no election, in every version and of both types", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 2 });
  const topicPartitions = [{ topic: "t", partitions: [0, 1] }];
  const errors = { "t-0": NOT_NEEDED, "t-1": NOT_NEEDED };
  assertEquals(await elect(broker, 0, PREFERRED, topicPartitions), { error: "NONE", errors });
  for (const version of [1, 2]) {
    assertEquals(await elect(broker, version, PREFERRED, topicPartitions), { error: "NONE", errors });
    assertEquals(await elect(broker, version, UNCLEAN, topicPartitions), { error: "NONE", errors });
  }
});

Deno.test("where all partitions are asked for, those that need no election are not told of", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 2 });
  assertEquals(await elect(broker, 2, PREFERRED, null), { error: "NONE", errors: {} });
});

Deno.test("partitions that are not there are named", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const topicPartitions = [{ topic: "nosuch", partitions: [0] }, { topic: "t", partitions: [9, 0] }];
  assertEquals(await elect(broker, 2, PREFERRED, topicPartitions), {
    error: "NONE",
    errors: {
      "nosuch-0": "UNKNOWN_TOPIC_OR_PARTITION: No such topic as nosuch",
      "t-9": "UNKNOWN_TOPIC_OR_PARTITION: No such partition as t-9",
      "t-0": NOT_NEEDED,
    },
  });
});

Deno.test("an unknown type of election is an invalid request, as a whole and for each partition", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  assertEquals(await elect(broker, 2, 7, [{ topic: "t", partitions: [0] }]), {
    error: "INVALID_REQUEST",
    errors: { "t-0": "INVALID_REQUEST: Unknown election type 7" },
  });
  assertEquals(await elect(broker, 2, 7, null), { error: "INVALID_REQUEST", errors: {} });
});

Deno.test("who may not alter the cluster is refused in every version: without an error of the whole, by each partition", async () => {
  await using broker = await TestBroker.start({
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  });
  const topicPartitions = [{ topic: "t", partitions: [0] }];
  const REFUSED = "CLUSTER_AUTHORIZATION_FAILED: Cluster authorization failed.";
  assertEquals(await elect(broker, 0, PREFERRED, topicPartitions), { error: "NONE", errors: { "t-0": REFUSED } });
  assertEquals(await elect(broker, 0, PREFERRED, null), { error: "NONE", errors: {} });
  assertEquals(await elect(broker, 1, PREFERRED, topicPartitions), {
    error: "CLUSTER_AUTHORIZATION_FAILED",
    errors: { "t-0": REFUSED },
  });
});
