/**
 * The settings of a topic: its own where it has some, the broker's else.
 *
 * @module
 */
import type { LogConfig } from "../../log/partition_log.ts";
import type { BrokerConfigName } from "./broker.ts";
import type { ConfigDefinition, ValueOf } from "./definition.ts";
import type { BrokerSettings, ConfigTexts } from "./settings.ts";
import { TOPIC_CONFIGS } from "./topic.ts";

/** The name of a config of a topic. */
export type TopicConfigName = keyof typeof TOPIC_CONFIGS;

/** What is wrong with one config of a topic, in the words of Apache Kafka, or null. */
export function validateTopicConfig(name: string, text: string): string | null {
  const definition = topicConfigDefinition(name);
  return definition === undefined ? unknownName(name) : definition.complaint(text);
}

/**
 * What is wrong with the configs of a topic, taken together, in the words of Apache Kafka, or null.
 *
 * @param texts what is to be set, all of it
 */
export function validateTopicConfigs(texts: ConfigTexts, broker: BrokerSettings): string | null {
  for (const name of texts.keys()) {
    if (topicConfigDefinition(name) === undefined) return unknownName(name);
  }
  for (const [name, text] of texts) {
    const complaint = validateTopicConfig(name, text);
    if (complaint !== null) return complaint;
  }
  return contradiction(texts, broker);
}

/** The value of a config of a topic whose own configs are `texts`. */
export function topicConfig<N extends TopicConfigName>(
  name: N,
  texts: ConfigTexts,
  broker: BrokerSettings,
): ValueOf<(typeof TOPIC_CONFIGS)[N]> {
  const definition = TOPIC_CONFIGS[name] as ConfigDefinition;
  const text = topicConfigText(definition, texts, broker);
  return (text === null ? null : definition.parse(text)) as ValueOf<(typeof TOPIC_CONFIGS)[N]>;
}

/** As {@linkcode topicConfig}, in the text that Apache Kafka would print. */
export function topicConfigText(
  definition: ConfigDefinition,
  texts: ConfigTexts,
  broker: BrokerSettings,
): string | null {
  const text = texts.get(definition.name);
  if (text !== undefined) return definition.canonical(text);
  for (const synonym of definition.brokerSynonyms) {
    const fromBroker = broker.text(synonym as BrokerConfigName);
    if (fromBroker !== null) return inMilliseconds(synonym, fromBroker);
  }
  return definition.defaultText;
}

/** What the log of a partition obeys, whose topic's own configs are `texts`. */
export function logConfigFor(texts: ConfigTexts, broker: BrokerSettings): LogConfig {
  const get = <N extends TopicConfigName>(name: N) => topicConfig(name, texts, broker);
  const compressionType = get("compression.type") as LogConfig["compressionType"];
  return {
    segmentBytes: get("internal.segment.bytes") ?? get("segment.bytes"),
    segmentMs: get("segment.ms"),
    segmentJitterMs: get("segment.jitter.ms"),
    segmentIndexBytes: get("segment.index.bytes"),
    indexIntervalBytes: get("index.interval.bytes"),
    maxMessageBytes: get("max.message.bytes"),
    retentionBytes: get("retention.bytes"),
    retentionMs: get("retention.ms"),
    cleanupPolicy: new Set(get("cleanup.policy") as ("delete" | "compact")[]),
    minCleanableDirtyRatio: get("min.cleanable.dirty.ratio"),
    minCompactionLagMs: get("min.compaction.lag.ms"),
    maxCompactionLagMs: get("max.compaction.lag.ms"),
    deleteRetentionMs: get("delete.retention.ms"),
    compressionType,
    compressionLevel: hasLevel(compressionType) ? get(`compression.${compressionType}.level`) : undefined,
    messageTimestampType: get("message.timestamp.type") as LogConfig["messageTimestampType"],
    messageTimestampBeforeMaxMs: get("message.timestamp.before.max.ms"),
    messageTimestampAfterMaxMs: get("message.timestamp.after.max.ms"),
    flushMessages: get("flush.messages"),
    flushMs: get("flush.ms"),
    fileDeleteDelayMs: get("file.delete.delay.ms"),
  };
}

function topicConfigDefinition(name: string): ConfigDefinition | undefined {
  return Object.hasOwn(TOPIC_CONFIGS, name) ? TOPIC_CONFIGS[name as TopicConfigName] : undefined;
}

function unknownName(name: string): string {
  return `Unknown topic config name: ${name}`;
}

function contradiction(texts: ConfigTexts, broker: BrokerSettings): string | null {
  const least = topicConfig("min.compaction.lag.ms", texts, broker);
  const most = topicConfig("max.compaction.lag.ms", texts, broker);
  if (least > most) {
    return `conflict topic config setting min.compaction.lag.ms (${least}) > max.compaction.lag.ms (${most})`;
  }
  if (topicConfig("remote.storage.enable", texts, broker)) {
    return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.";
  }
  return null;
}

const MILLISECONDS_IN: Readonly<Record<string, number>> = {
  "log.retention.minutes": 60_000,
  "log.retention.hours": 3_600_000,
  "log.roll.hours": 3_600_000,
  "log.roll.jitter.hours": 3_600_000,
};

/** The broker has some times in other units than its topics, and any negative one means no limit. */
function inMilliseconds(name: string, text: string): string {
  const unit = MILLISECONDS_IN[name];
  if (unit === undefined && name !== "log.retention.ms") return text;
  return text.startsWith("-") ? "-1" : unit === undefined ? text : String(BigInt(text) * BigInt(unit));
}

function hasLevel(compressionType: string): compressionType is "gzip" | "lz4" | "zstd" {
  return compressionType === "gzip" || compressionType === "lz4" || compressionType === "zstd";
}
