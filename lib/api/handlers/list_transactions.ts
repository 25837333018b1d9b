/**
 * ListTransactions: the transactions that this broker coordinates (KIP-664), those alone that began long ago (KIP-994),
 * or whose transactional id matches a pattern (KIP-1152).
 *
 * @module
 */
import { compileRegex, unknownStates } from "../../coordinator/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ListTransactionsRequest, ListTransactionsResponse } from "../../protocol/messages/list_transactions.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const listTransactionsApi = api(ListTransactionsRequest, ListTransactionsResponse, handleListTransactions);

async function handleListTransactions(
  { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern }: ListTransactionsRequest,
  context: RequestContext,
): Promise<Init<ListTransactionsResponse>> {
  const pattern = transactionalIdPattern ? compileRegex(transactionalIdPattern) : null;
  if (typeof pattern === "string") return { errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION };
  const listed = await context.transactions.list({
    states: stateFilters,
    producerIds: producerIdFilters,
    durationMs: Number(durationFilter),
    pattern,
  });
  if (typeof listed === "number") return { errorCode: listed };
  const transactionStates = listed.filter(({ transactionalId }) =>
    mayDo(context, AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, transactionalId!)
  );
  return { errorCode: ErrorCode.NONE, unknownStateFilters: unknownStates(stateFilters), transactionStates };
}
