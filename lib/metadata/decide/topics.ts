/**
 * Creating and deleting topics. Error codes and messages are those of Apache Kafka.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../bytes/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import { ConfigResourceType } from "../image/configs_image.ts";
import type { MetadataImage } from "../image/image.ts";
import { type PartitionImage, partitionRecord, type TopicImage } from "../image/topics_image.ts";
import { metadataRecord } from "../record.ts";
import { CLUSTER_METADATA_TOPIC, hasCollisionCharacters, topicNameComplaint } from "../topic_name.ts";
import { configComplaint } from "./configs.ts";
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
import { checkAssignment, DirectoryPlacer, newPartition, replicationFactorComplaint } from "./placement.ts";

/** A topic to create; -1 partitions or replicas for the default, or where `assignments` tells. */
export interface NewTopic {
  readonly name: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly assignments: readonly { readonly partitionIndex: number; readonly brokerIds: readonly number[] }[];
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

/** What a CreateTopics request says. */
export interface CreateTopics {
  readonly topics: readonly NewTopic[];
  readonly validateOnly: boolean;
}

/** What became of one topic. Where there is an error, the id is zero and the counts are -1. */
export interface CreateTopicResult extends ApiError {
  readonly name: string;
  readonly topicId: Uuid;
  readonly numPartitions: number;
  readonly replicationFactor: number;
}

/** A topic to delete, by name or by id: null or the zero id for the one that is not used. */
export interface TopicReference {
  readonly name: string | null;
  readonly topicId: Uuid;
}

/** What became of one topic; name and id as far as they are known. */
export interface DeleteTopicResult extends ApiError, TopicReference {}

/**
 * Decides on new topics. Topics named twice come last in the results, and once.
 *
 * @param quota of who asks, where it has one: as many changes as there are partitions are taken, whether they are made or
 * only validated
 */
export function createTopics(
  image: MetadataImage,
  { topics, validateOnly }: CreateTopics,
  context: DecisionContext,
  quota: MutationQuota | null = null,
): Decision<CreateTopicResult[]> {
  const refused = refusedByName(topics);
  const rest = topics.filter(({ name }) => !refused.has(name));
  const placer = new DirectoryPlacer(image, context);
  const records: MetadataRecord[] = [];
  let results: CreateTopicResult[] = [];
  let tooMuch = countPartitions(rest, context) > MAX_RECORDS_PER_REQUEST ? TOO_MANY_PARTITIONS : null;
  for (const topic of tooMuch === null ? rest : []) {
    const created = createTopic(image, topic, context, placer);
    if ("errorCode" in created) results.push(refusedTopic(topic.name, created));
    else if (quota?.take(created.result.numPartitions) === false) results.push(refusedTopic(topic.name, THROTTLED));
    else {
      records.push(...created.records);
      results.push(created.result);
    }
  }
  if (records.length > MAX_RECORDS_PER_REQUEST) tooMuch = TOO_MANY_RECORDS;
  if (tooMuch !== null) results = rest.map(({ name }) => refusedTopic(name, tooMuch!));
  for (const [name, error] of refused) results.push(refusedTopic(name, error));
  return { records: validateOnly || tooMuch !== null ? [] : records, result: results };
}

/**
 * Decides on topics to delete. What is given twice is answered once. Errors: UNKNOWN_TOPIC_OR_PARTITION for a name,
 * UNKNOWN_TOPIC_ID for an id, INVALID_REQUEST where both or neither is given, or something twice;
 * THROTTLING_QUOTA_EXCEEDED.
 *
 * @param quota of who asks, where it has one: as many changes as there are partitions are taken
 */
export function deleteTopics(
  image: MetadataImage,
  topics: readonly TopicReference[],
  quota: MutationQuota | null = null,
): Decision<DeleteTopicResult[]> {
  const twice = duplicates(topics, keyOf);
  const once = new Map(topics.map((reference) => [keyOf(reference), reference]));
  const result: DeleteTopicResult[] = [];
  const chosen = new Set<TopicImage>();
  const clashing = new Set<TopicImage>();
  for (const [key, reference] of once) {
    const topic = findTopic(image, reference, twice.has(key));
    if ("errorCode" in topic) result.push({ ...reference, ...topic });
    else if (chosen.has(topic)) clashing.add(topic);
    else chosen.add(topic);
  }
  const records: MetadataRecord[] = [];
  for (const topic of chosen) {
    const isThrottled = !clashing.has(topic) && quota?.take(topic.partitions.size) === false;
    const error = clashing.has(topic) ? ID_ALREADY_SUPPLIED : isThrottled ? THROTTLED : NO_ERROR;
    result.push({ name: topic.name, topicId: topic.id, ...error });
    if (error === NO_ERROR) records.push(metadataRecord("RemoveTopicRecord", { topicId: topic.id }));
  }
  return { records, result };
}

const ID_ALREADY_SUPPLIED = apiError(
  "INVALID_REQUEST",
  "The provided topic name maps to an ID that was already supplied.",
);

function keyOf({ name, topicId }: TopicReference): string {
  return name === null ? topicId : `${topicId} ${name}`;
}

function findTopic(image: MetadataImage, { name, topicId }: TopicReference, isTwice: boolean): TopicImage | ApiError {
  if (name !== null && topicId !== ZERO_UUID) {
    return apiError("INVALID_REQUEST", "You may not specify both topic name and topic id.");
  }
  if (name === null && topicId === ZERO_UUID) {
    return apiError("INVALID_REQUEST", "Neither topic name nor id were specified.");
  }
  if (isTwice) return apiError("INVALID_REQUEST", `Duplicate topic ${name === null ? "id" : "name"}.`);
  return (name === null ? image.topicById(topicId) : image.topicByName(name)) ??
    (name === null
      ? apiError("UNKNOWN_TOPIC_ID", "This server does not host this topic ID.")
      : apiError("UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition."));
}

/** Names that are refused before anything else is looked at, with the error of each. */
function refusedByName(topics: readonly NewTopic[]): Map<string, ApiError> {
  const refused = new Map<string, ApiError>();
  for (const name of duplicates(topics, ({ name }) => name)) {
    refused.set(name, apiError("INVALID_REQUEST", "Duplicate topic name."));
  }
  if (topics.some(({ name }) => name === CLUSTER_METADATA_TOPIC)) {
    const message = `Creation of internal topic ${CLUSTER_METADATA_TOPIC} is prohibited.`;
    refused.set(CLUSTER_METADATA_TOPIC, apiError("INVALID_REQUEST", message));
  }
  return refused;
}

function countPartitions(topics: readonly NewTopic[], { defaultPartitions }: DecisionContext): number {
  return topics.reduce((count, { assignments, numPartitions }) => {
    if (assignments.length > 0) return count + assignments.length;
    return count + (numPartitions === -1 ? defaultPartitions : Math.max(0, numPartitions));
  }, 0);
}

/** The result for a topic that is not created. */
export function refusedTopic(name: string, error: ApiError): CreateTopicResult {
  return { name, topicId: ZERO_UUID, numPartitions: -1, replicationFactor: -1, ...error };
}

function createTopic(
  image: MetadataImage,
  topic: NewTopic,
  context: DecisionContext,
  placer: DirectoryPlacer,
): Decision<CreateTopicResult> | ApiError {
  const error = nameError(image, topic.name) ?? configError(topic, context);
  if (error !== null) return error;
  const partitions = topic.assignments.length > 0
    ? assignedPartitions(image, topic, context, placer)
    : placedPartitions(topic, context, placer);
  if ("errorCode" in partitions) return partitions;
  const topicId = context.newUuid();
  const records: MetadataRecord[] = [metadataRecord("TopicRecord", { name: topic.name, topicId })];
  for (const { name, value } of topic.configs) {
    records.push(
      metadataRecord("ConfigRecord", { resourceType: ConfigResourceType.TOPIC, resourceName: topic.name, name, value }),
    );
  }
  for (const [index, partition] of partitions.entries()) {
    records.push(partitionRecord(topicId, index, partition, image.recordVersions.partition));
  }
  const { length: numPartitions, 0: { replicas: { length: replicationFactor } } } = partitions;
  return { records, result: { name: topic.name, topicId, numPartitions, replicationFactor, ...NO_ERROR } };
}

function nameError(image: MetadataImage, name: string): ApiError | null {
  if (image.topicByName(name) !== undefined) {
    return apiError("TOPIC_ALREADY_EXISTS", `Topic '${name}' already exists.`);
  }
  const complaint = topicNameComplaint(name);
  if (complaint !== null) return apiError("INVALID_TOPIC_EXCEPTION", complaint);
  const colliding = hasCollisionCharacters(name) ? image.topicCollidingWith(name) : undefined;
  if (colliding === undefined) return null;
  return apiError("INVALID_TOPIC_EXCEPTION", `Topic '${name}' collides with existing topic: ${colliding}`);
}

function configError({ name: resourceName, configs }: NewTopic, { configRules }: DecisionContext): ApiError | null {
  const withNull = configs.filter(({ value }) => value === null).map(({ name }) => name);
  if (withNull.length > 0) {
    return apiError("INVALID_CONFIG", `Null value not supported for topic configs: ${withNull.join(",")}`);
  }
  const changes = new Map(configs.map(({ name, value }) => [name, value]));
  const resource = { resourceType: ConfigResourceType.TOPIC, resourceName };
  const complaint = configComplaint(configRules, resource, new Map(), changes);
  return complaint === null ? null : apiError("INVALID_CONFIG", complaint);
}

/** The partitions of a topic whose replicas the client has chosen. */
function assignedPartitions(
  image: MetadataImage,
  topic: NewTopic,
  context: DecisionContext,
  placer: DirectoryPlacer,
): PartitionImage[] | ApiError {
  const manual = "A manual partition assignment was specified, but";
  if (topic.replicationFactor !== -1) {
    return apiError("INVALID_REQUEST", `${manual} replication factor was not set to -1.`);
  }
  if (topic.numPartitions !== -1) {
    return apiError("INVALID_REQUEST", `${manual} numPartitions was not set to -1.`);
  }
  const partitions: PartitionImage[] = [];
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (partitions[partitionIndex] !== undefined) {
      const message = `Found multiple manual partition assignments for partition ${partitionIndex}`;
      return apiError("INVALID_REPLICA_ASSIGNMENT", message);
    }
    const replicationFactor = topic.assignments[0].brokerIds.length;
    const error = checkAssignment(image, context, partitionIndex, brokerIds, replicationFactor);
    if (error.errorCode !== ErrorCode.NONE) return error;
    partitions[partitionIndex] = newPartition(brokerIds, placer, context);
  }
  if (topic.assignments.some((_, index) => partitions[index] === undefined)) {
    const message = "partitions should be a consecutive 0-based integer sequence";
    return apiError("INVALID_REPLICA_ASSIGNMENT", message);
  }
  return partitions;
}

/** The partitions of a topic of which the client has said how many. */
function placedPartitions(
  topic: NewTopic,
  context: DecisionContext,
  placer: DirectoryPlacer,
): PartitionImage[] | ApiError {
  const numPartitions = topic.numPartitions === -1 ? context.defaultPartitions : topic.numPartitions;
  const replicationFactor = topic.replicationFactor === -1 ? context.defaultReplicationFactor : topic.replicationFactor;
  if (replicationFactor <= 0) {
    const message = "Replication factor must be larger than 0, or -1 to use the default value.";
    return apiError("INVALID_REPLICATION_FACTOR", message);
  }
  if (numPartitions <= 0) {
    return apiError("INVALID_PARTITIONS", "Number of partitions was set to an invalid non-positive value.");
  }
  const complaint = replicationFactorComplaint(replicationFactor);
  if (complaint !== null) {
    const message = `Unable to replicate the partition ${replicationFactor} time(s): ${complaint}`;
    return apiError("INVALID_REPLICATION_FACTOR", message);
  }
  return Array.from({ length: numPartitions }, () => newPartition([context.nodeId], placer, context));
}
