/**
 * Transactions of both versions of the protocol: their producers, partitions and ends, what readers see of them, and
 * the APIs by which they are watched and ended from outside.
 *
 * @module
 */
import { AddPartitionsToTxnRequest } from "../../../lib/protocol/messages/add_partitions_to_txn.ts";
import { FindCoordinatorRequest } from "../../../lib/protocol/messages/find_coordinator.ts";
import { ListTransactionsRequest } from "../../../lib/protocol/messages/list_transactions.ts";
import { UpdateFeaturesRequest } from "../../../lib/protocol/messages/update_features.ts";
import { WriteTxnMarkersRequest } from "../../../lib/protocol/messages/write_txn_markers.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { ask, type Case, type Step, type StepOptions, topic } from "../support/case.ts";
import type { Known } from "../support/known.ts";
import { transactionOffsetCases } from "./transaction_offsets.ts";
import {
  add,
  begin,
  describe,
  end,
  init,
  OTHER_PRODUCER,
  type ProducerFields,
  producerOf,
  producersOf,
  readers,
  send,
  untilComplete,
  untilCoordinated,
} from "./transaction_steps.ts";

const coordinators: Case = {
  name: "FindCoordinator for transactional ids",
  steps: [
    untilCoordinated,
    ...[1, 2, 3].map((version) => ask(FindCoordinatorRequest, version, { keyType: 1, key: "id" })),
    ...[4, 5, 6].map((version) =>
      ask(FindCoordinatorRequest, version, { keyType: 1, coordinatorKeys: ["id", "", "id"] })
    ),
  ],
};

const producers: Case[] = [
  {
    name: "InitProducerId with a transactional id, in all versions",
    steps: [
      ...begin("init"),
      ...[0, 1, 2, 3, 4, 5].map((version) => init("init", { version })),
      describe("init"),
      ...[0, -1, 900_000, 900_001].map((timeoutMs) => init("init", { timeoutMs, as: `time-out ${timeoutMs}` })),
    ],
  },
  {
    name: "InitProducerId: a producer that goes on",
    steps: [
      ...begin("goes-on"),
      ...[3, 4, 5].flatMap((version) => [
        init("goes-on", { version, hasProducer: true, producerEpoch: 99, as: "an epoch of the future" }),
        init("goes-on", { version, hasProducer: true, producerId: OTHER_PRODUCER, as: "another id" }),
      ]),
      init("goes-on", { hasProducer: true, producerEpoch: 0 }),
      init("goes-on", { hasProducer: true, producerEpoch: 0, as: "repeated" }),
      init("goes-on", { hasProducer: true, producerEpoch: 1 }),
      init("goes-on", { hasProducer: true, producerEpoch: 0, as: "the epoch before the last" }),
      init("goes-on", { as: "somebody else" }),
      init("goes-on", { hasProducer: true, producerEpoch: 2, as: "fenced" }),
      init("goes-on", { version: 3, hasProducer: true, producerEpoch: 2, as: "fenced" }),
      init("never-seen", { hasProducer: true, producerId: OTHER_PRODUCER, producerEpoch: 7, as: "of an unknown id" }),
    ],
  },
  {
    name: "InitProducerId: another producer aborts what is open",
    steps: [
      ...topic("taken-over"),
      ...begin("taken-over"),
      add("taken-over", { "taken-over": [0] }),
      send("taken-over", "taken-over", "a"),
      init("taken-over", { as: "while a transaction is open" }),
      untilComplete("taken-over"),
      ...readers("taken-over"),
      producersOf("taken-over"),
      init("taken-over", { as: "again" }),
      describe("taken-over"),
      ...[0, 1, 2, 3].map((version) =>
        add("taken-over", { "taken-over": [0] }, { version, as: "of the fenced producer" })
      ),
      ...[0, 1, 2, 3, 4, 5].map((version) => end("taken-over", true, { version, as: "of the fenced producer" })),
      send("taken-over", "taken-over", "b", { baseSequence: 1, as: "of the fenced producer" }),
      send("taken-over", "taken-over", "b", { version: 12, baseSequence: 1, as: "of the fenced producer" }),
    ],
  },
];

