/**
 * ListPartitionReassignments: the moves of partitions between brokers that go on (KIP-455), of all topics where the
 * request names none.
 *
 * One node moves nothing. A folder that once belonged to a larger cluster may know of moves that were never completed:
 * these are told, and AlterPartitionReassignments can cancel them.
 *
 * @module
 */
import type { PartitionImage, TopicImage } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from "../../protocol/messages/list_partition_reassignments.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type TopicAnswer = NonNullable<Init<ListPartitionReassignmentsResponse>["topics"]>[number];

export const listPartitionReassignmentsApi = api(
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
  onCluster(AclOperation.DESCRIBE, handleListPartitionReassignments, (error) => error),
);

function handleListPartitionReassignments(
  request: ListPartitionReassignmentsRequest,
  context: RequestContext,
): Init<ListPartitionReassignmentsResponse> {
  const { image } = context.metadata;
  const topics = request.topics === null
    ? Array.from(image.topics(), (topic) => reassignments(topic, topic.partitions.keys()))
    : request.topics.flatMap(({ name, partitionIndexes }) => {
      const topic = image.topicByName(name);
      return topic === undefined ? [] : [reassignments(topic, partitionIndexes)];
    });
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    topics: topics.filter(({ partitions }) => partitions!.length > 0),
  };
}

function reassignments({ name, partitions }: TopicImage, partitionIndexes: Iterable<number>): TopicAnswer {
  return {
    name,
    partitions: [...partitionIndexes].flatMap((partitionIndex) => {
      const partition = partitions.get(partitionIndex);
      if (partition === undefined || !isMoving(partition)) return [];
      const { replicas, addingReplicas, removingReplicas } = partition;
      return [{ partitionIndex, replicas, addingReplicas, removingReplicas }];
    }),
  };
}

function isMoving({ addingReplicas, removingReplicas }: PartitionImage): boolean {
  return addingReplicas.length > 0 || removingReplicas.length > 0;
}
