/**
 * Metadata and DescribeTopicPartitions: which topics are shown, how, and in which pages.
 *
 * @module
 */
import { ZERO_UUID } from "../../../lib/bytes/mod.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import type { Json } from "../../../lib/protocol/json.ts";
import { DescribeTopicPartitionsRequest } from "../../../lib/protocol/messages/describe_topic_partitions.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { ask, type Case, errorCodesOf, type PurposefulDifference, type Step, topic } from "../support/case.ts";

const LONGEST_NAME = "x".repeat(249);

/** Metadata of the named topics, without creating them. */
export function describe(...names: string[]): Step {
  return ask(MetadataRequest, 12, { topics: names.map((name) => ({ name })), allowAutoTopicCreation: false });
}

/** Waits until none of the errors is there any more. */
export function untilNoError(answer: Json): boolean {
  return errorCodesOf(answer).every((code) => code === 0);
}

const empty: Case[] = [{
  name: "Metadata of a broker without topics",
  steps: [
    ask(MetadataRequest, 0, { topics: [] }, { as: "an empty list, which means all" }),
    ask(MetadataRequest, 1, { topics: null }, { as: "null, which means all" }),
    ask(MetadataRequest, 1, { topics: [] }, { as: "an empty list, which means none" }),
    ask(MetadataRequest, 8, { topics: [], includeClusterAuthorizedOperations: true }, { as: "cluster operations" }),
    ask(MetadataRequest, 10, { topics: [], includeClusterAuthorizedOperations: true }, { as: "cluster operations" }),
    ask(MetadataRequest, 13, { topics: null }),
  ],
}];

