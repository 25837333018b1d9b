/**
 * Moving partitions between brokers (KIP-455), as far as one node can: it copies nothing, so replicas can be given up
 * and put into another order, and moves that were never completed can be ended. Error codes and messages are those of
 * Apache Kafka, where it has such.
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import type { MetadataImage } from "../image/image.ts";
import { NO_LEADER_CHANGE, type PartitionImage, type TopicImage } from "../image/topics_image.ts";
import { metadataRecord } from "../record.ts";
import { type ApiError, apiError, type Decision, type DecisionContext, NO_ERROR } from "./decision.ts";
import { checkAssignment } from "./placement.ts";

/** A partition and the brokers that shall have it; null ends the move that goes on. */
export interface PartitionReassignment {
  readonly partitionIndex: number;
  readonly replicas: readonly number[] | null;
}

/** What an AlterPartitionReassignments request says. */
export interface AlterPartitionReassignments {
  readonly topics: readonly { readonly name: string; readonly partitions: readonly PartitionReassignment[] }[];
  readonly allowReplicationFactorChange: boolean;
}

/** What became of the partitions of one topic. */
export interface ReassignmentResult {
  readonly name: string;
  readonly partitions: readonly (ApiError & { readonly partitionIndex: number })[];
}

/** Decides on moves. What is decided is complete at once. */
export function alterPartitionReassignments(
  image: MetadataImage,
  { topics, allowReplicationFactorChange }: AlterPartitionReassignments,
  context: DecisionContext,
): Decision<ReassignmentResult[]> {
  const records: MetadataRecord[] = [];
  const result = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((reassignment) => {
      const made = reassign(image, name, reassignment, allowReplicationFactorChange, context);
      if ("errorCode" in made) return { partitionIndex: reassignment.partitionIndex, ...made };
      records.push(...made);
      return { partitionIndex: reassignment.partitionIndex, ...NO_ERROR };
    }),
  }));
  return { records, result };
}

function reassign(
  image: MetadataImage,
  topicName: string,
  { partitionIndex, replicas }: PartitionReassignment,
  allowReplicationFactorChange: boolean,
  context: DecisionContext,
): MetadataRecord[] | ApiError {
  const topic = image.topicByName(topicName);
  if (topic === undefined) {
    return apiError("UNKNOWN_TOPIC_OR_PARTITION", `Unable to find a topic named ${topicName}.`);
  }
  const partition = topic.partitions.get(partitionIndex);
  if (partition === undefined) {
    return apiError("UNKNOWN_TOPIC_OR_PARTITION", `Unable to find partition ${topicName}:${partitionIndex}.`);
  }
  const before = partition.replicas.filter((id) => !partition.addingReplicas.includes(id));
  if (replicas === null) {
    return isMoving(partition)
      ? move(image, topic, partitionIndex, before, context)
      : apiError("NO_REASSIGNMENT_IN_PROGRESS", "No partition reassignment is in progress.");
  }
  const error = checkAssignment(image, context, partitionIndex, replicas, null);
  if (error.errorCode !== ErrorCode.NONE) return error;
  if (!allowReplicationFactorChange && replicas.length !== before.length) {
    const message = `The replication factor is changed from ${before.length} to ${replicas.length}`;
    return apiError("INVALID_REPLICATION_FACTOR", message);
  }
  return move(image, topic, partitionIndex, replicas, context);
}

function isMoving({ addingReplicas, removingReplicas }: PartitionImage): boolean {
  return addingReplicas.length > 0 || removingReplicas.length > 0;
}

/** The record that leaves a partition with these replicas; none where it has them. */
function move(
  image: MetadataImage,
  topic: TopicImage,
  partitionId: number,
  replicas: readonly number[],
  { nodeId }: DecisionContext,
): MetadataRecord[] | ApiError {
  const partition = topic.partitions.get(partitionId)!;
  const added = replicas.find((id) => !partition.replicas.includes(id));
  if (added !== undefined) {
    const message = `Broker ${added} has no replica of ${topic.name}-${partitionId}, and broker ${nodeId} runs alone.`;
    return apiError("INVALID_REPLICA_ASSIGNMENT", message);
  }
  if (!replicas.includes(nodeId) || !partition.isr.includes(nodeId)) {
    const message =
      `Only broker ${nodeId} runs, and ${topic.name}-${partitionId} must keep an in-sync replica that does.`;
    return apiError("INVALID_REPLICA_ASSIGNMENT", message);
  }
  if (!isMoving(partition) && isSame(replicas, partition.replicas)) return [];
  const { partitionChange: version } = image.recordVersions;
  return [
    metadataRecord("PartitionChangeRecord", {
      topicId: topic.id,
      partitionId,
      replicas,
      directories: version >= 1 ? directoriesOf(partition, replicas) : null,
      isr: partition.isr.filter((id) => replicas.includes(id)),
      leader: partition.leader === nodeId ? NO_LEADER_CHANGE : nodeId,
      removingReplicas: [],
      addingReplicas: [],
    }, version),
  ];
}

function directoriesOf(partition: PartitionImage, replicas: readonly number[]): Uuid[] {
  return replicas.map((id) => partition.directories[partition.replicas.indexOf(id)]);
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}
