/**
 * InitProducerId for a transactional id: a producer takes it over, or goes on with it after an error (KIP-98, KIP-360).
 *
 * Who comes without an id and epoch gets the next epoch, which fences whoever had the id before. Who comes with them
 * goes on, unless somebody else has come since. An open transaction is aborted first, and the producer is told to try
 * again.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import type { ProducerIdAndEpoch, Reply, Turn } from "../turn.ts";
import { abortOngoing } from "./end_transaction.ts";
import type { TransactionRecord } from "./records.ts";
import {
  isEpochExhausted,
  isPrepared,
  NEEDS_PRODUCER_ID,
  type NeedsProducerId,
  NO_PARTITIONS,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  type ProducerAnswer,
  refused,
  type TransactionMetadata,
} from "./transaction_metadata.ts";
import type { TransactionState } from "./transaction_state.ts";

/** What the producer asks for. */
export interface InitProducerId {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** What the producer has; null where it begins. */
  readonly expected: ProducerIdAndEpoch | null;
}

/**
 * Decides on the id and epoch of a producer.
 *
 * Errors: PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
 *
 * @param newProducerId what to take where a new id is needed; null before it is known whether one is
 */
export function initProducerId(
  state: TransactionState,
  turn: Turn<TransactionRecord>,
  reply: Reply<ProducerAnswer | NeedsProducerId>,
  request: InitProducerId,
  newProducerId: bigint | null,
): void {
  const known = state.transactions.get(request.transactionalId);
  if (known === undefined && newProducerId === null) return reply.answer(NEEDS_PRODUCER_ID);
  const metadata = known ?? unused(request.transactionalId, newProducerId!);
  if (isPrepared(metadata)) return turn.answer(reply, refused(ErrorCode.CONCURRENT_TRANSACTIONS));
  const { expected } = request;
  if (expected !== null && !mayBeOf(metadata, expected)) {
    return turn.answer(reply, refused(ErrorCode.PRODUCER_FENCED));
  }
  if (metadata.state === "Ongoing") {
    return abortOngoing(state, turn, metadata, reply, refused(ErrorCode.CONCURRENT_TRANSACTIONS), newProducerId);
  }
  if (
    isEpochExhausted(metadata.producerEpoch) &&
    (expected?.producerEpoch ?? metadata.producerEpoch) === metadata.producerEpoch
  ) {
    if (newProducerId === null) return reply.answer(NEEDS_PRODUCER_ID);
    const lastProducerEpoch = expected === null ? NO_PRODUCER_EPOCH : metadata.producerEpoch;
    return give(state, turn, reply, request, metadata, {
      producerId: newProducerId,
      producerEpoch: 0,
      lastProducerEpoch,
    });
  }
  const epochs = nextEpochs(metadata, expected);
  if (epochs === null) return turn.answer(reply, refused(ErrorCode.PRODUCER_FENCED));
  give(state, turn, reply, request, metadata, { producerId: metadata.producerId, ...epochs });
}

function unused(transactionalId: string, producerId: bigint): TransactionMetadata {
  return {
    transactionalId,
    producerId,
    previousProducerId: NO_PRODUCER_ID,
    nextProducerId: NO_PRODUCER_ID,
    producerEpoch: NO_PRODUCER_EPOCH,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs: 0,
    state: "Empty",
    partitions: NO_PARTITIONS,
    startTimestampMs: -1,
    lastUpdateTimestampMs: -1,
    clientTransactionVersion: 0,
  };
}

/** A producer has this id, or the one before it, whose epochs have run out, and has not heard of that (KIP-360). */
function mayBeOf(metadata: TransactionMetadata, { producerId, producerEpoch }: ProducerIdAndEpoch): boolean {
  return metadata.producerEpoch === NO_PRODUCER_EPOCH || producerId === metadata.producerId ||
    (producerId === metadata.previousProducerId && isEpochExhausted(producerEpoch));
}

/** Null where the producer is fenced. */
function nextEpochs(
  { producerEpoch, lastProducerEpoch }: TransactionMetadata,
  expected: ProducerIdAndEpoch | null,
): Pick<TransactionMetadata, "producerEpoch" | "lastProducerEpoch"> | null {
  if (expected === null) return { producerEpoch: producerEpoch + 1, lastProducerEpoch: NO_PRODUCER_EPOCH };
  if (producerEpoch === NO_PRODUCER_EPOCH || expected.producerEpoch === producerEpoch) {
    return { producerEpoch: producerEpoch + 1, lastProducerEpoch: producerEpoch };
  }
  // It asks again, since it has not heard the answer: it gets the same.
  return expected.producerEpoch === lastProducerEpoch ? { producerEpoch, lastProducerEpoch } : null;
}

function give(
  state: TransactionState,
  turn: Turn<TransactionRecord>,
  reply: Reply<ProducerAnswer>,
  { timeoutMs }: InitProducerId,
  metadata: TransactionMetadata,
  producer: Pick<TransactionMetadata, "producerId" | "producerEpoch" | "lastProducerEpoch">,
): void {
  turn.write(state.recordOf({
    ...metadata,
    ...producer,
    previousProducerId: metadata.producerId,
    timeoutMs,
    state: "Empty",
    partitions: NO_PARTITIONS,
    startTimestampMs: -1,
    lastUpdateTimestampMs: turn.nowMs,
  }));
  const { producerId, producerEpoch } = producer;
  turn.answer(reply, { errorCode: ErrorCode.NONE, producerId, producerEpoch });
}