const classic: Case[] = [0, 1, 2, 3].map((version) => ({
  name: `AddPartitionsToTxn v${version}`,
  steps: [
    ...topic(`add-v${version}`, { partitions: 2 }),
    ...begin(`add-v${version}`),
    add(`add-v${version}`, { [`add-v${version}`]: [0] }, { version }),
    add(`add-v${version}`, { [`add-v${version}`]: [0, 1] }, { version, as: "one more" }),
    add(`add-v${version}`, { [`add-v${version}`]: [1, 7], "no-topic": [0] }, { version, as: "what does not exist" }),
    add(`add-v${version}`, {}, { version, as: "nothing" }),
    ask(AddPartitionsToTxnRequest, version, ({ producerId }) => ({
      v3AndBelowTransactionalId: `add-v${version}`,
      v3AndBelowProducerId: producerId(),
      v3AndBelowProducerEpoch: 0,
      v3AndBelowTopics: [[0, 0, 1], [1]].map((partitions) => ({ name: `add-v${version}`, partitions })),
    }), { as: "twice" }),
    add(`add-v${version}`, { [`add-v${version}`]: [0] }, { version, producerEpoch: 5, as: "a wrong epoch" }),
    add(`add-v${version}`, { [`add-v${version}`]: [0] }, { version, producerId: OTHER_PRODUCER, as: "a wrong id" }),
    add("no-such-id", { [`add-v${version}`]: [0] }, { version, as: "an unknown transactional id" }),
    add("", { [`add-v${version}`]: [0] }, { version, as: "no transactional id" }),
    describe(`add-v${version}`),
    end(`add-v${version}`, false),
  ],
}));

const transaction = (transactionalId: string, known: Known, fields: Partial<Txn> = {}): Txn => ({
  transactionalId,
  producerId: known.producerId(),
  producerEpoch: 0,
  verifyOnly: true,
  topics: [{ name: "batched", partitions: [0, 1] }],
  ...fields,
});
type Txn = NonNullable<Init<AddPartitionsToTxnRequest>["transactions"]>[number];

const batched: Case[] = [4, 5].map((version) => ({
  name: `AddPartitionsToTxn v${version}: several at once, and only to verify`,
  steps: [
    ...topic("batched", { partitions: 2 }),
    ...begin(`batched-${version}`),
    init(`batched-${version}-too`),
    ask(AddPartitionsToTxnRequest, version, (known) => ({
      transactions: [transaction(`batched-${version}`, known)],
    }), { as: "verify what was not added" }),
    ask(AddPartitionsToTxnRequest, version, (known) => ({
      transactions: [
        transaction(`batched-${version}`, known, {
          verifyOnly: false,
          topics: [{ name: "batched", partitions: [0] }],
        }),
        transaction(`batched-${version}-too`, known, { producerId: known.producerId(2), verifyOnly: false }),
      ],
    }), { as: "add to two" }),
    ask(AddPartitionsToTxnRequest, version, (known) => ({
      transactions: [
        transaction(`batched-${version}`, known),
        transaction(`batched-${version}-too`, known, { producerId: known.producerId(2), producerEpoch: 3 }),
      ],
    }), { as: "verify two" }),
    ask(AddPartitionsToTxnRequest, version, (known) => ({
      transactions: [
        transaction("", known),
        transaction("no-such-id", known),
        transaction(`batched-${version}`, known, { topics: [{ name: "batched", partitions: [0, 9] }] }),
        transaction(`batched-${version}-too`, known, { topics: [] }),
      ],
    }), { as: "what cannot be" }),
    ask(AddPartitionsToTxnRequest, version, { transactions: [] }, {
      as: "none",
      maySayNothing: true,
      differs: [{ at: "", reason: "Apache Kafka forgets to answer" }],
    }),
    describe(`batched-${version}`, `batched-${version}-too`),
    end(`batched-${version}`, true),
    end(`batched-${version}-too`, false, { ordinal: 2 }),
  ],
}));

