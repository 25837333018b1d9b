/**
 * ListTransactions: the transactions that this broker coordinates (KIP-664), those alone that began long ago (KIP-994),
 * or whose transactional id matches a pattern (KIP-1152).
 *
 * @module
 */
import { unknownStates } from "../../coordinator/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ListTransactionsRequest, ListTransactionsResponse } from "../../protocol/messages/list_transactions.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const listTransactionsApi = api(ListTransactionsRequest, ListTransactionsResponse, handleListTransactions);

async function handleListTransactions(
  { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern }: ListTransactionsRequest,
  { transactions }: RequestContext,
): Promise<Init<ListTransactionsResponse>> {
  if (transactionalIdPattern) return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
  const listed = await transactions.list({
    states: stateFilters,
    producerIds: producerIdFilters,
    durationMs: Number(durationFilter),
    pattern: null,
  });
  if (typeof listed === "number") return { errorCode: listed };
  return { errorCode: ErrorCode.NONE, unknownStateFilters: unknownStates(stateFilters), transactionStates: listed };
}
