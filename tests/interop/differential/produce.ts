/**
 * Produce: what is appended, and what is refused with which error.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { FetchRequest } from "../../../lib/protocol/messages/fetch.ts";
import { ListOffsetsRequest } from "../../../lib/protocol/messages/list_offsets.ts";
import { ProduceRequest } from "../../../lib/protocol/messages/produce.ts";
import {
  ask,
  askChanged,
  type Case,
  type PurposefulDifference,
  type Step,
  type StepOptions,
  topic,
} from "../support/case.ts";
import { Attributes, batch, type BatchFields, legacyMessage, NOW_MS } from "../support/record_batch.ts";

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

const ANSWER = "responses[0].partitionResponses[0]";

/** Barnabas refuses with another error. */
function refusesWith(errorCode: ErrorCode, reason: string): PurposefulDifference[] {
  return [{ at: `${ANSWER}.errorCode`, barnabas: errorCode, reason }];
}

/** Barnabas refuses what Apache Kafka appends. */
function refuses(errorCode: ErrorCode, reason: string): PurposefulDifference[] {
  return [
    ...refusesWith(errorCode, reason),
    { at: `${ANSWER}.baseOffset`, barnabas: -1, reason },
    { at: `${ANSWER}.logStartOffset`, barnabas: -1, reason },
    { at: `${ANSWER}.errorMessage`, barnabas: "<wording>", reason },
  ];
}

/** Barnabas appends what Apache Kafka refuses. */
function accepts(baseOffset: number, reason: string): PurposefulDifference[] {
  return [
    { at: `${ANSWER}.errorCode`, barnabas: ErrorCode.NONE, reason },
    { at: `${ANSWER}.baseOffset`, barnabas: baseOffset, reason },
    { at: `${ANSWER}.errorMessage`, barnabas: null, reason },
  ];
}

const NOT_DECODED =
  "Apache Kafka decodes all records that it appends; Barnabas judges a batch by its header and checksum wherever these suffice";
const DAMAGE_NAMED = "what is no whole batch is damage, for which there is an error of its own";
const DAMAGE_NOT_DROPPED = "Apache Kafka drops what follows a batch without a word";

/** A batch of odd fields, and what is in the log after it; that only where both brokers agree. */
function oddBatch(
  name: string,
  topicName: string,
  records: readonly string[],
  fields: BatchFields,
  differs?: readonly PurposefulDifference[],
): Case {
  const afterwards = differs === undefined ? [readBack(topicName)] : [];
  return {
    name: `Produce: ${name}`,
    steps: [...topic(topicName), produce(topicName, batch(records, fields), { differs }), ...afterwards],
  };
}

