/**
 * TxnOffsetCommit: stores the offsets that a group has consumed as part of a transaction (KIP-98): they hold when it is
 * committed.
 *
 * Since version 3 the member of the group is told, so that one that was thrown out cannot commit (KIP-447). The group
 * must have been added to the transaction; since version 5 this is what adds it (KIP-890).
 *
 * @module
 */
import { ZERO_UUID } from "../../bytes/mod.ts";
import type { PartitionError, TopicOffsets } from "../../coordinator/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "../../protocol/messages/txn_offset_commit.ts";
import type { TopicImage } from "../../metadata/mod.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized, transactionalIdError } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { findTopic } from "../partitions.ts";
import { joinTransaction, recheckTransaction, type TransactionalWrites } from "../transactions.ts";

type TopicRequest = TxnOffsetCommitRequest["topics"][number];

const FIRST_VERSION_WITH_ABORTABLE = 4;
const FIRST_VERSION_THAT_ADDS = 5;

const UNKNOWN = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;

export const txnOffsetCommitApi = api(TxnOffsetCommitRequest, TxnOffsetCommitResponse, handleTxnOffsetCommit);

async function handleTxnOffsetCommit(
  request: TxnOffsetCommitRequest,
  context: RequestContext,
): Promise<Init<TxnOffsetCommitResponse>> {
  const refusal = refuse(request, context);
  if (refusal !== null) return refusal;
  const found = request.topics.map(({ name }) => findTopic(context, name, "", false, AclOperation.READ));
  const known = request.topics.map((topic, index) => sound(topic, found[index].topic));
  const hasSome = known.some(({ partitions }) => partitions.length > 0);
  const results = hasSome ? await commit(request, known, context) : known.map(() => []);
  return {
    topics: request.topics.map(({ name, partitions }, index) => {
      const errors = new Map(results[index].map((result) => [result.partitionIndex, result.errorCode]));
      return {
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errors.get(partitionIndex) ?? (found[index].errorCode || UNKNOWN),
        })),
      };
    }),
  };
}

function refuse(
  { transactionalId, groupId, topics }: TxnOffsetCommitRequest,
  context: RequestContext,
): Init<TxnOffsetCommitResponse> | null {
  const errorCode = transactionalIdError(context, AclOperation.WRITE, transactionalId) ??
    (isGroupAuthorized(context, AclOperation.READ, groupId) ? null : ErrorCode.GROUP_AUTHORIZATION_FAILED);
  if (errorCode === null) return null;
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  };
}

/** The partitions that there are. Offsets of transactions are kept without the id of their topic, as in Apache Kafka. */
function sound({ name, partitions }: TopicRequest, image: TopicImage | null): TopicOffsets {
  const known = partitions.filter(({ partitionIndex }) => image?.partitions.has(partitionIndex) ?? false);
  return { name, topicId: ZERO_UUID, partitions: known };
}

async function commit(
  request: TxnOffsetCommitRequest,
  topics: readonly TopicOffsets[],
  context: RequestContext,
): Promise<PartitionError[][]> {
  const refused = (errorCode: ErrorCode) =>
    topics.map(({ partitions }) => partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })));
  const { groupId, memberId, groupInstanceId, generationId, producerId, producerEpoch } = request;
  if (groupId === "") return refused(ErrorCode.INVALID_GROUP_ID);
  if (await context.groups.ensureReady() !== ErrorCode.NONE) return refused(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  const { topic, partition } = context.groups.partitionOf(groupId);
  const log = context.logs.get(topic, partition);
  if (log === undefined) return refused(ErrorCode.NOT_COORDINATOR);
  const { apiVersion } = context.header;
  const writes: TransactionalWrites = {
    joining: apiVersion >= FIRST_VERSION_THAT_ADDS ? "add" : "verify",
    knowsAbortable: apiVersion >= FIRST_VERSION_WITH_ABORTABLE,
  };
  const [errorCode] = await joinTransaction(context, request, [log], writes);
  if (errorCode !== ErrorCode.NONE) return refused(errorCode);
  const committer = {
    groupId,
    memberId,
    groupInstanceId,
    generationIdOrMemberEpoch: generationId,
    retentionTimeMs: -1n,
  };
  const error = () => recheckTransaction(context, request, log, writes);
  return await context.groups.commitOffsets(committer, topics, apiVersion, { producerId, producerEpoch, error });
}
