/**
 * What the cleaner must know of transactions while it walks through a log: which batches were aborted, and which markers have nothing left
 * to end.
 *
 * @module
 */
import type { Compressor } from "../ports.ts";
import { ControlRecordType } from "../protocol/records/producer.ts";
import { controlRecordTypeOf, type RecordBatch, recordsOf } from "../records/mod.ts";
import type { AbortedTxn } from "./transaction_index.ts";

interface OngoingAbort {
  readonly txn: AbortedTxn;
  /** True once one of its batches was seen. */
  hasBatches: boolean;
}

/** Follows the transactions of one log, batch by batch in the order of offsets. */
export class CleanedTransactions {
  /** By first offset, those to come. */
  readonly #aborted: AbortedTxn[];
  #next = 0;
  readonly #ongoingAborts = new Map<bigint, OngoingAbort>();
  readonly #ongoingCommits = new Set<bigint>();
  readonly #compressor: Compressor;
  readonly #onKeptAbort: (txn: AbortedTxn) => void;

  /**
   * @param aborted all aborted transactions with records in the part of the log that is walked through
   * @param onKeptAbort told of each whose batches were seen: readers may still have to leave them out
   */
  constructor(
    aborted: readonly AbortedTxn[],
    compressor: Compressor,
    onKeptAbort: (txn: AbortedTxn) => void = () => {},
  ) {
    this.#aborted = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
    this.#compressor = compressor;
    this.#onKeptAbort = onKeptAbort;
  }

  /**
   * Takes note of the next batch.
   *
   * @returns true where it is of no more use: the records of an aborted transaction, or a marker before which no batch of its transaction
   *   is left
   * @throws {DecodeError} where a control batch is malformed
   */
  observe(batch: RecordBatch): boolean {
    this.#beginUpTo(batch.lastOffset);
    if (batch.isControl) return this.#observeMarker(batch);
    if (!batch.isTransactional) return false;
    const abort = this.#ongoingAborts.get(batch.producerId);
    if (abort === undefined) this.#ongoingCommits.add(batch.producerId);
    else abort.hasBatches = true;
    return abort !== undefined;
  }

  #observeMarker(batch: RecordBatch): boolean {
    const [record] = recordsOf(batch, this.#compressor);
    // The marker itself is gone, the batch stayed for its producer's sake.
    if (record === undefined) return true;
    switch (controlRecordTypeOf(record)) {
      case ControlRecordType.COMMIT:
        return !this.#ongoingCommits.delete(batch.producerId);
      case ControlRecordType.ABORT: {
        const abort = this.#ongoingAborts.get(batch.producerId);
        this.#ongoingAborts.delete(batch.producerId);
        if (!abort?.hasBatches) return true;
        this.#onKeptAbort(abort.txn);
        return false;
      }
      default:
        return false;
    }
  }

  #beginUpTo(offset: number): void {
    for (; this.#next < this.#aborted.length && this.#aborted[this.#next].firstOffset <= offset; this.#next++) {
      const txn = this.#aborted[this.#next];
      if (!this.#ongoingAborts.has(txn.producerId)) {
        this.#ongoingAborts.set(txn.producerId, { txn, hasBatches: false });
      }
    }
  }
}
