/**
 * The broker configs of the node, of its metadata log, and of the cluster that Barnabas is not.
 *
 * @module
 */
import { anyList, atLeast, listOf, nonEmptyList, oneOf, quorumServers, quorumVoters } from "./check.ts";
import {
  accepted,
  boolean,
  defineConfigs,
  ignored,
  int,
  javaClass,
  list,
  long,
  LONG_MAX,
  string,
} from "./definition.ts";

/** Configs of the node, the controller and replication. */
export const BROKER_CLUSTER_CONFIGS = defineConfigs({
  "node.id": int(null, atLeast(0)).readOnly(
    "The number of this node; where it is not set, the one that the data folder has.",
  ),
  "broker.id": int(-1).readOnly("An older name of node.id."),
  "broker.rack": string(null).readOnly("The rack of this broker, which clients are told."),
  "metadata.log.dir": string(null).readOnly(
    "The folder that holds the metadata log; the first of log.dirs where it is not set.",
  ),
  "metadata.log.segment.bytes": int(1_073_741_824, atLeast(8388608)).readOnly(
    "The size in bytes at which the metadata log goes on in a new segment file.",
  ),
  "metadata.log.segment.ms": long(604_800_000).readOnly(
    "The age in milliseconds at which the metadata log goes on in a new segment file.",
  ),
  "metadata.log.max.record.bytes.between.snapshots": long(20_971_520, atLeast(1)).readOnly(
    "After how many bytes of records a snapshot of the metadata is written.",
  ),
  "metadata.log.max.snapshot.interval.ms": long(3_600_000, atLeast(0)).readOnly(
    "After how many milliseconds a snapshot of the metadata is written, where there is something new; 0 for never.",
  ),
  "metadata.max.retention.bytes": long(104_857_600).readOnly(
    "How many bytes the metadata log and its snapshots may take before the oldest are deleted.",
  ),
  "metadata.max.retention.ms": long(604_800_000).readOnly(
    "After how many milliseconds a segment or snapshot of the metadata log is deleted.",
  ),
  "inter.broker.listener.name": string(null).readOnly(
    "The listener by which brokers would talk to each other; it must be one of listeners.",
  ),
  "unstable.api.versions.enable": boolean(false).readOnly("Whether versions of APIs that are not final yet are spoken.")
    .internal(),
  "unstable.feature.versions.enable": boolean(false).readOnly(
    "Whether feature levels that are not final yet may be set.",
  ).internal(),
  ...accepted("Barnabas is broker and controller in one process, and always its own and only voter.", {
    "process.roles": list(null, listOf(["broker", "controller"], { mayBeEmpty: false })),
    "controller.listener.names": list(null, nonEmptyList),
    "controller.quorum.voters": list("", quorumVoters),
    "controller.quorum.bootstrap.servers": list("", quorumServers),
    "controller.quorum.auto.join.enable": boolean(false),
    "controller.quorum.append.linger.ms": int(25, atLeast(0)),
    "controller.quorum.election.backoff.max.ms": int(1000, atLeast(0)),
    "controller.quorum.election.timeout.ms": int(1000, atLeast(0)),
    "controller.quorum.fetch.max.bytes": int(1_048_576, atLeast(1)),
    "controller.quorum.fetch.snapshot.max.bytes": int(1_048_576, atLeast(1)),
    "controller.quorum.fetch.timeout.ms": int(2000, atLeast(0)),
    "controller.quorum.request.timeout.ms": int(2000, atLeast(0)),
    "controller.quorum.retry.backoff.ms": int(20, atLeast(0)),
    "controller.socket.timeout.ms": int(30000),
    "controller.performance.always.log.threshold.ms": long(2000, atLeast(0)).internal(),
    "controller.performance.sample.period.ms": long(60000, atLeast(100)).internal(),
    "security.inter.broker.protocol": string("PLAINTEXT", oneOf("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")),
  }),
  ...ignored("Broker and controller start, live and stop together.", {
    "broker.heartbeat.interval.ms": int(2000),
    "broker.session.timeout.ms": int(9000),
    "initial.broker.registration.timeout.ms": int(60000),
    "controlled.shutdown.enable": boolean(true),
    "server.max.startup.time.ms": long(LONG_MAX, atLeast(0)).internal(),
    "metadata.max.idle.interval.ms": int(500, atLeast(0)),
  }),
  ...ignored("The metadata log has no sizes of its own for tests.", {
    "internal.metadata.delete.delay.millis": long(60000).internal(),
    "internal.metadata.log.segment.bytes": int(null).internal(),
    "internal.metadata.max.batch.size.in.bytes": int(8_388_608).internal(),
  }),
  ...ignored("A single broker has no replicas to fetch, choose or throttle.", {
    "auto.leader.rebalance.enable": boolean(true),
    "leader.imbalance.check.interval.seconds": long(300, atLeast(1)),
    "unclean.leader.election.enable": boolean(false).clusterWide(),
    "unclean.leader.election.interval.ms": long(300000, atLeast(1)).internal(),
    "num.replica.fetchers": int(1, atLeast(1)).clusterWide(),
    "num.replica.alter.log.dirs.threads": int(null),
    "replica.fetch.backoff.ms": int(1000, atLeast(0)),
    "replica.fetch.max.bytes": int(1_048_576, atLeast(0)),
    "replica.fetch.min.bytes": int(1),
    "replica.fetch.response.max.bytes": int(10_485_760, atLeast(0)),
    "replica.fetch.wait.max.ms": int(500),
    "replica.lag.time.max.ms": long(30000),
    "replica.selector.class": string(null),
    "replica.socket.receive.buffer.bytes": int(65536),
    "replica.socket.timeout.ms": int(30000),
    "replication.quota.window.num": int(11, atLeast(1)),
    "replication.quota.window.size.seconds": int(1, atLeast(1)),
    "alter.log.dirs.replication.quota.window.num": int(11, atLeast(1)),
    "alter.log.dirs.replication.quota.window.size.seconds": int(1, atLeast(1)),
    "follower.fetch.last.tiered.offset.enable": boolean(false).clusterWide(),
  }),
  ...ignored("There is no Java here, so no class of it can be loaded.", {
    "alter.config.policy.class.name": javaClass(null),
    "create.topic.policy.class.name": javaClass(null),
    "client.quota.callback.class": javaClass(null),
    "config.providers": list("", anyList).clusterWide(),
  }),
  ...ignored("Metrics are not reported by way of Java.", {
    "metric.reporters": list("org.apache.kafka.common.metrics.JmxReporter", anyList).clusterWide(),
    "metrics.num.samples": int(2, atLeast(1)),
    "metrics.recording.level": string("INFO"),
    "metrics.sample.window.ms": long(30000, atLeast(1)),
    "kafka.metrics.reporters": list("", anyList),
    "kafka.metrics.polling.interval.secs": int(10, atLeast(1)),
  }),
});
