/**
 * The settings of a broker: what was set, by whom, and what it comes to.
 *
 * @module
 */
import { parseHostAndPort } from "./check.ts";
import type { AuthorizerSettings } from "../../security/authorizer.ts";
import { usesSasl, usesTls } from "../../security/security_protocol.ts";
import { BROKER_CONFIGS, type BrokerConfigName, type BrokerConfigValue } from "./broker.ts";
import { checkGroupRanges } from "./group_settings.ts";
import { readAuthorizerSettings } from "./authorizer_settings.ts";
import { brokerOrListenerConfig, listenerConfigNames } from "./listener_config.ts";
import { type ListenerSettings, readListeners } from "./listeners.ts";
import { readSaslSettings } from "./sasl_settings.ts";
import type { LogLevel } from "../../ports.ts";
import { type LogFormat, readLogLevels } from "./log_settings.ts";
import { SettingsError } from "./settings_error.ts";
import { readTlsSettings } from "./tls_settings.ts";

/** Texts of configs, by name. */
export type ConfigTexts = ReadonlyMap<string, string>;

/** What was changed while the broker ran, and is kept in the metadata log (KIP-226). */
export interface DynamicBrokerConfigs {
  /** For all brokers. */
  readonly cluster: ConfigTexts;
  /** For this one; it wins. */
  readonly broker: ConfigTexts;
}

const NOTHING: ConfigTexts = new Map();

/**
 * What the broker obeys. Immutable: what changes while it runs makes new settings.
 *
 * ```ts
 * import { BrokerSettings } from "./settings.ts";
 *
 * const settings = new BrokerSettings(new Map([["listeners", "PLAINTEXT://:9092"]]));
 * settings.listeners[0].port; // 9092
 * settings.get("num.partitions"); // 1
 * ```
 */
export class BrokerSettings {
  /** Null where it is not set: that of the data folder, or 1. */
  readonly nodeId: number | null;
  /** One or more. */
  readonly listeners: readonly ListenerSettings[];
  /** The folders of the logs, one or more. */
  readonly logDirs: readonly string[];
  /** The folder of the metadata log. */
  readonly metadataLogDir: string;
  readonly autoCreateTopicsEnable: boolean;
  readonly numPartitions: number;
  readonly socketRequestMaxBytes: number;
  /** At least `socketRequestMaxBytes`; Infinity for no limit. */
  readonly queuedMaxRequestBytes: number;
  /** Infinity for never. */
  readonly connectionsMaxIdleMs: number;
  readonly maxConnections: number;
  readonly fetchMaxBytes: number;
  readonly maxIncrementalFetchSessionCacheSlots: number;
  readonly maxRequestPartitionSizeLimit: number;
  /** Whether an acknowledged record is on the disk. */
  readonly flushOnAck: boolean;
  readonly logFormat: LogFormat;
  /** The levels of the log at the start, by the name of the area, or `root`. */
  readonly logLevels: ReadonlyMap<string, LogLevel>;
  /** Where metrics are served; null for nowhere. */
  readonly metricsListener: { readonly host: string; readonly port: number } | null;
  /** Null where everybody may do everything. */
  readonly authorizer: AuthorizerSettings | null;
  readonly #maxConnectionsByAddress: ReadonlyMap<string, number>;

  /**
   * @param fixed what was set before the start
   * @param dynamic what was changed since
   * @throws {SettingsError} where the settings contradict each other, or one cannot be.
   */
  constructor(
    readonly fixed: ConfigTexts = NOTHING,
    readonly dynamic: DynamicBrokerConfigs = { cluster: NOTHING, broker: NOTHING },
  ) {
    for (const [name, text] of fixed) checkValue(name, text);
    this.nodeId = this.#readNodeId();
    this.listeners = readListeners({
      listeners: this.get("listeners"),
      advertisedListeners: this.get("advertised.listeners"),
      securityProtocolMap: this.get("listener.security.protocol.map"),
      controllerListenerNames: this.controllerListenerNames,
      interBrokerListenerName: this.get("inter.broker.listener.name"),
    });
    this.logDirs = this.get("log.dirs") ?? this.get("log.dir");
    this.metadataLogDir = this.get("metadata.log.dir") ?? this.logDirs[0];
    this.autoCreateTopicsEnable = this.get("auto.create.topics.enable");
    this.numPartitions = this.get("num.partitions");
    this.socketRequestMaxBytes = this.get("socket.request.max.bytes");
    this.queuedMaxRequestBytes = this.#readQueuedMaxRequestBytes();
    this.connectionsMaxIdleMs = unlimitedBelow0(this.get("connections.max.idle.ms"));
    this.maxConnections = this.get("max.connections");
    this.fetchMaxBytes = this.get("fetch.max.bytes");
    this.maxIncrementalFetchSessionCacheSlots = this.get("max.incremental.fetch.session.cache.slots");
    this.maxRequestPartitionSizeLimit = this.get("max.request.partition.size.limit");
    this.flushOnAck = this.get("barnabas.flush.on.ack");
    this.logFormat = this.get("barnabas.log.format") as LogFormat;
    this.logLevels = readLogLevels(this);
    this.metricsListener = parseHostAndPort(this.get("barnabas.metrics.listener"));
    this.authorizer = readAuthorizerSettings(this);
    this.#maxConnectionsByAddress = parseOverrides(this.get("max.connections.per.ip.overrides"));
    this.#checkTimes();
    checkGroupRanges(this);
    for (const listener of this.listeners) {
      if (usesTls(listener.securityProtocol)) readTlsSettings(this, listener.name);
      if (usesSasl(listener.securityProtocol)) readSaslSettings(this, listener);
    }
  }

