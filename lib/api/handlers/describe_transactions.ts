/**
 * DescribeTransactions: state and partitions of transactions (KIP-664).
 *
 * @module
 */
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from "../../protocol/messages/describe_transactions.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const describeTransactionsApi = api(
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
  handleDescribeTransactions,
);

async function handleDescribeTransactions(
  { transactionalIds }: DescribeTransactionsRequest,
  { transactions }: RequestContext,
): Promise<Init<DescribeTransactionsResponse>> {
  return { transactionStates: await Promise.all(transactionalIds.map((id) => transactions.describe(id))) };
}
