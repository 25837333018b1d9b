/**
 * What the coordinator knows of a transactional id: its producer, and how far its transaction is (KIP-98, KIP-890).
 *
 * | state                                | event                                               | next          |
 * | ------------------------------------ | --------------------------------------------------- | ------------- |
 * | none                                 | InitProducerId                                      | Empty         |
 * | Empty, CompleteCommit, CompleteAbort | InitProducerId                                      | Empty         |
 * | Empty, CompleteCommit, CompleteAbort | partitions, or the offsets of a group, are added    | Ongoing       |
 * | Ongoing                              | more are added                                      | Ongoing       |
 * | Ongoing                              | EndTxn with commit                                  | PrepareCommit |
 * | Ongoing                              | EndTxn with abort, time-out, another InitProducerId | PrepareAbort  |
 * | Empty, CompleteCommit, CompleteAbort | EndTxn with abort, since version 5                  | PrepareAbort  |
 * | PrepareCommit                        | all partitions have their marker                    | CompleteCommit |
 * | PrepareAbort                         | all partitions have their marker                    | CompleteAbort |
 * | Empty, CompleteCommit, CompleteAbort | unused for `transactional.id.expiration.ms`         | none          |
 *
 * Each state but "none" is a record of `__transaction_state`. Kafka has two more, which never are: Dead is an id that
 * is about to go, PrepareEpochFence a producer that is about to be fenced.
 *
 * @module
 */
import type { TopicPartition } from "../../log/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { ProducerIdAndEpoch } from "../turn.ts";

/** The states, each at its number in the records. */
export const TRANSACTION_STATES = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
  "Dead",
  "PrepareEpochFence",
] as const;
/** The state of a transaction, as DescribeTransactions tells it. */
export type TransactionStateName = typeof TRANSACTION_STATES[number];

export const NO_PRODUCER_ID = -1n;
export const NO_PRODUCER_EPOCH = -1;

/** The last epoch that a producer gets; the next one, the last there is, remains for fencing it. */
export const LAST_USABLE_EPOCH = 2 ** 15 - 2;

/** The time-out of a transaction of two phases, which never times out (KIP-939). */
export const TWO_PHASE_TIMEOUT_MS = 2 ** 31 - 1;

/** `clientTransactionVersion` of clients that bump their epoch with each transaction (KIP-890). */
export const TRANSACTION_VERSION_2 = 2;

/** How a producer is answered that begins, or ends its transaction; id and epoch are -1 where there is an error. */
export interface ProducerAnswer extends ProducerIdAndEpoch {
  readonly errorCode: ErrorCode;
}

/** An answer that is none: a decision cannot be made without a new producer id at hand, which takes a while to get. */
export const NEEDS_PRODUCER_ID = Symbol("needs a producer id");
export type NeedsProducerId = typeof NEEDS_PRODUCER_ID;

/** The answer to a producer that gets nothing. */
export function refused(errorCode: ErrorCode): ProducerAnswer {
  return { errorCode, producerId: NO_PRODUCER_ID, producerEpoch: NO_PRODUCER_EPOCH };
}

/** The partitions of a transaction, by topic. */
export type TransactionPartitions = ReadonlyMap<string, ReadonlySet<number>>;

/** A transactional id as its last record tells it. Never changed, but replaced. */
export interface TransactionMetadata {
  readonly transactionalId: string;
  readonly producerId: bigint;
  /** The id before this one, which ran out of epochs; -1 where there was none. */
  readonly previousProducerId: bigint;
  /** The id that the producer has when the transaction is complete, where this one has run out of epochs; else -1. */
  readonly nextProducerId: bigint;
  readonly producerEpoch: number;
  /**
   * The epoch that the producer had, where it got the current one in answer to a request that it may repeat; else -1.
   * It is in no record: after a restart such a repetition is refused.
   */
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionStateName;
  readonly partitions: TransactionPartitions;
  /** When the transaction began, milliseconds since the epoch; -1 before the first one. */
  readonly startTimestampMs: number;
  readonly lastUpdateTimestampMs: number;
  /** The version of the protocol by which the client ended the last transaction: 0, or 2 (KIP-890). */
  readonly clientTransactionVersion: number;
}

/** Whether no transaction is open or ending. */
export function isAtRest({ state }: TransactionMetadata): boolean {
  return state === "Empty" || state === "CompleteCommit" || state === "CompleteAbort";
}

/** Whether the transaction is decided, and partitions may still lack their marker. */
export function isPrepared({ state }: TransactionMetadata): boolean {
  return state === "PrepareCommit" || state === "PrepareAbort";
}

/** Whether a producer with that epoch cannot get another one under its id. */
export function isEpochExhausted(producerEpoch: number): boolean {
  return producerEpoch >= LAST_USABLE_EPOCH;
}

/** Whether the partition is in the transaction. */
export function hasPartition({ partitions }: TransactionMetadata, { topic, partition }: TopicPartition): boolean {
  return partitions.get(topic)?.has(partition) ?? false;
}

/** The partitions of the transaction, one by one. */
export function* partitionsOf({ partitions }: TransactionMetadata): Generator<TopicPartition> {
  for (const [topic, indexes] of partitions) for (const partition of indexes) yield { topic, partition };
}

/** These partitions and more of them. */
export function withPartitions(
  partitions: TransactionPartitions,
  added: Iterable<TopicPartition>,
): TransactionPartitions {
  const all = new Map(Array.from(partitions, ([topic, indexes]) => [topic, new Set(indexes)]));
  for (const { topic, partition } of added) {
    const indexes = all.get(topic);
    if (indexes === undefined) all.set(topic, new Set([partition]));
    else indexes.add(partition);
  }
  return all;
}

export const NO_PARTITIONS: TransactionPartitions = new Map();
