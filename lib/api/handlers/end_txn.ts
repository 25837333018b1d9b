/**
 * EndTxn: commits or aborts a transaction (KIP-98); answered when readers see what it has come to.
 *
 * Since version 5 the producer gets the next epoch with the answer, or another id where its epochs have run out, and
 * may abort a transaction in which there is nothing (KIP-890).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { EndTxnRequest, EndTxnResponse } from "../../protocol/messages/end_txn.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { transactionalIdError } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { fencedError } from "../transactions.ts";

const FIRST_VERSION_WITH_PRODUCER_FENCED = 2;
const FIRST_VERSION_WITH_EPOCH_BUMP = 5;

export const endTxnApi = api(EndTxnRequest, EndTxnResponse, handleEndTxn);

async function handleEndTxn(
  request: EndTxnRequest,
  context: RequestContext,
): Promise<Init<EndTxnResponse>> {
  const { transactions, header: { apiVersion } } = context;
  const refusal = transactionalIdError(context, AclOperation.WRITE, request.transactionalId);
  if (refusal !== null) return { errorCode: refusal };
  const bumpsEpoch = apiVersion >= FIRST_VERSION_WITH_EPOCH_BUMP;
  const { errorCode, producerId, producerEpoch } = await transactions.endTransaction({
    ...request,
    isCommit: request.committed,
    bumpsEpoch,
  });
  const told = fencedError(errorCode, apiVersion >= FIRST_VERSION_WITH_PRODUCER_FENCED);
  return errorCode === ErrorCode.NONE ? { errorCode, producerId, producerEpoch } : { errorCode: told };
}
