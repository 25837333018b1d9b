/**
 * What ShareFetch and ShareAcknowledge have in common: who may ask, and what becomes of acknowledgements.
 *
 * @module
 */
import { toNumberClamped, type Uuid } from "../bytes/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { ShareAcknowledgeRequest } from "../protocol/messages/share_acknowledge.ts";
import { AcknowledgeType } from "../share/mod.ts";
import { AclOperation } from "../security/mod.ts";
import { GROUP_REFUSED, isGroupAuthorized } from "./authorize.ts";
import type { RequestContext } from "./context.ts";
import { findTopic } from "./partitions.ts";

/** The longest member id: a UUID as Java prints it. */
const MAX_MEMBER_ID_LENGTH = 36;

type Topics = ShareAcknowledgeRequest["topics"];
type Batch = Topics[number]["partitions"][number]["acknowledgementBatches"][number];

/** An error of a whole request. */
export interface RequestError {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string | null;
}

/** What became of the acknowledgements of a partition. */
export interface AcknowledgeResult extends RequestError {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** The request of a member, as far as acknowledgements are concerned. */
export interface AcknowledgeRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly isRenewAck: boolean;
  readonly topics: Topics;
}

/** What is wrong with who asks; null where nothing is. */
export function memberError(
  context: RequestContext,
  { groupId, memberId }: { readonly groupId: string | null; readonly memberId: string | null },
): RequestError | null {
  const { sharePartitions } = context;
  if (!sharePartitions.isEnabled) return { errorCode: ErrorCode.UNSUPPORTED_VERSION, errorMessage: null };
  if (groupId === null) return invalid("Invalid group id in the request.");
  if (!isGroupAuthorized(context, AclOperation.READ, groupId)) return GROUP_REFUSED;
  if (!isMemberId(memberId)) return invalid("Invalid member id in the request.");
  return null;
}

/** True for what a client may call itself. */
export function isMemberId(memberId: string | null): memberId is string {
  return memberId !== null && memberId !== "" && memberId.length <= MAX_MEMBER_ID_LENGTH;
}

/** Whether a request acknowledges anything. */
export function hasAcknowledgements(topics: Topics): boolean {
  return topics.some(({ partitions }) => partitions.some((partition) => partition.acknowledgementBatches.length > 0));
}

/** Acknowledges all that a request says of records. What is wrong with a partition concerns no other one. */
export function acknowledgeAll(
  { groupId, memberId, isRenewAck, topics }: AcknowledgeRequest,
  context: RequestContext,
): Promise<AcknowledgeResult[]> {
  const { sharePartitions } = context;
  const results = topics.flatMap(({ topicId, partitions }) =>
    partitions.map(async ({ partitionIndex: partition, acknowledgementBatches: batches }) => {
      const result = (errorCode: ErrorCode, errorMessage: string | null = null) => {
        return { topicId, partition, errorCode, errorMessage };
      };
      const { topic, errorCode } = findTopic(context, "", topicId, true, AclOperation.READ);
      if (topic === null) return result(errorCode);
      if (!areValid(batches, isRenewAck)) return result(ErrorCode.INVALID_REQUEST);
      if (!topic.partitions.has(partition)) return result(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      if (batches.length === 0) return result(ErrorCode.NONE);
      const acknowledgements = batches.map(({ firstOffset, lastOffset, acknowledgeTypes }) => ({
        firstOffset: toNumberClamped(firstOffset),
        lastOffset: toNumberClamped(lastOffset),
        types: acknowledgeTypes,
      }));
      const refusal = await sharePartitions.acknowledge(memberId, { groupId, topicId, partition }, acknowledgements);
      return refusal === null ? result(ErrorCode.NONE) : result(refusal.errorCode, refusal.errorMessage);
    })
  );
  return Promise.all(results);
}

/** Whether batches follow one another, and each says one thing of all its records, or one of each. */
function areValid(batches: readonly Batch[], isRenewAck: boolean): boolean {
  const greatest = isRenewAck ? AcknowledgeType.RENEW : AcknowledgeType.REJECT;
  let previousEnd = -1n;
  return batches.every(({ firstOffset, lastOffset, acknowledgeTypes }) => {
    const isInOrder = firstOffset <= lastOffset && firstOffset >= previousEnd;
    const { length } = acknowledgeTypes;
    const saysEnough = length === 1 || (length > 1 && lastOffset - firstOffset === BigInt(length - 1));
    previousEnd = lastOffset;
    return isInOrder && saysEnough && acknowledgeTypes.every((type) => type >= AcknowledgeType.GAP && type <= greatest);
  });
}

function invalid(errorMessage: string): RequestError {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}
