/**
 * The end of a transaction: what the producer has decided (KIP-98), or what is decided without it.
 *
 * Since EndTxn version 5 each end gives the producer the next epoch, so that what it has sent late belongs to no later
 * transaction (KIP-890); a producer whose epochs have run out gets another id.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import type { Reply, Turn } from "../turn.ts";
import type { TransactionalProducer } from "./partitions.ts";
import type { TransactionRecord } from "./records.ts";
import {
  isEpochExhausted,
  isPrepared,
  LAST_USABLE_EPOCH,
  NEEDS_PRODUCER_ID,
  type NeedsProducerId,
  NO_PARTITIONS,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  type ProducerAnswer,
  refused,
  TRANSACTION_VERSION_2,
  type TransactionMetadata,
} from "./transaction_metadata.ts";
import type { TransactionState } from "./transaction_state.ts";

/** What the producer has decided. */
export interface EndTransaction extends TransactionalProducer {
  readonly isCommit: boolean;
  /** Whether the producer gets its next epoch with the answer (KIP-890). */
  readonly bumpsEpoch: boolean;
}

/** The last epoch there is, with which a producer is fenced for good. */
const LAST_EPOCH = LAST_USABLE_EPOCH + 1;

/**
 * Decides on the end of a transaction; it is answered when all partitions have their marker.
 *
 * Errors: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS, INVALID_TXN_STATE,
 * UNSUPPORTED_VERSION.
 *
 * @param newProducerId as with `initProducerId`
 */
export function endTransaction(
  state: TransactionState,
  turn: Turn<TransactionRecord>,
  reply: Reply<ProducerAnswer | NeedsProducerId>,
  request: EndTransaction,
  newProducerId: bigint | null,
): void {
  const metadata = state.transactions.get(request.transactionalId);
  if (metadata === undefined) return turn.answer(reply, refused(ErrorCode.INVALID_PRODUCER_ID_MAPPING));
  const verdict = request.bumpsEpoch ? judge(metadata, request) : judgeClassic(metadata, request);
  if (verdict === "repeated") return turn.answer(reply, answerOf(metadata));
  if (verdict !== "valid") return turn.answer(reply, refused(verdict));
  if (request.bumpsEpoch && !state.canKeep(TRANSACTION_VERSION_2)) {
    return turn.answer(reply, refused(ErrorCode.UNSUPPORTED_VERSION));
  }
  const ended = request.isCommit ? "PrepareCommit" as const : "PrepareAbort" as const;
  if (!request.bumpsEpoch) return end(state, turn, reply, { ...metadata, state: ended, clientTransactionVersion: 0 });
  const bumped = withNextEpoch(metadata, newProducerId);
  if (bumped === NEEDS_PRODUCER_ID) return reply.answer(NEEDS_PRODUCER_ID);
  const startTimestampMs = metadata.state === "Ongoing" ? metadata.startTimestampMs : turn.nowMs;
  end(state, turn, reply, { ...bumped, state: ended, startTimestampMs });
}

/**
 * Aborts the open transaction of a producer, and fences the producer; `reply` is given `response` when all partitions
 * have their marker.
 */
export function abortOngoing<T>(
  state: TransactionState,
  turn: Turn<TransactionRecord>,
  metadata: TransactionMetadata,
  reply: Reply<T | NeedsProducerId>,
  response: T,
  newProducerId: bigint | null,
): void {
  const fenced = state.settings.transactionVersion >= TRANSACTION_VERSION_2 ? withNextEpoch(metadata, newProducerId) : {
    ...metadata,
    producerEpoch: Math.min(metadata.producerEpoch + 1, LAST_EPOCH),
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    clientTransactionVersion: 0,
  };
  if (fenced === NEEDS_PRODUCER_ID) return reply.answer(NEEDS_PRODUCER_ID);
  state.prepare(turn, prepared(turn, { ...fenced, state: "PrepareAbort" }), reply, response);
}

