/**
 * CreateTopics, DeleteTopics and CreatePartitions.
 *
 * @module
 */
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import type { Json } from "../../../lib/protocol/json.ts";
import { CreatePartitionsRequest } from "../../../lib/protocol/messages/create_partitions.ts";
import { CreateTopicsRequest } from "../../../lib/protocol/messages/create_topics.ts";
import { DeleteTopicsRequest } from "../../../lib/protocol/messages/delete_topics.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, errorCodesOf, type Step, type StepOptions, topic, untilWritable } from "../support/case.ts";
import { describe } from "./metadata.ts";

type NewTopic = NonNullable<Init<CreateTopicsRequest>["topics"]>[number];

function create(
  topics: readonly NewTopic[],
  options: StepOptions & { version?: number; validateOnly?: boolean } = {},
): Step {
  const { version = 7, validateOnly = false, ...rest } = options;
  return ask(CreateTopicsRequest, version, { topics, timeoutMs: 5000, validateOnly }, rest);
}

/** Repeats until the topics are unknown, for brokers forget them a little after the answer. */
function untilGone(...names: string[]): Step {
  return ask(MetadataRequest, 12, { topics: names.map((name) => ({ name })), allowAutoTopicCreation: false }, {
    as: "until they are gone",
    until: (answer: Json) => errorCodesOf((answer as { topics: Json }).topics).every((code) => code === 3),
  });
}

const one = { numPartitions: 1, replicationFactor: 1 };

const NEEDS_NO_TIME = "Apache Kafka hands the request to a controller, and gives up; Barnabas has done it meanwhile";

