/**
 * From a decided transaction to a complete one: a marker in each of its partitions, then the record that all have
 * theirs (KIP-98).
 *
 * A marker says no more than was decided, so it does no harm where it comes twice: after a crash all are written anew.
 * What cannot be written yet is tried again until it can.
 *
 * @module
 */
import type { LogManager, TopicPartition } from "../../log/mod.ts";
import type { Metadata } from "../../metadata/mod.ts";
import type { Clock, Logger, Timer, Timers } from "../../ports.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ControlRecordType } from "../../protocol/records/producer.ts";
import { type TransactionMarker, transactionMarkerBatch } from "../../records/mod.ts";
import { CONSUMER_OFFSETS_TOPIC, TRANSACTION_STATE_TOPIC } from "../internal_topics.ts";
import { CoordinatorError } from "../runtime.ts";
import { partitionsOf, type TransactionMetadata } from "./transaction_metadata.ts";

/** What completing a transaction takes of the broker. */
export interface CompletionPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metadata: Metadata;
  readonly logs: LogManager;
  /** Ends the transaction in a partition of `__consumer_offsets`; rejects with a {@linkcode CoordinatorError}. */
  endTransactionOfGroups(partition: number, marker: TransactionMarker): Promise<void>;
  /** The epoch of the coordinator of a transactional id; null where it has none any more. */
  coordinatorEpoch(transactionalId: string): number | null;
  /** Records that a prepared transaction is complete; rejects with a {@linkcode CoordinatorError}. */
  record(prepared: TransactionMetadata): Promise<void>;
}

/** How long after a marker could not be written it is tried again. */
const RETRY_MS = 1_000;

export class TransactionCompletion {
  readonly #ports: CompletionPorts;
  /** By {@linkcode nameOf}: the first attempt of each transaction that is not complete. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #retries = new Set<Timer>();
  #isClosed = false;

  constructor(ports: CompletionPorts) {
    this.#ports = ports;
  }

  /** Resolves when the transaction is complete, or its markers could not all be written at the first attempt. */
  complete(prepared: TransactionMetadata): Promise<void> {
    const underWay = this.#underWay.get(nameOf(prepared));
    if (underWay !== undefined) return underWay;
    const attempt = this.#attempt(prepared, [...partitionsOf(prepared)]);
    this.#underWay.set(nameOf(prepared), attempt);
    return attempt;
  }

  /** Tries no more: what is left is done after the next start. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#retries) timer.cancel();
  }

  async #attempt(
    prepared: TransactionMetadata,
    partitions: readonly TopicPartition[],
    isFirst = true,
  ): Promise<void> {
    const coordinatorEpoch = this.#ports.coordinatorEpoch(prepared.transactionalId);
    // The topic of transactions is gone, and with it what was decided.
    if (coordinatorEpoch === null) return void this.#underWay.delete(nameOf(prepared));
    const left = await this.#writeMarkers(markerOf(prepared, coordinatorEpoch), partitions);
    if (left.length === 0 && await this.#record(prepared)) return void this.#underWay.delete(nameOf(prepared));
    if (this.#isClosed) return;
    if (isFirst) this.#warn(prepared, left);
    const timer = this.#ports.timers.after(RETRY_MS, () => {
      this.#retries.delete(timer);
      this.#attempt(prepared, left, false);
    });
    this.#retries.add(timer);
  }

  #warn({ transactionalId }: TransactionMetadata, left: readonly TopicPartition[]): void {
    const names = left.map(({ topic, partition }) => `${topic}-${partition}`).join(", ");
    this.#ports.logger.warn(
      `The transaction of ${transactionalId} is decided and not complete; it cannot be written to ` +
        `${names === "" ? TRANSACTION_STATE_TOPIC : names} yet, which is tried again and again`,
    );
  }

  /** Resolves to the partitions in which there is no marker yet. */
  async #writeMarkers(
    marker: TransactionMarker,
    partitions: readonly TopicPartition[],
  ): Promise<readonly TopicPartition[]> {
    const written = await Promise.all(partitions.map((partition) => this.#writeMarker(marker, partition)));
    return partitions.filter((_, index) => !written[index]);
  }

  async #writeMarker(marker: TransactionMarker, { topic, partition }: TopicPartition): Promise<boolean> {
    const isThere = this.#ports.metadata.image.topicByName(topic)?.partitions.has(partition) ?? false;
    if (!isThere) return true;
    const errorCode = topic === CONSUMER_OFFSETS_TOPIC
      ? await this.#endInGroups(partition, marker)
      : await this.#append({ topic, partition }, marker);
    switch (errorCode) {
      case ErrorCode.NONE:
        return true;
      case ErrorCode.INVALID_PRODUCER_EPOCH:
      case ErrorCode.TRANSACTION_COORDINATOR_FENCED:
        // An administrator has ended the transaction there: nothing is left to be ended by this.
        this.#ports.logger.warn(
          `The transaction of producer ${marker.producerId} has ended in ${topic}-${partition} already`,
        );
        return true;
      default:
        return false;
    }
  }

  async #append({ topic, partition }: TopicPartition, marker: TransactionMarker): Promise<ErrorCode> {
    const log = this.#ports.logs.get(topic, partition);
    if (log === undefined) return ErrorCode.KAFKA_STORAGE_ERROR;
    const batch = transactionMarkerBatch(marker, this.#ports.clock.now());
    const { errorCode } = await log.append(batch, { origin: "coordinator", acks: "durable" });
    return errorCode;
  }

  async #endInGroups(partition: number, marker: TransactionMarker): Promise<ErrorCode> {
    try {
      await this.#ports.endTransactionOfGroups(partition, marker);
      return ErrorCode.NONE;
    } catch (error) {
      if (error instanceof CoordinatorError) return error.errorCode;
      throw error;
    }
  }

  async #record(prepared: TransactionMetadata): Promise<boolean> {
    try {
      await this.#ports.record(prepared);
      return true;
    } catch (error) {
      if (error instanceof CoordinatorError) return false;
      throw error;
    }
  }
}

/** No two transactions under way have the same: an id whose topic was deleted begins with another producer. */
function nameOf({ transactionalId, producerId, producerEpoch }: TransactionMetadata): string {
  return `${producerId} ${producerEpoch} ${transactionalId}`;
}

function markerOf({ state, producerId, producerEpoch }: TransactionMetadata, coordinatorEpoch: number) {
  const type = state === "PrepareCommit" ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
  return { type, producerId, producerEpoch, coordinatorEpoch };
}
