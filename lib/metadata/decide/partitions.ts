/**
 * Adding partitions, and electing their leaders. Error codes and messages are those of Apache Kafka.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import type { MetadataImage } from "../image/image.ts";
import { NO_LEADER, type PartitionImage, partitionRecord, type TopicImage } from "../image/topics_image.ts";
import {
  type ApiError,
  apiError,
  type Decision,
  type DecisionContext,
  duplicates,
  MAX_RECORDS_PER_REQUEST,
  type MutationQuota,
  NO_ERROR,
  THROTTLED,
  TOO_MANY_PARTITIONS,
  TOO_MANY_RECORDS,
} from "./decision.ts";
import { offlineReplicas } from "./directories.ts";
import { elect } from "./election.ts";
import { checkAssignment, DirectoryPlacer, newPartition, replicationFactorComplaint } from "./placement.ts";

/**
 * A topic and how many partitions it shall have, with the replicas of the new ones where the client has chosen them.
 */
export interface MorePartitions {
  readonly name: string;
  readonly count: number;
  readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null;
}

/** What a CreatePartitions request says. */
export interface CreatePartitions {
  readonly topics: readonly MorePartitions[];
  readonly validateOnly: boolean;
}

/** What became of one topic. */
export interface CreatePartitionsResult extends ApiError {
  readonly name: string;
}

/** Kinds of election, with their number on the wire (KIP-460). */
export const ElectionType = { PREFERRED: 0, UNCLEAN: 1 } as const;

/** What an ElectLeaders request says; null for all partitions. */
export interface ElectLeaders {
  readonly electionType: number;
  readonly topicPartitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[] | null;
}

/** What became of the partitions of one topic. */
export interface ElectLeadersResult {
  readonly topic: string;
  readonly partitionResult: readonly (ApiError & { readonly partitionId: number })[];
}

/**
 * Decides on new partitions. Topics named twice come first in the results, and once.
 *
 * @param quota of who asks, where it has one: one change is taken for each new partition
 */
export function createPartitions(
  image: MetadataImage,
  { topics, validateOnly }: CreatePartitions,
  context: DecisionContext,
  quota: MutationQuota | null = null,
): Decision<CreatePartitionsResult[]> {
  const twice = duplicates(topics, ({ name }) => name);
  const duplicate = apiError("INVALID_REQUEST", "Duplicate topic name.");
  const result: CreatePartitionsResult[] = [...twice].map((name) => ({ name, ...duplicate }));
  const placer = new DirectoryPlacer(image, context);
  const records: MetadataRecord[] = [];
  for (const topic of topics) {
    if (twice.has(topic.name)) continue;
    const made = addPartitions(image, topic, context, placer, quota);
    if ("errorCode" in made) result.push({ name: topic.name, ...made });
    else {
      records.push(...made);
      result.push({ name: topic.name, ...NO_ERROR });
    }
  }
  if (records.length > MAX_RECORDS_PER_REQUEST) {
    return { records: [], result: result.map(({ name }) => ({ name, ...TOO_MANY_RECORDS })) };
  }
  return { records: validateOnly ? [] : records, result };
}

/**
 * Decides on leaders. On one node a partition has the leader that it can have, or none: so this mostly says that no
 * election is needed. Of all partitions, only those that are not as they should be are told of.
 */
export function electLeaders(
  image: MetadataImage,
  { electionType, topicPartitions }: ElectLeaders,
  { nodeId }: DecisionContext,
): Decision<ElectLeadersResult[]> {
  const records: MetadataRecord[] = [];
  const result: ElectLeadersResult[] = [];
  for (const { topic, partitions } of topicPartitions ?? allPartitions(image)) {
    const partitionResult: (ApiError & { partitionId: number })[] = [];
    for (const partitionId of partitions) {
      const made = electLeader(image, topic, partitionId, electionType, nodeId);
      if (!("errorCode" in made)) records.push(made);
      const error = "errorCode" in made ? made : NO_ERROR;
      if (topicPartitions === null && error.errorCode === ErrorCode.ELECTION_NOT_NEEDED) continue;
      partitionResult.push({ partitionId, ...error });
    }
    if (topicPartitions !== null || partitionResult.length > 0) result.push({ topic, partitionResult });
  }
  return { records, result };
}

function* allPartitions(image: MetadataImage) {
  for (const { name, partitions } of image.topics()) yield { topic: name, partitions: [...partitions.keys()] };
}

