/**
 * DescribeTransactions and ListTransactions (KIP-664).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import type { DescribeTransactionsResponse } from "../../protocol/messages/describe_transactions.ts";
import type { ListTransactionsResponse } from "../../protocol/messages/list_transactions.ts";
import type { Init } from "../../protocol/schema.ts";
import { TRANSACTION_STATES, type TransactionMetadata } from "./transaction_metadata.ts";
import type { TransactionState } from "./transaction_state.ts";

/** A transaction as DescribeTransactions tells it. */
export type DescribedTransaction = NonNullable<Init<DescribeTransactionsResponse>["transactionStates"]>[number];
/** A transaction as ListTransactions tells it. */
export type ListedTransaction = NonNullable<Init<ListTransactionsResponse>["transactionStates"]>[number];

/** A regular expression. */
export interface Pattern {
  /** Whether it matches all of the text. */
  matches(text: string): boolean;
}

/** Which transactions to list: those that meet all conditions. */
export interface TransactionFilter {
  /** Names of states; none for any. */
  readonly states: readonly string[];
  /** None for any. */
  readonly producerIds: readonly bigint[];
  /** Only transactions that began longer ago than so many milliseconds; below 0 for any (KIP-994). */
  readonly durationMs: number;
  /** What the transactional id must match as a whole; null for any (KIP-1152). */
  readonly pattern: Pattern | null;
}

/** A transaction's state and partitions. Error: TRANSACTIONAL_ID_NOT_FOUND. */
export function describeTransaction(state: TransactionState, transactionalId: string): DescribedTransaction {
  const metadata = state.transactions.get(transactionalId);
  if (metadata === undefined) return { transactionalId, errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND };
  return {
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: metadata.state,
    transactionTimeoutMs: metadata.timeoutMs,
    transactionStartTimeMs: BigInt(metadata.startTimestampMs),
    producerId: metadata.producerId,
    producerEpoch: metadata.producerEpoch,
    topics: Array.from(metadata.partitions, ([topic, partitions]) => ({ topic, partitions: [...partitions] })),
  };
}

/** The transactions of a shard that the filter lets through. */
export function listTransactions(
  state: TransactionState,
  filter: TransactionFilter,
  nowMs: number,
): ListedTransaction[] {
  return Array.from(state.transactions.values())
    .filter((metadata) => isListed(metadata, filter, nowMs))
    .map((metadata) => ({
      transactionalId: metadata.transactionalId,
      producerId: metadata.producerId,
      transactionState: metadata.state,
    }));
}

/** The names that are no state, in the order in which they were given. */
export function unknownStates(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => !(TRANSACTION_STATES as readonly string[]).includes(name));
}

function isListed(
  { transactionalId, producerId, state, startTimestampMs }: TransactionMetadata,
  { states, producerIds, durationMs, pattern }: TransactionFilter,
  nowMs: number,
): boolean {
  if (producerIds.length > 0 && !producerIds.includes(producerId)) return false;
  if (states.length > 0 && !states.includes(state)) return false;
  if (durationMs >= 0 && nowMs - startTimestampMs <= durationMs) return false;
  return pattern === null || pattern.matches(transactionalId);
}
