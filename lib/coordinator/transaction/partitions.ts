/**
 * Adding partitions to a transaction, by a request of its own (KIP-98) or by writing to them (KIP-890), and verifying
 * that they are in it.
 *
 * @module
 */
import type { TopicPartition } from "../../log/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { ProducerIdAndEpoch, Turn } from "../turn.ts";
import type { TransactionRecord } from "./records.ts";
import {
  hasPartition,
  isAtRest,
  isPrepared,
  type TransactionMetadata,
  withPartitions,
} from "./transaction_metadata.ts";
import type { TransactionState } from "./transaction_state.ts";

/** A producer with its transactional id. */
export interface TransactionalProducer extends ProducerIdAndEpoch {
  readonly transactionalId: string;
}

/**
 * Adds partitions to the transaction of a producer, and begins it where none is open.
 *
 * Errors: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS, UNSUPPORTED_VERSION.
 *
 * @param clientTransactionVersion the version of the protocol by which the client adds them
 */
export function addPartitions(
  state: TransactionState,
  turn: Turn<TransactionRecord>,
  producer: TransactionalProducer,
  partitions: readonly TopicPartition[],
  clientTransactionVersion: number,
): ErrorCode {
  const metadata = state.transactions.get(producer.transactionalId);
  if (!state.canKeep(clientTransactionVersion)) return ErrorCode.UNSUPPORTED_VERSION;
  if (metadata !== undefined && isPrepared(metadata)) return ErrorCode.CONCURRENT_TRANSACTIONS;
  const errorCode = producerError(metadata, producer);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  const known = metadata!;
  if (known.state === "Ongoing" && partitions.every((partition) => hasPartition(known, partition))) {
    return ErrorCode.NONE;
  }
  turn.write(state.recordOf({
    ...known,
    state: "Ongoing",
    previousProducerId: known.producerId,
    partitions: withPartitions(known.partitions, partitions),
    startTimestampMs: isAtRest(known) ? turn.nowMs : known.startTimestampMs,
    lastUpdateTimestampMs: turn.nowMs,
    clientTransactionVersion,
  }));
  return ErrorCode.NONE;
}

/**
 * Whether each partition is in the transaction of a producer.
 *
 * Errors: TRANSACTION_ABORTABLE for a partition that is not; INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED or
 * CONCURRENT_TRANSACTIONS for all of them.
 */
export function verifyPartitions(
  state: TransactionState,
  producer: TransactionalProducer,
  partitions: readonly TopicPartition[],
): ErrorCode[] {
  const metadata = state.transactions.get(producer.transactionalId);
  const errorCode = producerError(metadata, producer);
  if (errorCode !== ErrorCode.NONE) return partitions.map(() => errorCode);
  return partitions.map((partition) =>
    hasPartition(metadata!, partition) ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE
  );
}

function producerError(metadata: TransactionMetadata | undefined, producer: TransactionalProducer): ErrorCode {
  if (metadata?.producerId !== producer.producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  if (metadata.producerEpoch !== producer.producerEpoch) return ErrorCode.PRODUCER_FENCED;
  return isPrepared(metadata) ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.NONE;
}
