/**
 * The transaction coordinator, as the handlers of its APIs see it: requests in, promises of answers out.
 *
 * @module
 */
import type { TopicPartition } from "../../log/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { type InternalTopicParts, internalTopicPorts } from "../internal_topic_ports.ts";
import { TRANSACTION_STATE_TOPIC } from "../internal_topics.ts";
import { CoordinatorRuntime, type Decide, orElse } from "../runtime.ts";
import type { TransactionMarker } from "../../records/mod.ts";
import {
  type DescribedTransaction,
  describeTransaction,
  type ListedTransaction,
  listTransactions,
  type TransactionFilter,
} from "./administration.ts";
import { TransactionCompletion } from "./completion.ts";
import { completed, type EndTransaction, endTransaction } from "./end_transaction.ts";
import { abortTimedOut } from "./expiry.ts";
import { type InitProducerId, initProducerId } from "./init_producer_id.ts";
import { Joins } from "./joins.ts";
import { addPartitions, type TransactionalProducer, verifyPartitions } from "./partitions.ts";
import { decodeTransactionRecord, encodeTransactionRecord, type TransactionRecord } from "./records.ts";
import { type TransactionSettings, transactionSettings } from "./settings.ts";
import {
  isPrepared,
  NEEDS_PRODUCER_ID,
  type NeedsProducerId,
  type ProducerAnswer,
  refused,
  TRANSACTION_VERSION_2,
  type TransactionMetadata,
  TWO_PHASE_TIMEOUT_MS,
} from "./transaction_metadata.ts";
import { TransactionState } from "./transaction_state.ts";

/** The parts of the broker that the coordinator works with. */
export interface TransactionCoordinatorPorts extends InternalTopicParts {
  /** A producer id that was never given before. */
  readonly newProducerId: () => Promise<bigint>;
  /** Ends the transaction in a partition of `__consumer_offsets`; rejects with a `CoordinatorError`. */
  readonly endTransactionOfGroups: (partition: number, marker: TransactionMarker) => Promise<void>;
}

/** What a transactional producer asks for when it begins, or begins anew. */
export interface InitTransactionalProducer extends TransactionalProducer {
  readonly transactionTimeoutMs: number;
  /** Whether the transactions are part of others, and have all the time there is (KIP-939). */
  readonly enable2Pc: boolean;
  readonly keepPreparedTxn: boolean;
}

/** How partitions become part of a transaction when they are written to. */
export type Joining =
  /** They must have been added. */
  | "verify"
  /** This is what adds them (KIP-890). */
  | "add";

export class TransactionCoordinator {
  /** The batches that wait for {@linkcode TransactionCoordinator.join}. */
  readonly joins = new Joins();
  readonly #ports: TransactionCoordinatorPorts;
  readonly #runtime: CoordinatorRuntime<TransactionRecord, TransactionState>;
  readonly #completion: TransactionCompletion;
  #watch: { stop(): void } | null = null;

