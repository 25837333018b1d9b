/**
 * Features: what the levels that a cluster has finalized (KIP-584) allow, and which levels this broker knows.
 *
 * The metadata log may have been begun by an older Apache Kafka. As long as its `metadata.version` is not raised,
 * records must be written in versions that the older one reads.
 *
 * @module
 */

/** The feature that decides the versions of the records in the metadata log. */
export const METADATA_VERSION = "metadata.version";
/** The feature that decides how voters are kept (KIP-853); it stands in control records, not among the others. */
export const KRAFT_VERSION = "kraft.version";
/** The feature of eligible leader replicas (KIP-966). */
export const ELR_VERSION = "eligible.leader.replicas.version";

/** First and last level of a feature, both inclusive. */
export interface FeatureRange {
  readonly min: number;
  readonly max: number;
}

/** The levels that this broker knows: those of Apache Kafka 4.3. */
export const SUPPORTED_FEATURES: Readonly<Record<string, FeatureRange>> = {
  [METADATA_VERSION]: { min: 7, max: 30 },
  [KRAFT_VERSION]: { min: 0, max: 1 },
  "transaction.version": { min: 0, max: 2 },
  "group.version": { min: 0, max: 1 },
  [ELR_VERSION]: { min: 0, max: 1 },
  "share.version": { min: 0, max: 1 },
  "streams.version": { min: 0, max: 1 },
};

/**
 * The levels at which a new cluster starts, in the order in which Apache Kafka writes them: metadata.version comes
 * first.
 */
export const DEFAULT_FEATURES: Readonly<Record<string, number>> = {
  [METADATA_VERSION]: 30,
  [ELR_VERSION]: 1,
  "group.version": 1,
  "share.version": 1,
  "streams.version": 1,
  "transaction.version": 2,
};

/** The least level of metadata.version that a feature needs, where it needs one. */
export const LEAST_METADATA_VERSION: Readonly<Record<string, number>> = { [ELR_VERSION]: 23 };

/** The levels of metadata.version that changed what records say: going back below one could lose something. */
const LEVELS_WITH_NEW_RECORDS = [7, 8, 11, 13, 14, 15, 17, 23, 30];

/** True where going from one level of metadata.version down to another could lose something. */
export function losesMetadata(from: number, to: number): boolean {
  return LEVELS_WITH_NEW_RECORDS.some((level) => level > to && level <= from);
}

/** The versions of records that a level of metadata.version allows. */
export interface RecordVersions {
  readonly registerBroker: number;
  readonly partition: number;
  readonly partitionChange: number;
  /** Whether many records can take effect together (KIP-868). */
  readonly transactions: boolean;
  /** Whether there can be delegation tokens (KIP-900). */
  readonly delegationTokens: boolean;
}

/** The first levels of metadata.version that have what is named. */
const SINCE = {
  zkMigration: 8,
  metadataTransactions: 13,
  delegationTokens: 14,
  directoryAssignment: 17,
  eligibleLeaderReplicas: 23,
  cordonedLogDirs: 30,
};

/** The versions in which records are written at that level of metadata.version. */
export function recordVersionsAt(metadataVersion: number): RecordVersions {
  const has = (feature: keyof typeof SINCE) => metadataVersion >= SINCE[feature];
  const partition = has("eligibleLeaderReplicas") ? 2 : has("directoryAssignment") ? 1 : 0;
  return {
    registerBroker: has("cordonedLogDirs") ? 4 : has("directoryAssignment") ? 3 : has("zkMigration") ? 2 : 1,
    partition,
    partitionChange: partition,
    transactions: has("metadataTransactions"),
    delegationTokens: has("delegationTokens"),
  };
}
