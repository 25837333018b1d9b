/**
 * The configs of a topic. Where a topic does not set one, the broker configs that `orBroker` names decide, the first that
 * is set.
 *
 * @module
 */
import { atLeast, between, gzipLevel, listOf, oneOf, throttledReplicas } from "./check.ts";
import { boolean, defineConfigs, double, ignored, int, list, long, LONG_MAX, string } from "./definition.ts";

/** Every config of a topic, by name. */
export const TOPIC_CONFIGS = defineConfigs({
  "retention.ms": long(604_800_000, atLeast(-1)).documented(
    "How long a record is kept, in milliseconds; -1 keeps it for good.",
  ).orBroker("log.retention.ms", "log.retention.minutes", "log.retention.hours"),
  "retention.bytes": long(-1).documented(
    "How many bytes a partition may hold before its oldest segments are deleted; -1 for no limit.",
  ).orBroker("log.retention.bytes"),
  "cleanup.policy": list("delete", listOf(["compact", "delete"], { mayBeEmpty: true })).documented(
    "What happens to old records: delete drops whole segments, compact keeps the last record of each key, and nothing keeps all.",
  ).orBroker("log.cleanup.policy"),
  "segment.bytes": int(1_073_741_824, atLeast(1048576)).documented(
    "The size in bytes at which the log goes on in a new segment file.",
  ).orBroker("log.segment.bytes"),
  "segment.ms": long(604_800_000, atLeast(1)).documented(
    "The age in milliseconds at which the log goes on in a new segment file, full or not.",
  ).orBroker("log.roll.ms", "log.roll.hours"),
  "segment.jitter.ms": long(0, atLeast(0)).documented(
    "Up to how many milliseconds, by chance, a segment ends early, so that not all partitions roll at once.",
  ).orBroker("log.roll.jitter.ms", "log.roll.jitter.hours"),
  "segment.index.bytes": int(10_485_760, atLeast(4)).documented(
    "The size in bytes at which an index is full, and with it its segment.",
  ).orBroker("log.index.size.max.bytes"),
  "index.interval.bytes": int(4096, atLeast(0)).documented(
    "How many bytes of records lie between two entries of an index.",
  ).orBroker("log.index.interval.bytes"),
  "internal.segment.bytes": int(null).documented("The size in bytes of a segment without its lower bound, for tests.")
    .internal(),
  "file.delete.delay.ms": long(60000, atLeast(0)).documented(
    "How long the files of a deleted segment stay on the disk, in milliseconds.",
  ).orBroker("log.segment.delete.delay.ms"),
  "flush.messages": long(LONG_MAX, atLeast(1)).documented(
    "After how many records the log is flushed to the disk, where acknowledged records are not flushed anyway.",
  ).orBroker("log.flush.interval.messages"),
  "flush.ms": long(LONG_MAX, atLeast(0)).documented(
    "After how many milliseconds the log is flushed to the disk, where acknowledged records are not flushed anyway.",
  ).orBroker("log.flush.interval.ms", "log.flush.scheduler.interval.ms"),
  "max.message.bytes": int(1_048_588, atLeast(0)).documented(
    "The largest record batch that is taken, in bytes, as it was sent.",
  ).orBroker("message.max.bytes"),
  "compression.type": string("producer", oneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")).documented(
    "How batches are stored: producer leaves them as they came, uncompressed unpacks them, a codec packs them anew.",
  ).orBroker("compression.type"),
  "compression.gzip.level": int(-1, gzipLevel).documented(
    "The level of gzip where the broker compresses with it, 1 to 9, or -1 for its default.",
  ).orBroker("compression.gzip.level"),
  "compression.lz4.level": int(9, between(1, 17)).documented(
    "The level of LZ4 where the broker compresses with it, 1 to 17.",
  ).orBroker("compression.lz4.level"),
  "compression.zstd.level": int(3, between(-131072, 22)).documented(
    "The level of zstd where the broker compresses with it, -131072 to 22.",
  ).orBroker("compression.zstd.level"),
  "message.timestamp.type": string("CreateTime", oneOf("CreateTime", "LogAppendTime")).documented(
    "Which time a record carries: CreateTime, that of its producer, or LogAppendTime, that of the broker.",
  ).orBroker("log.message.timestamp.type"),
  "message.timestamp.before.max.ms": long(LONG_MAX, atLeast(0)).documented(
    "How many milliseconds a producer's timestamp may lie before the broker's time.",
  ).orBroker("log.message.timestamp.before.max.ms"),
  "message.timestamp.after.max.ms": long(3_600_000, atLeast(0)).documented(
    "How many milliseconds a producer's timestamp may lie after the broker's time.",
  ).orBroker("log.message.timestamp.after.max.ms"),
  "delete.retention.ms": long(86_400_000, atLeast(0)).documented(
    "How long a compacted log keeps the marker of a deleted key, in milliseconds, so that slow readers still see it.",
  ).orBroker("log.cleaner.delete.retention.ms"),
  "min.cleanable.dirty.ratio": double(0.5, between(0, 1)).documented(
    "Which part of a log must be new since the last compaction before it is compacted again, from 0 to 1.",
  ).orBroker("log.cleaner.min.cleanable.ratio"),
  "min.compaction.lag.ms": long(0, atLeast(0)).documented(
    "How long a record stays as it is before it may be compacted away, in milliseconds.",
  ).orBroker("log.cleaner.min.compaction.lag.ms"),
  "max.compaction.lag.ms": long(LONG_MAX, atLeast(1)).documented(
    "After how many milliseconds a record is compacted at the latest.",
  ).orBroker("log.cleaner.max.compaction.lag.ms"),
  "min.insync.replicas": int(1, atLeast(1)).documented(
    "How many replicas must have a record before it is acknowledged; a single broker has one, and that is enough.",
  ).orBroker("min.insync.replicas"),
  ...ignored("A single broker has no replicas to choose from or to slow down.", {
    "unclean.leader.election.enable": boolean(false).documented(
      "Whether a replica that lags behind may become leader, at the price of lost records.",
    ).orBroker("unclean.leader.election.enable"),
    "leader.replication.throttled.replicas": list("", throttledReplicas).documented(
      "The replicas whose traffic is slowed down on the side of the leader.",
    ),
    "follower.replication.throttled.replicas": list("", throttledReplicas).documented(
      "The replicas whose traffic is slowed down on the side of the follower.",
    ),
  }),
  ...ignored("There is no tiered storage here.", {
    "remote.storage.enable": boolean(false).documented("Whether old segments move to a remote store."),
    "remote.log.copy.disable": boolean(false).documented(
      "Whether the remote store is only read from, and nothing more is copied to it.",
    ),
    "remote.log.delete.on.disable": boolean(false).documented(
      "Whether what the remote store holds is deleted when the topic leaves it.",
    ),
    "local.retention.ms": long(-2, atLeast(-2)).documented(
      "How long a segment that the remote store has is kept here too, in milliseconds; -2 for as long as retention.ms says.",
    ).orBroker("log.local.retention.ms"),
    "local.retention.bytes": long(-2, atLeast(-2)).documented(
      "How many bytes of what the remote store has are kept here too; -2 for as many as retention.bytes says.",
    ).orBroker("log.local.retention.bytes"),
  }),
  ...ignored("Segment files grow as they are written.", {
    "preallocate": boolean(false).documented("Whether the file of a new segment gets its full size at once.").orBroker(
      "log.preallocate",
    ),
  }),
});
