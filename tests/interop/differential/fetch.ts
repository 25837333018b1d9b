/**
 * Fetch: what is read, how much of it, how long it waits, and the sessions of KIP-227.
 *
 * @module
 */
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { DeleteRecordsRequest } from "../../../lib/protocol/messages/delete_records.ts";
import { DeleteTopicsRequest } from "../../../lib/protocol/messages/delete_topics.ts";
import { FetchRequest } from "../../../lib/protocol/messages/fetch.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, slow, type Step, type StepOptions, topic } from "../support/case.ts";
import type { Known } from "../support/known.ts";
import { batch } from "../support/record_batch.ts";
import { produce } from "./produce.ts";

const MEGABYTE = 1 << 20;

/** How a fetch of one partition differs from the plainest one. */
interface FetchFields {
  readonly version?: number;
  readonly partition?: number;
  readonly partitionMaxBytes?: number;
  readonly maxBytes?: number;
  readonly minBytes?: number;
  readonly maxWaitMs?: number;
  readonly isolationLevel?: number;
  readonly currentLeaderEpoch?: number;
  readonly lastFetchedEpoch?: number;
  readonly replicaId?: number;
  readonly replicaState?: { readonly replicaId: number; readonly replicaEpoch?: bigint };
  readonly sessionId?: number;
  readonly sessionEpoch?: number;
  readonly rackId?: string;
}

/** Reads partition 0 of a topic from an offset on. */
export function fetchFrom(name: string, fetchOffset: bigint, options: StepOptions & FetchFields = {}): Step {
  const {
    version = 12,
    partition = 0,
    partitionMaxBytes = MEGABYTE,
    maxBytes = MEGABYTE,
    minBytes = 0,
    maxWaitMs = 0,
    isolationLevel = 0,
    currentLeaderEpoch = -1,
    lastFetchedEpoch,
    replicaId,
    replicaState,
    sessionId,
    sessionEpoch,
    rackId,
    ...rest
  } = options;
  const common = {
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel,
    replicaId,
    replicaState,
    sessionId,
    sessionEpoch,
    rackId,
  };
  const partitions = [{ partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, partitionMaxBytes }];
  return ask(FetchRequest, version, ({ topicId }: Known): Init<FetchRequest> => ({
    ...defined(common),
    topics: [{ ...(version < 13 ? { topic: name } : { topicId: topicId(name) }), partitions: partitions.map(defined) }],
  }), { ...rest, as: rest.as ?? `from ${fetchOffset}` });
}

/** Without the fields that are undefined. */
function defined<T extends object>(struct: T): T {
  return Object.fromEntries(Object.entries(struct).filter(([, value]) => value !== undefined)) as T;
}

/** Three batches: offsets 0 to 1, 2, and 3 to 5, of 77, 69 and 85 bytes. */
function threeBatches(name: string): Step[] {
  return [
    ...topic(name),
    produce(name, batch(["0", "1"])),
    produce(name, batch(["2"])),
    produce(name, batch(["3", "4", "5"])),
  ];
}

const versions: Case[] = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18].map((version) => ({
  name: `Fetch v${version}: from an offset to the end`,
  steps: [
    ...threeBatches(`fetch-v${version}`),
    fetchFrom(`fetch-v${version}`, 0n, { version }),
    fetchFrom(`fetch-v${version}`, 4n, { version }),
    fetchFrom(`fetch-v${version}`, 6n, { version }),
    fetchFrom(`fetch-v${version}`, 7n, { version }),
  ],
}));

const REFUSED_PROPERLY = ["errorCode", "responses[0].partitions[0].errorCode"].map((at) => ({
  at,
  barnabas: ErrorCode.INVALID_REQUEST,
  reason: "Apache Kafka fails at it, and says UNKNOWN_SERVER_ERROR",
}));

