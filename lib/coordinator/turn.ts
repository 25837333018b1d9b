/**
 * One turn of a coordinator: what a decision wants written, and whom it answers once that is committed.
 *
 * @module
 */
import { ErrorCode } from "../protocol/error_code.ts";
import type { TransactionMarker } from "../records/mod.ts";

/** Somebody who waits for an answer, at once or after others have come. */
export interface Reply<T> {
  answer(response: T): void;
  /** The coordinator cannot do it; the code says why in the terms of the group and transaction APIs. */
  fail(errorCode: ErrorCode): void;
}

/** A producer in one of its epochs. */
export interface ProducerIdAndEpoch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** A transaction that is to be written to. */
export interface OpenTransaction extends ProducerIdAndEpoch {
  /** Why it may not be written to any more, asked right before it is; NONE where it may. */
  readonly error: () => ErrorCode;
}

/** Collects what a decision comes to. A decision changes the recorded state by its records alone. */
export class Turn<R> {
  readonly records: R[] = [];
  #transaction: ProducerIdAndEpoch | null = null;
  #marker: TransactionMarker | null = null;
  readonly #outcomes: { readonly give: () => void; readonly fail: (errorCode: ErrorCode) => void }[] = [];

  /** @param nowMs milliseconds since the epoch */
  constructor(readonly nowMs: number) {}

  /** Writes records. All of a turn are written together or not at all. */
  write(...records: readonly R[]): void {
    this.records.push(...records);
  }

  /** Writes records that hold when the producer's transaction is committed. All records of a turn are in it, or none. */
  writeInTransaction(producer: ProducerIdAndEpoch, ...records: readonly R[]): void {
    this.#transaction = producer;
    this.write(...records);
  }

  /** Ends the transaction of a producer in this shard, which is all that the turn does. */
  endTransaction(marker: TransactionMarker): void {
    this.#marker = marker;
  }

  /** The producer to whose transaction the records belong; null for none. */
  get transaction(): ProducerIdAndEpoch | null {
    return this.#transaction;
  }

  /** The marker that is to be written; null for none. */
  get marker(): TransactionMarker | null {
    return this.#marker;
  }

  /** Answers when all is committed on which this turn was decided; the reply fails where it cannot be. */
  answer<T>(reply: Reply<T>, response: T): void {
    this.#outcomes.push({ give: () => reply.answer(response), fail: (errorCode) => reply.fail(errorCode) });
  }

  /** Ends the turn: gives the answers, or fails them where the records were not written. */
  end(errorCode: ErrorCode): void {
    for (const { give, fail } of this.#outcomes) {
      if (errorCode === ErrorCode.NONE) give();
      else fail(errorCode);
    }
  }
}
