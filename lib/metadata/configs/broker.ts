/**
 * Every config of the broker: those of Apache Kafka by theme, Barnabas's own, and where its defaults differ.
 *
 * @module
 */
import { BROKER_CLUSTER_CONFIGS } from "./broker_cluster.ts";
import { BROKER_GROUP_CONFIGS } from "./broker_group.ts";
import { BROKER_LOG_CONFIGS } from "./broker_log.ts";
import { BROKER_NETWORK_CONFIGS } from "./broker_network.ts";
import { BROKER_REMOTE_CONFIGS } from "./broker_remote.ts";
import { BROKER_SECURITY_CONFIGS } from "./broker_security.ts";
import { BROKER_TRANSACTION_CONFIGS } from "./broker_transaction.ts";
import { LOG_LEVELS } from "../../logging/mod.ts";
import { hostAndPort, oneOf } from "./check.ts";
import { boolean, type ConfigDefinition, defineConfigs, list, string, type ValueOf } from "./definition.ts";
import { logLevels } from "./log_settings.ts";

/** The configs of Apache Kafka's broker, with its defaults. */
export const KAFKA_BROKER_CONFIGS = {
  ...BROKER_CLUSTER_CONFIGS,
  ...BROKER_NETWORK_CONFIGS,
  ...BROKER_LOG_CONFIGS,
  ...BROKER_GROUP_CONFIGS,
  ...BROKER_TRANSACTION_CONFIGS,
  ...BROKER_REMOTE_CONFIGS,
  ...BROKER_SECURITY_CONFIGS,
};

/** The configs that only Barnabas has. */
export const BARNABAS_CONFIGS = defineConfigs({
  "barnabas.flush.on.ack": boolean(true).readOnly(
    "Whether records are on the disk before they are acknowledged; false leaves them to the page cache, as Apache Kafka does.",
  ),
  "barnabas.log.format": string("text", oneOf("text", "json")).readOnly(
    "How the broker's log is written on standard error: as text, or as a JSON object a line.",
  ),
  "barnabas.log.level": string("INFO", oneOf(...LOG_LEVELS)).readOnly(
    "From which level on the log tells of what the broker does, when it starts.",
  ),
  "barnabas.log.level.overrides": list("", logLevels).readOnly(
    "The areas of the log that start with another level, as AREA=LEVEL entries such as kafka.network=DEBUG.",
  ),
  "barnabas.metrics.listener": string("", hostAndPort).readOnly(
    "Where metrics for Prometheus are served over HTTP, such as 127.0.0.1:9404; empty for nowhere.",
  ),
});

/** The configs that Apache Kafka's authorizer reads: its list of the broker's lacks them. */
const AUTHORIZER_CONFIGS = defineConfigs({
  "super.users": string("").readOnly("Who may do everything, as TYPE:NAME entries with semicolons between them.")
    .internal(),
  "allow.everyone.if.no.acl.found": boolean(false).readOnly(
    "Whether everybody may do what no access control list speaks of.",
  ).internal(),
});

/** Where one broker on one machine wants another default than the brokers of a cluster. */
export const OWN_DEFAULTS: Readonly<Partial<Record<keyof typeof KAFKA_BROKER_CONFIGS, string>>> = {
  // Nobody else on the network is let in unless somebody says so.
  "listeners": "PLAINTEXT://127.0.0.1:9092",
  // Where it was started, in sight: not in /tmp, which is emptied.
  "log.dir": "barnabas-data",
  "process.roles": "broker,controller",
  "controller.listener.names": "CONTROLLER",
  // Bounded memory under any load. It must exceed socket.request.max.bytes.
  "queued.max.request.bytes": "134217728",
  // A developer's consumer should not wait three seconds for others that never come.
  "group.initial.rebalance.delay.ms": "0",
  "group.streams.initial.rebalance.delay.ms": "0",
  // One broker can keep one copy.
  "offsets.topic.replication.factor": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
  // There are no Java classes to load.
  "metric.reporters": "",
};

/** Every config of the broker, by name. */
export const BROKER_CONFIGS = { ...withOwnDefaults(KAFKA_BROKER_CONFIGS), ...AUTHORIZER_CONFIGS, ...BARNABAS_CONFIGS };

/** The name of a config of the broker. */
export type BrokerConfigName = keyof typeof BROKER_CONFIGS;

/** The type of the values of the config `N` of the broker. */
export type BrokerConfigValue<N extends BrokerConfigName> = ValueOf<(typeof BROKER_CONFIGS)[N]>;

/** The config of the broker that has that name, or undefined. */
export function brokerConfig(name: string): ConfigDefinition | undefined {
  return Object.hasOwn(BROKER_CONFIGS, name) ? BROKER_CONFIGS[name as BrokerConfigName] : undefined;
}

function withOwnDefaults<C extends Record<string, ConfigDefinition>>(configs: C): C {
  const changed = Object.entries(OWN_DEFAULTS).map(([name, text]) => [name, configs[name].defaultingTo(text)]);
  return { ...configs, ...Object.fromEntries(changed) };
}