const writing: Case[] = [
  {
    name: "Produce in a transaction, partitions added before",
    steps: [
      ...topic("writing", { partitions: 2 }),
      ...begin("writing"),
      producersOf("writing"),
      ...[3, 9, 10, 11].map((version) => send("writing", "writing", "a", { version, as: "before it is added" })),
      add("writing", { writing: [0] }),
      send("writing", "writing", "a", { version: 3 }),
      send("writing", "writing", "b", { version: 9, baseSequence: 1 }),
      send("writing", "writing", "b", { version: 9, baseSequence: 3, as: "out of sequence" }),
      send("writing", "writing", "c", { version: 11, baseSequence: 2 }),
      send("writing", "writing", "d", { partition: 1, as: "in another partition" }),
      send("writing", "writing", "x", { baseSequence: 3, attributes: 0, as: "outside of the transaction" }),
      send(null, "writing", "x", { baseSequence: 3, as: "without its transactional id" }),
      send("writing", "writing", "x", { baseSequence: 3, producerEpoch: 4, as: "with another epoch" }),
      send("writing", "writing", "x", { producerId: OTHER_PRODUCER, as: "with another id" }),
      send("other", "writing", "x", { baseSequence: 3, as: "with another transactional id" }),
      ...readers("writing"),
      producersOf("writing"),
      describe("writing"),
      end("writing", true),
      untilComplete("writing"),
      ...readers("writing"),
      producersOf("writing"),
      send("writing", "writing", "e", { baseSequence: 4, as: "after the end" }),
      add("writing", { writing: [0, 1] }),
      send("writing", "writing", "e", { baseSequence: 4 }),
      send("writing", "writing", "f", { partition: 1 }),
      end("writing", false),
      untilComplete("writing"),
      ...readers("writing"),
      ...readers("writing", 1),
      producersOf("writing"),
      describe("writing"),
    ],
  },
  {
    name: "Produce v12 and v13: partitions join by it",
    steps: [
      ...topic("joining", { partitions: 2 }),
      ...begin("joining", { version: 5 }),
      send("joining", "joining", "x", { version: 12, baseSequence: 4, as: "not from the first sequence on" }),
      send("joining", "joining", "a", { version: 12 }),
      send("joining", "joining", "b", { version: 12, baseSequence: 1 }),
      send("joining", "joining", "c", { version: 12, partition: 1 }),
      describe("joining"),
      send("joining", "joining", "x", { version: 12, producerEpoch: 3, partition: 1, as: "with another epoch" }),
      send("joining", "joining", "x", { version: 12, producerId: OTHER_PRODUCER, as: "with another id" }),
      send("unknown", "joining", "x", { version: 12, producerEpoch: 1, as: "of an unknown transactional id" }),
      end("joining", true, { version: 5 }),
      untilComplete("joining"),
      ...readers("joining"),
      producersOf("joining"),
      describe("joining"),
      send("joining", "joining", "x", { version: 12, baseSequence: 2, as: "with the epoch before" }),
      send("joining", "joining", "x", {
        version: 12,
        producerEpoch: 1,
        baseSequence: 2,
        as: "with the sequence before",
      }),
      send("joining", "joining", "d", { version: 12, producerEpoch: 1 }),
      end("joining", false, { version: 5, producerEpoch: 1 }),
      untilComplete("joining"),
      ...readers("joining"),
      describe("joining"),
    ],
  },
];

const ends: Case[] = [0, 1, 2, 3, 4].map((version) => ({
  name: `EndTxn v${version}`,
  steps: [
    ...topic(`end-v${version}`),
    ...begin(`end-v${version}`),
    end(`end-v${version}`, true, { version, as: "of nothing" }),
    end(`end-v${version}`, false, { version, as: "of nothing" }),
    add(`end-v${version}`, { [`end-v${version}`]: [0] }),
    end(`end-v${version}`, true, { version, producerEpoch: 1, as: "a wrong epoch" }),
    end(`end-v${version}`, true, { version, producerId: OTHER_PRODUCER, as: "a wrong id" }),
    end("no-such-id", true, { version, as: "an unknown transactional id" }),
    end("", true, { version, as: "no transactional id" }),
    end(`end-v${version}`, true, { version }),
    untilComplete(`end-v${version}`),
    end(`end-v${version}`, true, { version, as: "repeated" }),
    end(`end-v${version}`, false, { version, as: "the opposite" }),
    add(`end-v${version}`, { [`end-v${version}`]: [0] }),
    end(`end-v${version}`, false, { version }),
    untilComplete(`end-v${version}`),
    end(`end-v${version}`, false, { version, as: "repeated" }),
    end(`end-v${version}`, true, { version, as: "the opposite" }),
    describe(`end-v${version}`),
  ],
}));

