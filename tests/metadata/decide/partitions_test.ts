import { assertEquals } from "@std/assert";
import {
  createPartitions,
  ElectionType,
  electLeaders,
  type MorePartitions,
} from "../../../lib/metadata/decide/partitions.ts";
import type { MetadataImage } from "../../../lib/metadata/image/image.ts";
import { metadataRecord } from "../../../lib/metadata/record.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { apply, decisionContext, imageOf } from "../support.ts";

const ID = "TOPICaaaaaaaaaaaaaaaaA";

/** An image with the topic `t` of one partition that is as given. */
function imageWith(partition: Parameters<typeof metadataRecord<"PartitionRecord">>[1] = {}): MetadataImage {
  return imageOf(
    metadataRecord("TopicRecord", { name: "t", topicId: ID }),
    metadataRecord("PartitionRecord", {
      topicId: ID,
      partitionId: 0,
      replicas: [1],
      isr: [1],
      leader: 1,
      leaderEpoch: 0,
      partitionEpoch: 0,
      ...partition,
    }, 2),
  );
}

function add(image: MetadataImage, count: number, assignments: number[][] | null = null, name = "t") {
  const topic: MorePartitions = {
    name,
    count,
    assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
  };
  const decision = createPartitions(image, { topics: [topic], validateOnly: false }, decisionContext());
  apply(image, decision);
  return [decision.result[0].errorCode, decision.result[0].errorMessage];
}

Deno.test("partitions are added behind those that are there", () => {
  const image = imageWith();
  assertEquals(add(image, 3), [ErrorCode.NONE, null]);
  assertEquals([...image.topicByName("t")!.partitions.keys()], [0, 1, 2]);
  assertEquals(add(image, 4, [[1]]), [ErrorCode.NONE, null]);
  assertEquals(image.partition(ID, 3)?.leader, 1);
});

Deno.test("partitions that cannot be added are refused in the words of Apache Kafka", () => {
  const cases: [number, number[][] | null, string, ErrorCode, string][] = [
    [1, null, "t", ErrorCode.INVALID_PARTITIONS, "Topic already has 1 partition(s)."],
    [
      0,
      null,
      "t",
      ErrorCode.INVALID_PARTITIONS,
      "The topic t currently has 1 partition(s); 0 would not be an increase.",
    ],
    [3, null, "nope", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."],
    [
      3,
      [[1]],
      "t",
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.",
    ],
    [
      2,
      [[2]],
      "t",
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "The manual partition assignment includes broker 2, but no such broker is registered.",
    ],
    [
      2,
      [[]],
      "t",
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "The manual partition assignment includes an empty replica list.",
    ],
    [20_000, null, "t", ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request."],
  ];
  for (const [count, assignments, name, errorCode, message] of cases) {
    assertEquals(add(imageWith(), count, assignments, name), [errorCode, message]);
  }
});

Deno.test("partitions of a topic with more replicas than brokers are refused", () => {
  const [errorCode] = add(imageWith({ replicas: [1, 2], isr: [1] }), 2);
  assertEquals(errorCode, ErrorCode.INVALID_REPLICATION_FACTOR);
});

Deno.test("a topic named twice is answered once and first, and validating only changes nothing", () => {
  const more = (name: string) => ({ name, count: 2, assignments: null });
  const request = { topics: [more("t"), more("u"), more("u")], validateOnly: true };
  const { records, result } = createPartitions(imageWith(), request, decisionContext());
  assertEquals(records, []);
  assertEquals(result.map(({ name, errorCode }) => [name, errorCode]), [
    ["u", ErrorCode.INVALID_REQUEST],
    ["t", ErrorCode.NONE],
  ]);
});

Deno.test("no election is needed where a partition has its leader", () => {
  for (const electionType of Object.values(ElectionType)) {
    const topicPartitions = [{ topic: "t", partitions: [0, 7] }, { topic: "nope", partitions: [0] }];
    const { records, result } = electLeaders(imageWith(), { electionType, topicPartitions }, decisionContext());
    assertEquals(records, []);
    assertEquals(result, [
      {
        topic: "t",
        partitionResult: [
          {
            partitionId: 0,
            errorCode: ErrorCode.ELECTION_NOT_NEEDED,
            errorMessage: "Leader election not needed for topic partition.",
          },
          { partitionId: 7, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: "No such partition as t-7" },
        ],
      },
      {
        topic: "nope",
        partitionResult: [
          { partitionId: 0, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: "No such topic as nope" },
        ],
      },
    ]);
  }
});

Deno.test("of all partitions, those that need no election are not told of", () => {
  const request = { electionType: ElectionType.PREFERRED, topicPartitions: null };
  assertEquals(electLeaders(imageWith(), request, decisionContext()).result, []);
});

Deno.test("only an unclean election makes a leader of a replica that may lack records", () => {
  const image = imageWith({ replicas: [1, 2], isr: [2], leader: -1 });
  const topicPartitions = [{ topic: "t", partitions: [0] }];
  const preferred = electLeaders(image, { electionType: ElectionType.PREFERRED, topicPartitions }, decisionContext());
  assertEquals(preferred.records, []);
  assertEquals(preferred.result[0].partitionResult[0].errorCode, ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
  const unclean = electLeaders(image, { electionType: ElectionType.UNCLEAN, topicPartitions }, decisionContext());
  apply(image, unclean);
  assertEquals(unclean.result[0].partitionResult[0].errorCode, ErrorCode.NONE);
  assertEquals([image.partition(ID, 0)?.leader, image.partition(ID, 0)?.isr], [1, [1]]);
});

Deno.test("a partition that this broker has no replica of gets no leader", () => {
  const image = imageWith({ replicas: [2], isr: [2], leader: -1 });
  const topicPartitions = [{ topic: "t", partitions: [0] }];
  const { result } = electLeaders(image, { electionType: ElectionType.UNCLEAN, topicPartitions }, decisionContext());
  assertEquals(result[0].partitionResult[0].errorCode, ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE);
});
