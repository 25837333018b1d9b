/**
 * From what people write to the settings of a broker: a file in the way of Apache Kafka, environment variables in the way of
 * its image, flags. What comes later wins.
 *
 * @module
 */
import { BROKER_CONFIGS, type BrokerConfigName } from "./broker.ts";
import { settingsInEnvironment } from "./environment.ts";
import { brokerOrListenerConfig } from "./listener_config.ts";
import { moveFirstListener, withoutListener } from "./listeners.ts";
import { nearest } from "./nearest.ts";
import { parseProperties, PropertiesError } from "./properties.ts";
import { BrokerSettings } from "./settings.ts";
import { SettingsError } from "./settings_error.ts";
import { TOPIC_CONFIGS } from "./topic.ts";

/** What people have written. */
export interface SettingsSources {
  /** A `.properties` file; its path is for messages. */
  readonly file?: { readonly path: string; readonly text: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: SettingsFlags;
}

/** The settings that have a short way to say them, and all others. */
export interface SettingsFlags {
  /** Of the first listener. */
  readonly host?: string;
  /** Of the first listener; 0 for any free port. */
  readonly port?: number;
  readonly dataDir?: string;
  readonly nodeId?: number;
  readonly set?: Readonly<Record<string, string>>;
}

/** Settings, and what their author should know. */
export interface LoadedSettings {
  readonly settings: BrokerSettings;
  /** One line each. */
  readonly warnings: readonly string[];
}

/**
 * Brings the sources together.
 *
 * @throws {SettingsError} where the broker cannot start with them; its message has a line for each problem and says where it is.
 */
export function loadSettings(sources: SettingsSources): LoadedSettings {
  const kept: Setting[] = [];
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const setting of allSettings(sources)) {
    const verdict = judge(setting);
    if (verdict.problem !== undefined) problems.push(`${setting.origin}: ${verdict.problem}`);
    if (verdict.warning !== undefined) warnings.push(`${setting.origin}: ${verdict.warning}`);
    if (verdict.isKept) kept.push(setting);
  }
  if (problems.length > 0) throw new SettingsError("", problems.join("\n"));
  return { settings: buildSettings(merge(kept), sources.flags ?? {}), warnings };
}

type Source = "file" | "environment" | "flags";

/** One thing that somebody set, and where: `server.properties:12`, `KAFKA_LISTENERS`, `--set`. */
interface Setting {
  readonly name: string;
  readonly value: string;
  readonly source: Source;
  readonly origin: string;
}

function allSettings({ file, environment, flags }: SettingsSources): Setting[] {
  return [
    ...(file === undefined ? [] : settingsInFile(file.path, file.text)),
    ...settingsInEnvironment(environment ?? {}).map(({ name, value, variable }): Setting => ({
      name,
      value,
      source: "environment",
      origin: variable,
    })),
    ...settingsInFlags(flags ?? {}),
  ];
}

function settingsInFile(path: string, text: string): Setting[] {
  try {
    return parseProperties(text).map(({ name, value, line }) => ({
      name,
      value,
      source: "file",
      origin: `${path}:${line}`,
    }));
  } catch (error) {
    if (error instanceof PropertiesError) throw new SettingsError("", `${path}:${error.line}: ${error.message}`);
    throw error;
  }
}

function settingsInFlags({ set, dataDir, nodeId }: SettingsFlags): Setting[] {
  const flag = (name: string, value: string, origin: string): Setting => ({ name, value, source: "flags", origin });
  return [
    ...Object.entries(set ?? {}).map(([name, value]) => flag(name, value, "--set")),
    ...(dataDir === undefined ? [] : [flag("log.dirs", dataDir, "--data-dir")]),
    ...(nodeId === undefined ? [] : [flag("node.id", String(nodeId), "--node-id")]),
  ];
}

/** What becomes of a setting, and what is to be said of it. */
interface Verdict {
  readonly isKept: boolean;
  readonly problem?: string;
  readonly warning?: string;
}

function judge(setting: Setting): Verdict {
  const definition = brokerOrListenerConfig(setting.name);
  if (definition === undefined) return judgeUnknown(setting);
  const complaint = definition.complaint(setting.value);
  if (complaint !== null) return { isKept: false, problem: complaint };
  const saysNothing = definition.meaning === "used" || definition.meaning === "accepted" ||
    definition.canonical(setting.value) === definition.defaultText;
  if (saysNothing) return { isKept: true };
  if (definition.meaning === "ignored") {
    return { isKept: true, warning: `${setting.name} has no effect. ${definition.reason}` };
  }
  return { isKept: false, problem: `${setting.name} cannot be set to ${setting.value}. ${definition.reason}` };
}