const offsets: Case[] = [
  {
    name: "Fetch: offsets, partitions and epochs that are not there",
    steps: [
      ...threeBatches("fetch-bad"),
      fetchFrom("fetch-bad", -1n),
      fetchFrom("fetch-bad", 1_000_000n, { version: 4 }),
      fetchFrom("fetch-bad", 0n, { partition: 3, as: "an unknown partition" }),
      fetchFrom("fetch-bad", 0n, { partition: -1, as: "a negative partition" }),
      fetchFrom("fetch-none", 0n, { as: "an unknown topic" }),
      fetchFrom("fetch-none", 0n, { version: 4, as: "an unknown topic" }),
      fetchFrom("bad name!", 0n, { as: "a bad name" }),
      fetchFrom("fetch-bad", 0n, { currentLeaderEpoch: 0, as: "the right epoch" }),
      fetchFrom("fetch-bad", 0n, { currentLeaderEpoch: 3, as: "an epoch to come" }),
      fetchFrom("fetch-bad", 0n, { currentLeaderEpoch: 3, version: 16, as: "an epoch to come" }),
      fetchFrom("fetch-bad", 0n, { currentLeaderEpoch: -4, as: "a negative epoch" }),
      fetchFrom("fetch-bad", 0n, { lastFetchedEpoch: 0, as: "fetched epoch 0" }),
      fetchFrom("fetch-bad", 6n, { lastFetchedEpoch: 4, as: "fetched an epoch to come" }),
      fetchFrom("fetch-bad", 0n, { isolationLevel: 1, as: "committed records" }),
      fetchFrom("fetch-bad", 0n, { isolationLevel: 7, as: "an unknown isolation level", differs: REFUSED_PROPERLY }),
      fetchFrom("fetch-bad", 0n, { rackId: "r1", as: "a rack" }),
    ],
  },
  {
    name: "Fetch by topic id: unknown ids",
    steps: [
      ...threeBatches("fetch-id"),
      ask(FetchRequest, 13, ({ topicId }) => ({
        maxBytes: MEGABYTE,
        topics: [
          {
            topicId: "RANDOMRANDOMRANDOMRANA",
            partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: MEGABYTE }],
          },
          {
            topicId: topicId("fetch-id"),
            partitions: [{ partition: 9, fetchOffset: 0n, partitionMaxBytes: MEGABYTE }],
          },
        ],
      }), { as: "an unknown id and an unknown partition" }),
      ask(FetchRequest, 17, {
        maxBytes: MEGABYTE,
        topics: [{ partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: MEGABYTE }] }],
      }, { as: "no id" }),
    ],
  },
  {
    name: "Fetch: as a replica that there is not",
    steps: [
      ...threeBatches("fetch-replica"),
      fetchFrom("fetch-replica", 0n, { replicaId: 5, as: "replica 5" }),
      fetchFrom("fetch-replica", 0n, { replicaId: 1, as: "the leader itself" }),
      fetchFrom("fetch-replica", 0n, { replicaId: -2, as: "the debugging consumer" }),
      fetchFrom("fetch-replica", 0n, { replicaId: -3, as: "the future replica" }),
      fetchFrom("fetch-replica", 0n, {
        version: 15,
        replicaState: { replicaId: 5, replicaEpoch: 3n },
        as: "replica 5",
      }),
      fetchFrom("fetch-replica", 0n, { version: 17, replicaState: { replicaId: 5 }, as: "replica 5" }),
    ],
  },
];

const NEGATIVE_LIMIT = [{
  at: "responses[0].partitions[0]",
  reason:
    "Apache Kafka fails at it, and says UNKNOWN_SERVER_ERROR; Barnabas takes it for 0, which one batch may exceed",
}];

const EACH_READ = [{ at: "responses", reason: "Apache Kafka answers the last one alone" }];

/** A fetch that waits on a connection of its own while the steps are played. */
function wait(
  as: string,
  name: string,
  meanwhile: readonly Step[],
  { fetchOffset = 6n, ...options }: StepOptions & FetchFields & { fetchOffset?: bigint } = {},
): Step[] {
  const { begin, end } = slow(
    as,
    fetchFrom(name, fetchOffset, { minBytes: 1, maxWaitMs: 3000, waitsMs: 2000, as, ...options }),
  );
  return [begin, ...meanwhile, end];
}

