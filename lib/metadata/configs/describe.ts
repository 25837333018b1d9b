/**
 * Configs as DescribeConfigs (KIP-133, KIP-226, KIP-569) shows them: each with its value, where that comes from, and what
 * else could have decided.
 *
 * @module
 */
import { BROKER_CONFIGS, brokerConfig, type BrokerConfigName } from "./broker.ts";
import { CLIENT_METRICS_CONFIGS } from "./client_metrics.ts";
import type { ConfigDefinition, Configs } from "./definition.ts";
import { GROUP_CONFIGS } from "./group.ts";
import { groupConfigText } from "./group_settings.ts";
import type { BrokerSettings, ConfigTexts } from "./settings.ts";
import { TOPIC_CONFIGS } from "./topic.ts";
import { topicConfigText } from "./topic_settings.ts";
import type { ConfigType } from "./value.ts";

/** Where a value comes from, by its number in the protocol. */
export const CONFIG_SOURCE = {
  TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  CLIENT_METRICS_CONFIG: 7,
  GROUP_CONFIG: 8,
} as const;

/** The type of a config, by its number in the protocol. */
export const CONFIG_TYPE: Readonly<Record<ConfigType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
};

/** A value that a config has, or would have if those before it were not set. */
export interface ConfigSynonym {
  readonly name: string;
  /** Null for a secret. */
  readonly value: string | null;
  /** One of {@linkcode CONFIG_SOURCE}. */
  readonly source: number;
}

/** A config, as a client sees it. */
export interface DescribedConfig {
  readonly name: string;
  /** Null for a secret, and for what is not set and has no default. */
  readonly value: string | null;
  /** One of {@linkcode CONFIG_SOURCE}. */
  readonly source: number;
  readonly isReadOnly: boolean;
  readonly isSensitive: boolean;
  /** One of {@linkcode CONFIG_TYPE}. */
  readonly type: number;
  readonly documentation: string;
  /** What decides, then what it overrides. */
  readonly synonyms: readonly ConfigSynonym[];
}

/** The configs of a topic whose own are `texts`, by name. */
export function describeTopicConfigs(texts: ConfigTexts, broker: BrokerSettings): DescribedConfig[] {
  return listed(TOPIC_CONFIGS, texts).map((definition) => {
    const value = topicConfigText(definition, texts, broker);
    const own = ownSynonyms(definition, texts, CONFIG_SOURCE.TOPIC_CONFIG);
    return described(definition, value, [...own, ...fromBroker(definition.brokerSynonyms, broker)]);
  });
}

/** The configs of a group whose own are `texts`, by name. */
export function describeGroupConfigs(texts: ConfigTexts, broker: BrokerSettings): DescribedConfig[] {
  return listed(GROUP_CONFIGS, texts).map((definition) => {
    const value = groupConfigText(definition, texts, broker);
    const own = ownSynonyms(definition, texts, CONFIG_SOURCE.GROUP_CONFIG);
    const others = definition.brokerSynonyms.length > 0
      ? fromBroker(definition.brokerSynonyms, broker)
      : [synonym(definition, definition.defaultText, CONFIG_SOURCE.DEFAULT_CONFIG)];
    return described(definition, value, [...own, ...others]);
  });
}

/** The configs of a subscription to the metrics of clients whose own are `texts`, by name. */
export function describeClientMetricsConfigs(texts: ConfigTexts): DescribedConfig[] {
  return listed(CLIENT_METRICS_CONFIGS, texts).map((definition) => {
    const own = ownSynonyms(definition, texts, CONFIG_SOURCE.CLIENT_METRICS_CONFIG);
    return described(definition, own[0]?.value ?? definition.defaultText, own);
  });
}

/** The configs of the broker, by name. */
export function describeBrokerConfigs(broker: BrokerSettings): DescribedConfig[] {
  const { fixed, dynamic } = broker;
  const set = new Map([...fixed, ...dynamic.cluster, ...dynamic.broker]);
  return listed(BROKER_CONFIGS, set).map((definition) => {
    const text = set.get(definition.name);
    const value = text === undefined ? definition.defaultText : definition.canonical(text);
    const synonyms = inLayers(CHAINS[definition.name] ?? [definition.name], broker);
    // What stands before the config's own name overrides it, but is another config.
    const own = synonyms.findIndex(({ name }) => name === definition.name);
    return described(definition, value, own === -1 ? [] : synonyms.slice(own));
  });
}

