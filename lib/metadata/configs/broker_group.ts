/**
 * The broker configs of groups and of the topics in which their coordinators keep what they know.
 *
 * @module
 */
import { atLeast, between, type Check, listOf, nonEmptyList, oneOfIgnoringCase } from "./check.ts";
import { defineConfigs, ignored, int, INT_MAX, list, long, short, string } from "./definition.ts";

/** By the names that members use, or by those of Apache Kafka's own classes. Apache Kafka, which takes others' too, lists none. */
const consumerAssignors: Check = {
  ...listOf([
    "uniform",
    "range",
    "org.apache.kafka.coordinator.group.assignor.UniformAssignor",
    "org.apache.kafka.coordinator.group.assignor.RangeAssignor",
  ], { mayBeEmpty: false }),
  description: "",
};

/** Configs of the group and share coordinators. */
export const BROKER_GROUP_CONFIGS = defineConfigs({
  "group.coordinator.rebalance.protocols": list(
    "classic,consumer,streams",
    listOf(["consumer", "classic", "share", "streams"], { mayBeEmpty: false }),
  ).readOnly("Which protocols groups may use: classic, consumer, streams, share."),
  "group.initial.rebalance.delay.ms": int(3000).readOnly(
    "How long an empty group of the classic protocol waits for more members, in milliseconds.",
  ),
  "group.min.session.timeout.ms": int(6000).readOnly(
    "The least that a member of the classic protocol may set as its session timeout, in milliseconds.",
  ),
  "group.max.session.timeout.ms": int(1_800_000).readOnly(
    "The most that a member of the classic protocol may set as its session timeout, in milliseconds.",
  ),
  "group.max.size": int(INT_MAX, atLeast(1)).readOnly("How many members a group of the classic protocol may have."),
  "group.consumer.session.timeout.ms": int(45000, atLeast(1)).readOnly(
    "After how many milliseconds without a heartbeat a member leaves a consumer group.",
  ),
  "group.consumer.min.session.timeout.ms": int(45000, atLeast(1)).readOnly(
    "The least that a consumer group may set as its session timeout, in milliseconds.",
  ),
  "group.consumer.max.session.timeout.ms": int(60000, atLeast(1)).readOnly(
    "The most that a consumer group may set as its session timeout, in milliseconds.",
  ),
  "group.consumer.heartbeat.interval.ms": int(5000, atLeast(1)).readOnly(
    "How often a member of a consumer group sends a heartbeat, in milliseconds.",
  ),
  "group.consumer.min.heartbeat.interval.ms": int(5000, atLeast(1)).readOnly(
    "The least that a consumer group may set as its heartbeat interval, in milliseconds.",
  ),
  "group.consumer.max.heartbeat.interval.ms": int(15000, atLeast(1)).readOnly(
    "The most that a consumer group may set as its heartbeat interval, in milliseconds.",
  ),
  "group.consumer.assignment.interval.ms": int(1000, atLeast(0)).clusterWide(
    "How many milliseconds lie at least between two assignments of a consumer group.",
  ),
  "group.consumer.min.assignment.interval.ms": int(0, atLeast(0)).readOnly(
    "The least that a consumer group may set as its assignment interval, in milliseconds.",
  ),
  "group.consumer.max.assignment.interval.ms": int(15000, atLeast(0)).readOnly(
    "The most that a consumer group may set as its assignment interval, in milliseconds.",
  ),
  "group.consumer.max.size": int(INT_MAX, atLeast(1)).readOnly("How many members a consumer group may have."),
  "group.consumer.assignors": list("uniform,range", consumerAssignors).readOnly(
    "Which assignors of partitions members of a consumer group may name, the first being the default.",
  ),
  "group.consumer.migration.policy": string(
    "bidirectional",
    oneOfIgnoringCase("DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"),
  ).readOnly(
    "Whether a group may change between the classic and the consumer protocol: upgrade, downgrade, bidirectional or disabled.",
  ),
  "group.consumer.regex.refresh.interval.ms": int(600000, atLeast(10000)).readOnly(
    "How often topics are matched anew with the patterns to which members subscribe, in milliseconds.",
  ).internal(),
  "group.streams.session.timeout.ms": int(45000, atLeast(1)).readOnly(
    "After how many milliseconds without a heartbeat a member leaves a streams group.",
  ),
  "group.streams.min.session.timeout.ms": int(45000, atLeast(1)).readOnly(
    "The least that a streams group may set as its session timeout, in milliseconds.",
  ),
  "group.streams.max.session.timeout.ms": int(60000, atLeast(1)).readOnly(
    "The most that a streams group may set as its session timeout, in milliseconds.",
  ),
  "group.streams.heartbeat.interval.ms": int(5000, atLeast(1)).readOnly(
    "How often a member of a streams group sends a heartbeat, in milliseconds.",
  ),
  "group.streams.min.heartbeat.interval.ms": int(5000, atLeast(1)).readOnly(
    "The least that a streams group may set as its heartbeat interval, in milliseconds.",
  ),
  "group.streams.max.heartbeat.interval.ms": int(15000, atLeast(1)).readOnly(
    "The most that a streams group may set as its heartbeat interval, in milliseconds.",
  ),
  "group.streams.assignment.interval.ms": int(1000, atLeast(0)).clusterWide(
    "How many milliseconds lie at least between two assignments of a streams group.",
  ),
  "group.streams.min.assignment.interval.ms": int(0, atLeast(0)).readOnly(
    "The least that a streams group may set as its assignment interval, in milliseconds.",
  ),
  "group.streams.max.assignment.interval.ms": int(15000, atLeast(0)).readOnly(
    "The most that a streams group may set as its assignment interval, in milliseconds.",
  ),
  "group.streams.max.size": int(INT_MAX, atLeast(1)).readOnly("How many members a streams group may have."),
  "group.streams.initial.rebalance.delay.ms": int(3000, atLeast(0)).readOnly(
    "How long an empty streams group waits for more members before it assigns tasks, in milliseconds.",
  ),
  "group.streams.num.standby.replicas": int(0, atLeast(0)).readOnly(
    "How many members of a streams group keep a copy of the state of each task in reserve.",
  ),
  "group.streams.max.standby.replicas": int(2, atLeast(0)).readOnly(
    "The most that a streams group may set as its number of copies in reserve.",
  ),
  "group.share.session.timeout.ms": int(45000, atLeast(1)).readOnly(
    "After how many milliseconds without a heartbeat a member leaves a share group.",
  ),
  "group.share.min.session.timeout.ms": int(45000, atLeast(1)).readOnly(
    "The least that a share group may set as its session timeout, in milliseconds.",
  ),
  "group.share.max.session.timeout.ms": int(60000, atLeast(1)).readOnly(
    "The most that a share group may set as its session timeout, in milliseconds.",
  ),
  "group.share.heartbeat.interval.ms": int(5000, atLeast(1)).readOnly(
    "How often a member of a share group sends a heartbeat, in milliseconds.",
  ),
  "group.share.min.heartbeat.interval.ms": int(5000, atLeast(1)).readOnly(
    "The least that a share group may set as its heartbeat interval, in milliseconds.",
  ),
  "group.share.max.heartbeat.interval.ms": int(15000, atLeast(1)).readOnly(
    "The most that a share group may set as its heartbeat interval, in milliseconds.",
  ),
  "group.share.assignment.interval.ms": int(1000, atLeast(0)).clusterWide(
    "How many milliseconds lie at least between two assignments of a share group.",
  ),
  "group.share.min.assignment.interval.ms": int(0, atLeast(0)).readOnly(
    "The least that a share group may set as its assignment interval, in milliseconds.",
  ),
  "group.share.max.assignment.interval.ms": int(15000, atLeast(0)).readOnly(
    "The most that a share group may set as its assignment interval, in milliseconds.",
  ),
  "group.share.max.size": int(200, between(1, 1000)).readOnly("How many members a share group may have."),
  "group.share.assignors": list("simple", nonEmptyList).readOnly(
    "Which assignors of partitions a share group may use.",
  ),
  "group.share.delivery.count.limit": int(5, between(2, 10)).readOnly(
    "How often a record is delivered to a share group before it counts as one that cannot be processed.",
  ),
  "group.share.min.delivery.count.limit": int(2, between(2, 5)).readOnly(
    "The least that a share group may set as its limit of deliveries.",
  ),
  "group.share.max.delivery.count.limit": int(10, between(5, 25)).readOnly(
    "The most that a share group may set as its limit of deliveries.",
  ),
  "group.share.record.lock.duration.ms": int(30000, between(1000, 3600000)).readOnly(
    "How long a record belongs to the member of a share group that fetched it, in milliseconds.",
  ),
  "group.share.min.record.lock.duration.ms": int(15000, between(1000, 30000)).readOnly(
    "The least that a share group or a member may set as the duration of a lock, in milliseconds.",
  ),
  "group.share.max.record.lock.duration.ms": int(60000, between(30000, 3600000)).readOnly(
    "The most that a share group or a member may set as the duration of a lock, in milliseconds.",
  ),
  "group.share.partition.max.record.locks": int(2000, between(100, 10000)).readOnly(
    "How many records of a partition may be out with the members of a share group at a time.",
  ),
  "group.share.min.partition.max.record.locks": int(100, between(100, 2000)).readOnly(
    "The least that a share group may set as its number of records that are out.",
  ),
  "group.share.max.partition.max.record.locks": int(4000, between(2000, 10000)).readOnly(
    "The most that a share group may set as its number of records that are out.",
  ),
  "group.share.max.share.sessions": int(2000, atLeast(1)).readOnly("How many share sessions are remembered."),
  "group.share.initialize.retry.interval.ms": int(30000, atLeast(1)).readOnly(
    "After how many milliseconds the start of a share partition is tried again.",
  ).internal(),
  "offset.metadata.max.bytes": int(4096).readOnly(
    "How many bytes of text a consumer may store with a committed offset.",
  ),
  "offsets.retention.minutes": int(10080, atLeast(1)).readOnly(
    "How long the offsets of an empty group are kept, in minutes.",
  ),
  "offsets.retention.check.interval.ms": long(600000, atLeast(1)).readOnly(
    "How often committed offsets are searched for those to forget, in milliseconds.",
  ),
  "offsets.topic.num.partitions": int(50, atLeast(1)).readOnly(
    "How many partitions the topic of committed offsets gets when it is made.",
  ),
  "offsets.topic.segment.bytes": int(104_857_600, atLeast(1)).readOnly(
    "The size in bytes of the segments of the topic of committed offsets.",
  ),
  "offsets.topic.compression.codec": int(0).readOnly(
    "The compression of the topic of committed offsets: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.",
  ),
  "share.coordinator.state.topic.num.partitions": int(50, atLeast(1)).readOnly(
    "How many partitions the topic of the state of share groups gets when it is made.",
  ),
  "share.coordinator.state.topic.segment.bytes": int(104_857_600, atLeast(1)).readOnly(
    "The size in bytes of the segments of the topic of the state of share groups.",
  ),
  "share.coordinator.state.topic.compression.codec": int(0).readOnly(
    "The compression of the topic of the state of share groups: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.",
  ),
  "share.coordinator.state.topic.prune.interval.ms": int(300000, atLeast(1)).readOnly(
    "How often what is no longer needed is deleted from the topic of the state of share groups, in milliseconds.",
  ).internal(),
  "share.coordinator.snapshot.update.records.per.snapshot": int(500, between(0, 500)).readOnly(
    "After how many updates the state of a share partition is written as a whole.",
  ),
  "share.coordinator.cold.partition.snapshot.interval.ms": int(300000, atLeast(1)).readOnly(
    "How often the state of a share partition that is not in use is written as a whole, in milliseconds.",
  ).internal(),
  ...ignored("A single broker keeps one copy of everything.", {
    "offsets.topic.replication.factor": short(3, atLeast(1)),
    "share.coordinator.state.topic.replication.factor": short(3, atLeast(1)),
    "share.coordinator.state.topic.min.isr": short(2, atLeast(1)),
  }),
  ...ignored(
    "Coordinators run on the one thread of the broker, and their records are written as soon as they are decided.",
    {
      "group.coordinator.threads": int(4, atLeast(1)),
      "group.coordinator.background.threads": int(2, atLeast(1)),
      "group.coordinator.append.linger.ms": int(-1, atLeast(-1)),
      "group.coordinator.cached.buffer.max.bytes": int(1_048_588, atLeast(524288)).clusterWide(),
      "offsets.commit.timeout.ms": int(5000, atLeast(1)),
      "offsets.load.buffer.size": int(5_242_880, atLeast(1)),
      "share.coordinator.threads": int(1, atLeast(1)),
      "share.coordinator.append.linger.ms": int(-1, atLeast(-1)),
      "share.coordinator.cached.buffer.max.bytes": int(1_048_588, atLeast(524288)).clusterWide(),
      "share.coordinator.load.buffer.size": int(5_242_880, atLeast(1)),
      "share.coordinator.write.timeout.ms": int(5000, atLeast(1)),
    },
  ),
  ...ignored("The state of share groups is always kept by the share coordinator.", {
    "group.share.persister.class.name": string("org.apache.kafka.server.share.persister.DefaultStatePersister")
      .internal(),
  }),
});