const limits: Case[] = [
  {
    name: "Fetch: partitionMaxBytes cuts after whole batches or in the middle of one",
    steps: [
      ...threeBatches("fetch-max"),
      ...[0, 1, 76, 77, 78, 100, 145, 146, 147, 231, 1000].map((partitionMaxBytes) =>
        fetchFrom("fetch-max", 0n, { partitionMaxBytes, as: `partitionMaxBytes ${partitionMaxBytes}` })
      ),
      fetchFrom("fetch-max", 0n, { partitionMaxBytes: -1, as: "partitionMaxBytes -1", differs: NEGATIVE_LIMIT }),
      fetchFrom("fetch-max", 3n, { partitionMaxBytes: 5, as: "an oversized first batch" }),
      fetchFrom("fetch-max", 3n, { version: 4, partitionMaxBytes: 5, as: "an oversized first batch" }),
    ],
  },
  {
    name: "Fetch: maxBytes of the whole answer",
    steps: [
      ...threeBatches("fetch-max-a"),
      ...threeBatches("fetch-max-b"),
      fetchFrom("fetch-max-a", 0n, { maxBytes: -1, as: "maxBytes -1", differs: NEGATIVE_LIMIT }),
      ...[0, 10, 77, 150, 231, 240, 400, 462].map((maxBytes) =>
        ask(FetchRequest, 12, {
          maxBytes,
          topics: ["fetch-max-a", "fetch-max-b"].map((name) => ({
            topic: name,
            partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: MEGABYTE }],
          })),
        }, { as: `maxBytes ${maxBytes}` })
      ),
      ask(FetchRequest, 12, {
        maxBytes: 1000,
        topics: ["fetch-max-a", "fetch-max-b"].map((name) => ({
          topic: name,
          partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 10 }],
        })),
      }, { as: "two oversized first batches" }),
      ask(FetchRequest, 12, {
        maxBytes: 1000,
        topics: [{
          topic: "fetch-max-a",
          partitions: [{ partition: 0, fetchOffset: 6n, partitionMaxBytes: 10 }],
        }, {
          topic: "fetch-max-b",
          partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 10 }],
        }],
      }, { as: "the first at its end, the second oversized" }),
    ],
  },
  {
    name: "Fetch: minBytes and maxWaitMs",
    steps: [
      ...threeBatches("fetch-min"),
      fetchFrom("fetch-min", 6n, { minBytes: 1, maxWaitMs: 700, waitsMs: 700, as: "at the end, a byte wanted" }),
      fetchFrom("fetch-min", 6n, { minBytes: 0, maxWaitMs: 700, waitsMs: 700, as: "at the end, nothing wanted" }),
      fetchFrom("fetch-min", 0n, { minBytes: 1, maxWaitMs: 700, waitsMs: 700, as: "there is enough" }),
      fetchFrom("fetch-min", 0n, { minBytes: 231, maxWaitMs: 700, waitsMs: 700, as: "there is just enough" }),
      fetchFrom("fetch-min", 0n, { minBytes: 232, maxWaitMs: 700, waitsMs: 700, as: "a byte too few" }),
      fetchFrom("fetch-min", 0n, {
        minBytes: 232,
        maxWaitMs: 700,
        partitionMaxBytes: 70,
        waitsMs: 700,
        as: "more than may be",
      }),
      fetchFrom("fetch-min", 9n, { minBytes: 1, maxWaitMs: 700, waitsMs: 700, as: "out of range" }),
      fetchFrom("fetch-min-none", 0n, { minBytes: 1, maxWaitMs: 700, waitsMs: 700, as: "an unknown topic" }),
      fetchFrom("fetch-min", 6n, { minBytes: 1, maxWaitMs: -1, waitsMs: 700, as: "a negative wait" }),
      fetchFrom("fetch-min", 6n, { minBytes: -1, maxWaitMs: 700, waitsMs: 700, as: "negative minBytes" }),
      ask(FetchRequest, 12, { maxWaitMs: 700, minBytes: 1, topics: [] }, { waitsMs: 700, as: "no topics" }),
      ask(FetchRequest, 4, { maxWaitMs: 700, minBytes: 1, topics: [{ topic: "fetch-min", partitions: [] }] }, {
        waitsMs: 700,
        as: "no partitions",
      }),
      ask(FetchRequest, 12, {
        maxWaitMs: 700,
        minBytes: 1,
        topics: ["fetch-min", "fetch-min-none"].map((name) => ({
          topic: name,
          partitions: [{ partition: 0, fetchOffset: 6n, partitionMaxBytes: MEGABYTE }],
        })),
      }, { waitsMs: 700, as: "one at its end, one unknown" }),
    ],
  },
  {
    name: "Fetch: a wait ends when there is enough, or nothing more to come",
    steps: [
      ...threeBatches("fetch-wait"),
      ...wait("what comes", "fetch-wait", [produce("fetch-wait", batch(["6"]), { acks: 1 })]),
      ...wait("more than one batch", "fetch-wait", [
        produce("fetch-wait", batch(["7"]), { acks: 1 }),
        produce("fetch-wait", batch(["8"])),
      ], { minBytes: 100, fetchOffset: 7n }),
      ...topic("fetch-gone"),
      ...wait("a topic that goes", "fetch-gone", [
        ask(DeleteTopicsRequest, 6, { topics: [{ name: "fetch-gone" }], timeoutMs: 5000 }),
      ], {
        fetchOffset: 0n,
        differs: [{
          at: "outcome.responses[0].partitions[0].abortedTransactions",
          barnabas: [],
          reason: "Apache Kafka tells a partition that goes, by this empty list being null, from one that is gone",
        }],
      }),
      ...topic("fetch-cut"),
      produce("fetch-cut", batch(["0", "1"])),
      ...wait("a log start that moves", "fetch-cut", [
        ask(DeleteRecordsRequest, 2, {
          topics: [{ name: "fetch-cut", partitions: [{ partitionIndex: 0, offset: 2n }] }],
          timeoutMs: 5000,
        }),
      ], { fetchOffset: 2n }),
    ],
  },
  {
    name: "Fetch: a partition twice",
    steps: [
      ...threeBatches("fetch-twice"),
      ask(FetchRequest, 12, {
        topics: [{
          topic: "fetch-twice",
          partitions: [
            { partition: 0, fetchOffset: 0n, partitionMaxBytes: 10 },
            { partition: 0, fetchOffset: 3n, partitionMaxBytes: 10 },
          ],
        }],
      }, { differs: EACH_READ }),
      ask(FetchRequest, 4, {
        topics: [2n, 3n].map((fetchOffset) => ({
          topic: "fetch-twice",
          partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 10 }],
        })),
      }, { differs: EACH_READ }),
    ],
  },
];