const versions: Case[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((version) => ({
  name: `Metadata v${version}: a topic that is there and one that is not`,
  steps: [
    ...topic(`metadata-v${version}`, { partitions: 3 }),
    ask(MetadataRequest, version, {
      topics: [{ name: `metadata-v${version}` }, { name: `metadata-none!` }],
      ...(version >= 4 ? { allowAutoTopicCreation: false } : {}),
      ...(version >= 8 ? { includeTopicAuthorizedOperations: true } : {}),
    }),
  ],
}));

const names: Case[] = [
  {
    name: "Metadata: names that are not allowed",
    steps: ["", ".", "..", "a/b", "a b", "naïve", "x".repeat(250), LONGEST_NAME, "a\u0000b"].map((name) =>
      ask(MetadataRequest, 12, { topics: [{ name }], allowAutoTopicCreation: false }, { as: `"${name}"` })
    ),
  },
  {
    name: "Metadata: names that are not allowed, to be created",
    steps: ["", "..", "a/b", "x".repeat(250), "__cluster_metadata"].map((name) =>
      ask(MetadataRequest, 12, { topics: [{ name }], allowAutoTopicCreation: true }, { as: `"${name}"` })
    ),
  },
  {
    name: "Metadata: internal topics that are not there",
    steps: [
      ask(MetadataRequest, 12, {
        topics: ["__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata"].map((
          name,
        ) => ({
          name,
        })),
        allowAutoTopicCreation: false,
      }),
    ],
  },
  {
    name: "Metadata: a topic that is asked for twice",
    steps: [
      ...topic("metadata-twice"),
      ask(MetadataRequest, 12, { topics: [{ name: "metadata-twice" }, { name: "metadata-twice" }] }),
      ask(MetadataRequest, 4, {
        topics: [{ name: "metadata-no" }, { name: "metadata-no" }],
        allowAutoTopicCreation: false,
      }),
    ],
  },
  {
    name: "Metadata by topic id",
    steps: [
      ...topic("metadata-id"),
      ask(MetadataRequest, 12, ({ topicId }) => ({ topics: [{ topicId: topicId("metadata-id"), name: null }] })),
      ask(MetadataRequest, 12, { topics: [{ topicId: "RANDOMRANDOMRANDOMRANA", name: null }] }, {
        as: "an unknown id",
      }),
      ask(MetadataRequest, 12, { topics: [{ name: null }] }, {
        as: "neither id nor name",
        differs: [{
          at: "topics[0].errorCode",
          barnabas: ErrorCode.INVALID_REQUEST,
          reason: "Apache Kafka fails at it, and says UNKNOWN_SERVER_ERROR",
        }],
      }),
      ask(
        MetadataRequest,
        12,
        ({ topicId }) => ({ topics: [{ topicId: topicId("metadata-id"), name: "metadata-id" }] }),
        {
          as: "id and name",
        },
      ),
      ask(MetadataRequest, 12, ({ topicId }) => ({
        topics: [{ topicId: topicId("metadata-id"), name: null }, { name: "metadata-id" }],
      }), { as: "one by id, one by name" }),
      ask(MetadataRequest, 10, ({ topicId }) => ({ topics: [{ topicId: topicId("metadata-id"), name: null }] }), {
        as: "by id, which version 10 cannot",
      }),
      ask(MetadataRequest, 11, { topics: [{ name: null }] }, { as: "no name" }),
    ],
  },
];

const CREATED_AT_ONCE: PurposefulDifference[] = [
  { at: "topics[0].errorCode", barnabas: ErrorCode.NONE },
  { at: "topics[0].partitions" },
].map((difference) => ({
  ...difference,
  reason: "Apache Kafka answers before it has created the topic, and the client has to ask again",
}));

const autoCreation: Case[] = [
  {
    name: "Metadata creates a topic",
    steps: [
      ask(MetadataRequest, 1, { topics: [{ name: "metadata-auto-1" }] }, {
        as: "which asks for it by its version",
        differs: CREATED_AT_ONCE,
      }),
      ask(MetadataRequest, 1, { topics: [{ name: "metadata-auto-1" }] }, { as: "again", until: untilNoError }),
      ask(MetadataRequest, 9, { topics: [{ name: "metadata-auto-9" }], allowAutoTopicCreation: true }, {
        differs: CREATED_AT_ONCE,
      }),
      ask(MetadataRequest, 9, { topics: [{ name: "metadata-auto-9" }], allowAutoTopicCreation: false }, {
        as: "again",
        until: untilNoError,
      }),
      ask(MetadataRequest, 9, { topics: [{ name: "metadata-not" }], allowAutoTopicCreation: false }),
      ask(MetadataRequest, 9, { topics: [{ name: "metadata-not" }], allowAutoTopicCreation: false }),
    ],
  },
  {
    name: "Metadata creates no topic whose name collides",
    steps: [
      ...topic("metadata.collides"),
      ask(MetadataRequest, 9, { topics: [{ name: "metadata_collides" }], allowAutoTopicCreation: true }),
      ask(MetadataRequest, 9, { topics: [{ name: "metadata_collides" }], allowAutoTopicCreation: false }),
    ],
  },
];

const pages: Case[] = [
  {
    name: "DescribeTopicPartitions: topics that are there or not",
    steps: [
      ...topic("pages-a", { partitions: 3 }),
      ...topic("pages-b", { partitions: 2 }),
      ask(DescribeTopicPartitionsRequest, 0, { topics: [{ name: "pages-b" }, { name: "pages-a" }] }),
      ask(DescribeTopicPartitionsRequest, 0, { topics: [{ name: "pages-none" }] }),
      ask(DescribeTopicPartitionsRequest, 0, { topics: [], responsePartitionLimit: 5 }, {
        as: "no topics, which means all",
      }),
      ask(DescribeTopicPartitionsRequest, 0, { topics: [{ name: "a/b" }, { name: "" }, { name: ".." }] }, {
        as: "names that are not allowed",
        differs: [{
          at: "topics",
          barnabas: ["", "..", "a/b"].map((name) => ({
            errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION,
            name,
            topicId: ZERO_UUID,
            isInternal: false,
            partitions: [],
            topicAuthorizedOperations: 3576,
          })),
          reason: "Apache Kafka fails at them, and says UNKNOWN_SERVER_ERROR for all of the request",
        }],
      }),
      ask(DescribeTopicPartitionsRequest, 0, { topics: [{ name: "pages-a" }, { name: "pages-a" }] }, { as: "twice" }),
    ],
  },
  {
    name: "DescribeTopicPartitions: pages",
    steps: [
      ...topic("pages-c", { partitions: 3 }),
      ...topic("pages-d", { partitions: 2 }),
      ...[1, 2, 3, 4, 5, 6, 0, -1].map((responsePartitionLimit) =>
        ask(DescribeTopicPartitionsRequest, 0, {
          topics: [{ name: "pages-c" }, { name: "pages-d" }, { name: "pages-e" }],
          responsePartitionLimit,
        }, { as: `limit ${responsePartitionLimit}` })
      ),
      ...[
        { topicName: "pages-c", partitionIndex: 1 },
        { topicName: "pages-c", partitionIndex: 3 },
        { topicName: "pages-c", partitionIndex: -1 },
        { topicName: "pages-d", partitionIndex: 0 },
        { topicName: "pages-cc", partitionIndex: 1 },
        { topicName: "pages-z", partitionIndex: 0 },
        { topicName: "", partitionIndex: 0 },
      ].map((cursor) =>
        ask(DescribeTopicPartitionsRequest, 0, {
          topics: [{ name: "pages-c" }, { name: "pages-d" }],
          responsePartitionLimit: 2,
          cursor,
        }, { as: `from ${cursor.topicName}-${cursor.partitionIndex}` })
      ),
      ask(DescribeTopicPartitionsRequest, 0, {
        topics: [],
        responsePartitionLimit: 3,
        cursor: { topicName: "pages-cc", partitionIndex: 7 },
      }, { as: "all, from one that is not there" }),
      ask(DescribeTopicPartitionsRequest, 0, {
        topics: [],
        responsePartitionLimit: 3,
        cursor: { topicName: "zzz", partitionIndex: 0 },
      }, { as: "all, from beyond the last" }),
    ],
  },
];

/** Played last: both brokers have the same topics then. */
export const finalCases: readonly Case[] = [{
  name: "Metadata of all topics, after all that",
  steps: [
    ask(MetadataRequest, 12, { topics: null }),
    ask(MetadataRequest, 0, { topics: [] }),
  ],
}];

export const metadataCases: readonly Case[] = [...empty, ...versions, ...names, ...autoCreation, ...pages];