function electLeader(
  image: MetadataImage,
  topicName: string,
  partitionId: number,
  electionType: number,
  nodeId: number,
): MetadataRecord | ApiError {
  const topic = image.topicByName(topicName);
  if (topic === undefined) return apiError("UNKNOWN_TOPIC_OR_PARTITION", `No such topic as ${topicName}`);
  const partition = topic.partitions.get(partitionId);
  if (partition === undefined) {
    return apiError("UNKNOWN_TOPIC_OR_PARTITION", `No such partition as ${topicName}-${partitionId}`);
  }
  const isPreferred = electionType === ElectionType.PREFERRED;
  if (partition.leader !== NO_LEADER && (!isPreferred || partition.leader === partition.replicas[0])) {
    return apiError("ELECTION_NOT_NEEDED", "Leader election not needed for topic partition.");
  }
  const isOffline = offlineReplicas(image, partition).includes(nodeId);
  const record = isOffline ? null : elect(image, topic, partitionId, nodeId, { isUncleanAllowed: !isPreferred });
  if (record !== null) return record;
  return isPreferred
    ? apiError("PREFERRED_LEADER_NOT_AVAILABLE", "The preferred leader was not available.")
    : apiError("ELIGIBLE_LEADERS_NOT_AVAILABLE", "Eligible topic partition leaders are not available.");
}

function addPartitions(
  image: MetadataImage,
  request: MorePartitions,
  context: DecisionContext,
  placer: DirectoryPlacer,
  quota: MutationQuota | null,
): MetadataRecord[] | ApiError {
  const topic = image.topicByName(request.name);
  if (topic === undefined) {
    return apiError("UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition.");
  }
  const error = countError(topic, request);
  if (error !== null) return error;
  const first = topic.partitions.size;
  if (quota?.take(request.count - first) === false) return THROTTLED;
  const made = request.assignments === null
    ? placed(topic, request, context, placer)
    : assigned(image, topic, request.assignments, context, placer);
  if ("errorCode" in made) return made;
  const { partition: version } = image.recordVersions;
  return made.map((partition, index) => partitionRecord(topic.id, first + index, partition, version));
}

function countError({ partitions }: TopicImage, { name, count, assignments }: MorePartitions): ApiError | null {
  const additional = count - partitions.size;
  if (additional === 0) {
    return apiError("INVALID_PARTITIONS", `Topic already has ${partitions.size} partition(s).`);
  }
  if (additional < 0) {
    const message =
      `The topic ${name} currently has ${partitions.size} partition(s); ${count} would not be an increase.`;
    return apiError("INVALID_PARTITIONS", message);
  }
  if (assignments !== null && assignments.length !== additional) {
    const message = `Attempted to add ${additional} additional partition(s), but only ${assignments.length} ` +
      "assignment(s) were specified.";
    return apiError("INVALID_REPLICA_ASSIGNMENT", message);
  }
  return additional > MAX_RECORDS_PER_REQUEST ? TOO_MANY_PARTITIONS : null;
}

function replicationFactorOf(topic: TopicImage): number {
  const first = topic.partitions.values().next().value;
  if (first === undefined) throw new Error(`The metadata log has no partition of topic ${topic.name}`);
  return first.replicas.length;
}

function placed(
  topic: TopicImage,
  { count }: MorePartitions,
  context: DecisionContext,
  placer: DirectoryPlacer,
): PartitionImage[] | ApiError {
  const complaint = replicationFactorComplaint(replicationFactorOf(topic));
  if (complaint !== null) return apiError("INVALID_REPLICATION_FACTOR", complaint);
  return Array.from({ length: count - topic.partitions.size }, () => newPartition([context.nodeId], placer, context));
}

function assigned(
  image: MetadataImage,
  topic: TopicImage,
  assignments: NonNullable<MorePartitions["assignments"]>,
  context: DecisionContext,
  placer: DirectoryPlacer,
): PartitionImage[] | ApiError {
  const replicationFactor = replicationFactorOf(topic);
  const partitions: PartitionImage[] = [];
  for (const [index, { brokerIds }] of assignments.entries()) {
    const partitionId = topic.partitions.size + index;
    const error = checkAssignment(image, context, partitionId, brokerIds, replicationFactor);
    if (error.errorCode !== ErrorCode.NONE) return error;
    partitions.push(newPartition(brokerIds, placer, context));
  }
  return partitions;
}
