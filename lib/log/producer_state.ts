/**
 * What a partition knows of all its producers: for idempotence, for the last stable offset, and for DescribeProducers.
 *
 * In: batches, staged one append at a time with {@linkcode ProducerState.stage}, so that a refused append changes
 * nothing. Out: duplicates, failures, the transactions that an append ends, and the first offset that is not stable.
 *
 * @module
 */
import { ErrorCode } from "../protocol/error_code.ts";
import { type BatchMetadata, type ProducerBatch, ProducerEntry, type ProducerFailure } from "./producer_entry.ts";
import type { ProducerSummary, RefusedBatch } from "./partition_log.ts";
import type { AbortedTxn } from "./transaction_index.ts";

/** The most unknown producers whose refused batch is remembered: clients make new ones as long as the disk is full. */
const MAX_REFUSED = 1000;

/**
 * The header fields of a batch that count here. A batch without a producer has the producer id -1 and is none of ours.
 */
export interface SequencedBatch extends ProducerBatch {
  readonly producerId: bigint;
  readonly isControl: boolean;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
}

/** What the one record of a control batch says. */
export interface TransactionMarker {
  readonly isAbort: boolean;
  readonly coordinatorEpoch: number;
}

/** A transaction whose marker is in the log. */
export interface CompletedTxn {
  readonly producerId: bigint;
  readonly firstOffset: number;
  /** The offset of the marker. */
  readonly lastOffset: number;
  readonly isAborted: boolean;
}

/** A transaction that keeps the last stable offset back. */
interface PendingTxn {
  readonly producerId: bigint;
  readonly firstOffset: number;
  /** The offset of the marker; -1 while the transaction is open. */
  lastOffset: number;
}

/** All producers of one partition. */
export class ProducerState {
  readonly #entries = new Map<bigint, ProducerEntry>();
  /** By first offset, which rises in the order of insertion: the first one is the earliest. */
  readonly #pendingTxns = new Map<number, PendingTxn>();
  #completedCount = 0;
  /** The first batch that could not be written, of producers that are not known otherwise. */
  readonly #refused = new Map<bigint, { readonly producerEpoch: number; readonly baseSequence: number }>();
  /** All batches before this offset are reflected here. */
  endOffset: number;

  /** The state at `endOffset`, as a snapshot tells it. */
  constructor(endOffset: number, entries: readonly ProducerEntry[] = []) {
    this.endOffset = endOffset;
    for (const entry of entries) this.#entries.set(entry.producerId, entry);
    const open = entries.filter((entry) => entry.currentTxnFirstOffset >= 0);
    for (const entry of open.sort((a, b) => a.currentTxnFirstOffset - b.currentTxnFirstOffset)) {
      this.#begin(entry.producerId, entry.currentTxnFirstOffset);
    }
  }

  get entries(): Iterable<ProducerEntry> {
    return this.#entries.values();
  }

  /** What is known of a producer; undefined where nothing is. */
  entry(producerId: bigint): ProducerEntry | undefined {
    return this.#entries.get(producerId);
  }

  /** Takes note of batches that the log holds, and that a snapshot had no room for. */
  recall(found: Iterable<ProducerEntry>): void {
    for (const earlier of found) this.#entries.get(earlier.producerId)?.addEarlier(earlier);
  }

  /** The batch that was appended before with the epoch and sequences of this one. */
  findDuplicate(batch: SequencedBatch): BatchMetadata | undefined {
    return this.#entries.get(batch.producerId)?.findDuplicate(batch);
  }

