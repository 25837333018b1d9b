/**
 * Produce: appends record batches (KIP-98; per-record errors KIP-467; topic ids KIP-516).
 *
 * With `acks=all` the answer waits until the records survive a power cut; with `acks=1` until they are written; with `acks=0` there is none,
 * and an error closes the connection, as the only sign that the client can get. Each partition has its own error.
 * All appends are made before the first `await`, so batches that a client has pipelined stand in the log in its order.
 *
 * @module
 */
import type { AppendAcks, AppendResult } from "../../log/mod.ts";
import type { TopicImage } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ProduceRequest, ProduceResponse } from "../../protocol/messages/produce.ts";
import type { Init } from "../../protocol/schema.ts";
import { BATCH_HEADER_BYTES, batchesOf, CorruptBatchError, FIELD_AT, TRANSACTIONAL_MASK } from "../../records/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { findLog, findTopic } from "../partitions.ts";
import { isInternalTopic } from "../../coordinator/mod.ts";

type TopicAnswer = Init<ProduceResponse>["responses"] extends readonly (infer E)[] | undefined ? E : never;
type PartitionAnswer = NonNullable<TopicAnswer["partitionResponses"]>[number];

const ACKS_NONE = 0;
const ACKS_ALL = -1;

/** From this version on topics are named by id. */
const FIRST_VERSION_WITH_TOPIC_IDS = 13;
/** From this version on zstd is allowed (KIP-110). */
const FIRST_VERSION_WITH_ZSTD = 7;

export const produceApi = api(ProduceRequest, ProduceResponse, handleProduce, { isPipelined: true });

async function handleProduce(
  request: ProduceRequest,
  context: RequestContext,
): Promise<Init<ProduceResponse> | null> {
  const isMisplaced = request.transactionalId === null && hasTransactionalRecords(request);
  const responses = await Promise.all(
    asked(request).map(async (topicData) => {
      const usesIds = context.header.apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS;
      const { errorCode, topic } = findTopic(context, topicData.name, topicData.topicId, usesIds);
      const partitionResponses = await Promise.all(topicData.partitionData.map(({ index, records }) => {
        if (isMisplaced) return failed(index, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        return topic === null ? failed(index, errorCode) : append(context, request.acks, topic, index, records);
      }));
      return { name: topicData.name, topicId: topicData.topicId, partitionResponses };
    }),
  );
  if (request.acks !== ACKS_NONE) return { responses };
  if (responses.some((topic) => topic.partitionResponses.some(({ errorCode }) => errorCode !== ErrorCode.NONE))) {
    context.connection.close();
  }
  return null;
}

function asked({ topicData }: ProduceRequest): ProduceRequest["topicData"] {
  return topicData.filter(({ partitionData }) => partitionData.length > 0);
}

/** Without a transactional id nobody may write to a transaction: the whole request is refused then. */
function hasTransactionalRecords({ topicData }: ProduceRequest): boolean {
  return topicData.some(({ partitionData }) => partitionData.some(({ records }) => isTransactional(records)));
}

/** Looks at the one byte: whether the batch is sound is judged later, for its partition alone. */
function isTransactional(records: Uint8Array | null): boolean {
  if (records === null || records.length < BATCH_HEADER_BYTES || records[FIELD_AT.magic] !== 2) return false;
  return (records[FIELD_AT.attributes + 1] & TRANSACTIONAL_MASK) !== 0;
}

function append(
  context: RequestContext,
  acks: number,
  topic: TopicImage,
  index: number,
  records: Uint8Array | null,
): PartitionAnswer | Promise<PartitionAnswer> {
  if (acks < ACKS_ALL || acks > 1) return failed(index, ErrorCode.INVALID_REQUIRED_ACKS);
  if (isInternalTopic(topic.name)) {
    return failed(index, ErrorCode.INVALID_TOPIC_EXCEPTION, `Cannot append to internal topic ${topic.name}`);
  }
  const { errorCode, log } = findLog(context, topic, index);
  if (log === null) return failed(index, errorCode);
  const problem = checkBatches(records, context.header.apiVersion);
  if (problem !== null) return failed(index, problem.errorCode, problem.message);
  // A transaction is begun by a coordinator, which this broker does not have yet: none is open.
  if (isTransactional(records)) return failed(index, ErrorCode.INVALID_TXN_STATE);
  if (acks === ACKS_ALL && !hasEnoughReplicas(context, topic, index)) {
    return failed(index, ErrorCode.NOT_ENOUGH_REPLICAS);
  }
  const appendAcks: AppendAcks = acks === ACKS_ALL ? "durable" : "written";
  return log.append(records!, { origin: "client", acks: appendAcks }).then((result) => answer(index, result));
}

/** As many replicas must be in sync as `min.insync.replicas` says, but never more than there are (KIP-966). */
function hasEnoughReplicas({ metadata }: RequestContext, topic: TopicImage, index: number): boolean {
  const { isr, replicas } = topic.partitions.get(index)!;
  return isr.length >= Math.min(metadata.minInsyncReplicas(topic.name), replicas.length);
}

/** What Kafka checks before it looks for the log: one batch, of magic 2, compressed in a way that the version allows. */
function checkBatches(
  records: Uint8Array | null,
  apiVersion: number,
): { errorCode: ErrorCode; message: string } | null {
  if (records === null || records.length === 0) {
    return invalid(`Produce requests with version ${apiVersion} must have at least one record batch per partition`);
  }
  try {
    const batches = batchesOf(records);
    const first = batches.next();
    if (first.done) {
      return invalid(`Produce requests with version ${apiVersion} must have at least one record batch per partition`);
    }
    if (first.value.magic !== 2) {
      return invalid(
        `Produce requests with version ${apiVersion} are only allowed to contain record batches with magic version 2`,
      );
    }
    if (apiVersion < FIRST_VERSION_WITH_ZSTD && first.value.compressionType === "zstd") {
      return {
        errorCode: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
        message: `Produce requests with version ${apiVersion} are not allowed to use ZStandard compression`,
      };
    }
    if (!batches.next().done) {
      return invalid(
        `Produce requests with version ${apiVersion} are only allowed to contain exactly one record batch per partition`,
      );
    }
    return null;
  } catch (error) {
    if (error instanceof CorruptBatchError) return { errorCode: ErrorCode.CORRUPT_MESSAGE, message: error.message };
    throw error;
  }
}

function invalid(message: string): { errorCode: ErrorCode; message: string } {
  return { errorCode: ErrorCode.INVALID_RECORD, message };
}

function answer(index: number, result: AppendResult): PartitionAnswer {
  return {
    index,
    errorCode: result.errorCode,
    baseOffset: result.baseOffset,
    logAppendTimeMs: result.logAppendTimeMs,
    logStartOffset: result.logStartOffset,
    recordErrors: result.recordErrors.map(({ index, message }) => ({
      batchIndex: index,
      batchIndexErrorMessage: message,
    })),
    errorMessage: result.errorMessage,
  };
}

function failed(index: number, errorCode: ErrorCode, errorMessage: string | null = null): PartitionAnswer {
  return { index, errorCode, baseOffset: -1, errorMessage };
}
