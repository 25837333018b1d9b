/**
 * The broker configs of listeners, connections, requests and quotas.
 *
 * @module
 */
import { anyList, atLeast, nonEmptyList } from "./check.ts";
import { accepted, defineConfigs, ignored, int, INT_MAX, list, long, string } from "./definition.ts";

/** Configs of what comes in and goes out. */
export const BROKER_NETWORK_CONFIGS = defineConfigs({
  "listeners": list("PLAINTEXT://:9092", nonEmptyList).perBroker(
    "Where the broker listens, as NAME://HOST:PORT entries; an empty host means every interface, and port 0 any free port.",
  ),
  "advertised.listeners": list(null, nonEmptyList).readOnly(
    "The address that clients are told, for each listener; where there is none, a client is told the one that it connected to.",
  ),
  "listener.security.protocol.map": string(
    "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
  ).perBroker("The security protocol of each listener, as NAME:PROTOCOL entries."),
  "socket.request.max.bytes": int(104_857_600, atLeast(1)).readOnly(
    "The largest request, in bytes; a connection that announces a larger one is closed.",
  ),
  "queued.max.request.bytes": long(-1).readOnly(
    "How many bytes of requests may be in progress, over all connections, before no more are read; answers that clients do not read yet may have as many before fetches get one batch each.",
  ),
  "connections.max.idle.ms": long(600000).readOnly(
    "After how many milliseconds a connection is closed that sends no request, or does not read its answer; below 0 for never.",
  ),
  "max.connections": int(INT_MAX, atLeast(0)).clusterWide("How many connections may be open at a time."),
  "max.connections.per.ip": int(INT_MAX, atLeast(0)).clusterWide(
    "How many connections may be open at a time from one address.",
  ),
  "max.connections.per.ip.overrides": string("").clusterWide(
    "What holds in the place of max.connections.per.ip for some addresses, as ADDRESS:COUNT entries.",
  ),
  "max.connection.creation.rate": int(INT_MAX, atLeast(0)).clusterWide(
    "How many connections may come per second, for a listener too; those beyond it wait until they are accepted.",
  ),
  "fetch.max.bytes": int(57_671_680, atLeast(1024)).readOnly(
    "How many bytes of records one fetch response carries; a first batch that is larger is sent all the same.",
  ),
  "max.incremental.fetch.session.cache.slots": int(1000, atLeast(0)).readOnly(
    "How many incremental fetch sessions (KIP-227) are remembered.",
  ),
  "max.request.partition.size.limit": int(2000, atLeast(1)).readOnly(
    "How many partitions one DescribeTopicPartitions response lists.",
  ),
  "telemetry.max.bytes": int(1_048_576, atLeast(1)).readOnly(
    "The largest batch of its own metrics that a client may send (KIP-714), in bytes.",
  ),
  "quota.window.num": int(11, atLeast(1)).readOnly(
    "Over how many windows of time the use of a client quota is averaged.",
  ),
  "quota.window.size.seconds": int(1, atLeast(1)).readOnly("How long a window of a client quota is, in seconds."),
  "controller.quota.window.num": int(11, atLeast(1)).readOnly(
    "Over how many windows of time the use of a quota on changes of metadata is averaged.",
  ),
  "controller.quota.window.size.seconds": int(1, atLeast(1)).readOnly(
    "How long a window of a quota on changes of metadata is, in seconds.",
  ),
  ...accepted("One thread serves all connections, and the operating system sizes their buffers.", {
    "num.network.threads": int(3, atLeast(1)).clusterWide(),
    "num.io.threads": int(8, atLeast(1)).clusterWide(),
    "background.threads": int(10, atLeast(1)).clusterWide(),
    "socket.send.buffer.bytes": int(102400),
    "socket.receive.buffer.bytes": int(102400),
  }),
  ...ignored("Requests in progress are bounded by queued.max.request.bytes, whatever their number.", {
    "queued.max.requests": int(500, atLeast(1)),
  }),
  ...ignored("The operating system decides how many connections wait to be accepted.", {
    "socket.listen.backlog.size": int(50, atLeast(1)),
  }),
  ...ignored("Requests that wait are dropped when they are done, without purgatories to purge.", {
    "producer.purgatory.purge.interval.requests": int(1000),
    "fetch.purgatory.purge.interval.requests": int(1000),
    "delete.records.purgatory.purge.interval.requests": int(1),
    "share.fetch.purgatory.purge.interval.requests": int(1000),
  }),
  ...ignored("The broker is no client of other brokers.", {
    "request.timeout.ms": int(30000),
    "socket.connection.setup.timeout.ms": long(10000),
    "socket.connection.setup.timeout.max.ms": long(30000),
  }),
  ...accepted("All listeners are open before the broker counts as started.", {
    "early.start.listeners": list(null, anyList),
  }),
});
