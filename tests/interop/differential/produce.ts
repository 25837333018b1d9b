/**
 * Produce: what is appended, and what is refused with which error.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { DeleteRecordsRequest } from "../../../lib/protocol/messages/delete_records.ts";
import { FetchRequest } from "../../../lib/protocol/messages/fetch.ts";
import { ListOffsetsRequest } from "../../../lib/protocol/messages/list_offsets.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { ProduceRequest } from "../../../lib/protocol/messages/produce.ts";
import { ask, askChanged, type Case, errorCodesOf, type Step, type StepOptions, topic } from "../support/case.ts";
import { Attributes, batch, NOW_MS } from "../support/record_batch.ts";

const HOUR_MS = 3_600_000;

/** Sends `records` to partition 0 of a topic. */
export function produce(
  name: string,
  records: Uint8Array | null,
  options: StepOptions & { version?: number; acks?: number; partition?: number } = {},
): Step {
  const { version = 9, acks = -1, partition = 0, ...rest } = options;
  return ask(ProduceRequest, version, {
    acks,
    timeoutMs: 5000,
    topicData: [{ name, partitionData: [{ index: partition, records }] }],
  }, rest);
}

/** All that partition 0 of a topic has. */
export function readBack(name: string): Step {
  return ask(FetchRequest, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ topic: name, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }] }],
  }, { as: "all of it" });
}

const versions: Case[] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((version) => ({
  name: `Produce v${version}: a batch is appended`,
  steps: [
    ...topic(`produce-v${version}`, { partitions: 2 }),
    produce(`produce-v${version}`, batch(["a", "b"]), { version }),
    produce(`produce-v${version}`, batch(["c"]), { version, acks: 1 }),
    produce(`produce-v${version}`, batch(["d"]), { version, acks: 0, unanswered: true }),
    produce(`produce-v${version}`, batch(["e"]), { version, partition: 1 }),
    // With this one acknowledged, the one before it can be read too.
    produce(`produce-v${version}`, batch(["f"]), { version }),
    readBack(`produce-v${version}`),
  ],
}));

const byId: Case[] = [{
  name: "Produce v13: by topic id",
  steps: [
    ...topic("produce-id"),
    ask(ProduceRequest, 13, ({ topicId }) => ({
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ topicId: topicId("produce-id"), partitionData: [{ index: 0, records: batch(["a"]) }] }],
    })),
    ask(ProduceRequest, 13, ({ topicId }) => ({
      acks: -1,
      timeoutMs: 5000,
      topicData: [
        { topicId: "RANDOMRANDOMRANDOMRANA", partitionData: [{ index: 0, records: batch(["a"]) }] },
        { topicId: topicId("produce-id"), partitionData: [{ index: 7, records: batch(["a"]) }] },
        { topicId: "AAAAAAAAAAAAAAAAAAAAAA", partitionData: [{ index: 0, records: batch(["a"]) }] },
      ],
    }), { as: "an unknown id, an unknown partition, no id" }),
  ],
}];

const NEVER_ANSWERED = [{ at: "", reason: "Apache Kafka fails at it, and never answers" }];
const EACH_APPENDED = "Apache Kafka appends the last one alone, and drops the others without a word";

