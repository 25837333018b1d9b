/**
 * ListOffsets: timestamps and the special values below zero, and OffsetForLeaderEpoch and DeleteRecords beside it.
 *
 * @module
 */
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { DeleteRecordsRequest } from "../../../lib/protocol/messages/delete_records.ts";
import { ListOffsetsRequest } from "../../../lib/protocol/messages/list_offsets.ts";
import { OffsetForLeaderEpochRequest } from "../../../lib/protocol/messages/offset_for_leader_epoch.ts";
import { ask, type Case, type Step, type StepOptions, topic } from "../support/case.ts";
import { batch, NOW_MS } from "../support/record_batch.ts";
import { fetchFrom } from "./fetch.ts";
import { produce, readBack } from "./produce.ts";

const LATEST = -1n;
const EARLIEST = -2n;
const MAX_TIMESTAMP = -3n;
const EARLIEST_LOCAL = -4n;
const LATEST_TIERED = -5n;
const EARLIEST_PENDING_UPLOAD = -6n;

function list(
  name: string,
  timestamp: bigint | number,
  version: number,
  options: StepOptions & {
    replicaId?: number;
    isolationLevel?: number;
    currentLeaderEpoch?: number;
    partitionIndex?: number;
  } = {},
): Step {
  const { replicaId = -1, isolationLevel = 0, currentLeaderEpoch = -1, partitionIndex = 0, ...rest } = options;
  return ask(ListOffsetsRequest, version, {
    replicaId,
    ...(version >= 2 ? { isolationLevel } : {}),
    topics: [{ name, partitions: [{ partitionIndex, currentLeaderEpoch, timestamp: BigInt(timestamp) }] }],
  }, { ...rest, as: rest.as ?? `timestamp ${timestamp >= 0 ? `now + ${Number(timestamp) - NOW_MS}` : timestamp}` });
}

/** Six records at 0, 10, 20, 5, 6, 20 milliseconds after NOW_MS, in three batches. */
function sixRecords(name: string): Step[] {
  return [
    ...topic(name),
    produce(name, batch(["0", { value: "1", timestampDelta: 10 }])),
    produce(name, batch([{ value: "2", timestampDelta: 20 }, { value: "3", timestampDelta: 5 }])),
    produce(name, batch([{ value: "4", timestampDelta: 6 }, { value: "5", timestampDelta: 20 }])),
  ];
}

