/**
 * A transactional producer, as real clients are: it asks for its id, writes to partitions, commits the offsets of a
 * group, and ends the transaction, each again and again until it is answered or told that it may not.
 *
 * It speaks the first version of the protocol, which adds partitions by requests of their own (KIP-98), or the second
 * one, in which writing adds them and each transaction has its own epoch (KIP-890).
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "../../lib/protocol/messages/add_offsets_to_txn.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../lib/protocol/messages/add_partitions_to_txn.ts";
import { EndTxnRequest, EndTxnResponse } from "../../lib/protocol/messages/end_txn.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../lib/protocol/messages/init_producer_id.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "../../lib/protocol/messages/txn_offset_commit.ts";
import { RecordBatchBuilder } from "../../lib/records/mod.ts";
import type { SimClient } from "./client.ts";
import { partitionName, type TransactionalPartition } from "./committed_reading.ts";
import type { SimCommit } from "./group_history.ts";
import { Violation } from "./history.ts";
import type { MemberIdentity } from "./membership.ts";
import type { Draw } from "./random.ts";
import { type SimRecord, toSend } from "./records.ts";
import type { SimLoop } from "./clock.ts";
import type { SimTransaction, TransactionHistory } from "./transaction_history.ts";

/** What a producer works with. */
export interface ProducerWorld {
  readonly loop: SimLoop;
  readonly client: SimClient;
  readonly draw: Draw;
  readonly history: TransactionHistory;
  trace(line: string): void;
}

/** A record, and the input record that it was made of. */
export interface TransactionalRecord extends SimRecord {
  readonly source: string | null;
}

/** A batch that is sent until it is answered. */
interface BuiltBatch {
  readonly partition: TransactionalPartition;
  readonly name: string;
  readonly ids: readonly string[];
  readonly bytes: Uint8Array;
}

/**
 * What became of a request: `fenced` producers have to begin anew, the transaction of an `abortable` one can only be
 * aborted.
 */
export type Outcome = "done" | "abortable" | "fenced";

const RETRY_MS = 60;

export class TransactionalProducer {
  readonly #world: ProducerWorld;
  readonly #transactionalId: string;
  readonly #timeoutMs: number;
  /** Whether it speaks the second version of the protocol. */
  readonly #isSecond: boolean;
  #producerId = -1n;
  #producerEpoch = -1;
  /** As which one it asked for the transactional id, and with which epoch it got it. */
  #first = { order: NaN, producerEpoch: NaN };
  readonly #sequences = new Map<string, number>();
  #added = new Set<string>();
  #transaction: SimTransaction | null = null;
  #transactionCount = 0;
  #beganMs = 0;
  #hasWritten = false;

  constructor(world: ProducerWorld, transactionalId: string, timeoutMs: number, isSecond: boolean) {
    this.#world = world;
    this.#transactionalId = transactionalId;
    this.#timeoutMs = timeoutMs;
    this.#isSecond = isSecond;
  }

  get isReady(): boolean {
    return this.#producerId !== -1n;
  }

