/**
 * What a shard of the transaction coordinator keeps: the transactional ids of its partition.
 *
 * @module
 */
import type { ErrorCode } from "../../protocol/error_code.ts";
import type { CoordinatorState, ShardTimers } from "../runtime.ts";
import type { Reply, Turn } from "../turn.ts";
import { scheduleExpiry } from "./expiry.ts";
import { metadataOf, type TransactionRecord, transactionRecord } from "./records.ts";
import type { TransactionSettings } from "./settings.ts";
import { isPrepared, type TransactionMetadata } from "./transaction_metadata.ts";

/** What the coordinator needs beside its records. */
export interface TransactionPorts {
  readonly settings: () => TransactionSettings;
  /**
   * Writes the markers of a prepared transaction, and then completes it. Resolves when that is done, or is known to
   * take longer; it is done in any case.
   */
  readonly complete: (metadata: TransactionMetadata) => Promise<void>;
  /** Aborts the open transaction of a transactional id if it has timed out. */
  readonly abortTimedOut: (transactionalId: string) => void;
}

export class TransactionState implements CoordinatorState<TransactionRecord> {
  readonly transactions = new Map<string, TransactionMetadata>();
  readonly timers: ShardTimers<TransactionRecord>;
  readonly #ports: TransactionPorts;

  constructor(timers: ShardTimers<TransactionRecord>, ports: TransactionPorts) {
    this.timers = timers;
    this.#ports = ports;
  }

  get settings(): TransactionSettings {
    return this.#ports.settings();
  }

  /**
   * Whether records can tell by which version of the protocol a client has written. They cannot before
   * `transaction.version` 1, at which no client should do more than the first one.
   */
  canKeep(clientTransactionVersion: number): boolean {
    return clientTransactionVersion === 0 || this.settings.transactionVersion >= 1;
  }

  /** The record that makes a transactional id this. */
  recordOf(metadata: TransactionMetadata): TransactionRecord {
    return transactionRecord(metadata, this.settings.transactionVersion);
  }

  /** Aborts the open transaction of a transactional id, in a turn of its own. */
  abortTimedOut(transactionalId: string): void {
    this.#ports.abortTimedOut(transactionalId);
  }

  /**
   * Writes that a transaction is decided. When that is committed, its markers are written, then `reply` is given
   * `response`.
   */
  prepare<T>(turn: Turn<TransactionRecord>, prepared: TransactionMetadata, reply: Reply<T>, response: T): void {
    turn.write(this.recordOf(prepared));
    turn.answer({
      answer: () => this.#ports.complete(prepared).then(() => reply.answer(response)),
      fail: (errorCode: ErrorCode) => reply.fail(errorCode),
    }, undefined);
  }

  replay(record: TransactionRecord): void {
    const metadata = metadataOf(record);
    if (metadata === null) this.transactions.delete(record.key.transactionalId);
    else this.transactions.set(record.key.transactionalId, metadata);
  }

  /** The topic has no transactions of its own. */
  endTransaction(): void {}

  onLoaded(): void {
    for (const metadata of this.transactions.values()) if (isPrepared(metadata)) this.#ports.complete(metadata);
    scheduleExpiry(this);
  }

  /** Nobody waits here: whoever does waits for markers, which are written in any case. */
  abandon(): void {}
}