const creation: Case[] = [
  ...[2, 3, 4, 5, 6, 7].map((version): Case => ({
    name: `CreateTopics v${version}: a topic with partitions and configs`,
    steps: [
      create([{
        name: `create-v${version}`,
        numPartitions: 2,
        replicationFactor: 1,
        configs: [{ name: "retention.ms", value: "3600000" }, { name: "cleanup.policy", value: "compact,delete" }],
      }], { version }),
      untilWritable(`create-v${version}`, 2),
      describe(`create-v${version}`),
      create([{ name: `create-v${version}`, ...one }], { version, as: "again" }),
    ],
  })),
  {
    name: "CreateTopics: the broker's defaults",
    steps: [
      create([{ name: "create-default", numPartitions: -1, replicationFactor: -1 }]),
      untilWritable("create-default", 1),
      create([{ name: "create-default-4", numPartitions: -1, replicationFactor: -1 }], { version: 4 }),
      create([{ name: "create-default-3", numPartitions: -1, replicationFactor: -1 }], {
        version: 3,
        as: "which version 3 does not know",
      }),
      describe("create-default", "create-default-3", "create-default-4"),
    ],
  },
  {
    name: "CreateTopics: numbers that cannot be",
    steps: [
      create([
        { name: "create-0", numPartitions: 0, replicationFactor: 1 },
        { name: "create-minus-2", numPartitions: -2, replicationFactor: 1 },
        { name: "create-rf-0", numPartitions: 1, replicationFactor: 0 },
        { name: "create-rf-2", numPartitions: 1, replicationFactor: 2 },
        { name: "create-rf-minus-2", numPartitions: 1, replicationFactor: -2 },
      ]),
      create([{ name: "create-many", numPartitions: 100_000, replicationFactor: 1 }, { name: "create-few", ...one }]),
      create([{ name: "create-rf-2", numPartitions: 1, replicationFactor: 2 }], { version: 2 }),
      create([{ name: "create-rf-2", numPartitions: 0, replicationFactor: 2 }], { validateOnly: true }),
    ],
  },
  {
    name: "CreateTopics: names that are not allowed",
    steps: [
      create(["", ".", "..", "a/b", "a b", "naïve", "x".repeat(250), "a\u0000b"].map((name) => ({ name, ...one }))),
      create([{ name: "", ...one }], { version: 2 }),
    ],
  },
  {
    name: "CreateTopics: names that are long, odd or internal",
    steps: [
      create(["x".repeat(249), "A._-z9", "__cluster_metadata", "-"].map((name) => ({ name, ...one }))),
      create(["__transaction_state"].map((name) => ({ name, ...one })), { validateOnly: true }),
      describe("__cluster_metadata", "-"),
    ],
  },
  {
    name: "CreateTopics: names that collide",
    steps: [
      ...topic("create.a_b"),
      create([{ name: "create_a.b", ...one }, { name: "create_a_b", ...one }, { name: "create.a_b", ...one }]),
      create([{ name: "create.x_y", ...one }, { name: "create_x.y", ...one }], { as: "in one request" }),
      describe("create_a_b", "create.x_y", "create_x.y"),
    ],
  },
  {
    name: "CreateTopics: no topic, the same topic twice",
    steps: [
      create([]),
      create([], { version: 2 }),
      create([{ name: "create-twice", ...one }, { name: "create-once", ...one }, { name: "create-twice", ...one }]),
      describe("create-twice"),
    ],
  },
  {
    name: "CreateTopics, DeleteTopics and CreatePartitions: a timeout that has passed already",
    steps: [
      ask(CreateTopicsRequest, 7, { topics: [{ name: "create-late", ...one }], timeoutMs: -1, validateOnly: true }, {
        differs: [{ at: "topics", reason: NEEDS_NO_TIME }],
      }),
      ask(CreatePartitionsRequest, 3, {
        topics: [{ name: "create-late", count: 3 }],
        timeoutMs: -1,
        validateOnly: true,
      }, {
        differs: [{
          at: "results[0].errorCode",
          barnabas: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          reason: NEEDS_NO_TIME,
        }],
      }),
      ask(DeleteTopicsRequest, 6, { topics: [{ name: "create-late" }], timeoutMs: -1 }, {
        differs: [{
          at: "responses[0].errorCode",
          barnabas: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          reason: NEEDS_NO_TIME,
        }],
      }),
    ],
  },
  {
    name: "CreateTopics: validateOnly",
    steps: [
      create([{
        name: "create-dry",
        numPartitions: 3,
        replicationFactor: 1,
        configs: [{ name: "retention.ms", value: "5" }],
      }], {
        validateOnly: true,
      }),
      create([{ name: "create-dry", numPartitions: -1, replicationFactor: -1 }], { validateOnly: true, version: 5 }),
      create([{ name: "create-dry", ...one }], { validateOnly: true, version: 2 }),
      describe("create-dry"),
    ],
  },
  {
    name: "CreateTopics: manual assignments",
    steps: [
      create([{
        name: "create-manual",
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 1, brokerIds: [1] }, { partitionIndex: 0, brokerIds: [1] }],
      }]),
      untilWritable("create-manual", 2),
      describe("create-manual"),
      create([{
        name: "create-manual-2",
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 0, brokerIds: [1] }],
      }], { version: 2 }),
    ],
  },
  {
    name: "CreateTopics: manual assignments that cannot be",
    steps: [
      create([
        { partitionIndex: 0, brokerIds: [] as number[] },
        { partitionIndex: 0, brokerIds: [2] },
        { partitionIndex: 0, brokerIds: [1, 1] },
        { partitionIndex: 1, brokerIds: [1] },
        { partitionIndex: -1, brokerIds: [1] },
      ].map((assignment, index) => ({
        name: `create-manual-bad-${index}`,
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [assignment],
      }))),
      create([{
        name: "create-manual-bad-5",
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 0, brokerIds: [1] }, { partitionIndex: 0, brokerIds: [1] }],
      }], { as: "a partition twice" }),
      create([{
        name: "create-manual-bad-6",
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 0, brokerIds: [1] }, { partitionIndex: 2, brokerIds: [1] }],
      }], { as: "a gap" }),
      create([{
        name: "create-manual-bad-7",
        numPartitions: 1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 0, brokerIds: [1] }],
      }], { as: "a number of partitions beside it" }),
      create([{
        name: "create-manual-bad-8",
        numPartitions: -1,
        replicationFactor: 1,
        assignments: [{ partitionIndex: 0, brokerIds: [1] }],
      }], { as: "a replication factor beside it" }),
      create([{
        name: "create-manual-bad-9",
        numPartitions: -1,
        replicationFactor: -1,
        assignments: [{ partitionIndex: 0, brokerIds: [1] }, { partitionIndex: 1, brokerIds: [1, 2] }],
      }], { as: "replicas of different number" }),
    ],
  },
  {
    name: "CreateTopics: configs that cannot be",
    steps: [
      create(
        [
          ["retention.mss", "1"],
          ["retention.ms", "soon"],
          ["retention.ms", "-2"],
          ["cleanup.policy", "shred"],
          ["cleanup.policy", ""],
          ["max.message.bytes", "-1"],
          ["segment.bytes", "1"],
          ["segment.bytes", "99999999999"],
          ["min.cleanable.dirty.ratio", "2"],
          ["min.insync.replicas", "0"],
          ["message.timestamp.type", "Sometime"],
          ["compression.type", "zip"],
          ["unclean.leader.election.enable", "maybe"],
          ["follower.replication.throttled.replicas", "nonsense"],
          ["message.format.version", "2.0"],
          ["log.retention.ms", "1"],
          ["", "1"],
          ["retention.ms", null],
          ["min.compaction.lag.ms", "9223372036854775807"],
        ].map(([name, value], index) => ({
          name: `create-config-${index}`,
          ...one,
          configs: [{ name: name!, value }],
        })),
        {
          validateOnly: true,
        },
      ),
      create([
        {
          name: "create-config-twice",
          ...one,
          configs: [{ name: "retention.ms", value: "1" }, { name: "retention.ms", value: "2" }],
        },
        {
          name: "create-config-lags",
          ...one,
          configs: [{ name: "min.compaction.lag.ms", value: "10" }, { name: "max.compaction.lag.ms", value: "5" }],
        },
        { name: "create-config-remote", ...one, configs: [{ name: "remote.storage.enable", value: "true" }] },
        {
          name: "create-config-local",
          ...one,
          configs: [{ name: "local.retention.ms", value: "100" }, { name: "retention.ms", value: "10" }],
        },
      ], { validateOnly: true }),
      create([{ name: "create-config-v2", ...one, configs: [{ name: "nonsense", value: "1" }] }], { version: 2 }),
      create([{ name: "create-config-spaces", ...one, configs: [{ name: "retention.ms", value: " 100 " }] }], {
        as: "spaces around the number",
        differs: [{
          at: "topics[0].configs[27].value",
          barnabas: "100",
          reason: "Apache Kafka keeps the spaces that it takes no notice of",
        }],
      }),
    ],
  },
];

