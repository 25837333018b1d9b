/**
 * Produce: batches that are damaged, odd or compressed.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { gzipSync } from "node:zlib";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { FetchRequest } from "../../../lib/protocol/messages/fetch.ts";
import { ask, type Case, type PurposefulDifference, topic } from "../support/case.ts";
import { Attributes, batch, type BatchFields, legacyMessage, NOW_MS } from "../support/record_batch.ts";
import { produce, readBack } from "./produce.ts";

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

/** A zstd frame of one raw block (RFC 8878), of less than 256 bytes: not every Deno has the codec. */
function zstdOf(records: Uint8Array): Uint8Array {
  const blockHeader = (records.length << 3) | 1;
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0x20, records.length, blockHeader & 0xff, blockHeader >> 8, 0];
  return concat([new Uint8Array(header), records]);
}

const compression: Case[] = [
  {
    name: "Produce: compressed batches",
    steps: [
      ...topic("produce-compressed"),
      produce("produce-compressed", batch(["a", "b"], { attributes: Attributes.GZIP, compress: gzipSync }), {
        as: "gzip",
      }),
      produce("produce-compressed", batch(["c", "d"], { attributes: Attributes.ZSTD, compress: zstdOf }), {
        as: "zstd",
      }),
      produce("produce-compressed", batch(["e"], { attributes: Attributes.ZSTD, compress: zstdOf }), {
        version: 7,
        as: "zstd",
      }),
      produce("produce-compressed", batch(["f"], { attributes: Attributes.ZSTD, compress: zstdOf }), {
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
      produce("produce-zstd", batch(["a"], { attributes: Attributes.ZSTD, compress: zstdOf }), {
        version: 3,
      }),
      produce("produce-zstd", batch(["a"], { attributes: Attributes.ZSTD, compress: zstdOf }), {
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

const maximum: Case[] = [{
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
}];

export const batchCases: readonly Case[] = [...damaged, ...compression, ...maximum];
