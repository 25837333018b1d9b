/**
 * What time brings: transactions that take too long are aborted, and transactional ids that nobody uses are forgotten.
 *
 * @module
 */
import type { Reply, Turn } from "../turn.ts";
import { abortOngoing } from "./end_transaction.ts";
import { type TransactionRecord, transactionTombstone } from "./records.ts";
import {
  isAtRest,
  type NeedsProducerId,
  type TransactionMetadata,
  TWO_PHASE_TIMEOUT_MS,
} from "./transaction_metadata.ts";
import type { TransactionState } from "./transaction_state.ts";

/** UTF-16 units of transactional ids that are forgotten in one turn, so that the batch of it is not too large. */
const MAX_FORGOTTEN_LENGTH = 100_000;

/** Looks for both in the intervals that the settings say, from now on. */
export function scheduleExpiry(state: TransactionState): void {
  scheduleAborts(state);
  scheduleRemoval(state, state.settings.removeExpiredIntervalMs);
}

function scheduleAborts(state: TransactionState): void {
  state.timers.schedule("abort timed out", state.settings.abortTimedOutIntervalMs, ({ nowMs }) => {
    for (const metadata of state.transactions.values()) {
      if (isTimedOut(metadata, nowMs)) state.abortTimedOut(metadata.transactionalId);
    }
    scheduleAborts(state);
  });
}

/** Aborts the open transaction of a transactional id if it has timed out; the answer says nothing. */
export function abortTimedOut(
  state: TransactionState,
  turn: Turn<TransactionRecord>,
  reply: Reply<null | NeedsProducerId>,
  transactionalId: string,
  newProducerId: bigint | null,
): void {
  const metadata = state.transactions.get(transactionalId);
  if (metadata === undefined || !isTimedOut(metadata, turn.nowMs)) return reply.answer(null);
  abortOngoing(state, turn, metadata, reply, null, newProducerId);
}

/** A transaction of two phases has all the time there is (KIP-939). */
function isTimedOut({ state, startTimestampMs, timeoutMs }: TransactionMetadata, nowMs: number): boolean {
  return state === "Ongoing" && timeoutMs !== TWO_PHASE_TIMEOUT_MS && startTimestampMs + timeoutMs < nowMs;
}

function scheduleRemoval(state: TransactionState, delayMs: number): void {
  state.timers.schedule("remove expired", delayMs, (turn) => {
    const isAll = removeExpired(state, turn);
    scheduleRemoval(state, isAll ? state.settings.removeExpiredIntervalMs : 0);
  });
}

/** Forgets transactional ids that were not used for `transactional.id.expiration.ms`; returns whether all of them. */
export function removeExpired(state: TransactionState, turn: Turn<TransactionRecord>): boolean {
  let length = 0;
  for (const metadata of state.transactions.values()) {
    if (!isAtRest(metadata)) continue;
    if (metadata.lastUpdateTimestampMs > turn.nowMs - state.settings.transactionalIdExpirationMs) continue;
    if (length > MAX_FORGOTTEN_LENGTH) return false;
    turn.write(transactionTombstone(metadata.transactionalId));
    length += metadata.transactionalId.length;
  }
  return true;
}