const versions: Case[] = [3, 5, 7, 8, 9, 11, 12].map((version) => ({
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

const damaged: Case[] = [
  oddBatch("a wrong CRC", "produce-crc", ["a"], { crc: 0x12345678 }),
  oddBatch("a length that is too small", "produce-short", ["a"], { length: 20 }),
  oddBatch("a length of zero", "produce-zero", ["a"], { length: 0 }),
  oddBatch("a negative length", "produce-negative", ["a"], { length: -1 }),
  oddBatch(
    "a length beyond what is there",
    "produce-long",
    ["a"],
    { length: 10_000 },
    refusesWith(ErrorCode.CORRUPT_MESSAGE, DAMAGE_NAMED),
  ),
  oddBatch("a length one too small", "produce-one-less", ["aaaaaaaaaaaaaaaaaaaaaaaa"], { length: 80 }),
  oddBatch("magic 3", "produce-magic-3", ["a"], { magic: 3 }),
  oddBatch("magic -1", "produce-magic-negative", ["a"], { magic: -1 }),
  oddBatch("fewer records than it says", "produce-fewer", ["a"], { recordCount: 2, lastOffsetDelta: 1 }),
  oddBatch(
    "more records than it says",
    "produce-more",
    ["a", "b"],
    { recordCount: 1, lastOffsetDelta: 0 },
    accepts(0, NOT_DECODED),
  ),
  oddBatch("a negative record count", "produce-count", ["a"], { recordCount: -1 }),
  oddBatch("a last offset delta that is not the record count", "produce-delta", ["a", "b"], { lastOffsetDelta: 5 }),
  oddBatch("a negative last offset delta", "produce-delta-negative", ["a", "b"], { lastOffsetDelta: -1 }),
  oddBatch("a base offset other than 0", "produce-base", ["a", "b"], { baseOffset: 77n }),
  oddBatch("a control batch", "produce-control", ["a"], { attributes: Attributes.CONTROL }),
  oddBatch(
    "a codec that there is not",
    "produce-codec",
    ["a"],
    { attributes: 5 },
    refusesWith(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "Apache Kafka fails at it, and says UNKNOWN_SERVER_ERROR"),
  ),
  oddBatch("unused bits of the attributes", "produce-attributes", ["a"], { attributes: 0x700 }),
  oddBatch("the delete horizon flag", "produce-horizon", ["a"], { attributes: 0x40 }),
  oddBatch(
    "a codec named that was not used",
    "produce-not-gzip",
    ["a"],
    { attributes: Attributes.GZIP },
    accepts(0, NOT_DECODED),
  ),
  {
    name: "Produce: records of odd offset deltas",
    steps: [
      ...topic("produce-deltas"),
      produce("produce-deltas", batch([{ value: "a", offsetDelta: 0 }, { value: "b", offsetDelta: 2 }]), {
        as: "a gap between deltas",
      }),
      produce("produce-deltas", batch([{ value: "a", offsetDelta: 1 }, { value: "b", offsetDelta: 0 }]), {
        as: "deltas that fall",
      }),
      readBack("produce-deltas"),
    ],
  },
  {
    name: "Produce: two batches",
    steps: [
      ...topic("produce-batches"),
      produce("produce-batches", concat([batch(["a"]), batch(["b"])]), { as: "two batches" }),
      produce("produce-batches", concat([batch(["a"]), batch(["b"])]), { version: 3, as: "two batches" }),
      readBack("produce-batches"),
    ],
  },
  {
    name: "Produce: what is no whole batch",
    steps: [
      ...topic("produce-pieces"),
      produce("produce-pieces", batch(["a"]).subarray(0, 40), {
        as: "half a header",
        differs: refusesWith(ErrorCode.CORRUPT_MESSAGE, DAMAGE_NAMED),
      }),
      produce("produce-pieces", batch(["a"]).subarray(0, 5), {
        as: "five bytes",
        differs: refusesWith(ErrorCode.CORRUPT_MESSAGE, DAMAGE_NAMED),
      }),
      produce("produce-pieces", batch(["aaaaaaaaaaaaaaaaaa"]).subarray(0, 70), {
        as: "half a batch",
        differs: refusesWith(ErrorCode.CORRUPT_MESSAGE, DAMAGE_NAMED),
      }),
      readBack("produce-pieces"),
      produce("produce-pieces", concat([batch(["c"]), new Uint8Array(7)]), {
        as: "seven bytes after a batch",
        differs: refuses(ErrorCode.CORRUPT_MESSAGE, DAMAGE_NOT_DROPPED),
      }),
      produce("produce-pieces", concat([batch(["d"]), batch(["e"]).subarray(0, 50)]), {
        as: "half a batch after a batch",
        differs: refuses(ErrorCode.CORRUPT_MESSAGE, DAMAGE_NOT_DROPPED),
      }),
    ],
  },
  {
    name: "Produce: old message formats",
    steps: [
      ...topic("produce-legacy"),
      produce("produce-legacy", legacyMessage({ magic: 1, value: "a", timestampMs: NOW_MS }), { version: 3 }),
      produce("produce-legacy", legacyMessage({ magic: 0, value: "a" }), { version: 3 }),
      produce("produce-legacy", legacyMessage({ magic: 1, value: "a" }), { version: 9 }),
      readBack("produce-legacy"),
    ],
  },
];

function halfOfGzip(records: Uint8Array): Uint8Array {
  const compressed = gzipSync(records);
  return compressed.subarray(0, compressed.length / 2);
}

const compression: Case[] = [
  {
    name: "Produce: compressed batches",
    steps: [
      ...topic("produce-compressed"),
      produce("produce-compressed", batch(["a", "b"], { attributes: Attributes.GZIP, compress: gzipSync }), {
        as: "gzip",
      }),
      produce("produce-compressed", batch(["c", "d"], { attributes: Attributes.ZSTD, compress: zstdCompressSync }), {
        as: "zstd",
      }),
      produce("produce-compressed", batch(["e"], { attributes: Attributes.ZSTD, compress: zstdCompressSync }), {
        version: 7,
        as: "zstd",
      }),
      produce("produce-compressed", batch(["f"], { attributes: Attributes.ZSTD, compress: zstdCompressSync }), {
        version: 6,
        as: "zstd, which version 6 does not know",
      }),
      ask(FetchRequest, 9, {
        maxBytes: 1 << 20,
        topics: [{
          topic: "produce-compressed",
          partitions: [{ partition: 0, fetchOffset: 2n, partitionMaxBytes: 1 << 20 }],
        }],
      }, { as: "zstd, which version 9 does not know" }),
      ask(FetchRequest, 9, {
        maxBytes: 1 << 20,
        topics: [{
          topic: "produce-compressed",
          partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 50 }],
        }],
      }, { as: "gzip alone" }),
      ask(FetchRequest, 10, {
        maxBytes: 1 << 20,
        topics: [{
          topic: "produce-compressed",
          partitions: [{ partition: 0, fetchOffset: 2n, partitionMaxBytes: 1 << 20 }],
        }],
      }),
      readBack("produce-compressed"),
      ...topic("produce-zstd", { configs: { "compression.type": "zstd" } }),
      produce("produce-zstd", batch(["a"], { attributes: Attributes.ZSTD, compress: zstdCompressSync }), {
        version: 3,
      }),
      produce("produce-zstd", batch(["a"], { attributes: Attributes.ZSTD, compress: zstdCompressSync }), {
        version: 7,
      }),
      ask(FetchRequest, 9, {
        maxBytes: 1 << 20,
        topics: [{
          topic: "produce-zstd",
          partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 << 20 }],
        }],
      }, { as: "a topic of zstd, which version 9 does not know" }),
    ],
  },
  {
    name: "Produce: compressed records that are damaged or miscounted",
    steps: [
      ...topic("produce-damaged"),
      produce("produce-damaged", batch(["a"], { attributes: Attributes.GZIP, compress: halfOfGzip }), {
        as: "half of gzip",
        differs: accepts(0, NOT_DECODED),
      }),
      produce("produce-damaged", batch(["a"], { attributes: Attributes.ZSTD, compress: gzipSync }), {
        as: "gzip named zstd",
        differs: accepts(1, NOT_DECODED),
      }),
      produce(
        "produce-damaged",
        batch(["a"], { attributes: Attributes.GZIP, compress: gzipSync, recordCount: 2, lastOffsetDelta: 1 }),
        { as: "fewer records than it says", differs: accepts(2, NOT_DECODED) },
      ),
      produce(
        "produce-damaged",
        batch(["a", "b"], { attributes: Attributes.GZIP, compress: gzipSync, recordCount: 1, lastOffsetDelta: 0 }),
        { as: "more records than it says", differs: accepts(4, NOT_DECODED) },
      ),
    ],
  },
  {
    name: "Produce: compressed records that have to be decoded are found to be damaged",
    steps: [
      ...topic("produce-damaged-compacted", { configs: { "cleanup.policy": "compact" } }),
      produce("produce-damaged-compacted", batch(["a"], { attributes: Attributes.GZIP, compress: halfOfGzip }), {
        as: "half of gzip",
        differs: refusesWith(ErrorCode.INVALID_RECORD, "Apache Kafka fails at it, and says UNKNOWN_SERVER_ERROR"),
      }),
      produce(
        "produce-damaged-compacted",
        batch([{ key: "k" }], { attributes: Attributes.GZIP, compress: gzipSync, recordCount: 2, lastOffsetDelta: 1 }),
        { as: "fewer records than it says" },
      ),
      readBack("produce-damaged-compacted"),
    ],
  },
  {
    name: "Produce: the topic's compression.type decides",
    steps: [
      ...topic("produce-uncompressed", { configs: { "compression.type": "uncompressed" } }),
      produce("produce-uncompressed", batch(["a", "b"], { attributes: Attributes.GZIP, compress: gzipSync })),
      produce("produce-uncompressed", batch(["c"])),
      readBack("produce-uncompressed"),
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
    name: "Produce: a maximum of timestamps that is not that of the records",
    steps: [
      ...topic("produce-maximum"),
      produce("produce-maximum", batch(["a"], { maxTimestamp: NOW_MS + 5 })),
      {
        ...readBack("produce-maximum"),
        options: {
          differs: [
            { at: "responses[0].partitions[0].records[0].maxTimestamp", barnabas: NOW_MS + 5, reason: NOT_DECODED },
            { at: "responses[0].partitions[0].records[0].crc", reason: NOT_DECODED },
          ],
        },
      },
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
  ...damaged,
  ...compression,
  ...sizes,
  ...timestamps,
  ...compacted,
  ...requests,
];
