/**
 * DeleteRecords: moves the log start offset of partitions (KIP-107); -1 means "up to the high watermark".
 *
 * Topics with `cleanup.policy=compact` alone refuse it with POLICY_VIOLATION.
 *
 * @module
 */
import { toNumberClamped } from "../../bytes/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { DeleteRecordsRequest, DeleteRecordsResponse } from "../../protocol/messages/delete_records.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { findLog, findTopic } from "../partitions.ts";
import { isInternalTopic } from "../../coordinator/mod.ts";

const UP_TO_HIGH_WATERMARK = -1;

export const deleteRecordsApi = api(DeleteRecordsRequest, DeleteRecordsResponse, handleDeleteRecords);

async function handleDeleteRecords(
  request: DeleteRecordsRequest,
  context: RequestContext,
): Promise<Init<DeleteRecordsResponse>> {
  const topics = await Promise.all(request.topics.map(async ({ name, partitions }) => ({
    name,
    partitions: await Promise.all(partitions.map(async ({ partitionIndex, offset }) => ({
      partitionIndex,
      lowWatermark: -1,
      ...await deleteBefore(name, partitionIndex, toNumberClamped(offset), context),
    }))),
  })));
  return { topics };
}

async function deleteBefore(
  name: string,
  partition: number,
  offset: number,
  context: RequestContext,
): Promise<{ errorCode: ErrorCode; lowWatermark?: number }> {
  const found = findTopic(context, name, "", false, AclOperation.DELETE);
  if (found.topic === null) return { errorCode: found.errorCode };
  if (isInternalTopic(name)) return { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION };
  const { errorCode, log } = findLog(context, found.topic, partition);
  if (log === null) return { errorCode };
  if (!log.config.cleanupPolicy.has("delete") && log.config.cleanupPolicy.size > 0) {
    return { errorCode: ErrorCode.POLICY_VIOLATION };
  }
  const target = offset === UP_TO_HIGH_WATERMARK ? log.highWatermark : offset;
  const result = await log.deleteRecordsBefore(target);
  return result.errorCode === ErrorCode.NONE
    ? { errorCode: result.errorCode, lowWatermark: result.logStartOffset }
    : { errorCode: result.errorCode };
}
