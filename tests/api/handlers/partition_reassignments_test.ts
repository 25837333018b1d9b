/** AlterPartitionReassignments and ListPartitionReassignments. */
import { assertEquals } from "@std/assert";
import type { RequestContext } from "../../../lib/api/context.ts";
import { listPartitionReassignmentsApi } from "../../../lib/api/handlers/list_partition_reassignments.ts";
import { metadataRecord } from "../../../lib/metadata/mod.ts";
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from "../../../lib/protocol/messages/alter_partition_reassignments.ts";
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from "../../../lib/protocol/messages/list_partition_reassignments.ts";
import { imageOf } from "../../metadata/support.ts";
import { errorOf, TestBroker } from "./support.ts";

async function alter(broker: TestBroker, topic: string, partitionIndex: number, replicas: number[] | null) {
  const request = { topics: [{ name: topic, partitions: [{ partitionIndex, replicas }] }] };
  const answer = await broker.ask(
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    1,
    request,
  );
  assertEquals([errorOf(answer), answer.allowReplicationFactorChange], ["NONE", true]);
  return errorOf(answer.responses[0].partitions[0]);
}

Deno.test("a partition can be told to stay where it is, and nowhere else", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  assertEquals(await alter(broker, "t", 0, [1]), "NONE");
  assertEquals(
    await alter(broker, "t", 0, [2]),
    "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 2, but no such broker is registered.",
  );
  assertEquals(
    await alter(broker, "t", 0, []),
    "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes an empty replica list.",
  );
  assertEquals(
    await alter(broker, "t", 0, null),
    "NO_REASSIGNMENT_IN_PROGRESS: No partition reassignment is in progress.",
  );
  assertEquals(await alter(broker, "t", 9, [1]), "UNKNOWN_TOPIC_OR_PARTITION: Unable to find partition t:9.");
  assertEquals(
    await alter(broker, "nosuch", 0, [1]),
    "UNKNOWN_TOPIC_OR_PARTITION: Unable to find a topic named nosuch.",
  );
});

Deno.test("version 0 of AlterPartitionReassignments is answered, too", async () => {
  await using broker = await TestBroker.start();
  const answer = await broker.ask(AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, 0, {});
  assertEquals([errorOf(answer), answer.responses], ["NONE", []]);
});

Deno.test("no partition of a broker that was alone from its start is moving", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  for (const topics of [null, [], [{ name: "t", partitionIndexes: [0] }, { name: "nosuch", partitionIndexes: [0] }]]) {
    const answer = await broker.ask(ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, 0, {
      topics,
    });
    assertEquals([errorOf(answer), answer.topics], ["NONE", []]);
  }
});

Deno.test("moves that were never completed are listed", async () => {
  const topicId = "TOPIC0000000000000000A";
  const still = { topicId, replicas: [1], isr: [1], leader: 1 };
  const moving = { ...still, replicas: [1, 2, 3], addingReplicas: [3], removingReplicas: [2] };
  const image = imageOf(
    metadataRecord("TopicRecord", { name: "t", topicId }),
    metadataRecord("PartitionRecord", { ...still, partitionId: 0 }, 2),
    metadataRecord("PartitionRecord", { ...moving, partitionId: 1 }, 2),
  );
  const list = async (topics: ListPartitionReassignmentsRequest["topics"]) => {
    const context = { authorizer: null, metadata: { image } } as unknown as RequestContext;
    const answer = await listPartitionReassignmentsApi.handle({ topics, timeoutMs: 1000 }, context);
    return (answer as ListPartitionReassignmentsResponse).topics;
  };
  const listed = {
    name: "t",
    partitions: [{ partitionIndex: 1, replicas: [1, 2, 3], addingReplicas: [3], removingReplicas: [2] }],
  };
  assertEquals(await list(null), [listed]);
  assertEquals(await list([{ name: "t", partitionIndexes: [0, 1, 7] }]), [listed]);
  assertEquals(await list([{ name: "t", partitionIndexes: [0] }]), []);
});