/** The transaction when all its partitions have their marker. */
export function completed(metadata: TransactionMetadata, nowMs: number): TransactionMetadata {
  const { nextProducerId } = metadata;
  const isRotated = metadata.clientTransactionVersion >= TRANSACTION_VERSION_2 && nextProducerId !== NO_PRODUCER_ID;
  return {
    ...metadata,
    state: metadata.state === "PrepareCommit" ? "CompleteCommit" : "CompleteAbort",
    producerId: isRotated ? nextProducerId : metadata.producerId,
    producerEpoch: isRotated ? 0 : metadata.producerEpoch,
    previousProducerId: metadata.producerId,
    nextProducerId: NO_PRODUCER_ID,
    partitions: NO_PARTITIONS,
    lastUpdateTimestampMs: nowMs,
  };
}

type Verdict = "valid" | "repeated" | ErrorCode;

/** Before version 5: the epoch is the same before and after. */
function judgeClassic(metadata: TransactionMetadata, { producerId, producerEpoch, isCommit }: EndTransaction): Verdict {
  if (metadata.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  if (metadata.producerEpoch !== producerEpoch) return ErrorCode.PRODUCER_FENCED;
  switch (metadata.state) {
    case "Ongoing":
      return "valid";
    case "PrepareCommit":
    case "PrepareAbort":
      return ErrorCode.CONCURRENT_TRANSACTIONS;
    case "CompleteCommit":
      return isCommit ? "repeated" : ErrorCode.INVALID_TXN_STATE;
    case "CompleteAbort":
      return isCommit ? ErrorCode.INVALID_TXN_STATE : "repeated";
    default:
      return ErrorCode.INVALID_TXN_STATE;
  }
}

/**
 * Since version 5: whoever comes with the epoch before the current one repeats what it has asked already. An abort is
 * valid where nothing is open, too: the producer cannot tell whether what it has sent has come (KIP-890).
 */
function judge(metadata: TransactionMetadata, { producerId, producerEpoch, isCommit }: EndTransaction): Verdict {
  if (isPrepared(metadata)) return ErrorCode.CONCURRENT_TRANSACTIONS;
  const isRotated = metadata.previousProducerId === producerId && producerEpoch === LAST_USABLE_EPOCH &&
    metadata.producerEpoch === 0;
  const isBefore = metadata.producerEpoch === producerEpoch + 1 || isRotated;
  if (metadata.producerId !== producerId && !isRotated) return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
  const isCurrent = metadata.producerEpoch === producerEpoch;
  const isComplete = metadata.state === "CompleteCommit" || metadata.state === "CompleteAbort";
  if (!isCurrent && !(isComplete && isBefore)) return ErrorCode.PRODUCER_FENCED;
  if (metadata.state === "Ongoing") return "valid";
  if (!isComplete || !isBefore) return isCommit ? ErrorCode.INVALID_TXN_STATE : "valid";
  return isCommit === (metadata.state === "CompleteCommit") ? "repeated" : ErrorCode.INVALID_TXN_STATE;
}

function withNextEpoch(
  metadata: TransactionMetadata,
  newProducerId: bigint | null,
): TransactionMetadata | NeedsProducerId {
  const isExhausted = isEpochExhausted(metadata.producerEpoch);
  if (isExhausted && newProducerId === null) return NEEDS_PRODUCER_ID;
  return {
    ...metadata,
    producerEpoch: Math.min(metadata.producerEpoch + 1, LAST_EPOCH),
    lastProducerEpoch: metadata.producerEpoch,
    nextProducerId: isExhausted ? newProducerId! : NO_PRODUCER_ID,
    clientTransactionVersion: TRANSACTION_VERSION_2,
  };
}

function end(
  state: TransactionState,
  turn: Turn<TransactionRecord>,
  reply: Reply<ProducerAnswer>,
  metadata: TransactionMetadata,
): void {
  const ended = prepared(turn, metadata);
  state.prepare(turn, ended, reply, answerOf(completed(ended, turn.nowMs)));
}

function prepared(turn: Turn<TransactionRecord>, metadata: TransactionMetadata): TransactionMetadata {
  return { ...metadata, previousProducerId: metadata.producerId, lastUpdateTimestampMs: turn.nowMs };
}

function answerOf({ producerId, producerEpoch }: TransactionMetadata): ProducerAnswer {
  return { errorCode: ErrorCode.NONE, producerId, producerEpoch };
}
