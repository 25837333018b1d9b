/**
 * WriteTxnMarkers: ends transactions in partitions, whatever their coordinator says (KIP-98). Administrators end so what
 * hangs (KIP-664); the coordinator of this broker writes its markers without a request.
 *
 * @module
 */
import { CONSUMER_OFFSETS_TOPIC, CoordinatorError } from "../../coordinator/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from "../../protocol/messages/write_txn_markers.ts";
import { ControlRecordType } from "../../protocol/records/producer.ts";
import type { Init } from "../../protocol/schema.ts";
import { type TransactionMarker, transactionMarkerBatch } from "../../records/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { findLog, findTopic } from "../partitions.ts";

type MarkerRequest = WriteTxnMarkersRequest["markers"][number];
type MarkerAnswer = NonNullable<Init<WriteTxnMarkersResponse>["markers"]>[number];

export const writeTxnMarkersApi = api(WriteTxnMarkersRequest, WriteTxnMarkersResponse, handleWriteTxnMarkers);

async function handleWriteTxnMarkers(
  { markers }: WriteTxnMarkersRequest,
  context: RequestContext,
): Promise<Init<WriteTxnMarkersResponse>> {
  return { markers: await Promise.all(markers.map((marker) => writeMarker(marker, context))) };
}

async function writeMarker(request: MarkerRequest, context: RequestContext): Promise<MarkerAnswer> {
  const { producerId, producerEpoch, coordinatorEpoch, transactionResult } = request;
  const type = transactionResult ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
  const marker = { type, producerId, producerEpoch, coordinatorEpoch };
  const topics = request.topics.map(async ({ name, partitionIndexes }) => {
    const written = partitionIndexes.map((index) => writeTo(name, index, marker, context));
    const errors = await Promise.all(written);
    return {
      name,
      partitions: partitionIndexes.map((partitionIndex, at) => ({ partitionIndex, errorCode: errors[at] })),
    };
  });
  return { producerId, topics: await Promise.all(topics) };
}

async function writeTo(
  name: string,
  partition: number,
  marker: TransactionMarker,
  context: RequestContext,
): Promise<ErrorCode> {
  const found = findTopic(context, name, "", false);
  if (found.topic === null) return found.errorCode;
  const { errorCode, log } = findLog(context, found.topic, partition);
  if (log === null) return errorCode;
  if (name === CONSUMER_OFFSETS_TOPIC) return await endInGroups(partition, marker, context);
  const batch = transactionMarkerBatch(marker, context.clock.now());
  return (await log.append(batch, { origin: "coordinator", acks: "durable" })).errorCode;
}

async function endInGroups(
  partition: number,
  marker: TransactionMarker,
  { groups }: RequestContext,
): Promise<ErrorCode> {
  try {
    await groups.endTransaction(partition, marker);
    return ErrorCode.NONE;
  } catch (error) {
    if (error instanceof CoordinatorError) return error.errorCode;
    throw error;
  }
}