/** What was changed for all brokers while they ran, by name. */
export function describeClusterConfigs(broker: BrokerSettings): DescribedConfig[] {
  return listed(BROKER_CONFIGS, broker.dynamic.cluster)
    .filter(({ name }) => broker.dynamic.cluster.has(name))
    .map((definition) => {
      const text = broker.dynamic.cluster.get(definition.name)!;
      const own = synonym(definition, text, CONFIG_SOURCE.DYNAMIC_DEFAULT_BROKER_CONFIG);
      return described(definition, definition.canonical(text), [own]);
    });
}

const RETENTION = ["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
const ROLL = ["log.roll.ms", "log.roll.hours"];
const ROLL_JITTER = ["log.roll.jitter.ms", "log.roll.jitter.hours"];

/** Configs of the broker that are ways to say one thing, the first that is set winning. */
const CHAINS: Readonly<Record<string, readonly string[]>> = {
  "log.retention.ms": RETENTION,
  "log.retention.minutes": RETENTION,
  "log.retention.hours": RETENTION,
  "log.roll.ms": ROLL,
  "log.roll.hours": ROLL,
  "log.roll.jitter.ms": ROLL_JITTER,
  "log.roll.jitter.hours": ROLL_JITTER,
  "log.flush.interval.ms": ["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
};

/** All definitions, sorted, without those that are only listed where they are set. */
function listed(configs: Configs, set: ConfigTexts): ConfigDefinition[] {
  return Object.values(configs)
    .filter(({ name, isInternal }) => !isInternal || set.has(name))
    .sort((one, other) => one.name < other.name ? -1 : 1);
}

function described(
  definition: ConfigDefinition,
  value: string | null,
  synonyms: readonly ConfigSynonym[],
): DescribedConfig {
  return {
    name: definition.name,
    value: definition.isSensitive ? null : value,
    source: synonyms.length > 0 ? synonyms[0].source : CONFIG_SOURCE.DEFAULT_CONFIG,
    isReadOnly: brokerConfig(definition.name) === definition && definition.updateMode === "read-only",
    isSensitive: definition.isSensitive,
    type: CONFIG_TYPE[definition.type],
    documentation: definition.documentation,
    synonyms,
  };
}

function synonym(definition: ConfigDefinition, text: string | null, source: number): ConfigSynonym {
  return { name: definition.name, value: definition.isSensitive ? null : text, source };
}

function ownSynonyms(definition: ConfigDefinition, texts: ConfigTexts, source: number): ConfigSynonym[] {
  const text = texts.get(definition.name);
  return text === undefined ? [] : [synonym(definition, definition.canonical(text), source)];
}

/**
 * What the broker would decide. Where nobody has set anything, and the config that comes first has no default, Apache Kafka
 * shows nothing; where somebody has set one of the others, it shows nothing either, and here that one is shown.
 */
function fromBroker(names: readonly string[], broker: BrokerSettings): ConfigSynonym[] {
  const synonyms = inLayers(names, broker);
  const isDefault = synonyms.every(({ source }) => source === CONFIG_SOURCE.DEFAULT_CONFIG);
  return isDefault && synonyms[0]?.name !== names[0] ? [] : synonyms;
}

/** Every value that the broker has for these configs, in the order in which they decide. */
function inLayers(names: readonly string[], broker: BrokerSettings): ConfigSynonym[] {
  const layers: [ConfigTexts, number][] = [
    [broker.dynamic.broker, CONFIG_SOURCE.DYNAMIC_BROKER_CONFIG],
    [broker.dynamic.cluster, CONFIG_SOURCE.DYNAMIC_DEFAULT_BROKER_CONFIG],
    [broker.fixed, CONFIG_SOURCE.STATIC_BROKER_CONFIG],
  ];
  const definitions = names.map((name) => BROKER_CONFIGS[name as BrokerConfigName]);
  const set = layers.flatMap(([texts, source]) =>
    definitions.flatMap((definition) => {
      const text = texts.get(definition.name);
      return text === undefined ? [] : [synonym(definition, text, source)];
    })
  );
  const defaults = definitions.filter(({ defaultText }) => defaultText !== null)
    .map((definition) => synonym(definition, definition.defaultText, CONFIG_SOURCE.DEFAULT_CONFIG));
  return [...set, ...defaults];
}
