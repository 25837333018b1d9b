/**
 * The settings of the broker that groups obey.
 *
 * @module
 */
import type { BrokerSettings } from "../../metadata/configs/settings.ts";

export interface GroupSettings {
  readonly initialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** Members of a classic group. */
  readonly maxSize: number;
  /** Members of a share group. */
  readonly shareMaxSize: number;
  /** After how long the share coordinator is asked again to make a share partition. */
  readonly shareInitializeRetryIntervalMs: number;
  /** Members of a streams group. */
  readonly streamsMaxSize: number;
  /** Members of a consumer group. */
  readonly consumerMaxSize: number;
  /** The names of the assignors that consumer groups may use, one or more, the default one first. */
  readonly assignors: readonly string[];
  /** Whether a classic group may become a consumer group. */
  readonly mayUpgrade: boolean;
  /** Whether a consumer group may become a classic group. */
  readonly mayDowngrade: boolean;
  /** Whether members of the classic protocol may join a consumer group. */
  readonly mayMigrate: boolean;
  /** How often regular expressions are matched anew at least. */
  readonly regexRefreshIntervalMs: number;
  /** Characters of the metadata of a committed offset. */
  readonly offsetMetadataMaxSize: number;
  readonly offsetsRetentionMs: number;
  readonly offsetsRetentionCheckIntervalMs: number;
}

export function groupSettings(settings: BrokerSettings): GroupSettings {
  return {
    initialRebalanceDelayMs: settings.get("group.initial.rebalance.delay.ms"),
    minSessionTimeoutMs: settings.get("group.min.session.timeout.ms"),
    maxSessionTimeoutMs: settings.get("group.max.session.timeout.ms"),
    maxSize: settings.get("group.max.size"),
    shareMaxSize: settings.get("group.share.max.size"),
    shareInitializeRetryIntervalMs: settings.get("group.share.initialize.retry.interval.ms"),
    streamsMaxSize: settings.get("group.streams.max.size"),
    consumerMaxSize: settings.get("group.consumer.max.size"),
    assignors: assignorNames(settings.get("group.consumer.assignors")),
    ...migration(settings.get("group.consumer.migration.policy").toLowerCase()),
    regexRefreshIntervalMs: settings.get("group.consumer.regex.refresh.interval.ms"),
    offsetMetadataMaxSize: settings.get("offset.metadata.max.bytes"),
    offsetsRetentionMs: settings.get("offsets.retention.minutes") * 60_000,
    offsetsRetentionCheckIntervalMs: settings.get("offsets.retention.check.interval.ms"),
  };
}

/** Apache Kafka takes the names of its own classes too. */
const ASSIGNOR_CLASSES: ReadonlyMap<string, string> = new Map([
  ["org.apache.kafka.coordinator.group.assignor.UniformAssignor", "uniform"],
  ["org.apache.kafka.coordinator.group.assignor.RangeAssignor", "range"],
]);

function assignorNames(configured: readonly string[]): readonly string[] {
  return configured.map((name) => ASSIGNOR_CLASSES.get(name) ?? name);
}

function migration(policy: string): Pick<GroupSettings, "mayUpgrade" | "mayDowngrade" | "mayMigrate"> {
  const mayUpgrade = policy === "upgrade" || policy === "bidirectional";
  const mayDowngrade = policy === "downgrade" || policy === "bidirectional";
  return { mayUpgrade, mayDowngrade, mayMigrate: mayUpgrade || mayDowngrade };
}