const special: Case[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((version) => ({
  name: `ListOffsets v${version}: special timestamps`,
  steps: [
    ...sixRecords(`list-v${version}`),
    ...[LATEST, EARLIEST, MAX_TIMESTAMP, EARLIEST_LOCAL, LATEST_TIERED, EARLIEST_PENDING_UPLOAD, -7n, -100n].map(
      (timestamp) => list(`list-v${version}`, timestamp, version),
    ),
    list(`list-v${version}`, NOW_MS + 10, version),
  ],
}));

const timestamps: Case[] = [
  {
    name: "ListOffsets: the first record that is as new",
    steps: [
      ...sixRecords("list-time"),
      ...[-1000, 0, 1, 5, 6, 7, 10, 11, 19, 20, 21, 1_000_000].map((delta) => list("list-time", NOW_MS + delta, 7)),
      list("list-time", 0, 1, { as: "timestamp 0" }),
      list("list-time", 0x7fffffffffffffffn, 7, { as: "the greatest timestamp" }),
    ],
  },
  {
    name: "ListOffsets of an empty partition",
    steps: [
      ...topic("list-empty"),
      ...[LATEST, EARLIEST, MAX_TIMESTAMP, EARLIEST_LOCAL, LATEST_TIERED, EARLIEST_PENDING_UPLOAD].map((timestamp) =>
        list("list-empty", timestamp, 11)
      ),
      list("list-empty", NOW_MS, 1),
      list("list-empty", NOW_MS, 7),
    ],
  },
  {
    name: "ListOffsets of records without timestamps",
    steps: [
      ...topic("list-untimed"),
      produce("list-untimed", batch(["a"], { baseTimestamp: -1, maxTimestamp: -1 })),
      list("list-untimed", MAX_TIMESTAMP, 7, {
        differs: ["offset", "leaderEpoch"].map((field) => ({
          at: `topics[0].partitions[0].${field}`,
          barnabas: -1,
          reason: "Apache Kafka takes the -1 that means no timestamp for the greatest one",
        })),
      }),
      list("list-untimed", 0, 7, { as: "timestamp 0" }),
    ],
  },
];

const bad: Case[] = [
  {
    name: "ListOffsets: unknown partitions, epochs and replicas",
    steps: [
      ...topic("list-bad"),
      produce("list-bad", batch(["a"])),
      list("list-none", LATEST, 1, { as: "an unknown topic" }),
      list("list-none", LATEST, 7, { as: "an unknown topic" }),
      list("bad name!", LATEST, 7, { as: "a bad name" }),
      list("list-bad", LATEST, 7, { partitionIndex: 5, as: "an unknown partition" }),
      list("list-bad", LATEST, 7, { partitionIndex: -1, as: "a negative partition" }),
      list("list-bad", LATEST, 7, { currentLeaderEpoch: 0, as: "the right epoch" }),
      list("list-bad", LATEST, 7, { currentLeaderEpoch: 7, as: "an epoch to come" }),
      list("list-bad", LATEST, 7, { currentLeaderEpoch: -5, as: "a negative epoch" }),
      list("list-bad", LATEST, 7, { isolationLevel: 1, as: "committed records" }),
      list("list-bad", LATEST, 7, {
        isolationLevel: 5,
        as: "an unknown isolation level",
        differs: [{
          at: "topics[0].partitions[0].errorCode",
          barnabas: ErrorCode.INVALID_REQUEST,
          reason: "Apache Kafka fails at it, and says UNKNOWN_SERVER_ERROR",
        }],
      }),
      list("list-bad", LATEST, 7, { replicaId: -2, as: "the debugging consumer" }),
      list("list-bad", LATEST, 7, { replicaId: 1, as: "the leader itself as a follower" }),
      list("list-bad", LATEST, 7, { replicaId: 5, as: "an unknown follower" }),
      list("list-bad", LATEST, 7, { replicaId: -7, as: "a negative replica" }),
      ask(ListOffsetsRequest, 7, { replicaId: -1, topics: [] }, { as: "no topics" }),
      ask(ListOffsetsRequest, 7, { replicaId: -1, topics: [{ name: "list-bad", partitions: [] }] }, {
        as: "no partitions",
      }),
      ask(ListOffsetsRequest, 7, {
        replicaId: -1,
        topics: [{
          name: "list-bad",
          partitions: [{ partitionIndex: 0, timestamp: LATEST }, { partitionIndex: 0, timestamp: EARLIEST }],
        }],
      }, { as: "a partition twice" }),
      ask(ListOffsetsRequest, 1, {
        replicaId: -1,
        topics: [{
          name: "list-bad",
          partitions: [{ partitionIndex: 0, timestamp: LATEST }, { partitionIndex: 0, timestamp: EARLIEST }],
        }],
      }, { as: "a partition twice" }),
    ],
  },
];

function deleteRecords(name: string, offset: bigint, version: number, partitionIndex = 0): Step {
  return ask(DeleteRecordsRequest, version, {
    topics: [{ name, partitions: [{ partitionIndex, offset }] }],
    timeoutMs: 5000,
  }, { as: `before ${offset}` });
}

const deletedRecords: Case[] = [
  ...[0, 1, 2].map((version): Case => ({
    name: `DeleteRecords v${version}: the log start offset moves`,
    steps: [
      ...sixRecords(`records-v${version}`),
      deleteRecords(`records-v${version}`, 3n, version),
      list(`records-v${version}`, EARLIEST, 7),
      list(`records-v${version}`, NOW_MS, 7),
      list(`records-v${version}`, MAX_TIMESTAMP, 7),
      readBack(`records-v${version}`),
      fetchFrom(`records-v${version}`, 3n),
      deleteRecords(`records-v${version}`, 1n, version),
      deleteRecords(`records-v${version}`, -1n, version),
      produce(`records-v${version}`, batch(["a"])),
      list(`records-v${version}`, EARLIEST, 7),
    ],
  })),
  {
    name: "DeleteRecords: offsets and partitions that cannot be",
    steps: [
      ...sixRecords("records-bad"),
      deleteRecords("records-bad", 7n, 2),
      deleteRecords("records-bad", -2n, 2),
      deleteRecords("records-bad", 0n, 2, 5),
      deleteRecords("records-bad", 0n, 2, -1),
      deleteRecords("records-none", 0n, 2),
      deleteRecords("records-none", 0n, 0),
      deleteRecords("bad name!", 0n, 2),
      ask(DeleteRecordsRequest, 2, { topics: [], timeoutMs: 100 }, { as: "no topics" }),
      ask(DeleteRecordsRequest, 2, {
        topics: [{
          name: "records-bad",
          partitions: [{ partitionIndex: 0, offset: 1n }, { partitionIndex: 0, offset: 2n }],
        }],
        timeoutMs: 100,
      }, {
        as: "a partition twice",
        differs: [{ at: "topics[0].partitions", reason: "Apache Kafka answers the last one alone" }],
      }),
      deleteRecords("records-bad", 6n, 2),
      readBack("records-bad"),
    ],
  },
  {
    name: "DeleteRecords: a compacted topic keeps its own",
    steps: [
      ...topic("records-compacted", { configs: { "cleanup.policy": "compact" } }),
      produce("records-compacted", batch([{ key: "k", value: "v" }])),
      deleteRecords("records-compacted", 1n, 2),
      ...topic("records-both", { configs: { "cleanup.policy": "compact,delete" } }),
      produce("records-both", batch([{ key: "k", value: "v" }])),
      deleteRecords("records-both", 1n, 2),
    ],
  },
];

function endOfEpoch(
  topicName: string,
  leaderEpoch: number,
  version: number,
  options: StepOptions & { partition?: number; currentLeaderEpoch?: number; replicaId?: number } = {},
): Step {
  const { partition = 0, currentLeaderEpoch = -1, replicaId = -1, ...rest } = options;
  return ask(OffsetForLeaderEpochRequest, version, {
    replicaId,
    topics: [{ topic: topicName, partitions: [{ partition, currentLeaderEpoch, leaderEpoch }] }],
  }, { ...rest, as: rest.as ?? `epoch ${leaderEpoch}` });
}

const epochs: Case[] = [
  ...[2, 3, 4].map((version): Case => ({
    name: `OffsetForLeaderEpoch v${version}`,
    steps: [
      ...topic(`epoch-v${version}`),
      endOfEpoch(`epoch-v${version}`, 0, version, { as: "nothing was written" }),
      produce(`epoch-v${version}`, batch(["a", "b"])),
      endOfEpoch(`epoch-v${version}`, 0, version),
      endOfEpoch(`epoch-v${version}`, 5, version),
      endOfEpoch(`epoch-v${version}`, -1, version),
      endOfEpoch(`epoch-v${version}`, -3, version, {
        differs: ["leaderEpoch", "endOffset"].map((field) => ({
          at: `topics[0].partitions[0].${field}`,
          barnabas: -1,
          reason: "Apache Kafka takes a negative epoch for one before the first; there is none",
        })),
      }),
    ],
  })),
  {
    name: "OffsetForLeaderEpoch: what is not there, or not so",
    steps: [
      ...topic("epoch-bad"),
      produce("epoch-bad", batch(["a"])),
      endOfEpoch("epoch-none", 0, 2, { as: "an unknown topic" }),
      endOfEpoch("epoch-none", 0, 4, { as: "an unknown topic" }),
      endOfEpoch("bad name!", 0, 4, { as: "a bad name" }),
      endOfEpoch("epoch-bad", 0, 4, { partition: 3, as: "an unknown partition" }),
      endOfEpoch("epoch-bad", 0, 4, { partition: -3, as: "a negative partition" }),
      endOfEpoch("epoch-bad", 0, 4, { currentLeaderEpoch: 0, as: "the right epoch" }),
      endOfEpoch("epoch-bad", 0, 4, { currentLeaderEpoch: 9, as: "an epoch to come" }),
      endOfEpoch("epoch-bad", 0, 4, { replicaId: 5, as: "an unknown follower" }),
      ask(OffsetForLeaderEpochRequest, 4, { replicaId: -1, topics: [] }, { as: "no topics" }),
      ask(OffsetForLeaderEpochRequest, 2, { topics: [{ topic: "epoch-bad", partitions: [] }] }, {
        as: "no partitions",
      }),
      ask(OffsetForLeaderEpochRequest, 4, {
        replicaId: -1,
        topics: [{
          topic: "epoch-bad",
          partitions: [{ partition: 0, leaderEpoch: 0 }, { partition: 0, leaderEpoch: 1 }],
        }],
      }, { as: "a partition twice" }),
    ],
  },
];

export const listOffsetsCases: readonly Case[] = [...special, ...timestamps, ...bad, ...deletedRecords, ...epochs];
