/**
 * The broker configs of topics and their logs; most are defaults for the topics that do not set theirs.
 *
 * @module
 */
import { anyList, atLeast, between, gzipLevel, listOf, nonEmptyList, oneOf } from "./check.ts";
import { accepted, boolean, defineConfigs, double, ignored, int, list, long, LONG_MAX, string } from "./definition.ts";

/** Configs of topics and logs. */
export const BROKER_LOG_CONFIGS = defineConfigs({
  "log.dirs": list(null, nonEmptyList).readOnly("The folders that hold the logs, comma-separated."),
  "log.dir": list("/tmp/kafka-logs", nonEmptyList).readOnly(
    "The folder that holds the logs, where log.dirs is not set.",
  ),
  "auto.create.topics.enable": boolean(true).readOnly(
    "Whether a topic is made when a client asks for one that is not there.",
  ),
  "delete.topic.enable": boolean(true).readOnly("Whether topics may be deleted."),
  "num.partitions": int(1, atLeast(1)).readOnly("How many partitions a topic gets whose creator does not say."),
  "message.max.bytes": int(1_048_588, atLeast(0)).clusterWide(
    "The largest record batch that is taken, in bytes, for topics without max.message.bytes.",
  ),
  "compression.type": string("producer", oneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"))
    .clusterWide(
      "How batches are stored: producer leaves them as they came, uncompressed unpacks them, a codec packs them anew.",
    ),
  "compression.gzip.level": int(-1, gzipLevel).clusterWide(
    "The level of gzip where the broker compresses with it, 1 to 9, or -1 for its default.",
  ),
  "compression.lz4.level": int(9, between(1, 17)).clusterWide(
    "The level of LZ4 where the broker compresses with it, 1 to 17.",
  ),
  "compression.zstd.level": int(3, between(-131072, 22)).clusterWide(
    "The level of zstd where the broker compresses with it, -131072 to 22.",
  ),
  "log.retention.ms": long(null).clusterWide(
    "How long a record is kept, in milliseconds, for topics without retention.ms; -1 keeps it for good.",
  ),
  "log.retention.minutes": int(null).readOnly(
    "How long a record is kept, in minutes, where log.retention.ms is not set.",
  ),
  "log.retention.hours": int(168).readOnly(
    "How long a record is kept, in hours, where log.retention.ms and log.retention.minutes are not set.",
  ),
  "log.retention.bytes": long(-1).clusterWide(
    "How many bytes a partition may hold, for topics without retention.bytes; -1 for no limit.",
  ),
  "log.retention.check.interval.ms": long(300000, atLeast(1)).readOnly(
    "How often logs are searched for segments to delete, in milliseconds.",
  ),
  "log.cleanup.policy": list("delete", listOf(["compact", "delete"], { mayBeEmpty: true })).clusterWide(
    "What happens to old records of topics without cleanup.policy: delete, compact, or both.",
  ),
  "log.segment.bytes": int(1_073_741_824, atLeast(1048576)).clusterWide(
    "The size in bytes at which a log goes on in a new segment file, for topics without segment.bytes.",
  ),
  "log.segment.delete.delay.ms": long(60000, atLeast(0)).clusterWide(
    "How long the files of a deleted segment stay on the disk, in milliseconds.",
  ),
  "log.roll.ms": long(null).clusterWide(
    "The age in milliseconds at which a log goes on in a new segment file, for topics without segment.ms.",
  ),
  "log.roll.hours": int(168, atLeast(1)).readOnly(
    "The age in hours at which a log goes on in a new segment file, where log.roll.ms is not set.",
  ),
  "log.roll.jitter.ms": long(null).clusterWide(
    "Up to how many milliseconds, by chance, a segment ends early, for topics without segment.jitter.ms.",
  ),
  "log.roll.jitter.hours": int(0, atLeast(0)).readOnly(
    "Up to how many hours, by chance, a segment ends early, where log.roll.jitter.ms is not set.",
  ),
  "log.index.size.max.bytes": int(10_485_760, atLeast(4)).clusterWide(
    "The size in bytes at which an index is full, and with it its segment.",
  ),
  "log.index.interval.bytes": int(4096, atLeast(0)).clusterWide(
    "How many bytes of records lie between two entries of an index.",
  ),
  "log.message.timestamp.type": string("CreateTime", oneOf("CreateTime", "LogAppendTime")).clusterWide(
    "Which time a record carries: CreateTime, that of its producer, or LogAppendTime, that of the broker.",
  ),
  "log.message.timestamp.before.max.ms": long(LONG_MAX, atLeast(0)).clusterWide(
    "How many milliseconds a producer's timestamp may lie before the broker's time.",
  ),
  "log.message.timestamp.after.max.ms": long(3_600_000, atLeast(0)).clusterWide(
    "How many milliseconds a producer's timestamp may lie after the broker's time.",
  ),
  "log.flush.interval.messages": long(LONG_MAX, atLeast(1)).clusterWide(
    "After how many records a log is flushed to the disk, where acknowledged records are not flushed anyway.",
  ),
  "log.flush.interval.ms": long(null).clusterWide(
    "After how many milliseconds a log is flushed to the disk, where acknowledged records are not flushed anyway.",
  ),
  "log.flush.scheduler.interval.ms": long(LONG_MAX).readOnly(
    "How often logs are searched for what must be flushed, in milliseconds.",
  ),
  "log.flush.offset.checkpoint.interval.ms": int(60000, atLeast(0)).readOnly(
    "How often the recovery points are written to their checkpoint file, in milliseconds.",
  ),
  "log.flush.start.offset.checkpoint.interval.ms": int(60000, atLeast(0)).readOnly(
    "How often the log start offsets are written to their checkpoint file, in milliseconds.",
  ),
  "replica.high.watermark.checkpoint.interval.ms": long(5000).readOnly(
    "How often the high watermarks are written to their checkpoint file, in milliseconds.",
  ),
  "log.cleaner.enable": boolean(true).readOnly("Whether logs are compacted at all."),
  "log.cleaner.backoff.ms": long(15000, atLeast(0)).clusterWide(
    "How long the log cleaner rests when it finds nothing to do, in milliseconds.",
  ),
  "log.cleaner.delete.retention.ms": long(86_400_000, atLeast(0)).clusterWide(
    "How long a compacted log keeps the marker of a deleted key, in milliseconds.",
  ),
  "log.cleaner.min.cleanable.ratio": double(0.5, between(0, 1)).clusterWide(
    "Which part of a log must be new since the last compaction before it is compacted again, from 0 to 1.",
  ),
  "log.cleaner.min.compaction.lag.ms": long(0, atLeast(0)).clusterWide(
    "How long a record stays as it is before it may be compacted away, in milliseconds.",
  ),
  "log.cleaner.max.compaction.lag.ms": long(LONG_MAX, atLeast(1)).clusterWide(
    "After how many milliseconds a record is compacted at the latest.",
  ),
  "log.cleaner.io.max.bytes.per.second": double(1.7976931348623157e308).clusterWide(
    "How many bytes the log cleaner reads and writes in a second.",
  ),
  "log.cleaner.dedupe.buffer.size": long(134_217_728).clusterWide(
    "How many bytes the log cleaner may use for the keys that it has seen.",
  ),
  "log.initial.task.delay.ms": long(30000, atLeast(0)).readOnly(
    "How long after the start the first search for segments to delete or flush begins, in milliseconds.",
  ).internal(),
  "min.insync.replicas": int(1, atLeast(1)).clusterWide(
    "How many replicas must have a record before it is acknowledged; a single broker has one, and that is enough.",
  ),
  "producer.id.expiration.ms": int(86_400_000, atLeast(1)).clusterWide(
    "After how many milliseconds without a record a producer id is forgotten.",
  ),
  "producer.id.expiration.check.interval.ms": int(600000, atLeast(1)).readOnly(
    "How often producer ids are searched for those to forget, in milliseconds.",
  ).internal(),
  ...ignored("A single broker keeps one copy of everything.", {
    "default.replication.factor": int(1),
  }),
  ...ignored("The log cleaner works in slices on the one thread of the broker, with buffers of its own size.", {
    "log.cleaner.threads": int(1, atLeast(0)).clusterWide(),
    "log.cleaner.io.buffer.size": int(524288, atLeast(0)).clusterWide(),
    "log.cleaner.io.buffer.load.factor": double(0.9).clusterWide(),
  }),
  ...ignored("Segment files grow as they are written.", {
    "log.preallocate": boolean(false).clusterWide(),
  }),
  ...accepted("Logs are recovered one after the other, each at the speed of the disk.", {
    "num.recovery.threads.per.data.dir": int(2, atLeast(1)).clusterWide(),
  }),
  ...ignored("There is no other broker to tell of a folder that fails.", {
    "log.dir.failure.timeout.ms": long(30000, atLeast(1)),
    "cordoned.log.dirs": list("", anyList).perBroker(),
  }),
});