const bumping: Case = {
  name: "EndTxn v5: each end gives the next epoch",
  steps: [
    ...topic("bumping"),
    ...begin("bumping", { version: 5 }),
    end("bumping", true, { version: 5, as: "of nothing" }),
    end("bumping", false, { version: 5, as: "of nothing" }),
    untilComplete("bumping"),
    describe("bumping"),
    end("bumping", false, { version: 5, as: "of nothing, repeated" }),
    send("bumping", "bumping", "a", { version: 12, producerEpoch: 1 }),
    end("bumping", true, { version: 5, producerEpoch: 3, as: "a wrong epoch" }),
    end("bumping", true, { version: 5, producerEpoch: 0, as: "the epoch before" }),
    end("bumping", true, { version: 5, producerEpoch: 1, producerId: OTHER_PRODUCER, as: "a wrong id" }),
    end("bumping", true, { version: 5, producerEpoch: 1 }),
    untilComplete("bumping"),
    end("bumping", true, { version: 5, producerEpoch: 1, as: "repeated" }),
    end("bumping", false, { version: 5, producerEpoch: 1, as: "the opposite" }),
    end("bumping", true, { version: 5, producerEpoch: 2, as: "of nothing" }),
    end("bumping", false, { version: 5, producerEpoch: 2, as: "of nothing" }),
    untilComplete("bumping"),
    describe("bumping"),
    send("bumping", "bumping", "b", { version: 12, producerEpoch: 3 }),
    end("bumping", true, { version: 4, producerEpoch: 3, as: "of the protocol before" }),
    untilComplete("bumping"),
    describe("bumping"),
    init("bumping", { version: 5, hasProducer: true, producerEpoch: 2, as: "goes on, with the epoch before" }),
    init("bumping", { version: 5, hasProducer: true, producerEpoch: 3, as: "goes on" }),
    ...readers("bumping"),
    producersOf("bumping"),
  ],
};

const takenOver: Case = {
  name: "InitProducerId takes over from a producer of the second protocol",
  steps: [
    ...topic("taken-over-2"),
    ...begin("taken-over-2", { version: 5 }),
    send("taken-over-2", "taken-over-2", "a", { version: 12 }),
    init("taken-over-2", { version: 5, as: "while a transaction is open" }),
    untilComplete("taken-over-2"),
    describe("taken-over-2"),
    producersOf("taken-over-2"),
    init("taken-over-2", { version: 5, hasProducer: true, as: "the one before goes on" }),
    init("taken-over-2", { version: 5, as: "another" }),
    init("taken-over-2", { version: 5, hasProducer: true, as: "the one before goes on" }),
    end("taken-over-2", true, { version: 5, as: "of the one before" }),
    describe("taken-over-2"),
    ...readers("taken-over-2"),
  ],
};

function listed(filter: Init<ListTransactionsRequest>, version = 2): Step {
  const { durationFilter, transactionalIdPattern, ...others } = filter;
  return ask(ListTransactionsRequest, version, {
    ...others,
    ...(version >= 1 ? { durationFilter: durationFilter ?? -1n } : {}),
    ...(version >= 2 ? { transactionalIdPattern: transactionalIdPattern ?? null } : {}),
  }, { as: Object.values(filter).map(String).join(" ") });
}

const administration: Case = {
  name: "ListTransactions and DescribeTransactions",
  steps: [
    ...topic("listed"),
    ...begin("listed-1"),
    init("listed-2"),
    add("listed-1", { listed: [0] }),
    ...[0, 1, 2].map((version) => listed({ stateFilters: ["Ongoing"] }, version)),
    listed({ stateFilters: ["Ongoing", "Nonsense", "nonsense", "ongoing", "Nonsense"] }),
    listed({ stateFilters: ["Nonsense"] }),
    listed({ stateFilters: ["Dead", "PrepareEpochFence", "PrepareCommit"] }),
    listed({ producerIdFilters: [OTHER_PRODUCER, -1n] }),
    ask(ListTransactionsRequest, 0, (known) => ({ producerIdFilters: [known.producerId(2)] }), { as: "by producer" }),
    listed({ stateFilters: ["Ongoing"], durationFilter: 3_600_000n }),
    listed({ stateFilters: ["Ongoing"], durationFilter: -5n }),
    listed({ stateFilters: ["Ongoing"], durationFilter: 0n }),
    ...["listed-[0-9]", "listed", "(listed", "", ".*-1"].map((transactionalIdPattern) =>
      listed({ stateFilters: ["Ongoing"], transactionalIdPattern })
    ),
    describe("listed-1", "listed-2", "no-such-id", ""),
    describe(),
    end("listed-1", false),
  ],
};

