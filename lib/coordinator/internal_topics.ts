/**
 * The topics in which coordinators keep their state. Clients may read them and not write them; they have settings of their own.
 *
 * @module
 */
import type { BrokerSettings } from "../metadata/configs/settings.ts";

/** Groups and their committed offsets. */
export const CONSUMER_OFFSETS_TOPIC = "__consumer_offsets";
/** Transactions (KIP-98). */
export const TRANSACTION_STATE_TOPIC = "__transaction_state";
/** What share groups have delivered (KIP-932). */
export const SHARE_GROUP_STATE_TOPIC = "__share_group_state";

/** True for a topic that a coordinator keeps its state in. */
export function isInternalTopic(name: string): boolean {
  return name === CONSUMER_OFFSETS_TOPIC || name === TRANSACTION_STATE_TOPIC || name === SHARE_GROUP_STATE_TOPIC;
}

/** What an internal topic is created with. */
export interface InternalTopicLayout {
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configs: readonly { readonly name: string; readonly value: string }[];
}

/** What a topic is created with that a coordinator keeps its state in; null for any other topic. */
export function internalTopicLayout(name: string, settings: BrokerSettings): InternalTopicLayout | null {
  const describe = LAYOUTS.get(name);
  if (describe === undefined) return null;
  const { numPartitions, replicationFactor, ...configs } = describe(settings);
  return {
    numPartitions,
    replicationFactor,
    configs: Object.entries(configs).map(([name, value]) => ({ name, value: String(value) })),
  };
}

type Layout = Pick<InternalTopicLayout, "numPartitions" | "replicationFactor"> & Record<string, string | number>;

const LAYOUTS: ReadonlyMap<string, (settings: BrokerSettings) => Layout> = new Map(
  [
    [CONSUMER_OFFSETS_TOPIC, (settings) => ({
      "numPartitions": settings.get("offsets.topic.num.partitions"),
      "replicationFactor": settings.get("offsets.topic.replication.factor"),
      "cleanup.policy": "compact",
      "compression.type": "producer",
      "segment.bytes": settings.get("offsets.topic.segment.bytes"),
    })],
    [TRANSACTION_STATE_TOPIC, (settings) => ({
      "numPartitions": settings.get("transaction.state.log.num.partitions"),
      "replicationFactor": settings.get("transaction.state.log.replication.factor"),
      "cleanup.policy": "compact",
      "compression.type": "uncompressed",
      "min.insync.replicas": settings.get("transaction.state.log.min.isr"),
      "segment.bytes": settings.get("transaction.state.log.segment.bytes"),
      "unclean.leader.election.enable": "false",
    })],
    // It is never compacted: the share coordinator removes what it needs no more (KIP-932).
    [SHARE_GROUP_STATE_TOPIC, (settings) => ({
      "numPartitions": settings.get("share.coordinator.state.topic.num.partitions"),
      "replicationFactor": settings.get("share.coordinator.state.topic.replication.factor"),
      "cleanup.policy": "delete",
      "compression.type": "producer",
      "min.insync.replicas": settings.get("share.coordinator.state.topic.min.isr"),
      "retention.ms": -1,
      "segment.bytes": settings.get("share.coordinator.state.topic.segment.bytes"),
    })],
  ] as const,
);
