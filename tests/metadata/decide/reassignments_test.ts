/**
 * What one node can do when it is told to move partitions: of a folder that was a larger cluster's, broker 1 of which
 * runs.
 */
import { assertEquals } from "@std/assert";
import { alterPartitionReassignments } from "../../../lib/metadata/decide/reassignments.ts";
import type { MetadataImage } from "../../../lib/metadata/image/image.ts";
import { metadataRecord, type MetadataRecordOf } from "../../../lib/metadata/record.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { apply, decisionContext, imageOf } from "../support.ts";

const TOPIC_ID = "TOPIC0000000000000000A";
const DIRECTORIES: Record<number, string> = {
  1: "DIRECTORYaaaaaaaaaaaaA",
  2: "DIRECTORYbbbbbbbbbbbbA",
  3: "DIRECTORYccccccccccccA",
};

function imageWith(partition: Partial<MetadataRecordOf<"PartitionRecord">["value"]>): MetadataImage {
  const replicas = partition.replicas ?? [1];
  return imageOf(
    metadataRecord("RegisterBrokerRecord", { brokerId: 2, fenced: true }, 4),
    metadataRecord("RegisterBrokerRecord", { brokerId: 3, fenced: true }, 4),
    metadataRecord("TopicRecord", { name: "t", topicId: TOPIC_ID }),
    metadataRecord("PartitionRecord", {
      topicId: TOPIC_ID,
      partitionId: 0,
      isr: [1],
      leaderEpoch: 0,
      leader: 1,
      directories: replicas.map((id) => DIRECTORIES[id]),
      ...partition,
      replicas,
    }, 2),
  );
}

function decide(image: MetadataImage, replicas: readonly number[] | null, allowReplicationFactorChange = true) {
  const topics = [{ name: "t", partitions: [{ partitionIndex: 0, replicas }] }];
  return alterPartitionReassignments(image, { topics, allowReplicationFactorChange }, decisionContext());
}

function errorOf({ result }: ReturnType<typeof decide>) {
  const { errorCode, errorMessage } = result[0].partitions[0];
  return { errorCode, errorMessage };
}

Deno.test("a partition that has the replicas already stays as it is", () => {
  const decision = decide(imageWith({}), [1]);
  assertEquals(decision.records, []);
  assertEquals(errorOf(decision), { errorCode: ErrorCode.NONE, errorMessage: null });
});

Deno.test("replicas on brokers that are gone can be given up", () => {
  const image = imageWith({ replicas: [2, 1, 3] });
  apply(image, decide(image, [1]));
  const partition = image.partition(TOPIC_ID, 0)!;
  assertEquals(partition.replicas, [1]);
  assertEquals(partition.directories, [DIRECTORIES[1]]);
  assertEquals([partition.isr, partition.leader, partition.leaderEpoch], [[1], 1, 0]);
});

Deno.test("replicas can be put into another order", () => {
  const image = imageWith({ replicas: [2, 1] });
  apply(image, decide(image, [1, 2], false));
  const partition = image.partition(TOPIC_ID, 0)!;
  assertEquals(partition.replicas, [1, 2]);
  assertEquals(partition.directories, [DIRECTORIES[1], DIRECTORIES[2]]);
});

Deno.test("a partition that a broker led which is gone is led by the running one", () => {
  const image = imageWith({ replicas: [2, 1], isr: [2, 1], leader: 2 });
  apply(image, decide(image, [1]));
  const partition = image.partition(TOPIC_ID, 0)!;
  assertEquals([partition.isr, partition.leader, partition.leaderEpoch], [[1], 1, 1]);
});

Deno.test("a move that was never completed can be ended", () => {
  const image = imageWith({ replicas: [1, 2, 3], addingReplicas: [2, 3], removingReplicas: [1] });
  apply(image, decide(image, null));
  const partition = image.partition(TOPIC_ID, 0)!;
  assertEquals([partition.replicas, partition.addingReplicas, partition.removingReplicas], [[1], [], []]);
});

Deno.test("where nothing moves there is nothing to end", () => {
  const decision = decide(imageWith({}), null);
  assertEquals(decision.records, []);
  assertEquals(errorOf(decision).errorCode, ErrorCode.NO_REASSIGNMENT_IN_PROGRESS);
});

Deno.test("no broker gets a replica that it does not have, since nobody could copy it", () => {
  const decision = decide(imageWith({}), [1, 2]);
  assertEquals(decision.records, []);
  assertEquals(errorOf(decision), {
    errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    errorMessage: "Broker 2 has no replica of t-0, and broker 1 runs alone.",
  });
});

Deno.test("a replica of the running broker that is not in sync does not become the only one", () => {
  const decision = decide(imageWith({ replicas: [1, 2], isr: [2], leader: 2 }), [1]);
  assertEquals(decision.records, []);
  assertEquals(errorOf(decision), {
    errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    errorMessage: "Only broker 1 runs, and t-0 must keep an in-sync replica that does.",
  });
});

Deno.test("a replication factor changes only where that is allowed", () => {
  const decision = decide(imageWith({ replicas: [1, 2] }), [1], false);
  assertEquals(decision.records, []);
  assertEquals(errorOf(decision), {
    errorCode: ErrorCode.INVALID_REPLICATION_FACTOR,
    errorMessage: "The replication factor is changed from 2 to 1",
  });
});

Deno.test("replicas that make no sense are refused in the words of Apache Kafka", () => {
  const image = imageWith({});
  const manual = "The manual partition assignment includes";
  for (
    const [replicas, errorMessage] of [
      [[], `${manual} an empty replica list.`],
      [[1, 1], `${manual} the broker 1 more than once.`],
      [[7], `${manual} broker 7, but no such broker is registered.`],
    ] as const
  ) {
    assertEquals(errorOf(decide(image, replicas)), { errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, errorMessage });
  }
});

Deno.test("topics and partitions that are not there are named", () => {
  const topics = [
    { name: "t", partitions: [{ partitionIndex: 9, replicas: [1] }] },
    { name: "nosuch", partitions: [{ partitionIndex: 0, replicas: null }] },
  ];
  const request = { topics, allowReplicationFactorChange: true };
  const { records, result } = alterPartitionReassignments(imageWith({}), request, decisionContext());
  const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  assertEquals(records, []);
  assertEquals(result, [
    { name: "t", partitions: [{ partitionIndex: 9, errorCode, errorMessage: "Unable to find partition t:9." }] },
    {
      name: "nosuch",
      partitions: [{ partitionIndex: 0, errorCode, errorMessage: "Unable to find a topic named nosuch." }],
    },
  ]);
});
