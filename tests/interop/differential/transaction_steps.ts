/**
 * Steps of transactional producers, for the cases of the differential test.
 *
 * Apache Kafka answers EndTxn before readers see what a transaction has come to, and refuses the next one with
 * CONCURRENT_TRANSACTIONS until then; so the steps after it are repeated until they are answered otherwise.
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { AddPartitionsToTxnRequest } from "../../../lib/protocol/messages/add_partitions_to_txn.ts";
import { DescribeProducersRequest } from "../../../lib/protocol/messages/describe_producers.ts";
import { DescribeTransactionsRequest } from "../../../lib/protocol/messages/describe_transactions.ts";
import { EndTxnRequest } from "../../../lib/protocol/messages/end_txn.ts";
import { FindCoordinatorRequest } from "../../../lib/protocol/messages/find_coordinator.ts";
import { InitProducerIdRequest } from "../../../lib/protocol/messages/init_producer_id.ts";
import { ListOffsetsRequest } from "../../../lib/protocol/messages/list_offsets.ts";
import { ProduceRequest } from "../../../lib/protocol/messages/produce.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { ask, errorCodesOf, type Step, type StepOptions } from "../support/case.ts";
import type { Known } from "../support/known.ts";
import { Attributes, batch } from "../support/record_batch.ts";
import { fetchFrom } from "./fetch.ts";

/** A producer id that no broker has given out. */
export const OTHER_PRODUCER = 4_000_000_000_000n;

/** Whether the transaction before is complete. Up to version 11 Produce tells it by an error that producers know. */
export function isSettled(answer: Json): boolean {
  if (Array.isArray(answer)) return answer.every(isSettled);
  if (typeof answer !== "object" || answer === null) return true;
  return Object.entries(answer).every(([name, part]) =>
    /errorCode$/i.test(name) ? !UNSETTLED.has(part) : isSettled(part)
  );
}

const UNSETTLED: ReadonlySet<Json> = new Set([ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.NOT_ENOUGH_REPLICAS]);

/** Waits until transactions are coordinated. */
export const untilCoordinated: Step = ask(FindCoordinatorRequest, 4, { keyType: 1, coordinatorKeys: ["any"] }, {
  as: "until transactions are coordinated",
  until: (answer) => (answer as { coordinators: { errorCode: number }[] }).coordinators[0].errorCode === 0,
});

/** Waits until the coordinator has loaded the part of a transactional id that is not used. */
function untilLoaded(transactionalId: string): Step {
  return ask(EndTxnRequest, 4, { transactionalId, producerId: OTHER_PRODUCER }, {
    as: `until ${transactionalId} can be asked for`,
    until: (answer) => errorCodesOf(answer)[0] === ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  });
}

/** What a step says of its producer, where it is not the case's first in its first epoch. */
export interface ProducerFields {
  readonly ordinal?: number;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
}

export function producerOf(
  { producerId }: Known,
  fields: ProducerFields,
): { producerId: bigint; producerEpoch: number } {
  return { producerId: fields.producerId ?? producerId(fields.ordinal), producerEpoch: fields.producerEpoch ?? 0 };
}

type Init_ = StepOptions & ProducerFields & { version?: number; timeoutMs?: number; hasProducer?: boolean };

export function init(transactionalId: string, options: Init_ = {}): Step {
  const { version = 4, timeoutMs = 60_000, hasProducer = false, ordinal, producerId, producerEpoch, ...rest } = options;
  return ask(InitProducerIdRequest, version, (known) => ({
    transactionalId,
    transactionTimeoutMs: timeoutMs,
    ...(hasProducer ? producerOf(known, { ordinal, producerId, producerEpoch }) : {}),
  }), rest);
}

/** The first ids have to be had from the controller. */
function hasProducerIds(answer: Json): boolean {
  return errorCodesOf(answer)[0] !== ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
}

/** A new producer, whatever the coordinator is busy with. */
export function begin(transactionalId: string, options: Init_ = {}): Step[] {
  return [untilCoordinated, untilLoaded(transactionalId), init(transactionalId, { until: hasProducerIds, ...options })];
}

type Add = StepOptions & ProducerFields & { version?: number };

export function add(
  transactionalId: string,
  topics: Readonly<Record<string, readonly number[]>>,
  options: Add = {},
): Step {
  const { version = 3, ordinal, producerId, producerEpoch, ...rest } = options;
  const named = Object.entries(topics).map(([name, partitions]) => ({ name, partitions: [...partitions] }));
  return ask(AddPartitionsToTxnRequest, version, (known) => {
    const producer = producerOf(known, { ordinal, producerId, producerEpoch });
    return {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: named,
    };
  }, { until: isSettled, ...rest });
}

type Send = StepOptions & ProducerFields & {
  version?: number;
  partition?: number;
  baseSequence?: number;
  attributes?: number;
};

export function send(transactionalId: string | null, name: string, value: string, options: Send = {}): Step {
  const { version = 11, partition = 0, baseSequence = 0, attributes = Attributes.TRANSACTIONAL, ...others } = options;
  const { ordinal, producerId, producerEpoch, ...rest } = others;
  return ask(ProduceRequest, version, (known) => ({
    transactionalId,
    acks: -1,
    timeoutMs: 5000,
    topicData: [{
      ...(version >= 13 ? { topicId: known.topicId(name) } : { name }),
      partitionData: [{
        index: partition,
        records: batch([value], {
          ...producerOf(known, { ordinal, producerId, producerEpoch }),
          baseSequence,
          attributes,
        }),
      }],
    }],
  }), { until: isSettled, ...rest, as: rest.as ?? value });
}

type End = StepOptions & ProducerFields & { version?: number };

export function end(transactionalId: string, committed: boolean, options: End = {}): Step {
  const { version = 4, ordinal, producerId, producerEpoch, ...rest } = options;
  return ask(EndTxnRequest, version, (known) => ({
    transactionalId,
    committed,
    ...producerOf(known, { ordinal, producerId, producerEpoch }),
  }), {
    until: isSettled,
    ...rest,
    as: `${committed ? "commit" : "abort"}${rest.as === undefined ? "" : `, ${rest.as}`}`,
  });
}

export function describe(...transactionalIds: string[]): Step {
  return ask(DescribeTransactionsRequest, 0, { transactionalIds }, { as: transactionalIds.join(", ") });
}

/** Waits until a transaction has come to rest. */
export function untilComplete(transactionalId: string): Step {
  return ask(DescribeTransactionsRequest, 0, { transactionalIds: [transactionalId] }, {
    as: `until ${transactionalId} is complete`,
    until: (answer) => {
      const [{ transactionState }] =
        (answer as { transactionStates: { transactionState: string }[] }).transactionStates;
      return !transactionState.startsWith("Prepare");
    },
  });
}

/** What a reader of either isolation level sees, and where it is told that the partition ends. */
export function readers(name: string, partition = 0): Step[] {
  return [0, 1].flatMap((isolationLevel) => [
    fetchFrom(name, 0n, { partition, isolationLevel, as: `isolation level ${isolationLevel}` }),
    ask(ListOffsetsRequest, 4, {
      replicaId: -1,
      isolationLevel,
      topics: [{ name, partitions: [{ partitionIndex: partition, timestamp: -1n }] }],
    }, { as: `isolation level ${isolationLevel}` }),
  ]);
}

export function producersOf(name: string): Step {
  return ask(DescribeProducersRequest, 0, { topics: [{ name, partitionIndexes: [0] }] }, { as: name });
}