  /**
   * Takes note of batches that could not be written. A producer that is not known yet may begin with any sequence
   * (KIP-360): what it has sent behind such a batch must not be taken for its beginning, or the batch would be out of
   * order for ever.
   */
  noteRefused(batches: readonly RefusedBatch[]): void {
    for (const { producerId, producerEpoch, baseSequence } of batches) {
      if (producerId === -1n || this.#entries.has(producerId)) continue;
      const known = this.#refused.get(producerId);
      if (known?.producerEpoch === producerEpoch && known.baseSequence <= baseSequence) continue;
      this.#refused.set(producerId, { producerEpoch, baseSequence });
      for (const oldest of this.#refused.keys()) {
        if (this.#refused.size <= MAX_REFUSED) break;
        this.#refused.delete(oldest);
      }
    }
  }

  /** Why a batch may not be appended before the one that could not be written; null where it may. */
  findGap({ producerId, producerEpoch, baseSequence }: SequencedBatch): ProducerFailure | null {
    const refused = this.#refused.get(producerId);
    // What comes before it was on its way when it was refused.
    if (refused?.producerEpoch !== producerEpoch || baseSequence <= refused.baseSequence) return null;
    return {
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      errorMessage:
        `Sequence ${baseSequence} of producer ${producerId} must wait: ${refused.baseSequence} could not be written`,
    };
  }

  /** Begins an append. */
  stage(): ProducerUpdate {
    return new ProducerUpdate((producerId) => this.#entries.get(producerId));
  }

  /**
   * Makes a staged append take effect. The transactions that it ends hold back the last stable offset until {@linkcode
   * release}.
   */
  apply(update: ProducerUpdate): AbortedTxn[] {
    for (const entry of update.entries) {
      this.#entries.set(entry.producerId, entry);
      this.#refused.delete(entry.producerId);
    }
    for (const { producerId, firstOffset } of update.begun) this.#begin(producerId, firstOffset);
    const aborted: AbortedTxn[] = [];
    for (const txn of update.completed) {
      const lastStableOffset = this.#lastStableOffsetAfter(txn);
      if (txn.isAborted) aborted.push({ ...txn, lastStableOffset });
      this.#pendingTxns.get(txn.firstOffset)!.lastOffset = txn.lastOffset;
      this.#completedCount++;
    }
    return aborted;
  }

  /** Lets go of the transactions whose marker lies before the high watermark. */
  release(highWatermark: number): void {
    if (this.#completedCount === 0) return;
    for (const txn of this.#pendingTxns.values()) {
      if (txn.lastOffset === -1 || txn.lastOffset >= highWatermark) continue;
      this.#pendingTxns.delete(txn.firstOffset);
      this.#completedCount--;
    }
  }

  /**
   * The first offset of the earliest transaction that is open, or whose end is not yet behind the high watermark; null
   * where there is none.
   */
  get firstUnstableOffset(): number | null {
    for (const firstOffset of this.#pendingTxns.keys()) return firstOffset;
    return null;
  }

  /**
   * Forgets the producers that were silent for `expirationMs` and have no transaction open
   * (`producer.id.expiration.ms`).
   */
  expire(nowMs: number, expirationMs: number): void {
    for (const entry of this.#entries.values()) {
      if (isExpired(entry, nowMs, expirationMs)) this.#entries.delete(entry.producerId);
    }
  }

  /** For DescribeProducers (KIP-664). */
  summaries(): ProducerSummary[] {
    return Array.from(this.#entries.values(), summaryOf);
  }

  /** One of the {@linkcode summaries}. */
  summary(producerId: bigint): ProducerSummary | undefined {
    const entry = this.#entries.get(producerId);
    return entry && summaryOf(entry);
  }

  #begin(producerId: bigint, firstOffset: number): void {
    this.#pendingTxns.set(firstOffset, { producerId, firstOffset, lastOffset: -1 });
  }

  /**
   * Where the last stable offset would stand, as soon as `txn` has ended and all is replicated: at the earliest open
   * transaction.
   */
  #lastStableOffsetAfter(txn: CompletedTxn): number {
    for (const other of this.#pendingTxns.values()) {
      if (other.lastOffset === -1 && other.producerId !== txn.producerId) return other.firstOffset;
    }
    return txn.lastOffset + 1;
  }
}

function summaryOf(entry: ProducerEntry): ProducerSummary {
  return {
    producerId: entry.producerId,
    producerEpoch: entry.producerEpoch,
    lastSequence: entry.lastSequence,
    lastTimestamp: entry.lastTimestamp,
    coordinatorEpoch: entry.coordinatorEpoch,
    currentTxnStartOffset: entry.currentTxnFirstOffset,
  };
}

/** True where a producer may be forgotten. */
export function isExpired(entry: ProducerEntry, nowMs: number, expirationMs: number): boolean {
  return entry.currentTxnFirstOffset === -1 && nowMs - entry.lastTimestamp >= expirationMs;
}

/** The effect of one append, not yet applied. */
export class ProducerUpdate {
  readonly #find: (producerId: bigint) => ProducerEntry | undefined;
  /** One for each producer: few, most often one or none. */
  readonly #staged: ProducerEntry[] = [];
  /** Transactions that the append begins, in order. */
  readonly begun: { readonly producerId: bigint; readonly firstOffset: number }[] = [];
  /** Transactions that the append ends, in order. */
  readonly completed: CompletedTxn[] = [];

  constructor(find: (producerId: bigint) => ProducerEntry | undefined) {
    this.#find = find;
  }

  /** The producers as they will be. */
  get entries(): Iterable<ProducerEntry> {
    return this.#staged;
  }

  /**
   * Adds a batch of data.
   *
   * @param trusted true where the log holds the batch already: it is taken as it is
   */
  addData(batch: SequencedBatch, trusted: boolean, checkSequence: boolean): ProducerFailure | null {
    const entry = this.#entryOf(batch.producerId);
    const failure = trusted ? null : entry.check(batch, checkSequence);
    if (failure !== null) return failure;
    entry.addBatch(batch);
    if (batch.isTransactional && entry.currentTxnFirstOffset === -1) {
      entry.currentTxnFirstOffset = batch.baseOffset;
      this.begun.push({ producerId: batch.producerId, firstOffset: batch.baseOffset });
    }
    return null;
  }

  /** Adds a transaction marker; `trusted` as in {@linkcode addData}. */
  addMarker(batch: SequencedBatch, marker: TransactionMarker, trusted: boolean): ProducerFailure | null {
    const entry = this.#entryOf(batch.producerId);
    const failure = trusted
      ? null
      : entry.checkEpoch(batch.producerEpoch) ?? entry.checkCoordinatorEpoch(marker.coordinatorEpoch);
    if (failure !== null) return failure;
    const { producerId, lastOffset } = batch;
    // A marker may come where the transaction has written nothing to this partition.
    const firstOffset = entry.currentTxnFirstOffset;
    if (firstOffset >= 0) this.completed.push({ producerId, firstOffset, lastOffset, isAborted: marker.isAbort });
    entry.addMarker(batch.producerEpoch, marker.coordinatorEpoch, batch.maxTimestamp);
    return null;
  }

  #entryOf(producerId: bigint): ProducerEntry {
    let entry = this.#staged.find((staged) => staged.producerId === producerId);
    if (entry === undefined) {
      entry = this.#find(producerId)?.clone() ?? new ProducerEntry(producerId);
      this.#staged.push(entry);
    }
    return entry;
  }
}
