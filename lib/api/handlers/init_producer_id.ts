/**
 * InitProducerId: gives a producer its id and epoch (KIP-98, KIP-360).
 *
 * Without a transactional id every request gets a new id with epoch 0, whatever id the producer says it had. With one,
 * the producer takes its place over: see `coordinator/transaction/init_producer_id.ts`.
 *
 * @module
 */
import { MetadataStorageError } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../protocol/messages/init_producer_id.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, CLUSTER_NAME, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isAuthorizedForAny, mayDo, transactionalIdError } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { fencedError } from "../transactions.ts";

const FIRST_VERSION_WITH_PRODUCER_FENCED = 4;

export const initProducerIdApi = api(InitProducerIdRequest, InitProducerIdResponse, handleInitProducerId);

async function handleInitProducerId(
  request: InitProducerIdRequest,
  context: RequestContext,
): Promise<Init<InitProducerIdResponse>> {
  const { transactionalId, producerId, producerEpoch } = request;
  const hasId = producerId !== -1n;
  const hasEpoch = producerEpoch !== -1;
  if (hasId !== hasEpoch || transactionalId === "") return failed(ErrorCode.INVALID_REQUEST);
  const refusal = refuse(transactionalId, context);
  if (refusal !== null) return failed(refusal);
  try {
    if (transactionalId === null) {
      return { errorCode: ErrorCode.NONE, producerId: await context.producerIds.next(), producerEpoch: 0 };
    }
    const answer = await context.transactions.initProducerId({ ...request, transactionalId });
    const knowsFenced = context.header.apiVersion >= FIRST_VERSION_WITH_PRODUCER_FENCED;
    return { ...answer, errorCode: fencedError(answer.errorCode, knowsFenced) };
  } catch (error) {
    if (error instanceof MetadataStorageError) return failed(ErrorCode.KAFKA_STORAGE_ERROR);
    throw error;
  }
}

/** Whoever may write to any topic may do so idempotently (KIP-679). */
function refuse(transactionalId: string | null, context: RequestContext): ErrorCode | null {
  const { WRITE, IDEMPOTENT_WRITE } = AclOperation;
  if (transactionalId !== null) return transactionalIdError(context, WRITE, transactionalId);
  const isAllowed = mayDo(context, IDEMPOTENT_WRITE, ResourceType.CLUSTER, CLUSTER_NAME) ||
    isAuthorizedForAny(context, WRITE, ResourceType.TOPIC);
  return isAllowed ? null : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
}

function failed(errorCode: ErrorCode): Init<InitProducerIdResponse> {
  return { errorCode, producerId: -1n, producerEpoch: -1 };
}
