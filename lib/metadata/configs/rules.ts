/**
 * What may be changed while the broker runs: the rules that the metadata asks for before it writes a change down.
 *
 * @module
 */
import type { ConfigRules } from "../config_rules.ts";
import { ConfigResourceType } from "../image/configs_image.ts";
import { BROKER_CONFIGS } from "./broker.ts";
import { CLIENT_METRICS_CONFIGS } from "./client_metrics.ts";
import type { ConfigDefinition, Configs } from "./definition.ts";
import { GROUP_CONFIGS } from "./group.ts";
import { groupConfigText, validateGroupConfigs } from "./group_settings.ts";
import { brokerOrListenerConfig } from "./listener_config.ts";
import type { BrokerSettings, ConfigTexts } from "./settings.ts";
import { SettingsError } from "./settings_error.ts";
import { TOPIC_CONFIGS } from "./topic.ts";
import { topicConfigText, validateTopicConfigs } from "./topic_settings.ts";

const TABLES: Readonly<Record<number, Configs>> = {
  [ConfigResourceType.TOPIC]: TOPIC_CONFIGS,
  [ConfigResourceType.GROUP]: GROUP_CONFIGS,
  [ConfigResourceType.BROKER]: BROKER_CONFIGS,
  [ConfigResourceType.CLIENT_METRICS]: CLIENT_METRICS_CONFIGS,
};

const UNKNOWN_NAME: Readonly<Record<number, string>> = {
  [ConfigResourceType.TOPIC]: "Unknown topic config name",
  [ConfigResourceType.GROUP]: "Unknown group config name",
  [ConfigResourceType.CLIENT_METRICS]: "Unknown client metrics configuration",
};

const NOTHING: ReadonlyMap<string, string> = new Map();

/**
 * The rules of Apache Kafka, in its words.
 *
 * @param settings tells the settings of the broker at the time of the call
 */
export function configRules(settings: () => BrokerSettings): ConfigRules {
  return {
    validateConfig(resourceType, name, value) {
      if (resourceType === ConfigResourceType.BROKER) return brokerComplaint(name, value);
      const definition = find(resourceType, name);
      return definition === undefined ? `${UNKNOWN_NAME[resourceType]}: ${name}` : definition.complaint(value);
    },
    validateConfigs(resourceType, resourceName, configs) {
      if (resourceType === ConfigResourceType.BROKER) return brokerContradiction(resourceName, configs, settings());
      if (resourceType === ConfigResourceType.TOPIC) return validateTopicConfigs(configs, settings());
      if (resourceType === ConfigResourceType.GROUP) return validateGroupConfigs(configs, settings());
      return null;
    },
    isListConfig: (resourceType, name) => find(resourceType, name)?.type === "list",
    defaultConfig(resourceType, name) {
      const definition = find(resourceType, name);
      if (definition === undefined) return null;
      if (resourceType === ConfigResourceType.TOPIC) return topicConfigText(definition, NOTHING, settings());
      if (resourceType === ConfigResourceType.GROUP) return groupConfigText(definition, NOTHING, settings());
      return definition.defaultText;
    },
  };
}

function find(resourceType: number, name: string): ConfigDefinition | undefined {
  if (resourceType === ConfigResourceType.BROKER) return brokerOrListenerConfig(name);
  const table = TABLES[resourceType];
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Names that nobody knows are taken: a plug-in may read them. */
function brokerComplaint(name: string, value: string): string | null {
  const definition = find(ConfigResourceType.BROKER, name);
  if (definition === undefined) return null;
  if (definition.updateMode === "read-only") return `Cannot update these configs dynamically: [${name}]`;
  if (name.startsWith("ssl.")) {
    return `These security configs can be dynamically updated only per-listener using the listener prefix: [${name}]`;
  }
  return definition.complaint(value);
}

/** What is wrong with all that is set for this broker, or for all of them where the name is "". */
function brokerContradiction(resourceName: string, configs: ConfigTexts, broker: BrokerSettings): string | null {
  const isForAll = resourceName === "";
  const perBroker = [...configs.keys()].filter((name) =>
    find(ConfigResourceType.BROKER, name)?.updateMode === "per-broker"
  );
  if (isForAll && perBroker.length > 0) {
    return `Cannot update these configs at default cluster level, broker id must be specified: [${
      perBroker.join(", ")
    }]`;
  }
  try {
    broker.withDynamic({ ...broker.dynamic, [isForAll ? "cluster" : "broker"]: configs });
    return null;
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}
