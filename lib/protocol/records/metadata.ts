/**
 * Records of the metadata log, `__cluster_metadata` (KIP-631): topics, partitions, configurations, features and the
 * like. `encodeMetadataRecord` puts them in their frame.
 *
 * @module
 */
import {
  array,
  bool,
  defaulting,
  float64,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  metadataRecord,
  nullable,
  since,
  string,
  tagged,
  uuid,
} from "../schema.ts";

/** A topic is created. */
export const TopicRecord = metadataRecord({ key: 2, name: "TopicRecord", versions: [0, 0], flexible: 0 }, {
  name: string,
  topicId: uuid,
});
export type TopicRecord = Infer<typeof TopicRecord>;

/** A topic is deleted, with its partitions. */
export const RemoveTopicRecord = metadataRecord({ key: 9, name: "RemoveTopicRecord", versions: [0, 0], flexible: 0 }, {
  topicId: uuid,
});
export type RemoveTopicRecord = Infer<typeof RemoveTopicRecord>;

/** A partition is created; version 1 has directories (KIP-858), 2 eligible leader replicas (KIP-966). */
export const PartitionRecord = metadataRecord({ key: 3, name: "PartitionRecord", versions: [0, 2], flexible: 0 }, {
  partitionId: defaulting(int32, -1),
  topicId: uuid,
  replicas: array(int32),
  isr: array(int32),
  removingReplicas: array(int32),
  addingReplicas: array(int32),
  leader: defaulting(int32, -1),
  leaderRecoveryState: tagged(0, int8),
  leaderEpoch: defaulting(int32, -1),
  partitionEpoch: defaulting(int32, -1),
  directories: since(1, array(uuid)),
  eligibleLeaderReplicas: tagged(1, since(2, nullable(array(int32)))),
  lastKnownElr: tagged(2, since(2, nullable(array(int32)))),
});
export type PartitionRecord = Infer<typeof PartitionRecord>;

/** A partition changes; what is null, or not told by its default, stays. */
export const PartitionChangeRecord = metadataRecord({
  key: 5,
  name: "PartitionChangeRecord",
  versions: [0, 2],
  flexible: 0,
}, {
  partitionId: defaulting(int32, -1),
  topicId: uuid,
  isr: tagged(0, nullable(array(int32))),
  leader: tagged(1, defaulting(int32, -2)),
  replicas: tagged(2, nullable(array(int32))),
  removingReplicas: tagged(3, nullable(array(int32))),
  addingReplicas: tagged(4, nullable(array(int32))),
  leaderRecoveryState: tagged(5, defaulting(int8, -1)),
  directories: tagged(8, since(1, nullable(array(uuid)))),
  eligibleLeaderReplicas: tagged(6, since(2, nullable(array(int32)))),
  lastKnownElr: tagged(7, since(2, nullable(array(int32)))),
});
export type PartitionChangeRecord = Infer<typeof PartitionChangeRecord>;

/** The eligible leader replicas of a topic, or of all topics, are forgotten (KIP-966). */
export const ClearElrRecord = metadataRecord({ key: 28, name: "ClearElrRecord", versions: [0, 0], flexible: 0 }, {
  topicName: string,
});
export type ClearElrRecord = Infer<typeof ClearElrRecord>;

/** A configuration key of a resource is set; null removes it. */
export const ConfigRecord = metadataRecord({ key: 4, name: "ConfigRecord", versions: [0, 0], flexible: 0 }, {
  resourceType: int8,
  resourceName: string,
  name: string,
  value: nullable(string, ""),
});
export type ConfigRecord = Infer<typeof ConfigRecord>;

/** A feature is finalized at a level (KIP-584); `metadata.version` is one. */
export const FeatureLevelRecord = metadataRecord(
  { key: 12, name: "FeatureLevelRecord", versions: [0, 0], flexible: 0 },
  {
    name: string,
    featureLevel: int16,
  },
);
export type FeatureLevelRecord = Infer<typeof FeatureLevelRecord>;

/** A block of producer ids is given to a broker (KIP-730). */
export const ProducerIdsRecord = metadataRecord({ key: 15, name: "ProducerIdsRecord", versions: [0, 0], flexible: 0 }, {
  brokerId: int32,
  brokerEpoch: defaulting(int64, -1n),
  nextProducerId: int64,
});
export type ProducerIdsRecord = Infer<typeof ProducerIdsRecord>;

/** A quota is set or removed (KIP-546). */
export const ClientQuotaRecord = metadataRecord({ key: 14, name: "ClientQuotaRecord", versions: [0, 0], flexible: 0 }, {
  entity: array({ entityType: string, entityName: nullable(string, "") }),
  key: string,
  value: float64,
  remove: bool,
});
export type ClientQuotaRecord = Infer<typeof ClientQuotaRecord>;

/** Nothing happens: keeps the log moving (KIP-835). */
export const NoOpRecord = metadataRecord({ key: 20, name: "NoOpRecord", versions: [0, 0], flexible: 0 }, {});
export type NoOpRecord = Infer<typeof NoOpRecord>;

/** How far the migration from ZooKeeper is (KIP-866). */
export const ZkMigrationStateRecord = metadataRecord({
  key: 21,
  name: "ZkMigrationStateRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  zkMigrationState: int8,
});
export type ZkMigrationStateRecord = Infer<typeof ZkMigrationStateRecord>;

/** The records up to the end of this metadata transaction take effect together (KIP-868). */
export const BeginTransactionRecord = metadataRecord({
  key: 23,
  name: "BeginTransactionRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  name: tagged(0, nullable(string)),
});
export type BeginTransactionRecord = Infer<typeof BeginTransactionRecord>;

/** A metadata transaction takes effect (KIP-868). */
export const EndTransactionRecord = metadataRecord({
  key: 24,
  name: "EndTransactionRecord",
  versions: [0, 0],
  flexible: 0,
}, {});
export type EndTransactionRecord = Infer<typeof EndTransactionRecord>;

/** A metadata transaction is dropped (KIP-868). */
export const AbortTransactionRecord = metadataRecord({
  key: 25,
  name: "AbortTransactionRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  reason: tagged(0, nullable(string)),
});
export type AbortTransactionRecord = Infer<typeof AbortTransactionRecord>;