  constructor(ports: TransactionCoordinatorPorts) {
    this.#ports = ports;
    const { metadata, logs } = ports;
    const statePorts = {
      settings: () => this.#settings,
      complete: (prepared: TransactionMetadata) => this.#completion.complete(prepared),
      abortTimedOut: (transactionalId: string) => this.#abortTimedOut(transactionalId),
    };
    this.#runtime = new CoordinatorRuntime({
      topic: TRANSACTION_STATE_TOPIC,
      encode: encodeTransactionRecord,
      decode: decodeTransactionRecord,
      newState: (timers) => new TransactionState(timers, statePorts),
    }, { ...internalTopicPorts(ports), compressionType: () => "none" });
    this.#completion = new TransactionCompletion({
      ...ports,
      coordinatorEpoch: (transactionalId) => {
        if (!this.#runtime.hasTopic) return null;
        return logs.get(TRANSACTION_STATE_TOPIC, this.#runtime.partitionFor(transactionalId))?.leaderEpoch ?? null;
      },
      record: (prepared) => this.#recordCompletion(prepared),
    });
    this.#watch = metadata.watch(({ deletedTopics }) => {
      if (deletedTopics.some(({ name }) => name === TRANSACTION_STATE_TOPIC)) this.#runtime.unload();
    });
  }

  /** Begins to load the transactions that are there. Requests that come meanwhile wait. */
  start(): void {
    this.#runtime.start();
  }

  /** Ends: whoever waits is told so. What is not complete yet is completed after the next start. */
  close(): void {
    this.#watch?.stop();
    this.#completion.close();
    this.#runtime.close();
  }

  /** Whether transactions can be coordinated: creates the topic of transactions where it is missing. */
  ensureReady(): Promise<ErrorCode> {
    return this.#runtime.ensureTopic();
  }

  /**
   * Gives a producer its id and epoch. Errors: those of InitProducerId.
   *
   * @throws {MetadataStorageError} where a new producer id cannot be had
   */
  initProducerId(request: InitTransactionalProducer): Promise<ProducerAnswer> {
    const { transactionalId, transactionTimeoutMs, enable2Pc, keepPreparedTxn, producerId, producerEpoch } = request;
    const { maxTimeoutMs, isTwoPhaseCommitEnabled } = this.#settings;
    if (enable2Pc && !isTwoPhaseCommitEnabled) {
      return Promise.resolve(refused(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
    }
    if (keepPreparedTxn) return Promise.resolve(refused(ErrorCode.UNSUPPORTED_VERSION));
    if (!enable2Pc && (transactionTimeoutMs <= 0 || transactionTimeoutMs > maxTimeoutMs)) {
      return Promise.resolve(refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT));
    }
    const init: InitProducerId = {
      transactionalId,
      timeoutMs: enable2Pc ? TWO_PHASE_TIMEOUT_MS : transactionTimeoutMs,
      expected: producerId === -1n ? null : { producerId, producerEpoch },
    };
    return orElse(
      this.#withProducerId<ProducerAnswer>(
        transactionalId,
        (state, turn, reply, newProducerId) => initProducerId(state, turn, reply, init, newProducerId),
      ),
      refused,
    );
  }

  /** Adds partitions to a transaction. Errors: those of AddPartitionsToTxn. */
  addPartitions(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
    clientTransactionVersion = 0,
  ): Promise<ErrorCode> {
    if (producer.transactionalId === "") return Promise.resolve(ErrorCode.INVALID_REQUEST);
    return orElse(
      this.#runtime.schedule<ErrorCode>(producer.transactionalId, (state, turn, reply) => {
        turn.answer(reply, addPartitions(state, turn, producer, partitions, clientTransactionVersion));
      }),
      (errorCode) => errorCode,
    );
  }

  /** Whether each partition is in a transaction. Errors: those of AddPartitionsToTxn. */
  verifyPartitions(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
  ): Promise<readonly ErrorCode[]> {
    if (producer.transactionalId === "") return Promise.resolve(partitions.map(() => ErrorCode.INVALID_REQUEST));
    return orElse<readonly ErrorCode[]>(
      this.#runtime.schedule(producer.transactionalId, (state, turn, reply) => {
        turn.answer(reply, verifyPartitions(state, producer, partitions));
      }),
      (errorCode) => partitions.map(() => errorCode),
    );
  }

  /**
   * Whether partitions may be written to in a transaction: an error for each of them. It is no promise where that is
   * known already, and so it is for all but the first batch of a partition; where it is, {@linkcode recheck} when it is
   * kept.
   */
  join(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
    joining: Joining,
  ): readonly ErrorCode[] | Promise<readonly ErrorCode[]> {
    const state = this.#runtime.committedState(producer.transactionalId);
    if (state !== null) {
      const errors = verifyPartitions(state, producer, partitions);
      if (joining === "verify" || errors.every((errorCode) => errorCode === ErrorCode.NONE)) return errors;
    }
    if (joining === "verify") return this.verifyPartitions(producer, partitions);
    return this.addPartitions(producer, partitions, TRANSACTION_VERSION_2)
      .then((errorCode) => partitions.map(() => errorCode));
  }

  /**
   * Whether a partition that has joined a transaction may still be written to: its end may have been decided since. To
   * be asked right before the write, for a marker must not come between.
   *
   * Errors: those of {@linkcode join}, and NOT_COORDINATOR.
   */
  recheck(producer: TransactionalProducer, partition: TopicPartition): ErrorCode {
    const state = this.#runtime.servedState(producer.transactionalId);
    return state === null ? ErrorCode.NOT_COORDINATOR : verifyPartitions(state, producer, [partition])[0];
  }

  /** Commits or aborts a transaction; resolves when readers see what it has come to. Errors: those of EndTxn. */
  endTransaction(request: EndTransaction): Promise<ProducerAnswer> {
    if (request.transactionalId === "") return Promise.resolve(refused(ErrorCode.INVALID_REQUEST));
    return orElse(
      this.#withProducerId<ProducerAnswer>(
        request.transactionalId,
        (state, turn, reply, newProducerId) => endTransaction(state, turn, reply, request, newProducerId),
      ),
      refused,
    );
  }

  /** Describes a transaction. Errors: those of DescribeTransactions. */
  describe(transactionalId: string): Promise<DescribedTransaction> {
    if (transactionalId === "") return Promise.resolve({ transactionalId, errorCode: ErrorCode.INVALID_REQUEST });
    if (!this.#runtime.hasTopic) {
      return Promise.resolve({ transactionalId, errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND });
    }
    return orElse<DescribedTransaction>(
      this.#runtime.schedule(transactionalId, (state, turn, reply) => {
        turn.answer(reply, describeTransaction(state, transactionalId));
      }),
      (errorCode) => ({ transactionalId, errorCode }),
    );
  }

  /** The transactions that a filter lets through; or why they cannot be told. */
  list(filter: TransactionFilter): Promise<ListedTransaction[] | ErrorCode> {
    const listing = this.#runtime.scheduleAll<ListedTransaction[]>((state, turn, reply) => {
      turn.answer(reply, listTransactions(state, filter, turn.nowMs));
    });
    return orElse<ListedTransaction[] | ErrorCode>(listing.then((listed) => listed.flat()), (errorCode) => errorCode);
  }

  get #settings(): TransactionSettings {
    return transactionSettings(this.#ports.settings(), this.#ports.metadata.image);
  }

  #abortTimedOut(transactionalId: string): void {
    const aborting = this.#withProducerId<null>(
      transactionalId,
      (state, turn, reply, newProducerId) => abortTimedOut(state, turn, reply, transactionalId, newProducerId),
    );
    // Whatever is in the way, it is tried again in a while.
    aborting.catch(({ message }) =>
      this.#ports.logger.warn(`The transaction of ${transactionalId} has timed out and is not aborted yet: ${message}`)
    );
  }

  async #recordCompletion(prepared: TransactionMetadata): Promise<void> {
    const { transactionalId, producerId, producerEpoch } = prepared;
    if (!this.#runtime.hasTopic) return;
    await this.#runtime.schedule<void>(transactionalId, (state, turn, reply) => {
      const known = state.transactions.get(transactionalId);
      const isSame = known?.producerId === producerId && known.producerEpoch === producerEpoch && isPrepared(known);
      if (isSame) turn.write(state.recordOf(completed(known, turn.nowMs)));
      // Nobody need wait until it is committed: where it is lost, the markers are written once more.
      reply.answer();
    });
  }

  /** Decides, and where that cannot be done without a new producer id, gets one and decides anew. */
  async #withProducerId<T>(
    transactionalId: string,
    decide: (
      ...args: [...Parameters<Decide<TransactionRecord, TransactionState, T | NeedsProducerId>>, bigint | null]
    ) => void,
  ): Promise<T> {
    let newProducerId: bigint | null = null;
    for (;;) {
      const answer = await this.#runtime.schedule<T | NeedsProducerId>(
        transactionalId,
        (state, turn, reply) => decide(state, turn, reply, newProducerId),
      );
      if (answer !== NEEDS_PRODUCER_ID) return answer as T;
      newProducerId = await this.#ports.newProducerId();
    }
  }
}
