/**
 * The broker configs of tiered storage (KIP-405), which Barnabas does not have.
 *
 * @module
 */
import { atLeast, between, nonEmpty } from "./check.ts";
import { boolean, defineConfigs, double, ignored, int, long, LONG_MAX, string, unsupported } from "./definition.ts";

/** Configs of tiered storage. */
export const BROKER_REMOTE_CONFIGS = defineConfigs({
  ...unsupported("Tiered storage is not supported.", {
    "remote.log.storage.system.enable": boolean(false),
  }),
  ...ignored("There is no tiered storage here.", {
    "log.local.retention.bytes": long(-2, atLeast(-2)).clusterWide(),
    "log.local.retention.ms": long(-2, atLeast(-2)).clusterWide(),
    "remote.fetch.max.wait.ms": int(500, atLeast(1)).clusterWide(),
    "remote.list.offsets.request.timeout.ms": long(30000, atLeast(1)).clusterWide(),
    "remote.log.index.file.cache.total.size.bytes": long(1_073_741_824, atLeast(1)).clusterWide(),
    "remote.log.index.file.cache.ttl.ms": long(900000, atLeast(-1)).internal(),
    "remote.log.manager.copier.thread.pool.size": int(10, atLeast(1)).clusterWide(),
    "remote.log.manager.copy.max.bytes.per.second": long(LONG_MAX, atLeast(1)).clusterWide(),
    "remote.log.manager.copy.quota.window.num": int(11, atLeast(1)),
    "remote.log.manager.copy.quota.window.size.seconds": int(1, atLeast(1)),
    "remote.log.manager.expiration.thread.pool.size": int(10, atLeast(1)).clusterWide(),
    "remote.log.manager.fetch.max.bytes.per.second": long(LONG_MAX, atLeast(1)).clusterWide(),
    "remote.log.manager.fetch.quota.window.num": int(11, atLeast(1)),
    "remote.log.manager.fetch.quota.window.size.seconds": int(1, atLeast(1)),
    "remote.log.manager.follower.thread.pool.size": int(2, atLeast(1)).clusterWide(),
    "remote.log.manager.task.interval.ms": long(30000, atLeast(1)),
    "remote.log.manager.task.retry.backoff.max.ms": long(30000, atLeast(1)).internal(),
    "remote.log.manager.task.retry.backoff.ms": long(500, atLeast(1)).internal(),
    "remote.log.manager.task.retry.jitter": double(0.2, between(0, 0.5)).internal(),
    "remote.log.manager.thread.pool.size": int(2, atLeast(1)),
    "remote.log.metadata.custom.metadata.max.bytes": int(128, atLeast(0)),
    "remote.log.metadata.manager.class.name": string(
      "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
      nonEmpty,
    ),
    "remote.log.metadata.manager.class.path": string(null),
    "remote.log.metadata.manager.impl.prefix": string("rlmm.config.", nonEmpty),
    "remote.log.metadata.manager.listener.name": string(null, nonEmpty),
    "remote.log.reader.max.pending.tasks": int(100, atLeast(1)),
    "remote.log.reader.threads": int(10, atLeast(1)).clusterWide(),
    "remote.log.storage.manager.class.name": string(null, nonEmpty),
    "remote.log.storage.manager.class.path": string(null),
    "remote.log.storage.manager.impl.prefix": string("rsm.config.", nonEmpty),
  }),
});
