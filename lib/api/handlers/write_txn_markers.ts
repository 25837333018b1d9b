/**
 * WriteTxnMarkers: ends transactions in partitions, whatever their coordinator says (KIP-98). Administrators end so what
 * hangs (KIP-664); the coordinator of this broker writes its markers without a request.
 *
 * @module
 */
import { CONSUMER_OFFSETS_TOPIC, CoordinatorError } from "../../coordinator/mod.ts";
import type { ProducerSummary } from "../../log/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from "../../protocol/messages/write_txn_markers.ts";
import { ControlRecordType } from "../../protocol/records/producer.ts";
import type { Init } from "../../protocol/schema.ts";
import { type TransactionMarker, transactionMarkerBatch } from "../../records/mod.ts";
import { AclOperation, CLUSTER_NAME, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isClusterAuthorized, mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { findLog, findTopic } from "../partitions.ts";

type MarkerRequest = WriteTxnMarkersRequest["markers"][number];
type TopicAnswer = NonNullable<NonNullable<Init<WriteTxnMarkersResponse>["markers"]>[number]["topics"]>[number];

export const writeTxnMarkersApi = api(WriteTxnMarkersRequest, WriteTxnMarkersResponse, handleWriteTxnMarkers, {
  isTimeExempt: true,
});

async function handleWriteTxnMarkers(
  { markers }: WriteTxnMarkersRequest,
  context: RequestContext,
): Promise<Init<WriteTxnMarkersResponse>> {
  const mayWrite = mayDo(context, AclOperation.ALTER, ResourceType.CLUSTER, CLUSTER_NAME) ||
    isClusterAuthorized(context, AclOperation.CLUSTER_ACTION);
  if (!mayWrite) return refuse(markers);
  const answers = await Promise.all(markers.map((marker) => writeMarker(marker, context)));
  const byProducer = new Map<bigint, TopicAnswer[]>();
  for (const { producerId, topics } of answers) {
    const known = byProducer.get(producerId);
    if (known !== undefined) known.push(...topics);
    else if (topics.length > 0) byProducer.set(producerId, [...topics]);
  }
  return { markers: Array.from(byProducer, ([producerId, topics]) => ({ producerId, topics })) };
}

function refuse(markers: WriteTxnMarkersRequest["markers"]): Init<WriteTxnMarkersResponse> {
  const errorCode = ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
  return {
    markers: markers.map(({ producerId, topics }) => ({
      producerId,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
      })),
    })),
  };
}

async function writeMarker(request: MarkerRequest, context: RequestContext) {
  const topics = request.topics.map(async ({ name, partitionIndexes }): Promise<TopicAnswer> => {
    const errors = await Promise.all(partitionIndexes.map((index) => writeTo(name, index, request, context)));
    return {
      name,
      partitions: partitionIndexes.map((partitionIndex, at) => ({ partitionIndex, errorCode: errors[at] })),
    };
  });
  return { producerId: request.producerId, topics: await Promise.all(topics) };
}

async function writeTo(
  name: string,
  partition: number,
  request: MarkerRequest,
  context: RequestContext,
): Promise<ErrorCode> {
  const found = findTopic(context, name, "", false, null);
  if (found.topic === null) return found.errorCode;
  const { errorCode, log } = findLog(context, found.topic, partition);
  if (log === null) return errorCode;
  if (isRepeatedEpoch(request, log.producer(request.producerId))) return ErrorCode.INVALID_PRODUCER_EPOCH;
  const { producerId, producerEpoch, coordinatorEpoch, transactionResult } = request;
  const type = transactionResult ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
  const marker = { type, producerId, producerEpoch, coordinatorEpoch };
  if (name === CONSUMER_OFFSETS_TOPIC) return await endInGroups(partition, marker, context);
  const batch = transactionMarkerBatch(marker, context.clock.now());
  return (await log.append(batch, { origin: "coordinator", acks: "durable" })).errorCode;
}

/** In the second protocol the end of a transaction has another epoch than the transaction (KIP-1228). */
function isRepeatedEpoch(
  { producerEpoch, transactionVersion }: MarkerRequest,
  known: ProducerSummary | undefined,
): boolean {
  return transactionVersion >= 2 && producerEpoch !== LAST_EPOCH && known?.producerEpoch === producerEpoch &&
    known.currentTxnStartOffset >= 0;
}

/** After it there is no other. */
const LAST_EPOCH = 2 ** 15 - 1;

async function endInGroups(
  partition: number,
  marker: TransactionMarker,
  { groups }: RequestContext,
): Promise<ErrorCode> {
  try {
    await groups.endTransaction(partition, marker);
    return ErrorCode.NONE;
  } catch (error) {
    if (!(error instanceof CoordinatorError)) throw error;
    switch (error.errorCode) {
      case ErrorCode.COORDINATOR_NOT_AVAILABLE:
      case ErrorCode.NOT_COORDINATOR:
        // Who writes markers knows the errors of partitions alone.
        return ErrorCode.NOT_LEADER_OR_FOLLOWER;
      default:
        return error.errorCode;
    }
  }
}
