/**
 * Metadata: topics, partitions, configurations and the like, kept in the KRaft metadata log of a single node.
 *
 * In: data folders, as Apache Kafka or this broker left them, or empty; requests to change something. Out:
 * {@linkcode Metadata}, with the image of what is committed. Every change is decided as records (`decide/`), appended
 * to `__cluster_metadata-0` (`metadata_log.ts`), and takes effect when they are replayed (`image/`).
 *
 * @module
 */
export { Metadata, type MetadataListener, type MetadataOptions } from "./metadata.ts";
export type { MetadataChange } from "./change.ts";
export type { ConfigRules } from "./config_rules.ts";
export type { Endpoint } from "./decide/brokers.ts";
export { type DeleteAclsResult, filterComplaint } from "./decide/acls.ts";
export * from "./decide/configs.ts";
export { type ApiError, type Decision, duplicates, type MutationQuota } from "./decide/decision.ts";
export * from "./decide/delegation_tokens.ts";
export { offlineReplicas } from "./decide/directories.ts";
export * from "./decide/features.ts";
export * from "./decide/partitions.ts";
export { PRODUCER_ID_BLOCK_SIZE, type ProducerIdBlock } from "./decide/producer_ids.ts";
export * from "./decide/quotas.ts";
export * from "./decide/reassignments.ts";
export * from "./decide/scram.ts";
export * from "./decide/topics.ts";
export { KRAFT_VERSION, METADATA_VERSION, SUPPORTED_FEATURES } from "./features.ts";
export { type FolderIdentity, type FolderOptions, prepareFolders } from "./format.ts";
export type { BrokerImage, ControllerImage } from "./image/cluster_image.ts";
export { ConfigResourceType } from "./image/configs_image.ts";
export { MetadataImage } from "./image/image.ts";
export type { EntityQuotas, QuotaEntity } from "./image/quotas_image.ts";
export { isReservedDirectory, NO_LEADER, type PartitionImage, type TopicImage } from "./image/topics_image.ts";
export { MetaPropertiesError } from "./meta_properties.ts";
export { type MetadataLogSettings, MetadataStorageError } from "./metadata_log.ts";
export { metadataRecord } from "./record.ts";
export { CLUSTER_METADATA_TOPIC, topicNameComplaint } from "./topic_name.ts";
