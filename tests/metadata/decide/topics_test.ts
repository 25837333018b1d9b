import { assertEquals, assertNotEquals } from "@std/assert";
import { ZERO_UUID } from "../../../lib/bytes/mod.ts";
import { type CreateTopics, createTopics, deleteTopics, type NewTopic } from "../../../lib/metadata/decide/topics.ts";
import { metadataRecord } from "../../../lib/metadata/record.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { apply, decisionContext, imageOf } from "../support.ts";

function topic(name: string, changes: Partial<NewTopic> = {}): NewTopic {
  return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...changes };
}

function request(topics: NewTopic[], validateOnly = false): CreateTopics {
  return { topics, validateOnly };
}

/** The error of the only topic of a request, on an image with the topic `a.b`. */
function errorOf(newTopic: NewTopic): [number, string | null] {
  const context = decisionContext();
  const image = imageOf();
  apply(image, createTopics(image, request([topic("a.b")]), context));
  const { records, result } = createTopics(image, request([newTopic]), context);
  assertEquals(records, []);
  assertEquals([result.length, result[0].topicId, result[0].numPartitions], [1, ZERO_UUID, -1]);
  return [result[0].errorCode, result[0].errorMessage];
}

Deno.test("a new topic is one TopicRecord, its configs, and its partitions, led by this broker", () => {
  const image = imageOf();
  const configs = [{ name: "retention.ms", value: "1000" }];
  const { records, result } = createTopics(
    image,
    request([topic("t", { numPartitions: 2, configs })]),
    decisionContext(),
  );
  assertEquals(records.map(({ name, version }) => [name, version]), [
    ["TopicRecord", 0],
    ["ConfigRecord", 0],
    ["PartitionRecord", 2],
    ["PartitionRecord", 2],
  ]);
  const topicId = "TOPIC0000000000000001A";
  assertEquals(result, [{
    name: "t",
    topicId,
    numPartitions: 2,
    replicationFactor: 1,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
  }]);
  assertEquals(image.topicCount, 0);
  apply(image, { records });
  assertEquals(image.partition(topicId, 1), {
    replicas: [1],
    directories: ["DIRECTORYaaaaaaaaaaaaA"],
    isr: [1],
    removingReplicas: [],
    addingReplicas: [],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
  });
});

Deno.test("-1 partitions and replicas stand for the broker's defaults", () => {
  const context = decisionContext({ defaultPartitions: 7 });
  const { result } = createTopics(
    imageOf(),
    request([topic("t", { numPartitions: -1, replicationFactor: -1 })]),
    context,
  );
  assertEquals([result[0].numPartitions, result[0].replicationFactor], [7, 1]);
});

Deno.test("with several data folders, new partitions go where the fewest are", () => {
  const [a, b] = ["DIRECTORYaaaaaaaaaaaaA", "DIRECTORYbbbbbbbbbbbbA"];
  const context = decisionContext({ directoryIds: [a, b] });
  const image = imageOf();
  const create = (name: string, numPartitions: number) => {
    const decision = createTopics(image, request([topic(name, { numPartitions })]), context);
    apply(image, decision);
    return [...image.topicByName(name)!.partitions.values()].map(({ directories }) => directories[0]);
  };
  assertEquals(create("t", 3), [a, b, a]);
  assertEquals(create("u", 2), [b, a]);
});

