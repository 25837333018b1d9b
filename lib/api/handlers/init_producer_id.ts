/**
 * InitProducerId: gives an idempotent producer its id (KIP-98, KIP-360).
 *
 * Without a transactional id every request gets a new id with epoch 0, whatever id the producer says it had. Transactional
 * producers are served by the transaction coordinator, which this broker does not have yet: they never come this far, since
 * FindCoordinator is not announced; one that does is told so.
 *
 * @module
 */
import { MetadataStorageError } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../protocol/messages/init_producer_id.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const initProducerIdApi = api(InitProducerIdRequest, InitProducerIdResponse, handleInitProducerId);

async function handleInitProducerId(
  request: InitProducerIdRequest,
  context: RequestContext,
): Promise<Init<InitProducerIdResponse>> {
  const hasId = request.producerId !== -1n;
  const hasEpoch = request.producerEpoch !== -1;
  if (hasId !== hasEpoch || request.transactionalId === "") return failed(ErrorCode.INVALID_REQUEST);
  if (request.transactionalId !== null) return failed(ErrorCode.UNSUPPORTED_VERSION);
  try {
    return { errorCode: ErrorCode.NONE, producerId: await context.producerIds.next(), producerEpoch: 0 };
  } catch (error) {
    if (error instanceof MetadataStorageError) return failed(ErrorCode.KAFKA_STORAGE_ERROR);
    throw error;
  }
}

function failed(errorCode: ErrorCode): Init<InitProducerIdResponse> {
  return { errorCode, producerId: -1n, producerEpoch: -1 };
}
