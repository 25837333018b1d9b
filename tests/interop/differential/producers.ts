/**
 * InitProducerId, the sequence numbers and epochs of idempotent producers, and DescribeProducers.
 *
 * @module
 */
import { DescribeProducersRequest } from "../../../lib/protocol/messages/describe_producers.ts";
import { InitProducerIdRequest } from "../../../lib/protocol/messages/init_producer_id.ts";
import { ProduceRequest } from "../../../lib/protocol/messages/produce.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { ask, type Case, errorCodesOf, type Step, type StepOptions, topic } from "../support/case.ts";
import { Attributes, batch, type BatchFields } from "../support/record_batch.ts";
import { readBack } from "./produce.ts";

/** A producer id that no broker has given out. */
const OTHER_PRODUCER = 4_000_000_000_000n;

/** Sends records of the case's first producer to partition 0. */
function send(
  name: string,
  records: readonly string[],
  fields: BatchFields & { ordinal?: number },
  options: StepOptions & { version?: number } = {},
): Step {
  const { version = 9, ...rest } = options;
  const { ordinal = 1, ...header } = fields;
  return ask(ProduceRequest, version, ({ producerId }) => ({
    acks: -1,
    timeoutMs: 5000,
    topicData: [{
      name,
      partitionData: [{
        index: 0,
        records: batch(records, { producerId: header.producerId ?? producerId(ordinal), producerEpoch: 0, ...header }),
      }],
    }],
  }), { ...rest, as: rest.as ?? `epoch ${fields.producerEpoch ?? 0}, sequence ${fields.baseSequence}` });
}

const newProducer = ask(InitProducerIdRequest, 4, { transactionalId: null, transactionTimeoutMs: 60_000 });

const ids: Case[] = [
  {
    name: "InitProducerId without a transactional id, in all versions",
    steps: [
      // The first ids have to be had from the controller.
      ask(InitProducerIdRequest, 4, { transactionalId: null, transactionTimeoutMs: 60_000 }, {
        until: (answer) => errorCodesOf(answer)[0] !== ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
      }),
      ...[0, 1, 2, 3, 4, 5].map((version) =>
        ask(InitProducerIdRequest, version, { transactionalId: null, transactionTimeoutMs: 60_000 })
      ),
    ],
  },
  {
    name: "InitProducerId: what cannot be",
    steps: [
      ask(InitProducerIdRequest, 4, { transactionalId: "", transactionTimeoutMs: 60_000 }, {
        as: "an empty transactional id",
      }),
      ask(InitProducerIdRequest, 0, { transactionalId: "", transactionTimeoutMs: 60_000 }, {
        as: "an empty transactional id",
      }),
      ask(InitProducerIdRequest, 4, { transactionalId: null, transactionTimeoutMs: -1 }, { as: "a negative timeout" }),
      ask(InitProducerIdRequest, 4, { transactionalId: null, transactionTimeoutMs: 2_000_000_000 }, {
        as: "a long timeout",
      }),
      ask(InitProducerIdRequest, 4, { transactionalId: null, producerId: 5n, producerEpoch: -1 }, {
        as: "an id without an epoch",
      }),
      ask(InitProducerIdRequest, 4, { transactionalId: null, producerId: -1n, producerEpoch: 3 }, {
        as: "an epoch without an id",
      }),
      ask(InitProducerIdRequest, 4, { transactionalId: null, producerId: -5n, producerEpoch: -5 }, {
        as: "negative ones",
      }),
      ask(InitProducerIdRequest, 4, { transactionalId: null, producerId: 5n, producerEpoch: 3 }, {
        as: "an id and an epoch",
      }),
    ],
  },
];

const TIME_OF_DUPLICATE = [{
  at: "responses[0].partitionResponses[0].logAppendTimeMs",
  barnabas: -1,
  reason: "Apache Kafka calls the producer's own timestamp the time of the append, though the topic has CreateTime",
}];

