/**
 * CreatePartitions: gives topics more partitions (KIP-195).
 *
 * The answer comes when every new partition can be written.
 *
 * @module
 */
import type { CreatePartitionsResult } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { CreatePartitionsRequest, CreatePartitionsResponse } from "../../protocol/messages/create_partitions.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { separateTopics, TOPIC_REFUSED } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { hasAllLogs } from "../partitions.ts";

/** The first version that can be refused with THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const FIRST_STRICT_VERSION = 3;

export const createPartitionsApi = api(CreatePartitionsRequest, CreatePartitionsResponse, handleCreatePartitions);

async function handleCreatePartitions(
  request: CreatePartitionsRequest,
  context: RequestContext,
): Promise<Init<CreatePartitionsResponse>> {
  const { allowed, refused } = separateTopics(request.topics, AclOperation.ALTER, context, ({ name }) => name);
  const quota = context.throttle?.mutationQuota(context.header.apiVersion >= FIRST_STRICT_VERSION);
  const results = await context.metadata.createPartitions({ ...request, topics: allowed }, quota);
  return {
    results: [
      ...(request.validateOnly ? results : results.map((result) => withLogs(result, context))),
      ...refused.map(({ name }) => ({ name, ...TOPIC_REFUSED })),
    ],
  };
}

/** As for CreateTopics: partitions that are there, and whose logs the disk had no room for, are told as an error. */
function withLogs(result: CreatePartitionsResult, context: RequestContext): CreatePartitionsResult {
  if (result.errorCode !== ErrorCode.NONE || hasAllLogs(context, result.name)) return result;
  const errorMessage = "The partitions are created, and can be written to as soon as the disk has room for them";
  return { ...result, errorCode: ErrorCode.KAFKA_STORAGE_ERROR, errorMessage };
}