  /** Asks for the producer id once; resolves to whether it has it. */
  async begin(): Promise<boolean> {
    const { client, history, trace } = this.#world;
    const order = history.noteAsking(this.#transactionalId);
    const answer = await client.ask(InitProducerIdRequest, InitProducerIdResponse, this.#isSecond ? 5 : 4, {
      transactionalId: this.#transactionalId,
      transactionTimeoutMs: this.#timeoutMs,
    });
    if (answer === null) return false;
    trace(`init: ${errorName(answer.errorCode)} ${answer.producerId}/${answer.producerEpoch}`);
    if (answer.errorCode !== ErrorCode.NONE) {
      if (RETRIABLE.has(answer.errorCode)) return false;
      throw new Violation(`${this.#transactionalId} cannot be had: ${errorName(answer.errorCode)}`);
    }
    this.#producerId = answer.producerId;
    this.#producerEpoch = answer.producerEpoch;
    this.#first = { order, producerEpoch: answer.producerEpoch };
    history.noteProducer(this.#transactionalId, answer.producerEpoch);
    this.#sequences.clear();
    return true;
  }

  beginTransaction(): void {
    const { history, loop, trace } = this.#world;
    const name = `${this.#transactionalId}/${this.#producerEpoch}#${this.#transactionCount++}`;
    this.#transaction = history.begin(name, this.#transactionalId, this.#producerEpoch);
    this.#added = new Set();
    this.#beganMs = loop.elapsedMs;
    this.#hasWritten = false;
    trace(`begins ${name}`);
  }

  /** Writes a batch to each of the partitions. */
  async write(
    batches: readonly (readonly [TransactionalPartition, readonly TransactionalRecord[]])[],
  ): Promise<Outcome> {
    const added = this.#isSecond ? "done" : await this.#addPartitions(batches.map(([partition]) => partition));
    if (added !== "done") return added;
    const left = batches.map(([partition, records]) => this.#batch(partition, records));
    while (left.length > 0) {
      const outcome = await this.#produce(left);
      if (outcome !== "done") return outcome;
      if (left.length > 0) await this.#pause();
    }
    return "done";
  }

  /** Has offsets of a group committed with the transaction. */
  async commitOffsets(
    groupId: string,
    topic: string,
    commits: readonly SimCommit[],
    member: MemberIdentity,
  ): Promise<Outcome> {
    if (!this.#isSecond) {
      const outcome = await this.#retrying(async () => {
        const answer = await this.#world.client.ask(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, 4, {
          ...this.#identity,
          groupId,
        });
        return answer?.errorCode ?? null;
      }, "add offsets");
      if (outcome !== "done") return outcome;
    }
    return await this.#retrying(() => this.#commitOffsets(groupId, topic, commits, member), "commit offsets");
  }

  /** Ends the transaction; `commits` are those that hold if it is committed. */
  async end(isCommit: boolean, onSend: () => void = () => {}): Promise<Outcome> {
    const { client, history, trace } = this.#world;
    const transaction = this.#transaction!;
    if (!this.#hasWritten) {
      history.noteEnding(transaction, false);
      return "done";
    }
    history.noteEnding(transaction, isCommit);
    onSend();
    for (;;) {
      const answer = await client.ask(EndTxnRequest, EndTxnResponse, this.#isSecond ? 5 : 3, {
        ...this.#identity,
        committed: isCommit,
      });
      if (answer === null) {
        transaction.mayHaveBeenHeard = true;
        await this.#pause();
        continue;
      }
      const { errorCode, producerId, producerEpoch } = answer;
      trace(`end ${transaction.name} ${isCommit ? "commit" : "abort"}: ${errorName(errorCode)} ${producerEpoch}`);
      if (errorCode === ErrorCode.NONE) {
        history.noteEnded(transaction, isCommit);
        if (this.#isSecond) this.#takeEpoch(producerId, producerEpoch);
        return "done";
      }
      if (errorCode !== ErrorCode.CONCURRENT_TRANSACTIONS && RETRIABLE.has(errorCode)) {
        transaction.mayHaveBeenHeard = true;
      } else if (!RETRIABLE.has(errorCode)) {
        history.noteRefused(transaction);
        return this.#judge(errorCode, "end");
      }
      await this.#pause();
    }
  }

  /** The producer is gone, and what it has begun is not ended by it. */
  forget(): void {
    this.#producerId = -1n;
  }

  get transaction(): SimTransaction {
    return this.#transaction!;
  }

  get #identity() {
    return {
      transactionalId: this.#transactionalId,
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
    };
  }

  /** A new epoch begins with new sequences. */
  #takeEpoch(producerId: bigint, producerEpoch: number): void {
    if (producerId !== this.#producerId || producerEpoch !== this.#producerEpoch + 1) {
      throw new Violation(
        `${this.#transactionalId} had ${this.#producerId}/${this.#producerEpoch} and got ${producerId}/${producerEpoch}`,
      );
    }
    this.#producerEpoch = producerEpoch;
    this.#sequences.clear();
  }

  async #addPartitions(partitions: readonly TransactionalPartition[]): Promise<Outcome> {
    const missing = partitions.filter((partition) => !this.#added.has(partitionName(partition)));
    if (missing.length === 0) return "done";
    const topics = [...new Set(missing.map(({ topic }) => topic))];
    const outcome = await this.#retrying(async () => {
      const { transactionalId, producerId, producerEpoch } = this.#identity;
      const answer = await this.#world.client.ask(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, 3, {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: topics.map((name) => ({
          name,
          partitions: missing.filter(({ topic }) => topic === name).map(({ index }) => index),
        })),
      });
      const errorCodes = answer?.resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
        resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode)
      );
      return errorCodes === undefined ? null : worst(errorCodes);
    }, "add partitions");
    if (outcome === "done") { for (const partition of missing) this.#added.add(partitionName(partition)); }
    return outcome;
  }

  #batch(partition: TransactionalPartition, records: readonly TransactionalRecord[]): BuiltBatch {
    const name = partitionName(partition);
    const baseSequence = this.#sequences.get(name) ?? 0;
    this.#sequences.set(name, baseSequence + records.length);
    const builder = new RecordBatchBuilder({
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence,
      isTransactional: true,
    });
    for (const record of records) {
      builder.append(toSend(record, this.#world.draw.pick([0, 10, 100])));
      this.#world.history.noteSent(this.transaction, name, record.id, record.source);
    }
    this.#hasWritten = true;
    return { partition, name, ids: records.map(({ id }) => id), bytes: builder.build() };
  }

  /** Sends the batches once, and leaves those that are to be sent again. */
  async #produce(left: BuiltBatch[]): Promise<Outcome> {
    const { client, draw, history, trace } = this.#world;
    const topics = [...new Set(left.map(({ partition }) => partition.topic))];
    const answer = await client.ask(ProduceRequest, ProduceResponse, this.#isSecond ? 12 : draw.pick([9, 11]), {
      transactionalId: this.#transactionalId,
      acks: -1,
      timeoutMs: 10_000,
      topicData: topics.map((name) => ({
        name,
        partitionData: left.filter(({ partition }) => partition.topic === name)
          .map(({ partition, bytes }) => ({ index: partition.index, records: bytes })),
      })),
    });
    for (const { name: topic, partitionResponses } of answer?.responses ?? []) {
      for (const { index, errorCode, baseOffset } of partitionResponses) {
        const at = left.findIndex(({ partition }) => partition.topic === topic && partition.index === index);
        trace(`${topic}-${index} ${left[at].ids[0]}+${left[at].ids.length}: ${errorName(errorCode)} ${baseOffset}`);
        if (errorCode === ErrorCode.NONE) {
          const [{ name, ids }] = left.splice(at, 1);
          history.noteWritten(this.transaction, name, Number(baseOffset), ids);
        } else if (!RETRIABLE.has(errorCode)) return this.#judge(errorCode, "produce");
      }
    }
    return "done";
  }

  async #commitOffsets(
    groupId: string,
    topic: string,
    commits: readonly SimCommit[],
    { memberId, generationId, groupInstanceId }: MemberIdentity,
  ): Promise<number | null> {
    this.#hasWritten = true;
    const answer = await this.#world.client.ask(
      TxnOffsetCommitRequest,
      TxnOffsetCommitResponse,
      this.#isSecond ? 5 : this.#world.draw.pick([3, 4]),
      {
        ...this.#identity,
        groupId,
        memberId,
        generationId,
        groupInstanceId,
        topics: [{
          name: topic,
          partitions: commits.map(({ id, partition, offset }) => ({
            partitionIndex: partition,
            committedOffset: BigInt(offset),
            committedMetadata: id,
          })),
        }],
      },
    );
    return answer === null ? null : worst(answer.topics[0].partitions.map(({ errorCode }) => errorCode));
  }

  /** Asks until there is an answer that counts; null stands for none. */
  async #retrying(ask: () => Promise<number | null>, what: string): Promise<Outcome> {
    for (;;) {
      const errorCode = await ask();
      if (errorCode !== null) this.#world.trace(`${what}: ${errorName(errorCode)}`);
      if (errorCode === ErrorCode.NONE) {
        this.#hasWritten = true;
        return "done";
      }
      if (errorCode !== null && !RETRIABLE.has(errorCode)) return this.#judge(errorCode, what);
      await this.#pause();
    }
  }

  /** What an error means to the producer, which must have a reason to be told it. */
  #judge(errorCode: number, what: string): Outcome {
    const { history, loop } = this.#world;
    const told = `${this.transaction.name} is told ${errorName(errorCode)} (${what})`;
    if (GROUP_ERRORS.has(errorCode)) return "abortable";
    if (!FATAL.has(errorCode)) throw new Violation(told);
    const isYoung = loop.latestNow() === loop.trueNow() && loop.elapsedMs - this.#beganMs < this.#timeoutMs;
    const { order, producerEpoch } = this.#first;
    if (isYoung && history.isSurelyAlone(this.#transactionalId, order, producerEpoch)) {
      throw new Violation(`${told}, though nobody has fenced it and its transaction has not timed out`);
    }
    return "fenced";
  }

  #pause(): Promise<void> {
    return this.#world.loop.sleep(this.#world.draw.time(0, RETRY_MS));
  }
}

/** The error that counts of those of several partitions. */
function worst(errorCodes: readonly number[]): number {
  return errorCodes.find((errorCode) => errorCode !== ErrorCode.NONE && !RETRIABLE.has(errorCode)) ??
    errorCodes.find((errorCode) => errorCode !== ErrorCode.NONE) ?? ErrorCode.NONE;
}

/** Errors after which a client sends the same again. */
const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.OPERATION_NOT_ATTEMPTED,
]);

/** The group has gone on without the member that commits. */
const GROUP_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.FENCED_INSTANCE_ID,
  ErrorCode.STALE_MEMBER_EPOCH,
  ErrorCode.REBALANCE_IN_PROGRESS,
  ErrorCode.GROUP_ID_NOT_FOUND,
]);

/** Another producer has the transactional id, or the transaction took too long. */
const FATAL: ReadonlySet<number> = new Set([
  ErrorCode.PRODUCER_FENCED,
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.TRANSACTION_ABORTABLE,
]);