const sequences: Case[] = [
  {
    name: "Produce: the sequence numbers of an idempotent producer",
    steps: [
      ...topic("sequence"),
      newProducer,
      send("sequence", ["a", "b"], { baseSequence: 0 }),
      send("sequence", ["c"], { baseSequence: 2 }),
      send("sequence", ["c"], { baseSequence: 2 }, { as: "a duplicate", differs: TIME_OF_DUPLICATE }),
      send("sequence", ["a", "b"], { baseSequence: 0 }, { as: "an older duplicate", differs: TIME_OF_DUPLICATE }),
      send("sequence", ["a"], { baseSequence: 0 }, { as: "part of a duplicate" }),
      send("sequence", ["e"], { baseSequence: 5 }, { as: "a gap" }),
      send("sequence", ["e"], { baseSequence: 5 }, { version: 3, as: "a gap" }),
      send("sequence", ["b"], { baseSequence: 1 }, { as: "an old number" }),
      send("sequence", ["d"], { baseSequence: 3 }),
      send("sequence", ["e"], { baseSequence: 4 }),
      send("sequence", ["f"], { baseSequence: 5 }),
      send("sequence", ["g"], { baseSequence: 6 }),
      send("sequence", ["h"], { baseSequence: 7 }),
      send("sequence", ["c"], { baseSequence: 2 }, { as: "a duplicate older than the last five" }),
      send("sequence", ["d"], { baseSequence: 3 }, {
        as: "a duplicate, the oldest of the last five",
        differs: TIME_OF_DUPLICATE,
      }),
      readBack("sequence"),
    ],
  },
  {
    name: "Produce: a first sequence number other than 0",
    steps: [
      ...topic("sequence-first"),
      newProducer,
      send("sequence-first", ["a"], { baseSequence: 5 }),
      send("sequence-first", ["b"], { baseSequence: 6 }),
      send("sequence-first", ["c"], { baseSequence: 0 }),
      readBack("sequence-first"),
    ],
  },
  {
    name: "Produce: sequence numbers start anew after 2^31 - 1",
    steps: [
      ...topic("sequence-wraps"),
      newProducer,
      send("sequence-wraps", ["a", "b"], { baseSequence: 0x7ffffffe }),
      send("sequence-wraps", ["c"], { baseSequence: 0 }),
      send("sequence-wraps", ["d"], { baseSequence: 1 }),
      send("sequence-wraps", ["c"], { baseSequence: 0 }, { as: "a duplicate", differs: TIME_OF_DUPLICATE }),
    ],
  },
  {
    name: "Produce: epochs of an idempotent producer",
    steps: [
      ...topic("epochs"),
      newProducer,
      send("epochs", ["a"], { producerEpoch: 1, baseSequence: 0 }),
      send("epochs", ["b"], { producerEpoch: 0, baseSequence: 1 }, { as: "a fenced epoch" }),
      send("epochs", ["b"], { producerEpoch: 0, baseSequence: 1 }, { version: 3, as: "a fenced epoch" }),
      send("epochs", ["b"], { producerEpoch: 3, baseSequence: 1 }, { as: "a newer epoch in the middle" }),
      send("epochs", ["b"], { producerEpoch: 3, baseSequence: 0 }, { as: "a newer epoch from its start" }),
      send("epochs", ["c"], { producerEpoch: 3, baseSequence: 1 }),
      readBack("epochs"),
    ],
  },
  {
    name: "Produce: producer ids, epochs and sequences that do not go together",
    steps: [
      ...topic("mismatch"),
      newProducer,
      send("mismatch", ["a"], { producerEpoch: -1, baseSequence: 0 }, { as: "an id without an epoch" }),
      send("mismatch", ["a"], { baseSequence: -1 }, { as: "an id without a sequence" }),
      send("mismatch", ["a"], { baseSequence: -5 }, { as: "a negative sequence" }),
      send("mismatch", ["a"], { producerEpoch: -5, baseSequence: 0 }, { as: "a negative epoch" }),
      send("mismatch", ["a"], { producerId: -1, producerEpoch: 0, baseSequence: 0 }, {
        as: "a sequence without an id",
      }),
      send("mismatch", ["a"], { producerId: -7, baseSequence: 0 }, { as: "a negative id" }),
      send("mismatch", ["a"], { producerId: OTHER_PRODUCER, baseSequence: 0 }, {
        as: "an id that was never given out",
      }),
      send("mismatch", ["a"], { baseSequence: 0, attributes: Attributes.CONTROL }, { as: "a control batch" }),
      readBack("mismatch"),
    ],
  },
  {
    name: "Produce: two batches of a producer in one request",
    steps: [
      ...topic("together", { partitions: 2 }),
      newProducer,
      ask(ProduceRequest, 9, ({ producerId }) => ({
        acks: -1,
        timeoutMs: 5000,
        topicData: [{
          name: "together",
          partitionData: [0, 1].map((index) => ({
            index,
            records: batch([`to ${index}`], { producerId: producerId(), producerEpoch: 0, baseSequence: index }),
          })),
        }],
      }), { as: "the second out of sequence" }),
    ],
  },
];

function describeProducers(name: string, partitionIndexes: readonly number[] = [0], as?: string): Step {
  return ask(DescribeProducersRequest, 0, { topics: [{ name, partitionIndexes }] }, { as });
}

const described: Case[] = [
  {
    name: "DescribeProducers: who writes to a partition",
    steps: [
      ...topic("producers", { partitions: 2 }),
      describeProducers("producers", [0], "nobody yet"),
      newProducer,
      send("producers", ["a", "b"], { baseSequence: 0 }),
      describeProducers("producers", [0, 1]),
      send("producers", ["c"], { baseSequence: 2 }),
      send("producers", ["d"], { producerEpoch: 4, baseSequence: 0 }),
      describeProducers("producers"),
    ],
  },
  {
    name: "DescribeProducers: what is not there",
    steps: [
      ...topic("producers-bad"),
      describeProducers("producers-none", [0], "an unknown topic"),
      describeProducers("bad name!", [0], "a bad name"),
      describeProducers("", [0], "no name"),
      describeProducers("producers-bad", [1, -1], "unknown partitions"),
      describeProducers("producers-bad", [], "no partitions"),
      describeProducers("producers-bad", [0, 0], "a partition twice"),
      ask(DescribeProducersRequest, 0, { topics: [] }, { as: "no topics" }),
    ],
  },
];

export const producerCases: readonly Case[] = [...ids, ...sequences, ...described];
