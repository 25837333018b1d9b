/**
 * AddOffsetsToTxn: adds the offsets of a group to a transaction (KIP-98): the partition of `__consumer_offsets` that
 * keeps them. TxnOffsetCommit follows.
 *
 * @module
 */
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "../../protocol/messages/add_offsets_to_txn.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized, transactionalIdError } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { fencedError } from "../transactions.ts";

const FIRST_VERSION_WITH_PRODUCER_FENCED = 2;

export const addOffsetsToTxnApi = api(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, handleAddOffsetsToTxn);

async function handleAddOffsetsToTxn(
  request: AddOffsetsToTxnRequest,
  context: RequestContext,
): Promise<Init<AddOffsetsToTxnResponse>> {
  const { groups, transactions, header } = context;
  const refusal = transactionalIdError(context, AclOperation.WRITE, request.transactionalId) ??
    (isGroupAuthorized(context, AclOperation.READ, request.groupId) ? null : ErrorCode.GROUP_AUTHORIZATION_FAILED);
  if (refusal !== null) return { errorCode: refusal };
  if (await groups.ensureReady() !== ErrorCode.NONE) return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE };
  const errorCode = await transactions.addPartitions(request, [groups.partitionOf(request.groupId)]);
  return { errorCode: fencedError(errorCode, header.apiVersion >= FIRST_VERSION_WITH_PRODUCER_FENCED) };
}
