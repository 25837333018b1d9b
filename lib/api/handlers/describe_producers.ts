/**
 * DescribeProducers: which producers write to a partition, and their open transactions (KIP-664).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { DescribeProducersRequest, DescribeProducersResponse } from "../../protocol/messages/describe_producers.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { findLog, findTopic } from "../partitions.ts";

type TopicAnswer = NonNullable<Init<DescribeProducersResponse>["topics"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number];

export const describeProducersApi = api(DescribeProducersRequest, DescribeProducersResponse, handleDescribeProducers);

function handleDescribeProducers(
  request: DescribeProducersRequest,
  context: RequestContext,
): Init<DescribeProducersResponse> {
  return {
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => describe(name, partitionIndex, context)),
    })),
  };
}

function describe(name: string, partitionIndex: number, context: RequestContext): PartitionAnswer {
  const nameError = context.metadata.checkTopicName(name);
  if (nameError !== null) {
    return { partitionIndex, errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, errorMessage: nameError };
  }
  const found = findTopic(context, name, "", false, AclOperation.READ);
  if (found.topic === null) return { partitionIndex, errorCode: found.errorCode };
  const { errorCode, log } = findLog(context, found.topic, partitionIndex);
  if (log === null) return { partitionIndex, errorCode };
  return { partitionIndex, errorCode: ErrorCode.NONE, activeProducers: log.producers() };
}
