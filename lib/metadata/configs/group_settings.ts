/**
 * The settings of a group: its own where it has some, the broker's else, always within the bounds that the broker sets.
 *
 * @module
 */
import type { BrokerConfigName } from "./broker.ts";
import type { ConfigDefinition, ValueOf } from "./definition.ts";
import { GROUP_CONFIGS } from "./group.ts";
import type { BrokerSettings, ConfigTexts } from "./settings.ts";
import { SettingsError } from "./settings_error.ts";

/** The name of a config of a group. */
export type GroupConfigName = keyof typeof GROUP_CONFIGS;

/** A config of a group that the broker bounds; null where it does not. */
interface GroupRange {
  readonly name: GroupConfigName;
  readonly broker: BrokerConfigName;
  readonly least: BrokerConfigName | null;
  readonly most: BrokerConfigName | null;
}

const GROUP_RANGES: readonly GroupRange[] = [
  bounded("consumer", "heartbeat.interval.ms"),
  bounded("consumer", "session.timeout.ms"),
  bounded("consumer", "assignment.interval.ms"),
  bounded("share", "heartbeat.interval.ms"),
  bounded("share", "session.timeout.ms"),
  bounded("share", "record.lock.duration.ms"),
  bounded("share", "delivery.count.limit"),
  bounded("share", "partition.max.record.locks"),
  bounded("share", "assignment.interval.ms"),
  bounded("streams", "heartbeat.interval.ms"),
  bounded("streams", "session.timeout.ms"),
  {
    name: "streams.num.standby.replicas",
    broker: "group.streams.num.standby.replicas",
    least: null,
    most: "group.streams.max.standby.replicas",
  },
  bounded("streams", "assignment.interval.ms"),
];

/**
 * What is wrong with the configs of a group, in the words of Apache Kafka, or null.
 *
 * @param texts what is to be set, all of it
 */
export function validateGroupConfigs(texts: ConfigTexts, broker: BrokerSettings): string | null {
  for (const name of texts.keys()) {
    if (!Object.hasOwn(GROUP_CONFIGS, name)) return `Unknown group config name: ${name}`;
  }
  for (const [name, definition] of Object.entries(GROUP_CONFIGS)) {
    const text = texts.get(name);
    const complaint = text === undefined ? null : definition.complaint(text);
    if (complaint !== null) return complaint;
  }
  return outOfRange(texts, broker) ?? timeoutsInDisorder(texts, broker);
}

/** The value of a config of a group whose own configs are `texts`, brought into the bounds that the broker sets. */
export function groupConfig<N extends GroupConfigName>(
  name: N,
  texts: ConfigTexts,
  broker: BrokerSettings,
): ValueOf<(typeof GROUP_CONFIGS)[N]> {
  const definition = GROUP_CONFIGS[name] as ConfigDefinition;
  const value = definition.parse(groupConfigText(definition, texts, broker)!);
  const range = GROUP_RANGES.find((candidate) => candidate.name === name);
  const bounded = range === undefined ? value : clamp(value as number, range, broker);
  return bounded as ValueOf<(typeof GROUP_CONFIGS)[N]>;
}

/** What a config of a group is set to, by itself or by the broker, in the text that Apache Kafka would print. */
export function groupConfigText(
  definition: ConfigDefinition,
  texts: ConfigTexts,
  broker: BrokerSettings,
): string | null {
  const text = texts.get(definition.name);
  if (text !== undefined) return definition.canonical(text);
  const [synonym] = definition.brokerSynonyms as BrokerConfigName[];
  return synonym === undefined ? definition.defaultText : broker.text(synonym);
}

/** @throws {SettingsError} where the broker's defaults for groups lie outside its own bounds for them. */
export function checkGroupRanges(broker: BrokerSettings): void {
  for (const range of GROUP_RANGES) {
    const value = broker.get(range.broker) as number;
    if (clamp(value, range, broker) === value) continue;
    const bounds = [range.least, range.most].filter((name) => name !== null)
      .map((name) => `${name}, which is ${broker.get(name)}`);
    throw new SettingsError(range.broker, `is ${value}: it must lie within ${bounds.join(", and ")}`);
  }
}

function bounded(kind: "consumer" | "share" | "streams", config: string): GroupRange {
  return {
    name: `${kind}.${config}` as GroupConfigName,
    broker: `group.${kind}.${config}` as BrokerConfigName,
    least: `group.${kind}.min.${config}` as BrokerConfigName,
    most: `group.${kind}.max.${config}` as BrokerConfigName,
  };
}

function clamp(value: number, { least, most }: GroupRange, broker: BrokerSettings): number {
  const atLeast = least === null ? value : Math.max(value, broker.get(least) as number);
  return most === null ? atLeast : Math.min(atLeast, broker.get(most) as number);
}

function outOfRange(texts: ConfigTexts, broker: BrokerSettings): string | null {
  for (const { name, least, most } of GROUP_RANGES) {
    const text = texts.get(name);
    if (text === undefined) continue;
    const value = GROUP_CONFIGS[name].parse(text) as number;
    if (least !== null && value < (broker.get(least) as number)) {
      return `${name} must be greater than or equal to ${least}`;
    }
    if (most !== null && value > (broker.get(most) as number)) return `${name} must be less than or equal to ${most}`;
  }
  return null;
}

function timeoutsInDisorder(texts: ConfigTexts, broker: BrokerSettings): string | null {
  for (const kind of ["consumer", "share", "streams"] as const) {
    const session = `${kind}.session.timeout.ms` as const;
    const heartbeat = `${kind}.heartbeat.interval.ms` as const;
    if (groupConfig(session, texts, broker) <= groupConfig(heartbeat, texts, broker)) {
      return `${session} must be greater than ${heartbeat}`;
    }
  }
  return null;
}