  /** The value of a config; its default where it is not set, or where setting it does nothing here. */
  get<N extends BrokerConfigName>(name: N): BrokerConfigValue<N> {
    const definition = BROKER_CONFIGS[name];
    const text = definition.meaning === "used" ? this.#textSet(name) : undefined;
    return (text === undefined ? definition.defaultValue : definition.parse(text)) as BrokerConfigValue<N>;
  }

  /**
   * The value of a config for one listener: `listener.name.<listener>.<name>` wins over the config itself, and where a SASL
   * mechanism is given, `listener.name.<listener>.<mechanism>.<name>` over both.
   */
  getFor<N extends BrokerConfigName>(listener: string, name: N, mechanism: string | null = null): BrokerConfigValue<N> {
    const definition = BROKER_CONFIGS[name];
    for (const key of listenerConfigNames(listener, mechanism, name)) {
      const text = definition.meaning === "used" ? this.#textSet(key) : undefined;
      if (text !== undefined) return definition.parse(text) as BrokerConfigValue<N>;
    }
    return definition.defaultValue as BrokerConfigValue<N>;
  }

  /** As {@linkcode get}, in the text that Apache Kafka would print; null for no value. */
  text(name: BrokerConfigName): string | null {
    const definition = BROKER_CONFIGS[name];
    const text = definition.meaning === "used" ? this.#textSet(name) : undefined;
    return text === undefined ? definition.defaultText : definition.canonical(text);
  }

  /** How many connections may be open at a time from `address`. */
  maxConnectionsFrom(address: string): number {
    return this.#maxConnectionsByAddress.get(address) ?? this.get("max.connections.per.ip");
  }

  /** The names of the listeners that are the controller's, and not opened. */
  get controllerListenerNames(): readonly string[] {
    const text = this.#textSet("controller.listener.names");
    return text === undefined ? ["CONTROLLER"] : BROKER_CONFIGS["controller.listener.names"].parse(text);
  }

  /** The same settings with other changes made while the broker runs. */
  withDynamic(dynamic: DynamicBrokerConfigs): BrokerSettings {
    return new BrokerSettings(this.fixed, dynamic);
  }

  #textSet(name: string): string | undefined {
    return this.dynamic.broker.get(name) ?? this.dynamic.cluster.get(name) ?? this.fixed.get(name);
  }

  #readNodeId(): number | null {
    const nodeId = this.get("node.id");
    const brokerId = this.get("broker.id");
    if (brokerId < 0) return nodeId;
    if (nodeId !== null && nodeId !== brokerId) {
      throw new SettingsError("broker.id", `is ${brokerId}, but node.id is ${nodeId}: they are two names of one thing`);
    }
    return brokerId;
  }

  #readQueuedMaxRequestBytes(): number {
    const bytes = this.get("queued.max.request.bytes");
    if (bytes >= this.socketRequestMaxBytes || bytes <= 0) return bytes <= 0 ? Infinity : bytes;
    // The default gives way to requests that are allowed to be larger.
    if (this.#textSet("queued.max.request.bytes") === undefined) return this.socketRequestMaxBytes;
    throw new SettingsError(
      "queued.max.request.bytes",
      `is ${bytes}: it must not be below socket.request.max.bytes, which is ${this.socketRequestMaxBytes}`,
    );
  }

  #checkTimes(): void {
    const rollMs = this.get("log.roll.ms");
    if (rollMs !== null && rollMs < 1) throw new SettingsError("log.roll.ms", `is ${rollMs}: it must be 1 or more`);
    const jitterMs = this.get("log.roll.jitter.ms");
    if (jitterMs !== null && jitterMs < 0) {
      throw new SettingsError("log.roll.jitter.ms", `is ${jitterMs}: it must be 0 or more`);
    }
    for (const name of ["log.retention.ms", "log.retention.minutes", "log.retention.hours"] as const) {
      const value = this.get(name);
      if (value === 0) throw new SettingsError(name, "is 0: it must be 1 or more, or -1 for no limit");
    }
  }
}

function checkValue(name: string, text: string): void {
  const definition = brokerOrListenerConfig(name);
  if (definition === undefined) throw new SettingsError(name, "is no setting of a broker");
  const complaint = definition.complaint(text);
  if (complaint !== null) throw new SettingsError("", complaint);
}

function unlimitedBelow0(value: number): number {
  return value < 0 ? Infinity : value;
}

function parseOverrides(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of text.split(",").map((part) => part.trim()).filter((part) => part !== "")) {
    const parts = /^(.+):(\d+)$/.exec(entry);
    if (parts === null) {
      throw new SettingsError(
        "max.connections.per.ip.overrides",
        `has "${entry}", expected ADDRESS:COUNT such as 127.0.0.1:100`,
      );
    }
    counts.set(parts[1].trim(), Number(parts[2]));
  }
  return counts;
}
