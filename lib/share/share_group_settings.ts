/**
 * The settings that share partitions obey: those of the group, within the bounds of the broker.
 *
 * @module
 */
import { durationMs } from "../metadata/configs/duration.ts";
import { groupConfig, type GroupConfigName } from "../metadata/configs/group_settings.ts";
import type { BrokerSettings, ConfigTexts } from "../metadata/configs/settings.ts";
import type { ShareGroupSettings } from "./served_share_partition.ts";

/** @param texts what is set for the group */
export function shareGroupSettings(texts: ConfigTexts, broker: BrokerSettings): ShareGroupSettings {
  const get = <N extends GroupConfigName>(name: N) => groupConfig(name, texts, broker);
  return {
    maxInFlightRecords: get("share.partition.max.record.locks"),
    maxDeliveryCount: get("share.delivery.count.limit"),
    recordLockDurationMs: get("share.record.lock.duration.ms"),
    isRenewEnabled: get("share.renew.acknowledge.enable"),
    isolationLevel: get("share.isolation.level") === "read_committed" ? "read-committed" : "read-uncommitted",
    offsetReset: offsetReset(get("share.auto.offset.reset")!),
  };
}

const BY_DURATION = "by_duration:";

function offsetReset(text: string): ShareGroupSettings["offsetReset"] {
  if (text.startsWith(BY_DURATION)) return { durationMs: durationMs(text.slice(BY_DURATION.length)) };
  return text === "earliest" ? "earliest" : "latest";
}
