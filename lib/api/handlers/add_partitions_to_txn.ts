/**
 * AddPartitionsToTxn: adds partitions to a transaction, before a producer writes to them (KIP-98).
 *
 * Up to version 3 a client asks for one transaction. Since version 4 brokers ask each other, for several, and may only
 * want to know whether the partitions are in the transaction (KIP-890). Where one partition does not exist, none is added.
 *
 * @module
 */
import { TRANSACTION_VERSION_2, type TransactionalProducer } from "../../coordinator/mod.ts";
import type { TopicPartition } from "../../log/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../protocol/messages/add_partitions_to_txn.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isClusterAuthorized, isTopicAuthorized, transactionalIdError } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { fencedError } from "../transactions.ts";

type Topics = AddPartitionsToTxnRequest["v3AndBelowTopics"];
type TopicResults = NonNullable<Init<AddPartitionsToTxnResponse>["resultsByTopicV3AndBelow"]>;

const FIRST_VERSION_WITH_TRANSACTIONS = 4;
const FIRST_VERSION_WITH_PRODUCER_FENCED = 2;

export const addPartitionsToTxnApi = api(
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
  handleAddPartitionsToTxn,
);

async function handleAddPartitionsToTxn(
  request: AddPartitionsToTxnRequest,
  context: RequestContext,
): Promise<Init<AddPartitionsToTxnResponse>> {
  if (context.header.apiVersion < FIRST_VERSION_WITH_TRANSACTIONS) {
    const producer = {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
    };
    return { resultsByTopicV3AndBelow: await results(context, producer, request.v3AndBelowTopics, false) };
  }
  // These come from brokers alone.
  if (!isClusterAuthorized(context, AclOperation.CLUSTER_ACTION)) {
    return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED };
  }
  const resultsByTransaction = request.transactions.map(async (transaction) => ({
    transactionalId: transaction.transactionalId,
    topicResults: await results(context, transaction, transaction.topics, transaction.verifyOnly),
  }));
  return { resultsByTransaction: await Promise.all(resultsByTransaction) };
}

async function results(
  context: RequestContext,
  producer: TransactionalProducer,
  topics: Topics,
  verifyOnly: boolean,
): Promise<TopicResults> {
  const partitions = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ topic: name, partition }))
  );
  const refusals = context.header.apiVersion < FIRST_VERSION_WITH_TRANSACTIONS
    ? refusedErrors(context, producer.transactionalId, partitions)
    : null;
  const errors = refusals ?? missingErrors(context, partitions, () => true) ??
    await coordinatorErrors(context, producer, partitions, verifyOnly);
  let next = 0;
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({ partitionIndex, partitionErrorCode: errors[next++] })),
  }));
}

/** Null where the client may write to the transaction and all topics. */
function refusedErrors(
  context: RequestContext,
  transactionalId: string,
  partitions: readonly TopicPartition[],
): ErrorCode[] | null {
  const refusal = transactionalIdError(context, AclOperation.WRITE, transactionalId);
  if (refusal !== null) return partitions.map(() => refusal);
  const topics = new Set(partitions.map(({ topic }) => topic));
  const refused = new Set([...topics].filter((topic) => !isTopicAuthorized(context, AclOperation.WRITE, topic)));
  return refused.size === 0 ? null : missingErrors(context, partitions, ({ topic }) => !refused.has(topic));
}

/** Null where all partitions are there and allowed. */
function missingErrors(
  context: RequestContext,
  partitions: readonly TopicPartition[],
  isAllowed: (partition: TopicPartition) => boolean,
): ErrorCode[] | null {
  const isThere = ({ topic, partition }: TopicPartition) =>
    context.metadata.image.topicByName(topic)?.partitions.has(partition) ?? false;
  if (partitions.every((partition) => isThere(partition) && isAllowed(partition))) return null;
  return partitions.map((partition) => {
    if (!isAllowed(partition)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
    return isThere(partition) ? ErrorCode.OPERATION_NOT_ATTEMPTED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  });
}

async function coordinatorErrors(
  { transactions, header }: RequestContext,
  producer: TransactionalProducer,
  partitions: readonly TopicPartition[],
  verifyOnly: boolean,
): Promise<readonly ErrorCode[]> {
  if (verifyOnly) return await transactions.verifyPartitions(producer, partitions);
  const isOfSecondProtocol = header.apiVersion >= FIRST_VERSION_WITH_TRANSACTIONS;
  const version = isOfSecondProtocol ? TRANSACTION_VERSION_2 : 0;
  const errorCode = await transactions.addPartitions(producer, partitions, version);
  const told = fencedError(errorCode, header.apiVersion >= FIRST_VERSION_WITH_PRODUCER_FENCED);
  return partitions.map(() => told);
}