function remove(names: readonly string[], version: number, as?: string): Step {
  return ask(DeleteTopicsRequest, version, { topicNames: names, timeoutMs: 5000 }, { as });
}

const deletion: Case[] = [
  ...[1, 2, 3, 4, 5].map((version): Case => ({
    name: `DeleteTopics v${version}: by name`,
    steps: [
      ...topic(`delete-v${version}`),
      remove([`delete-v${version}`], version),
      untilGone(`delete-v${version}`),
      remove([`delete-v${version}`], version, "again"),
    ],
  })),
  {
    name: "DeleteTopics v6: by name and by id",
    steps: [
      ...topic("delete-a"),
      ...topic("delete-b"),
      ask(DeleteTopicsRequest, 6, ({ topicId }) => ({
        topics: [{ name: "delete-a" }, { name: null, topicId: topicId("delete-b") }],
        timeoutMs: 5000,
      })),
      untilGone("delete-a", "delete-b"),
      ask(DeleteTopicsRequest, 6, ({ topicId }) => ({
        topics: [{ name: "delete-a" }, { name: null, topicId: topicId("delete-b") }],
        timeoutMs: 5000,
      }), { as: "again" }),
    ],
  },
  {
    name: "DeleteTopics: what is not there, or not said well",
    steps: [
      ...topic("delete-c"),
      remove([], 1),
      remove([], 5),
      remove(["delete-none", "delete-none-2"], 1),
      remove(["delete-none"], 5),
      remove(["a/b", ""], 5, "names that are not allowed"),
      remove(["delete-c", "delete-c"], 5, "twice"),
      describe("delete-c"),
      ask(DeleteTopicsRequest, 6, ({ topicId }) => ({
        topics: [{ name: "delete-c", topicId: topicId("delete-c") }],
        timeoutMs: 5000,
      }), { as: "name and id" }),
      ask(DeleteTopicsRequest, 6, { topics: [{ name: null }], timeoutMs: 5000 }, { as: "neither name nor id" }),
      ask(DeleteTopicsRequest, 6, { topics: [{ name: null, topicId: "RANDOMRANDOMRANDOMRANA" }], timeoutMs: 5000 }, {
        as: "an unknown id",
      }),
      ask(DeleteTopicsRequest, 6, ({ topicId }) => ({
        topics: [{ name: "delete-c" }, { name: null, topicId: topicId("delete-c") }],
        timeoutMs: 5000,
      }), { as: "by name and again by id" }),
      ask(DeleteTopicsRequest, 6, ({ topicId }) => ({
        topics: [{ name: null, topicId: topicId("delete-c") }, { name: null, topicId: topicId("delete-c") }],
        timeoutMs: 5000,
      }), { as: "twice by id" }),
      remove(["__cluster_metadata"], 5),
      describe("delete-c"),
    ],
  },
  {
    name: "DeleteTopics: a topic of the same name again is empty and has another id",
    steps: [
      ...topic("delete-again"),
      ask(DeleteTopicsRequest, 6, { topics: [{ name: "delete-again" }], timeoutMs: 5000 }),
      untilGone("delete-again"),
      ...topic("delete-again", { partitions: 2 }),
      describe("delete-again"),
    ],
  },
];

