/**
 * OffsetForLeaderEpoch: where a leader epoch ended, so that a client can tell whether its position still belongs to the log's
 * history (KIP-101, KIP-320).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../../protocol/messages/offset_for_leader_epoch.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, CLUSTER_NAME, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { checkLeaderEpoch, findLog, findTopic } from "../partitions.ts";

type PartitionRequest = OffsetForLeaderEpochRequest["topics"][number]["partitions"][number];

export const offsetForLeaderEpochApi = api(
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  handleOffsetForLeaderEpoch,
);

function handleOffsetForLeaderEpoch(
  request: OffsetForLeaderEpochRequest,
  context: RequestContext,
): Init<OffsetForLeaderEpochResponse> {
  return {
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition) => ({
        partition: partition.partition,
        ...answer(topic, partition, context),
      })),
    })),
  };
}

function answer(
  name: string,
  { partition, currentLeaderEpoch, leaderEpoch }: PartitionRequest,
  context: RequestContext,
): { errorCode: ErrorCode; leaderEpoch?: number; endOffset?: number } {
  // Followers ask so, too.
  const isFollower = mayDo(context, AclOperation.CLUSTER_ACTION, ResourceType.CLUSTER, CLUSTER_NAME);
  const found = findTopic(context, name, "", false, isFollower ? null : AclOperation.DESCRIBE);
  if (found.topic === null) return { errorCode: found.errorCode };
  const { errorCode, log } = findLog(context, found.topic, partition);
  if (log === null) return { errorCode };
  const epochError = checkLeaderEpoch(log, currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return { errorCode: epochError };
  return { errorCode: ErrorCode.NONE, ...log.endOffsetForEpoch(leaderEpoch) };
}
