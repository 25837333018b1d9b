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
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { mayDo, transactionalIdError } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const describeTransactionsApi = api(
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
  handleDescribeTransactions,
);

async function handleDescribeTransactions(
  { transactionalIds }: DescribeTransactionsRequest,
  context: RequestContext,
): Promise<Init<DescribeTransactionsResponse>> {
  return { transactionStates: await Promise.all(transactionalIds.map((id) => describe(id, context))) };
}

/** The topics that the client may not see are left out. */
async function describe(transactionalId: string, context: RequestContext) {
  const refusal = transactionalIdError(context, AclOperation.DESCRIBE, transactionalId);
  if (refusal !== null) return { transactionalId, errorCode: refusal };
  const described = await context.transactions.describe(transactionalId);
  const sees = (topic: string) => mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topic);
  return { ...described, topics: described.topics?.filter(({ topic }) => sees(topic!)) };
}