function marker(
  transactionResult: boolean,
  topics: Readonly<Record<string, readonly number[]>>,
  options: StepOptions & ProducerFields & { version?: number; coordinatorEpoch?: number; transactionVersion?: number } =
    {},
): Step {
  const { version = 1, coordinatorEpoch = 0, transactionVersion, ordinal, producerId, producerEpoch, ...rest } =
    options;
  return ask(WriteTxnMarkersRequest, version, (known) => ({
    markers: [{
      ...producerOf(known, { ordinal, producerId, producerEpoch }),
      transactionResult,
      coordinatorEpoch,
      topics: Object.entries(topics).map(([name, partitionIndexes]) => ({
        name,
        partitionIndexes: [...partitionIndexes],
      })),
      ...(transactionVersion === undefined ? {} : { transactionVersion }),
    }],
  }), rest);
}

const markers: Case = {
  name: "WriteTxnMarkers",
  steps: [
    ...topic("marked", { partitions: 2 }),
    ...begin("marked"),
    add("marked", { marked: [0, 1] }),
    send("marked", "marked", "a"),
    ask(WriteTxnMarkersRequest, 1, { markers: [] }, { as: "none" }),
    marker(false, { marked: [7], "no-topic": [0] }, { as: "what does not exist" }),
    marker(false, {}, { as: "no partitions" }),
    marker(false, { marked: [0] }, { as: "abort", coordinatorEpoch: 3 }),
    ...readers("marked"),
    producersOf("marked"),
    marker(false, { marked: [0] }, { as: "of an older coordinator", coordinatorEpoch: 2 }),
    marker(true, { marked: [0] }, { as: "of a newer epoch", coordinatorEpoch: 3, producerEpoch: 2 }),
    marker(true, { marked: [0] }, { as: "of an older epoch", coordinatorEpoch: 3, producerEpoch: 1 }),
    marker(true, { marked: [0, 1] }, { version: 2, coordinatorEpoch: 3, producerEpoch: 3, transactionVersion: 2 }),
    marker(true, { marked: [0] }, {
      version: 2,
      coordinatorEpoch: 3,
      producerEpoch: 3,
      transactionVersion: 2,
      as: "repeated",
    }),
    marker(true, { marked: [0] }, { producerId: OTHER_PRODUCER, as: "of an unknown producer" }),
    producersOf("marked"),
    ...readers("marked"),
  ],
};

const strict: Case = {
  name: "WriteTxnMarkers v2: of the second protocol, which has another epoch",
  steps: [
    ...topic("strict"),
    ...begin("strict", { version: 5 }),
    send("strict", "strict", "a", { version: 12 }),
    marker(false, { strict: [0] }, { version: 2, transactionVersion: 2, as: "with the same epoch" }),
    marker(false, { strict: [0] }, { version: 2, transactionVersion: 1, as: "of the first protocol" }),
    producersOf("strict"),
    end("strict", true, { version: 5 }),
    untilComplete("strict"),
    ...readers("strict"),
  ],
};

function level(maxVersionLevel: number): Step {
  return ask(UpdateFeaturesRequest, 2, {
    timeoutMs: 10_000,
    featureUpdates: [{ feature: "transaction.version", maxVersionLevel, upgradeType: maxVersionLevel === 0 ? 2 : 1 }],
  }, { as: `transaction.version ${maxVersionLevel}` });
}

const levels: Case = {
  name: "UpdateFeatures: transaction.version",
  steps: [
    ...topic("levels"),
    ...[0, 1, 2].flatMap((atLevel, index) => [
      level(atLevel),
      ...begin(`level-${atLevel}`),
      add(`level-${atLevel}`, { levels: [0] }, { ordinal: index + 1 }),
      send(`level-${atLevel}`, "levels", "a", { ordinal: index + 1 }),
      init(`level-${atLevel}`, { as: "takes over" }),
      untilComplete(`level-${atLevel}`),
      describe(`level-${atLevel}`),
      init(`level-${atLevel}`, { as: "again" }),
    ]),
    level(0),
    ...begin("level-3", { version: 5 }),
    send("level-3", "levels", "a", { version: 12, ordinal: 4, as: "of a protocol that is not to be used" }),
    end("level-3", false, {
      version: 5,
      ordinal: 4,
      as: "of a protocol that is not to be used",
      until: () => true,
      differs: [{
        at: "errorCode",
        barnabas: ErrorCode.UNSUPPORTED_VERSION,
        reason: "Apache Kafka waits for ever for the record that it could not write",
      }],
    }),
    level(2),
    ...readers("levels"),
    producersOf("levels"),
  ],
};

export const transactionCases: readonly Case[] = [
  coordinators,
  ...producers,
  ...classic,
  ...batched,
  ...writing,
  ...ends,
  bumping,
  takenOver,
  ...transactionOffsetCases,
  administration,
  markers,
  strict,
  levels,
];
