/**
 * From a partition as a request names it to its log, or to the error that Kafka has for what is in the way.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../bytes/mod.ts";
import type { PartitionLog } from "../log/mod.ts";
import { NO_LEADER, type TopicImage } from "../metadata/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { AclOperation } from "../security/mod.ts";
import { isTopicAuthorized } from "./authorize.ts";
import type { BrokerServices, RequestContext } from "./context.ts";

/** A topic that is there, or the error that says why it is not. */
export type FoundTopic = { readonly errorCode: typeof ErrorCode.NONE; readonly topic: TopicImage } | {
  readonly errorCode: ErrorCode;
  readonly topic: null;
};

/** A partition's log, or the error that says why there is none. */
export type FoundLog = { readonly errorCode: typeof ErrorCode.NONE; readonly log: PartitionLog } | {
  readonly errorCode: ErrorCode;
  readonly log: null;
};

/**
 * Finds a topic that the client may do something to, by id, or by name where the id is zero (as in all versions that have no
 * ids, KIP-516). A topic that is named and that it may not touch is refused whether or not it is there: nobody learns that.
 *
 * Errors: UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED.
 *
 * @param operation null where whoever asks has been found to be allowed already
 */
export function findTopic(
  context: RequestContext,
  name: string,
  id: Uuid,
  usesIds: boolean,
  operation: AclOperation | null,
): FoundTopic {
  const { image } = context.metadata;
  if (usesIds) {
    const topic = id === ZERO_UUID ? undefined : image.topicById(id);
    if (topic === undefined) return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, topic: null };
    return isRefused(context, operation, topic.name) ? NOT_AUTHORIZED : { errorCode: ErrorCode.NONE, topic };
  }
  if (isRefused(context, operation, name)) return NOT_AUTHORIZED;
  const topic = image.topicByName(name);
  return topic === undefined
    ? { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, topic: null }
    : { errorCode: ErrorCode.NONE, topic };
}

const NOT_AUTHORIZED: FoundTopic = { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, topic: null };

function isRefused(context: RequestContext, operation: AclOperation | null, topic: string): boolean {
  return operation !== null && !isTopicAuthorized(context, operation, topic);
}

/**
 * Finds the log of a partition of a topic.
 *
 * Errors: UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR where its folder is offline: what the log was does not hold
 * any more.
 */
export function findLog(services: BrokerServices, topic: TopicImage, partition: number): FoundLog {
  if (!topic.partitions.has(partition)) return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, log: null };
  const log = services.logs.get(topic.name, partition);
  return log === undefined || log.isEnded
    ? { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, log: null }
    : { errorCode: ErrorCode.NONE, log };
}

/** False where the disk had no room for the logs of some of a topic's partitions: they can be written to when it has. */
export function hasAllLogs({ metadata, logs }: BrokerServices, topic: string): boolean {
  const partitions = metadata.image.topicByName(topic)?.partitions ?? [];
  return [...partitions].every(([index, { leader }]) => leader === NO_LEADER || logs.get(topic, index) !== undefined);
}

/**
 * Compares the leader epoch that a client believes in with the one in force (KIP-320); -1 is "unknown", and fine.
 *
 * Errors: FENCED_LEADER_EPOCH for an older one, UNKNOWN_LEADER_EPOCH for a newer one.
 */
export function checkLeaderEpoch(log: PartitionLog, currentLeaderEpoch: number): ErrorCode {
  if (currentLeaderEpoch === UNKNOWN_EPOCH || currentLeaderEpoch === log.leaderEpoch) return ErrorCode.NONE;
  return currentLeaderEpoch < log.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH;
}

const UNKNOWN_EPOCH = -1;
