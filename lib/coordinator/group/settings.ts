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
  /** Members of a streams group. */
  readonly streamsMaxSize: number;
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
    streamsMaxSize: settings.get("group.streams.max.size"),
    offsetMetadataMaxSize: settings.get("offset.metadata.max.bytes"),
    offsetsRetentionMs: settings.get("offsets.retention.minutes") * 60_000,
    offsetsRetentionCheckIntervalMs: settings.get("offsets.retention.check.interval.ms"),
  };
}
