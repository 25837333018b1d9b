/**
 * What the handlers of the transaction APIs share, and those that write as part of a transaction.
 *
 * @module
 */
import type { Joining, TransactionalProducer } from "../coordinator/mod.ts";
import type { PartitionLog } from "../log/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { RequestContext } from "./context.ts";

/** How a version of a request writes as part of a transaction. */
export interface TransactionalWrites {
  /** Whether this is what adds partitions to the transaction, or they must have been added (KIP-890). */
  readonly joining: Joining;
  /** Whether the client knows TRANSACTION_ABORTABLE. */
  readonly knowsAbortable: boolean;
}

/** Old clients do not know PRODUCER_FENCED (KIP-588): they are told that their epoch is old, and treat it alike. */
export function fencedError(errorCode: ErrorCode, knowsProducerFenced: boolean): ErrorCode {
  return errorCode === ErrorCode.PRODUCER_FENCED && !knowsProducerFenced ? ErrorCode.INVALID_PRODUCER_EPOCH : errorCode;
}

/**
 * Whether a producer may write to logs as part of its transaction: an error for each of them, and no promise where
 * that is known already. The coordinator is only asked for logs in which the producer has not begun the transaction
 * yet, as in Apache Kafka. Who waits for a promise must {@linkcode recheckTransaction} before it writes.
 *
 * Errors: INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, CONCURRENT_TRANSACTIONS, and TRANSACTION_ABORTABLE or
 * INVALID_TXN_STATE where a log's partition was not added.
 */
export function joinTransaction(
  { transactions, settings }: RequestContext,
  producer: TransactionalProducer,
  logs: readonly PartitionLog[],
  { joining, knowsAbortable }: TransactionalWrites,
): readonly ErrorCode[] | Promise<readonly ErrorCode[]> {
  const errors = new Map<PartitionLog, ErrorCode>();
  const unknown: PartitionLog[] = [];
  const isVerified = joining === "add" || settings.get("transaction.partition.verification.enable");
  for (const log of logs) {
    const known = log.producer(producer.producerId);
    if (known !== undefined && producer.producerEpoch < known.producerEpoch) {
      errors.set(log, ErrorCode.INVALID_PRODUCER_EPOCH);
    } else if (isVerified && !hasBegun(log, producer)) unknown.push(log);
    else errors.set(log, ErrorCode.NONE);
  }
  const all = (found: readonly ErrorCode[]) => {
    for (const [index, log] of unknown.entries()) errors.set(log, toldOf(found[index], knowsAbortable));
    return logs.map((log) => errors.get(log)!);
  };
  if (unknown.length === 0) return all([]);
  const found = transactions.join(producer, unknown.map(({ topicPartition }) => topicPartition), joining);
  return found instanceof Promise ? found.then(all) : all(found);
}

/** Whether a log that has joined a transaction may still be written to. Errors: as of {@linkcode joinTransaction}. */
export function recheckTransaction(
  { transactions }: RequestContext,
  producer: TransactionalProducer,
  log: PartitionLog,
  { knowsAbortable }: TransactionalWrites,
): ErrorCode {
  if (hasBegun(log, producer)) return ErrorCode.NONE;
  return toldOf(transactions.recheck(producer, log.topicPartition), knowsAbortable);
}

/** Whether the log has something of the transaction, and not its end. */
function hasBegun(log: PartitionLog, { producerId, producerEpoch }: TransactionalProducer): boolean {
  const known = log.producer(producerId);
  return known?.producerEpoch === producerEpoch && known.currentTxnStartOffset >= 0;
}

function toldOf(errorCode: ErrorCode, knowsAbortable: boolean): ErrorCode {
  if (errorCode === ErrorCode.TRANSACTION_ABORTABLE && !knowsAbortable) return ErrorCode.INVALID_TXN_STATE;
  return fencedError(errorCode, false);
}
