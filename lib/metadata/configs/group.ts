/**
 * The configs of a group (KIP-848, KIP-932, KIP-1071). Where a group does not set one, the broker config that `orBroker`
 * names decides.
 *
 * @module
 */
import { atLeast, oneOf, shareOffsetReset } from "./check.ts";
import { boolean, defineConfigs, int, string } from "./definition.ts";

/** Every config of a group, by name. */
export const GROUP_CONFIGS = defineConfigs({
  "consumer.session.timeout.ms": int(45000, atLeast(1)).documented(
    "After how many milliseconds without a heartbeat a member leaves a consumer group of the new protocol.",
  ).orBroker("group.consumer.session.timeout.ms"),
  "consumer.heartbeat.interval.ms": int(5000, atLeast(1)).documented(
    "How often a member of a consumer group of the new protocol sends a heartbeat, in milliseconds.",
  ).orBroker("group.consumer.heartbeat.interval.ms"),
  "consumer.assignment.interval.ms": int(1000, atLeast(0)).documented(
    "How many milliseconds lie at least between two assignments of a consumer group, so that many changes make one.",
  ).orBroker("group.consumer.assignment.interval.ms"),
  "share.session.timeout.ms": int(45000, atLeast(1)).documented(
    "After how many milliseconds without a heartbeat a member leaves a share group.",
  ).orBroker("group.share.session.timeout.ms"),
  "share.heartbeat.interval.ms": int(5000, atLeast(1)).documented(
    "How often a member of a share group sends a heartbeat, in milliseconds.",
  ).orBroker("group.share.heartbeat.interval.ms"),
  "share.assignment.interval.ms": int(1000, atLeast(0)).documented(
    "How many milliseconds lie at least between two assignments of a share group.",
  ).orBroker("group.share.assignment.interval.ms"),
  "share.auto.offset.reset": string("latest", shareOffsetReset).documented(
    "Where a share group begins that has no offsets yet: latest, earliest, or by_duration: and how far back, such as by_duration:PT1H.",
  ),
  "share.isolation.level": string("read_uncommitted", oneOf("read_committed", "read_uncommitted")).documented(
    "Whether a share group reads the records of open and aborted transactions too: read_uncommitted, or read_committed.",
  ),
  "share.delivery.count.limit": int(5, atLeast(2)).documented(
    "How often a record is delivered to a share group before it counts as one that cannot be processed.",
  ).orBroker("group.share.delivery.count.limit"),
  "share.record.lock.duration.ms": int(30000, atLeast(1000)).documented(
    "How long a record belongs to the member of a share group that fetched it, in milliseconds.",
  ).orBroker("group.share.record.lock.duration.ms"),
  "share.partition.max.record.locks": int(2000, atLeast(100)).documented(
    "How many records of a partition may be out with the members of a share group at a time.",
  ).orBroker("group.share.partition.max.record.locks"),
  "share.renew.acknowledge.enable": boolean(true).documented(
    "Whether a member of a share group may prolong the time for which a record belongs to it.",
  ),
  "streams.session.timeout.ms": int(45000, atLeast(1)).documented(
    "After how many milliseconds without a heartbeat a member leaves a streams group.",
  ).orBroker("group.streams.session.timeout.ms"),
  "streams.heartbeat.interval.ms": int(5000, atLeast(1)).documented(
    "How often a member of a streams group sends a heartbeat, in milliseconds.",
  ).orBroker("group.streams.heartbeat.interval.ms"),
  "streams.assignment.interval.ms": int(1000, atLeast(0)).documented(
    "How many milliseconds lie at least between two assignments of a streams group.",
  ).orBroker("group.streams.assignment.interval.ms"),
  "streams.initial.rebalance.delay.ms": int(3000, atLeast(0)).documented(
    "How long an empty streams group waits for more members before it assigns tasks, in milliseconds.",
  ).orBroker("group.streams.initial.rebalance.delay.ms"),
  "streams.num.standby.replicas": int(0, atLeast(0)).documented(
    "How many members of a streams group keep a copy of the state of each task in reserve.",
  ).orBroker("group.streams.num.standby.replicas"),
});