Deno.test("what a topic cannot be is refused in the words of Apache Kafka", () => {
  const invalid = "Topic name is invalid: ";
  const characters = "contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
  const long = "x".repeat(250);
  const manual = (...brokerIds: number[][]) =>
    topic("t", {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: brokerIds.map((ids, index) => ({ partitionIndex: index, brokerIds: ids })),
    });
  const at = (...indexes: number[]) => ({
    ...manual(),
    assignments: indexes.map((partitionIndex) => ({ partitionIndex, brokerIds: [1] })),
  });
  const cases: [NewTopic, number, string][] = [
    [topic(""), ErrorCode.INVALID_TOPIC_EXCEPTION, `${invalid}the empty string is not allowed`],
    [topic(".."), ErrorCode.INVALID_TOPIC_EXCEPTION, `${invalid}'..' is not allowed`],
    [topic("a/b"), ErrorCode.INVALID_TOPIC_EXCEPTION, `${invalid}'a/b' ${characters}`],
    [topic("é"), ErrorCode.INVALID_TOPIC_EXCEPTION, `${invalid}'é' ${characters}`],
    [
      topic(long),
      ErrorCode.INVALID_TOPIC_EXCEPTION,
      `${invalid}the length of '${long}' is longer than the max allowed length 249`,
    ],
    [topic("a_b"), ErrorCode.INVALID_TOPIC_EXCEPTION, "Topic 'a_b' collides with existing topic: a.b"],
    [topic("a.b"), ErrorCode.TOPIC_ALREADY_EXISTS, "Topic 'a.b' already exists."],
    [
      topic("__cluster_metadata"),
      ErrorCode.INVALID_REQUEST,
      "Creation of internal topic __cluster_metadata is prohibited.",
    ],
    [
      topic("t", { replicationFactor: 0 }),
      ErrorCode.INVALID_REPLICATION_FACTOR,
      "Replication factor must be larger than 0, or -1 to use the default value.",
    ],
    [
      topic("t", { replicationFactor: 3 }),
      ErrorCode.INVALID_REPLICATION_FACTOR,
      "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only " +
      "1 broker(s) are registered or some brokers have all their log directories cordoned.",
    ],
    [
      topic("t", { numPartitions: -5 }),
      ErrorCode.INVALID_PARTITIONS,
      "Number of partitions was set to an invalid non-positive value.",
    ],
    [
      topic("t", { numPartitions: 10_001 }),
      ErrorCode.POLICY_VIOLATION,
      "Excessively large number of partitions per request.",
    ],
    [
      topic("t", { numPartitions: 10_000 }),
      ErrorCode.POLICY_VIOLATION,
      "Unable to perform excessively large batch operation.",
    ],
    [
      manual([2]),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "The manual partition assignment includes broker 2, but no such broker is registered.",
    ],
    [
      manual([1, 1]),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "The manual partition assignment includes the broker 1 more than once.",
    ],
    [
      manual([1], []),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "The manual partition assignment includes an empty replica list.",
    ],
    [
      at(0, 2),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "partitions should be a consecutive 0-based integer sequence",
    ],
    [
      at(-1),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "partitions should be a consecutive 0-based integer sequence",
    ],
    [
      at(0, 0),
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "Found multiple manual partition assignments for partition 0",
    ],
    [
      { ...manual([1]), replicationFactor: 1 },
      ErrorCode.INVALID_REQUEST,
      "A manual partition assignment was specified, but replication factor was not set to -1.",
    ],
    [
      { ...manual([1]), numPartitions: 1 },
      ErrorCode.INVALID_REQUEST,
      "A manual partition assignment was specified, but numPartitions was not set to -1.",
    ],
    [
      topic("t", { configs: [{ name: "foo", value: "1" }] }),
      ErrorCode.INVALID_CONFIG,
      "Unknown topic config name: foo",
    ],
    [
      topic("t", { configs: [{ name: "retention.ms", value: "x" }] }),
      ErrorCode.INVALID_CONFIG,
      "Invalid value x for configuration retention.ms: Not a number of type LONG",
    ],
    [
      topic("t", { configs: [{ name: "retention.ms", value: null }] }),
      ErrorCode.INVALID_CONFIG,
      "Null value not supported for topic configs: retention.ms",
    ],
  ];
  for (const [newTopic, errorCode, message] of cases) assertEquals(errorOf(newTopic), [errorCode, message]);
});

Deno.test("one topic that is refused does not hold up the others, and one named twice is answered once, at the end", () => {
  const image = imageOf();
  const topics = [topic("twice"), topic("a/b"), topic("good"), topic("twice")];
  const { records, result } = createTopics(image, request(topics), decisionContext());
  assertEquals(result.map(({ name, errorCode }) => [name, errorCode]), [
    ["a/b", ErrorCode.INVALID_TOPIC_EXCEPTION],
    ["good", ErrorCode.NONE],
    ["twice", ErrorCode.INVALID_REQUEST],
  ]);
  assertEquals(result[2].errorMessage, "Duplicate topic name.");
  assertEquals(records.map(({ name }) => name), ["TopicRecord", "PartitionRecord"]);
});

