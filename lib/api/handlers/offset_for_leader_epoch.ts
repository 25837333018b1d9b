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
import { api } from "../api.ts";
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
  const found = findTopic(context, name, "", false);
  if (found.topic === null) return { errorCode: found.errorCode };
  const { errorCode, log } = findLog(context, found.topic, partition);
  if (log === null) return { errorCode };
  const epochError = checkLeaderEpoch(log, currentLeaderEpoch);
  if (epochError !== ErrorCode.NONE) return { errorCode: epochError };
  return { errorCode: ErrorCode.NONE, ...log.endOffsetForEpoch(leaderEpoch) };
}