const partitions: Case[] = [
  {
    name: "Produce: unknown topics and partitions",
    steps: [
      ...topic("produce-known"),
      produce("produce-unknown", batch(["a"])),
      produce("produce-unknown", batch(["a"]), { version: 3 }),
      produce("produce-known", batch(["a"]), { partition: 1 }),
      produce("produce-known", batch(["a"]), { partition: -1 }),
      produce("bad name!", batch(["a"])),
      produce("", batch(["a"])),
      ask(ProduceRequest, 9, {
        acks: -1,
        timeoutMs: 5000,
        topicData: [{
          name: "produce-known",
          partitionData: [{ index: 0, records: batch(["x"]) }, { index: 5, records: batch(["y"]) }],
        }, { name: "produce-unknown", partitionData: [{ index: 0, records: batch(["z"]) }] }],
      }, { as: "one of three is known" }),
    ],
  },
  {
    name: "Produce: nothing to append",
    steps: [
      ...topic("produce-nothing"),
      ask(ProduceRequest, 9, { acks: -1, timeoutMs: 5000, topicData: [] }, { as: "no topics" }),
      ask(
        ProduceRequest,
        9,
        { acks: -1, timeoutMs: 5000, topicData: [{ name: "produce-nothing", partitionData: [] }] },
        {
          as: "no partitions",
        },
      ),
      produce("produce-nothing", null, { as: "null records", maySayNothing: true, differs: NEVER_ANSWERED }),
      produce("produce-nothing", null, {
        version: 3,
        as: "null records",
        maySayNothing: true,
        differs: NEVER_ANSWERED,
      }),
      produce("produce-nothing", new Uint8Array(0), { as: "empty records" }),
      produce("produce-nothing", batch([]), { as: "a batch of no records" }),
      produce("produce-nothing", batch([], { recordCount: 0, lastOffsetDelta: 0 }), { as: "a batch of no records" }),
      readBack("produce-nothing"),
    ],
  },
  {
    name: "Produce: the same partition twice",
    steps: [
      ...topic("produce-twice"),
      ask(ProduceRequest, 9, {
        acks: -1,
        timeoutMs: 5000,
        topicData: [{
          name: "produce-twice",
          partitionData: [{ index: 0, records: batch(["x"]) }, { index: 0, records: batch(["y"]) }],
        }],
      }, {
        differs: [{
          at: "responses[0].partitionResponses",
          barnabas: [0, 1].map((baseOffset) => ({
            index: 0,
            errorCode: ErrorCode.NONE,
            baseOffset,
            logAppendTimeMs: -1,
            logStartOffset: 0,
            recordErrors: [],
            errorMessage: null,
          })),
          reason: EACH_APPENDED,
        }],
      }),
    ],
  },
  {
    name: "Produce: the same topic twice",
    steps: [
      ...topic("produce-topic-twice"),
      ask(ProduceRequest, 9, {
        acks: -1,
        timeoutMs: 5000,
        topicData: [
          { name: "produce-topic-twice", partitionData: [{ index: 0, records: batch(["1"]) }] },
          { name: "produce-topic-twice", partitionData: [{ index: 0, records: batch(["2"]) }] },
        ],
      }, { differs: [{ at: "responses", reason: EACH_APPENDED }] }),
    ],
  },
  {
    name: "Produce: acks that there are not",
    steps: [
      ...topic("produce-acks"),
      produce("produce-acks", batch(["a"]), { acks: 2, as: "acks=2" }),
      produce("produce-acks", batch(["a"]), { acks: -2, version: 3, as: "acks=-2" }),
      produce("produce-acks-unknown", batch(["a"]), { acks: 2, as: "acks=2, unknown topic" }),
      readBack("produce-acks"),
    ],
  },
  {
    name: "Produce with acks=0: an error closes the connection",
    steps: [
      ...topic("produce-acks-0"),
      produce("produce-acks-0", batch(["a"], { crc: 1 }), { acks: 0, unanswered: true, as: "a wrong CRC" }),
      readBack("produce-acks-0"),
      readBack("produce-acks-0"),
      produce("produce-acks-0-unknown", batch(["a"]), { acks: 0, unanswered: true, as: "an unknown topic" }),
      readBack("produce-acks-0"),
    ],
  },
];

const sizes: Case[] = [
  {
    name: "Produce: max.message.bytes",
    steps: [
      ...topic("produce-large", { configs: { "max.message.bytes": "200" } }),
      produce("produce-large", batch(["x".repeat(130)]), { as: "just as large as allowed" }),
      produce("produce-large", batch(["x".repeat(131)]), { as: "a byte more" }),
      produce("produce-large", batch(["x".repeat(1000)]), { version: 3, as: "much more" }),
      produce("produce-large", batch(["x".repeat(1000)], { attributes: Attributes.GZIP, compress: gzipSync }), {
        as: "much more, but compressed",
      }),
      produce("produce-large", batch(["x".repeat(1000)], { crc: 1 }), { as: "much more, with a wrong CRC" }),
      readBack("produce-large"),
    ],
  },
  {
    name: "Produce: the default of max.message.bytes",
    steps: [
      ...topic("produce-default-large"),
      produce("produce-default-large", batch(["x".repeat(1_048_516)]), { as: "just as large as allowed" }),
      produce("produce-default-large", batch(["x".repeat(1_048_517)]), { as: "a byte more" }),
    ],
  },
  {
    name: "Produce: a batch larger than a segment",
    steps: [
      ...topic("produce-segment", { configs: { "segment.bytes": "1048576", "max.message.bytes": "3000000" } }),
      produce("produce-segment", batch(["x".repeat(1_048_600)])),
    ],
  },
];