Deno.test("too many partitions in one request refuse all of it", () => {
  const topics = [topic("t", { numPartitions: 6000 }), topic("u", { numPartitions: 6000 })];
  const { records, result } = createTopics(imageOf(), request(topics), decisionContext());
  assertEquals(records, []);
  assertEquals(result.map(({ name, errorCode }) => [name, errorCode]), [
    ["t", ErrorCode.POLICY_VIOLATION],
    ["u", ErrorCode.POLICY_VIOLATION],
  ]);
});

Deno.test("validating only answers the same and changes nothing", () => {
  const image = imageOf();
  const { records, result } = createTopics(image, request([topic("t"), topic("a/b")], true), decisionContext());
  assertEquals(records, []);
  assertEquals(result.map(({ errorCode }) => errorCode), [ErrorCode.NONE, ErrorCode.INVALID_TOPIC_EXCEPTION]);
});

Deno.test("partitions are written in the version that metadata.version allows", () => {
  const image = imageOf(metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 20 }));
  const { records } = createTopics(image, request([topic("t")]), decisionContext());
  assertEquals(records[1].version, 1);
});

Deno.test("topics are deleted by name and by id", () => {
  const context = decisionContext();
  const image = imageOf();
  apply(image, createTopics(image, request([topic("a"), topic("b"), topic("c")]), context));
  const [a, b] = ["a", "b"].map((name) => image.topicByName(name)!.id);
  const decision = deleteTopics(image, [{ name: "a", topicId: ZERO_UUID }, { name: null, topicId: b }]);
  assertEquals(decision.result.map(({ name, topicId, errorCode }) => [name, topicId, errorCode]), [
    ["a", a, ErrorCode.NONE],
    ["b", b, ErrorCode.NONE],
  ]);
  apply(image, decision);
  assertEquals([...image.topics()].map(({ name }) => name), ["c"]);
});

Deno.test("a topic that was deleted can be created again, with another id", () => {
  const context = decisionContext();
  const image = imageOf();
  apply(image, createTopics(image, request([topic("a")]), context));
  const before = image.topicByName("a")!.id;
  apply(image, deleteTopics(image, [{ name: "a", topicId: ZERO_UUID }]));
  apply(image, createTopics(image, request([topic("a")]), context));
  assertNotEquals(image.topicByName("a")!.id, before);
});

Deno.test("what cannot be deleted is told apart, each thing once", () => {
  const context = decisionContext();
  const image = imageOf();
  apply(image, createTopics(image, request([topic("a"), topic("b")]), context));
  const [a, b] = ["a", "b"].map((name) => image.topicByName(name)!.id);
  const unknown = "UNKNOWNaaaaaaaaaaaaaaA";
  const decision = deleteTopics(image, [
    { name: "nope", topicId: ZERO_UUID },
    { name: null, topicId: unknown },
    { name: null, topicId: ZERO_UUID },
    { name: "a", topicId: a },
    { name: "twice", topicId: ZERO_UUID },
    { name: "twice", topicId: ZERO_UUID },
    { name: "b", topicId: ZERO_UUID },
    { name: null, topicId: b },
  ]);
  assertEquals(decision.records, []);
  assertEquals(
    decision.result.map(({ name, topicId, errorCode, errorMessage }) => [name, topicId, errorCode, errorMessage]),
    [
      ["nope", ZERO_UUID, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition."],
      [null, unknown, ErrorCode.UNKNOWN_TOPIC_ID, "This server does not host this topic ID."],
      [null, ZERO_UUID, ErrorCode.INVALID_REQUEST, "Neither topic name nor id were specified."],
      ["a", a, ErrorCode.INVALID_REQUEST, "You may not specify both topic name and topic id."],
      ["twice", ZERO_UUID, ErrorCode.INVALID_REQUEST, "Duplicate topic name."],
      ["b", b, ErrorCode.INVALID_REQUEST, "The provided topic name maps to an ID that was already supplied."],
    ],
  );
});