/** Names that begin so are read by plug-ins of Apache Kafka, or by other products on its base. */
const FOREIGN = /^(rsm\.config|rlmm\.config|config\.providers|confluent)(\.|$)/;
/** Names that Apache Kafka 4.0 has dropped. */
const RETIRED =
  /^(zookeeper\..+|broker\.id\.generation\.enable|reserved\.broker\.max\.id|inter\.broker\.protocol\.version|log\.message\.format\.version|log\.message\.downconversion\.enable|log\.message\.timestamp\.difference\.max\.ms|control\.plane\.listener\.name|password\.encoder\..+|offsets\.commit\.required\.acks|delegation\.token\.master\.key|group\.coordinator\.new\.enable|eligible\.leader\.replicas\.enable)$/;
const OF_ONE_LISTENER = /^listener\.name\.[^.]+\.(?:.+\.)?/;

function judgeUnknown({ name, source }: Setting): Verdict {
  if (FOREIGN.test(name)) return { isKept: false, warning: `${name} has no effect: nothing here reads it` };
  if (RETIRED.test(name)) {
    return { isKept: false, warning: `${name} has no effect: Apache Kafka itself has dropped it in version 4.0` };
  }
  if (OF_ONE_LISTENER.test(name) && Object.keys(BROKER_CONFIGS).some((known) => name.endsWith(`.${known}`))) {
    return { isKept: false, warning: `${name} has no effect: a listener cannot have it for itself` };
  }
  const meant = meantBy(name);
  // Variables of other programs begin with KAFKA_ too.
  if (source === "environment") {
    return meant === null
      ? { isKept: false }
      : { isKept: false, warning: `is not used. Did you mean ${variable(meant)}?` };
  }
  const hint = meant === null ? "" : `. Did you mean "${meant}"?`;
  return { isKept: false, problem: `unknown setting "${name}"${hint}` };
}

function meantBy(name: string): string | null {
  if (Object.hasOwn(TOPIC_CONFIGS, name)) {
    const [synonym] = TOPIC_CONFIGS[name as keyof typeof TOPIC_CONFIGS].brokerSynonyms;
    if (synonym !== undefined) return synonym;
  }
  return nearest(name, Object.keys(BROKER_CONFIGS));
}

/** Settings that say the same thing in different ways. */
const ALTERNATIVES: readonly (readonly BrokerConfigName[])[] = [
  ["log.dirs", "log.dir"],
  ["node.id", "broker.id"],
  ["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
  ["log.roll.ms", "log.roll.hours"],
  ["log.roll.jitter.ms", "log.roll.jitter.hours"],
];

/** The last word on each setting. It also silences what an earlier source has said in another way. */
function merge(settings: readonly Setting[]): Map<string, Setting> {
  const merged = new Map<string, Setting>();
  for (const setting of settings) {
    const alternatives = ALTERNATIVES.find((names) => (names as readonly string[]).includes(setting.name)) ?? [];
    for (const alternative of alternatives) {
      if (merged.get(alternative)?.source !== setting.source) merged.delete(alternative);
    }
    merged.set(setting.name, setting);
  }
  return merged;
}

function buildSettings(merged: Map<string, Setting>, flags: SettingsFlags): BrokerSettings {
  try {
    applyAddress(merged, flags);
    return new BrokerSettings(new Map([...merged].map(([name, { value }]) => [name, value])));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const origin = merged.get(error.config)?.origin;
    throw origin === undefined ? error : new SettingsError("", `${origin}: ${error.message}`);
  }
}

/**
 * Moves the first listener to another host or port, and forgets what was advertised for it, which would lead to the old one, unless it
 * was said by a flag, too.
 */
function applyAddress(merged: Map<string, Setting>, { host, port }: SettingsFlags): void {
  if (host === undefined && port === undefined) return;
  const valuesOf = (name: "listeners" | "advertised.listeners" | "controller.listener.names") => {
    const text = merged.get(name)?.value;
    return text === undefined ? BROKER_CONFIGS[name].defaultValue ?? [] : BROKER_CONFIGS[name].parse(text);
  };
  const moved = moveFirstListener(valuesOf("listeners"), valuesOf("controller.listener.names"), { host, port });
  const origin = port === undefined ? "--host" : "--port";
  const set = (name: string, value: string) => merged.set(name, { name, value, source: "flags", origin });
  set("listeners", moved.listeners.join(","));
  const advertisedBy = merged.get("advertised.listeners")?.source;
  if (moved.name === null || advertisedBy === undefined || advertisedBy === "flags") return;
  const advertised = withoutListener(valuesOf("advertised.listeners"), moved.name);
  if (advertised.length === 0) merged.delete("advertised.listeners");
  else set("advertised.listeners", advertised.join(","));
}

/** The environment variable of a setting. */
function variable(name: string): string {
  const underscores: Record<string, string> = { ".": "_", "_": "__", "-": "___" };
  return `KAFKA_${name.replace(/[._-]/g, (sign) => underscores[sign]).toUpperCase()}`;
}
