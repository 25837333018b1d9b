/**
 * Produce: appends record batches (KIP-98; per-record errors KIP-467; topic ids KIP-516).
 *
 * With `acks=all` the answer waits until the records survive a power cut; with `acks=1` until they are written; with `acks=0` there is none,
 * and an error closes the connection, as the only sign that the client can get. Each partition has its own error.
 * All appends are made before the first `await`, so batches that a client has pipelined stand in the log in its order.
 * Only the first batches of a partition in a transaction must wait until it is known that they are part of it (KIP-890),
 * and those that follow wait with them.
 *
 * @module
 */
import { allOf, andThen, type MaybePromise } from "../../at_once.ts";
import type { AppendAcks, AppendResult, PartitionLog } from "../../log/mod.ts";
import type { TopicImage } from "../../metadata/mod.ts";
import type { Observer } from "../../ports.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { ProduceRequest, ProduceResponse } from "../../protocol/messages/produce.ts";
import type { Init } from "../../protocol/schema.ts";
import {
  BATCH_HEADER_BYTES,
  batchAt,
  CorruptBatchError,
  FIELD_AT,
  RecordBatch,
  TRANSACTIONAL_MASK,
} from "../../records/mod.ts";
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { type Answer, api } from "../api.ts";
import { isAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { findLog, findTopic } from "../partitions.ts";
import { isInternalTopic } from "../../coordinator/mod.ts";
import { joinTransaction, recheckTransaction, type TransactionalWrites } from "../transactions.ts";

type TopicAnswer = Init<ProduceResponse>["responses"] extends readonly (infer E)[] | undefined ? E : never;
type PartitionAnswer = NonNullable<TopicAnswer["partitionResponses"]>[number];

const ACKS_NONE = 0;
const ACKS_ALL = -1;

/** From this version on topics are named by id. */
const FIRST_VERSION_WITH_TOPIC_IDS = 13;
/** From this version on clients know TRANSACTION_ABORTABLE (KIP-890). */
const FIRST_VERSION_WITH_ABORTABLE = 11;
/** From this version on a partition becomes part of a transaction when it is written to (KIP-890). */
const FIRST_VERSION_THAT_ADDS = 12;
/** From this version on zstd is allowed (KIP-110). */
const FIRST_VERSION_WITH_ZSTD = 7;

/** Records that may be appended, but for what their transaction says. */
interface Admitted {
  readonly index: number;
  readonly topic: TopicImage;
  readonly log: PartitionLog;
  readonly records: Uint8Array;
}

export const produceApi = api(ProduceRequest, ProduceResponse, handleProduce, {
  isPipelined: true,
  // The log has copied what it keeps.
  isFrameReusable: true,
});

function handleProduce(request: ProduceRequest, context: RequestContext): MaybePromise<Answer<ProduceResponse>> {
  // Before anything is waited for: requests that came with it, and may be pipelined, find the quota used up.
  context.throttle?.recordProduced();
  const isMisplaced = hasTransactionalRecords(request) && !mayWriteTransaction(request, context);
  const topics = asked(request).map(({ name, topicId, partitionData }) => {
    const usesIds = context.header.apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS;
    const { errorCode, topic } = findTopic(context, name, topicId, usesIds, AclOperation.WRITE);
    const partitions = partitionData.map(({ index, records }) => {
      if (isMisplaced) return failed(index, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
      return topic === null ? failed(index, errorCode) : admit(context, request.acks, topic, index, records);
    });
    return { name, topicId, partitions };
  });
  const admitted = topics.flatMap(({ partitions }) => partitions.filter(isAdmitted));
  const errors = transactionErrors(request, admitted, context);
  const responses = topics.map(({ name, topicId, partitions }) => {
    const answers = partitions.map((partition) => {
      if (!isAdmitted(partition)) return partition;
      const error = errors.get(partition);
      if (typeof error === "object") return appendLater(context, request.acks, partition, error);
      return append(context, request.acks, partition, error);
    });
    return andThen(allOf(answers), (partitionResponses) => {
      if (context.observer !== undefined) observe(context.observer, partitions, partitionResponses);
      return { name, topicId, partitionResponses };
    });
  });
  return andThen(allOf(responses), (responses) => {
    if (request.acks !== ACKS_NONE) return { responses };
    const hasFailed = responses.some(({ partitionResponses }) =>
      partitionResponses.some(({ errorCode }) => errorCode !== ErrorCode.NONE)
    );
    if (hasFailed) context.connection.close();
    return null;
  });
}

/** Topics that are not there are not told of: whoever makes names up must not fill the memory of who watches. */
function observe(
  observer: Observer,
  partitions: readonly (PartitionAnswer | Admitted)[],
  answers: readonly PartitionAnswer[],
): void {
  for (const [index, partition] of partitions.entries()) {
    if (!isAdmitted(partition)) continue;
    const { topic, records } = partition;
    if (answers[index].errorCode !== ErrorCode.NONE) observer.produceFailed(topic.name);
    else observer.produced(topic.name, new RecordBatch(records).recordCount, records.length);
  }
}

function asked({ topicData }: ProduceRequest): ProduceRequest["topicData"] {
  return topicData.filter(({ partitionData }) => partitionData.length > 0);
}

function hasTransactionalRecords({ topicData }: ProduceRequest): boolean {
  return topicData.some(({ partitionData }) => partitionData.some(({ records }) => isTransactional(records)));
}

/** Without a transactional id nobody may write to a transaction: the whole request is refused then. */
function mayWriteTransaction({ transactionalId }: ProduceRequest, context: RequestContext): boolean {
  return transactionalId !== null &&
    isAuthorized(context, AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, transactionalId);
}

/** Looks at the one byte: whether the batch is sound is judged later, for its partition alone. */
function isTransactional(records: Uint8Array | null): boolean {
  if (records === null || records.length < BATCH_HEADER_BYTES || records[FIELD_AT.magic] !== 2) return false;
  return (records[FIELD_AT.attributes + 1] & TRANSACTIONAL_MASK) !== 0;
}

function admit(
  context: RequestContext,
  acks: number,
  topic: TopicImage,
  index: number,
  records: Uint8Array | null,
): PartitionAnswer | Admitted {
  if (acks < ACKS_ALL || acks > 1) return failed(index, ErrorCode.INVALID_REQUIRED_ACKS);
  if (isInternalTopic(topic.name)) {
    return failed(index, ErrorCode.INVALID_TOPIC_EXCEPTION, `Cannot append to internal topic ${topic.name}`);
  }
  const { errorCode, log } = findLog(context, topic, index);
  if (log === null) return failed(index, errorCode);
  const problem = checkBatches(records, context.header.apiVersion);
  if (problem !== null) return failed(index, problem.errorCode, problem.message);
  return { index, topic, log, records: records! };
}

function isAdmitted(partition: PartitionAnswer | Admitted): partition is Admitted {
  return "log" in partition;
}

/** What their transaction says of records that belong to one; errors that are not known yet are promised. */
function transactionErrors(
  { transactionalId }: ProduceRequest,
  admitted: readonly Admitted[],
  context: RequestContext,
): ReadonlyMap<Admitted, ErrorCode | PromisedError> {
  const members = admitted.filter(({ records }) => isTransactional(records));
  if (members.length === 0) return NO_ERRORS;
  const [{ producerId, producerEpoch }, ...others] = members.map(({ records }) => new RecordBatch(records));
  if (others.some((batch) => batch.producerId !== producerId || batch.producerEpoch !== producerEpoch)) {
    return new Map(admitted.map((member) => [member, ErrorCode.INVALID_PRODUCER_ID_MAPPING]));
  }
  const { apiVersion } = context.header;
  const producer = { transactionalId: transactionalId!, producerId, producerEpoch };
  const writes: TransactionalWrites = {
    joining: apiVersion >= FIRST_VERSION_THAT_ADDS ? "add" : "verify",
    knowsAbortable: apiVersion >= FIRST_VERSION_WITH_ABORTABLE,
  };
  const errors = joinTransaction(context, producer, members.map(({ log }) => log), writes);
  const { joins } = context.transactions;
  return new Map(members.map((member, index): [Admitted, ErrorCode | PromisedError] => {
    const isPromised = errors instanceof Promise;
    const ahead = joins.last(member.log, producerId);
    if (!isPromised && ahead === undefined) return [member, errors[index]];
    const promise = async () => {
      await ahead;
      return isPromised ? (await errors)[index] : errors[index];
    };
    const recheck = () => recheckTransaction(context, producer, member.log, writes);
    return [member, { promise: promise(), recheck, appended: joins.begin(member.log, producerId) }];
  }));
}

const NO_ERRORS: ReadonlyMap<Admitted, ErrorCode> = new Map();

/** An error that is not known yet. */
interface PromisedError {
  readonly promise: Promise<ErrorCode>;
  /** Looks for one once more, when it is known that there is none. */
  readonly recheck: () => ErrorCode;
  /** To be called when the records are appended, or refused. */
  readonly appended: () => void;
}

async function appendLater(
  context: RequestContext,
  acks: number,
  admitted: Admitted,
  { promise, recheck, appended }: PromisedError,
): Promise<PartitionAnswer> {
  const errorCode = await promise;
  const answer = append(context, acks, admitted, errorCode === ErrorCode.NONE ? recheck() : errorCode);
  appended();
  return await answer;
}

/** @param transactionError undefined for records that belong to no transaction */
function append(
  context: RequestContext,
  acks: number,
  admitted: Admitted,
  transactionError: ErrorCode | undefined,
): MaybePromise<PartitionAnswer> {
  const { index, topic, log, records } = admitted;
  if (transactionError !== undefined) {
    const refusal = transactionRefusal(context, admitted, transactionError);
    if (refusal !== null) return refusal;
  }
  if (acks === ACKS_ALL && !hasEnoughReplicas(context, topic, index)) {
    return failed(index, ErrorCode.NOT_ENOUGH_REPLICAS);
  }
  const appendAcks: AppendAcks = acks === ACKS_ALL ? "durable" : "written";
  return andThen(log.append(records, { origin: "client", acks: appendAcks }), (result) => answer(index, result));
}

/** Why records of a transaction are not appended, as their transaction has it; null where they may be. */
function transactionRefusal(
  { header: { apiVersion } }: RequestContext,
  { index, log, records }: Admitted,
  errorCode: ErrorCode,
): PartitionAnswer | null {
  const batch = new RecordBatch(records);
  if (errorCode !== ErrorCode.NONE) {
    log.noteRefused(batch);
    return transactionFailure(index, errorCode, apiVersion);
  }
  const isFirst = (log.producer(batch.producerId)?.lastSequence ?? NO_SEQUENCE) === NO_SEQUENCE;
  if (apiVersion < FIRST_VERSION_THAT_ADDS || !isFirst || batch.baseSequence === 0) return null;
  const message = `Producer ${batch.producerId} begins with sequence ${batch.baseSequence}, and must begin with 0`;
  return { ...failed(index, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, message), logStartOffset: log.logStartOffset };
}

const NO_SEQUENCE = -1;

/** Producers do not know the errors of a coordinator: they are told one after which they send the batch again. */
function transactionFailure(index: number, errorCode: ErrorCode, apiVersion: number): PartitionAnswer {
  switch (errorCode) {
    case ErrorCode.INVALID_TXN_STATE:
      return failed(index, errorCode, "Partition was not added to the transaction");
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      if (apiVersion >= FIRST_VERSION_THAT_ADDS) return failed(index, errorCode);
      return failed(index, ErrorCode.NOT_ENOUGH_REPLICAS, "The transaction before this one is not complete yet");
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return failed(
        index,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        "It cannot be told whether the partition is in the transaction",
      );
    default:
      return failed(index, errorCode);
  }
}

/** As many replicas must be in sync as `min.insync.replicas` says, but never more than there are (KIP-966). */
function hasEnoughReplicas({ metadata }: RequestContext, topic: TopicImage, index: number): boolean {
  const { isr, replicas } = topic.partitions.get(index)!;
  // Reading the setting takes longer than an append: it is not asked for where it cannot matter.
  return isr.length >= replicas.length || isr.length >= metadata.minInsyncReplicas(topic.name);
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
    const first = batchAt(records, 0)!;
    if (first.magic !== 2) {
      return invalid(
        `Produce requests with version ${apiVersion} are only allowed to contain record batches with magic version 2`,
      );
    }
    if (apiVersion < FIRST_VERSION_WITH_ZSTD && first.compressionType === "zstd") {
      return {
        errorCode: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
        message: `Produce requests with version ${apiVersion} are not allowed to use ZStandard compression`,
      };
    }
    if (batchAt(records, first.sizeInBytes) !== null) {
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