type MorePartitions = NonNullable<Init<CreatePartitionsRequest>["topics"]>[number];

function grow(
  topics: readonly MorePartitions[],
  options: StepOptions & { version?: number; validateOnly?: boolean } = {},
): Step {
  const { version = 3, validateOnly = false, ...rest } = options;
  return ask(CreatePartitionsRequest, version, { topics, timeoutMs: 5000, validateOnly }, rest);
}

const growth: Case[] = [
  ...[0, 1, 2, 3].map((version): Case => ({
    name: `CreatePartitions v${version}: more partitions`,
    steps: [
      ...topic(`grow-v${version}`),
      grow([{ name: `grow-v${version}`, count: 3, assignments: null }], { version }),
      untilWritable(`grow-v${version}`, 3),
      describe(`grow-v${version}`),
    ],
  })),
  {
    name: "CreatePartitions: counts that cannot be",
    steps: [
      ...topic("grow", { partitions: 2 }),
      ...[2, 1, 0, -1].map((count) => grow([{ name: "grow", count, assignments: null }], { as: `${count} of 2` })),
      grow([{ name: "grow", count: 1, assignments: null }], { version: 0 }),
      grow([{ name: "grow-none", count: 3, assignments: null }]),
      grow([{ name: "a/b", count: 3, assignments: null }, { name: "", count: 3, assignments: null }]),
      grow([]),
      grow([{ name: "grow", count: 3, assignments: null }, { name: "grow", count: 4, assignments: null }], {
        as: "twice",
      }),
      grow([{ name: "grow", count: 3, assignments: null }], { validateOnly: true }),
      grow([{ name: "grow", count: 1, assignments: null }], { validateOnly: true }),
      describe("grow"),
    ],
  },
  {
    name: "CreatePartitions: manual assignments",
    steps: [
      ...topic("grow-manual"),
      grow([{ name: "grow-manual", count: 2, assignments: [] }], { as: "an empty list" }),
      grow([{ name: "grow-manual", count: 2, assignments: [{ brokerIds: [] }] }], { as: "no replica" }),
      grow([{ name: "grow-manual", count: 2, assignments: [{ brokerIds: [2] }] }], { as: "an unknown broker" }),
      grow([{ name: "grow-manual", count: 2, assignments: [{ brokerIds: [1, 1] }] }], { as: "a broker twice" }),
      grow([{ name: "grow-manual", count: 3, assignments: [{ brokerIds: [1] }] }], { as: "one of two" }),
      grow([{ name: "grow-manual", count: 2, assignments: [{ brokerIds: [1] }, { brokerIds: [1] }] }], {
        as: "two of one",
      }),
      grow([{ name: "grow-manual", count: 2, assignments: [{ brokerIds: [1] }] }]),
      untilWritable("grow-manual", 2),
      describe("grow-manual"),
    ],
  },
];

export const topicCases: readonly Case[] = [...creation, ...deletion, ...growth];