const timestamps: Case[] = [
  {
    name: "Produce: timestamps out of range",
    steps: [
      ...topic("produce-time"),
      produce("produce-time", batch(["a"], { baseTimestamp: NOW_MS + 3 * HOUR_MS }), { as: "three hours ahead" }),
      produce("produce-time", batch(["a"], { baseTimestamp: NOW_MS + 3 * HOUR_MS }), {
        version: 3,
        as: "three hours ahead",
      }),
      produce("produce-time", batch(["a", { value: "b", timestampDelta: 3 * HOUR_MS }, "c"]), { as: "one of three" }),
      produce("produce-time", batch(["a"], { baseTimestamp: NOW_MS + HOUR_MS / 2 }), { as: "half an hour ahead" }),
      produce("produce-time", batch(["a"], { baseTimestamp: 0 }), { as: "of 1970" }),
      produce("produce-time", batch(["a"], { baseTimestamp: -1, maxTimestamp: -1 }), { as: "no timestamp" }),
      readBack("produce-time"),
    ],
  },
  {
    name: "Produce: the topic's limits of timestamps",
    steps: [
      ...topic("produce-limits", {
        configs: { "message.timestamp.before.max.ms": "1000000", "message.timestamp.after.max.ms": "1000" },
      }),
      produce("produce-limits", batch(["a"], { baseTimestamp: NOW_MS - 2_000_000 }), { as: "too old" }),
      produce("produce-limits", batch(["a", { value: "b", timestampDelta: -2_000_000 }]), { as: "one of two too old" }),
      produce("produce-limits", batch(["a"], { baseTimestamp: NOW_MS + 600_000 }), { as: "too new" }),
      produce("produce-limits", batch(["a"])),
    ],
  },
  {
    name: "Produce: LogAppendTime",
    steps: [
      ...topic("produce-append-time", { configs: { "message.timestamp.type": "LogAppendTime" } }),
      produce("produce-append-time", batch(["a"], { baseTimestamp: 0 }), { version: 3 }),
      produce("produce-append-time", batch(["a"], { baseTimestamp: NOW_MS + 3 * HOUR_MS })),
      ask(ListOffsetsRequest, 1, {
        replicaId: -1,
        topics: [{ name: "produce-append-time", partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
      }),
      readBack("produce-append-time"),
    ],
  },
  {
    name: "Produce: the broker's timestamp type from a client",
    steps: [
      ...topic("produce-client-append-time"),
      produce("produce-client-append-time", batch(["a"], { attributes: Attributes.LOG_APPEND_TIME })),
      readBack("produce-client-append-time"),
    ],
  },
];

const compacted: Case[] = [{
  name: "Produce: a compacted topic needs keys",
  steps: [
    ...topic("produce-compacted", { configs: { "cleanup.policy": "compact" } }),
    produce("produce-compacted", batch(["no key"])),
    produce("produce-compacted", batch(["no key"]), { version: 3 }),
    produce("produce-compacted", batch([{ key: "k", value: "1" }, "no key", { key: "k", value: null }, "none"]), {
      as: "some of them",
    }),
    produce("produce-compacted", batch([{ key: "", value: "an empty key" }, { key: "k", value: null }])),
    produce(
      "produce-compacted",
      batch(["no key"], { attributes: Attributes.GZIP, compress: gzipSync }),
      { as: "compressed" },
    ),
    readBack("produce-compacted"),
  ],
}];

/** As `untilWritable`, but how many records coordinators have written there is their affair. */
function untilThere(name: string, partitions: number): Step {
  const all = Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: EARLIEST }));
  return ask(ListOffsetsRequest, 4, { replicaId: -1, topics: [{ name, partitions: all }] }, {
    as: `until ${name} is there`,
    until: (answer) => errorCodesOf(answer).every((code) => code === ErrorCode.NONE),
  });
}

const EARLIEST = -2n;

const internal: Case[] = [{
  name: "an internal topic is created when it is asked for, and is not for clients to write",
  steps: [
    ask(MetadataRequest, 12, { topics: [{ name: "__consumer_offsets" }], allowAutoTopicCreation: false }),
    ask(MetadataRequest, 12, { topics: [{ name: "__consumer_offsets" }] }, {
      as: "created, sooner or later",
      until: (answer) => errorCodesOf(answer).every((code) => code === ErrorCode.NONE),
    }),
    untilThere("__consumer_offsets", 50),
    produce("__consumer_offsets", batch(["a"]), { as: "by a client" }),
    produce("__consumer_offsets", batch([{ key: "a" }]), {
      as: "by a client that calls itself an admin",
      header: { clientId: "__admin_client" },
      differs: [{
        at: "responses[0].partitionResponses[0]",
        reason:
          "Apache Kafka lets any client write there that calls itself so; Barnabas takes no name for a permission",
      }],
    }),
    ask(DeleteRecordsRequest, 2, {
      topics: [{ name: "__consumer_offsets", partitions: [{ partitionIndex: 0, offset: 0n }] }],
      timeoutMs: 1000,
    }),
  ],
}];

const requests: Case[] = [{
  name: "Produce: a request that does not decode",
  steps: [
    ...topic("produce-request"),
    askChanged(ProduceRequest, 3, { acks: 1, topicData: [] }, (body) => body.subarray(0, body.length - 1), {
      as: "a byte too few",
    }),
    produce(
      "produce-request",
      batch(["transactional"], {
        attributes: Attributes.TRANSACTIONAL,
        producerId: 5,
        producerEpoch: 0,
        baseSequence: 0,
      }),
      {
        as: "a transactional batch without a transactional id",
      },
    ),
    ask(ProduceRequest, 9, {
      transactionalId: "t",
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: "produce-request", partitionData: [{ index: 0, records: batch(["plain"]) }] }],
    }, { as: "a transactional id without a transactional batch" }),
    ask(ProduceRequest, 9, {
      acks: -1,
      timeoutMs: -5,
      topicData: [{ name: "produce-request", partitionData: [{ index: 0, records: batch(["impatient"]) }] }],
    }, { as: "a negative timeout" }),
    readBack("produce-request"),
  ],
}];

export const produceCases: readonly Case[] = [
  ...versions,
  ...byId,
  ...partitions,
  ...sizes,
  ...timestamps,
  ...compacted,
  ...internal,
  ...requests,
];