/** A fetch of a session; topics by their name, each with its offset. */
function inSession(
  version: number,
  session: (known: Known) => { readonly sessionId: number; readonly sessionEpoch: number },
  offsetsByTopic: Readonly<Record<string, bigint>>,
  options: StepOptions & { forgotten?: readonly string[]; partition?: number },
): Step {
  const { forgotten = [], partition = 0, ...rest } = options;
  return ask(FetchRequest, version, (known): Init<FetchRequest> => {
    const named = (name: string) => version < 13 ? { topic: name } : { topicId: known.topicId(name) };
    return {
      ...session(known),
      maxBytes: MEGABYTE,
      topics: Object.entries(offsetsByTopic).map(([name, fetchOffset]) => ({
        ...named(name),
        partitions: [{ partition, fetchOffset, partitionMaxBytes: MEGABYTE }],
      })),
      forgottenTopicsData: forgotten.map((name) => ({ ...named(name), partitions: [partition] })),
    };
  }, rest);
}

function epoch(sessionEpoch: number, ordinal = 1) {
  return ({ sessionId }: Known) => ({ sessionId: sessionId(ordinal), sessionEpoch });
}

const NEW_SESSION = () => ({ sessionId: 0, sessionEpoch: 0 });

const sessions: Case[] = [
  ...[7, 12, 13, 17].map((version): Case => ({
    name: `Fetch v${version}: an incremental session`,
    steps: [
      ...threeBatches(`session-a-v${version}`),
      ...threeBatches(`session-b-v${version}`),
      inSession(version, NEW_SESSION, { [`session-a-v${version}`]: 0n, [`session-b-v${version}`]: 6n }, { as: "full" }),
      inSession(version, epoch(1), { [`session-a-v${version}`]: 6n }, { as: "a moves on" }),
      inSession(version, epoch(2), {}, { as: "nothing is new" }),
      produce(`session-b-v${version}`, batch(["6"])),
      inSession(version, epoch(3), {}, { as: "b has more" }),
      inSession(version, epoch(4), {}, { as: "b was not moved on" }),
      inSession(version, epoch(5), {}, { as: "b is forgotten", forgotten: [`session-b-v${version}`] }),
      inSession(version, epoch(6), {}, { as: "and stays so" }),
      inSession(version, epoch(7), { [`session-a-v${version}`]: 77n }, { as: "a is out of range" }),
      inSession(version, epoch(8), {}, { as: "and stays so" }),
      inSession(version, epoch(9), { [`session-a-v${version}`]: 3n }, { as: "a is back" }),
      inSession(version, epoch(-1), {}, { as: "closed" }),
      inSession(version, epoch(10), {}, { as: "after that" }),
    ],
  })),
  {
    name: "Fetch: sessions and epochs that are not there",
    steps: [
      ...threeBatches("session-bad"),
      inSession(12, NEW_SESSION, { "session-bad": 0n }, { as: "full" }),
      inSession(12, epoch(2), {}, { as: "an epoch too far" }),
      inSession(12, epoch(1), {}, { as: "the right epoch after it" }),
      inSession(12, epoch(1), {}, { as: "an epoch again" }),
      inSession(7, () => ({ sessionId: 123456789, sessionEpoch: 1 }), {}, { as: "an unknown session" }),
      inSession(12, () => ({ sessionId: 123456789, sessionEpoch: 1 }), { "session-bad": 0n }, {
        as: "an unknown session",
      }),
      inSession(12, () => ({ sessionId: 123456789, sessionEpoch: -1 }), { "session-bad": 0n }, {
        as: "an unknown session is closed",
      }),
      inSession(12, () => ({ sessionId: 0, sessionEpoch: 5 }), { "session-bad": 0n }, {
        as: "an epoch without a session",
      }),
      inSession(12, () => ({ sessionId: 0, sessionEpoch: -1 }), { "session-bad": 0n }, { as: "no session wanted" }),
      inSession(12, () => ({ sessionId: 0, sessionEpoch: -7 }), { "session-bad": 0n }, { as: "a negative epoch" }),
      inSession(12, () => ({ sessionId: -3, sessionEpoch: 0 }), { "session-bad": 0n }, { as: "a negative session" }),
    ],
  },
  {
    name: "Fetch: a session starts anew",
    steps: [
      ...threeBatches("session-new"),
      inSession(12, NEW_SESSION, { "session-new": 6n }, { as: "full" }),
      inSession(12, epoch(0), { "session-new": 6n }, { as: "full again, in place of the first" }),
      inSession(12, epoch(1), {}, { as: "the first is gone" }),
      inSession(12, epoch(1, 2), {}, { as: "the second lives" }),
      inSession(12, NEW_SESSION, {}, { as: "an empty one" }),
      inSession(12, epoch(1, 3), { "session-new": 0n }, { as: "to which a partition is added" }),
    ],
  },
  {
    name: "Fetch: the partitions of a session take turns",
    steps: [
      ...threeBatches("session-turn-a"),
      ...threeBatches("session-turn-b"),
      ...threeBatches("session-turn-c"),
      ask(FetchRequest, 12, {
        maxBytes: 10,
        sessionEpoch: 0,
        topics: ["session-turn-a", "session-turn-b", "session-turn-c"].map((name) => ({
          topic: name,
          partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: MEGABYTE }],
        })),
      }, { as: "full, for one batch" }),
      ...[1, 2, 3, 4, 5].map((sessionEpoch) =>
        ask(FetchRequest, 12, ({ sessionId }) => ({ maxBytes: 10, sessionId: sessionId(), sessionEpoch }), {
          as: `turn ${sessionEpoch}`,
        })
      ),
    ],
  },
  {
    name: "Fetch: errors and unknown topics in a session",
    steps: [
      ...threeBatches("session-errors"),
      inSession(12, NEW_SESSION, { "session-none": 0n, "session-errors": 6n }, { as: "an unknown topic" }),
      inSession(12, epoch(1), {}, { as: "it is still unknown" }),
      ...topic("session-none"),
      inSession(12, epoch(2), {}, { as: "it is there now" }),
      inSession(12, epoch(3), {}, { as: "partition 4 is forgotten", forgotten: ["session-errors"], partition: 4 }),
      inSession(12, epoch(4), { "session-errors": 0n }, { as: "partition 4 is added", partition: 4 }),
    ],
  },
  {
    name: "Fetch: an unknown id in a session",
    steps: [
      ...threeBatches("session-id"),
      ask(FetchRequest, 13, ({ topicId }) => ({
        maxBytes: MEGABYTE,
        sessionEpoch: 0,
        topics: [
          {
            topicId: "RANDOMRANDOMRANDOMRANA",
            partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: MEGABYTE }],
          },
          {
            topicId: topicId("session-id"),
            partitions: [{ partition: 0, fetchOffset: 6n, partitionMaxBytes: MEGABYTE }],
          },
        ],
      }), { as: "full" }),
      inSession(13, epoch(1), {}, { as: "it is still unknown" }),
      inSession(12, epoch(2), {}, { as: "by name in a session by id" }),
    ],
  },
];

export const fetchCases: readonly Case[] = [...versions, ...offsets, ...limits, ...sessions];
