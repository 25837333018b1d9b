/**
 * How a config is defined: its type, its default and what else is known of it. A table of configs is an object whose keys
 * are the names, so that a misspelt name does not compile and a value has the type that its definition says.
 *
 * ```ts
 * import { atLeast, oneOf } from "./check.ts";
 * import { defineConfigs, int, string } from "./definition.ts";
 *
 * const CONFIGS = defineConfigs({
 *   "num.partitions": int(1, atLeast(1)).readOnly("Partitions of a topic whose creator does not say how many."),
 *   "compression.type": string("producer", oneOf("producer", "gzip")).clusterWide("How batches are compressed."),
 * });
 * CONFIGS["num.partitions"].parse(" 3 "); // 3
 * CONFIGS["num.partitions"].complaint("0");
 * // "Invalid value 0 for configuration num.partitions: Value must be at least 1"
 * ```
 *
 * @module
 */
import type { Check } from "./check.ts";
import { type ConfigType, type ConfigValue, formatValue, InvalidConfigError, parseValue } from "./value.ts";

/** Who may change a broker's config while it runs (KIP-226): nobody, that broker alone, or the cluster as a whole too. */
export type UpdateMode = "read-only" | "per-broker" | "cluster-wide";

/** What setting a config does here. */
export type ConfigMeaning =
  /** What it does in Apache Kafka. */
  | "used"
  /** Nothing, and nothing is said: it tunes machinery that this broker does not have, and common files contain it. */
  | "accepted"
  /** Nothing, with a warning that says why. */
  | "ignored"
  /** The broker does not start, because it would not do what its owner relies on. */
  | "unsupported";

/** What is known of a config beyond its type, its default and its check. */
interface ConfigFacts {
  readonly name: string;
  readonly updateMode: UpdateMode;
  /** One sentence for a person. */
  readonly documentation: string;
  /** True for what is listed only where it is set. */
  readonly isInternal: boolean;
  readonly meaning: ConfigMeaning;
  /** Why setting it does nothing, as a sentence. */
  readonly reason: string;
  /** The configs of the broker that stand in where a topic or a group does not set this one; the first that is set wins. */
  readonly brokerSynonyms: readonly string[];
}

const NO_SYNONYMS: readonly string[] = [];

/**
 * One config, and the TypeScript type `T` of its values. Its table completes it, by the methods that return the definition
 * itself; after that it does not change. (Hundreds are made at every start: copies would take milliseconds.)
 */
export class ConfigDefinition<T extends ConfigValue = ConfigValue> implements ConfigFacts {
  readonly name: string = "";
  readonly updateMode: UpdateMode = "read-only";
  readonly documentation: string = "";
  readonly isInternal: boolean = false;
  readonly meaning: ConfigMeaning = "used";
  readonly reason: string = "";
  readonly brokerSynonyms: readonly string[] = NO_SYNONYMS;
  readonly type: ConfigType;
  /** The default as text; null where it has none. */
  readonly defaultText: string | null;
  /** What a value must satisfy beyond its type. */
  readonly check: Check | null;
  #defaultValue: T | undefined;

  constructor(type: ConfigType, defaultText: string | null, check: Check | null = null) {
    this.type = type;
    this.defaultText = defaultText;
    this.check = check;
  }

  /** True for secrets, which are never shown. */
  get isSensitive(): boolean {
    return this.type === "password";
  }

  /** The value of the default. */
  get defaultValue(): T {
    if (this.#defaultValue === undefined) {
      const value = this.defaultText === null ? null : parseValue(this.name, this.type, this.defaultText);
      this.#defaultValue = value as T;
    }
    return this.#defaultValue;
  }

  /**
   * The value that `text` stands for. A `long` beyond 2^53 is rounded: such values only say "never" or "no limit".
   *
   * @throws {InvalidConfigError} where it is not of the type, or not allowed; the message is that of Apache Kafka.
   */
  parse(text: string): NonNullable<T> {
    let value = parseValue(this.name, this.type, text);
    if (this.check?.isSet && Array.isArray(value)) value = [...new Set(value)];
    const complaint = this.check?.complaint(this.name, value, formatValue(this.type, value, text));
    if (complaint) throw new InvalidConfigError(complaint);
    return value as NonNullable<T>;
  }

  /** What is wrong with `text`, or null. */
  complaint(text: string): string | null {
    try {
      this.parse(text);
      return null;
    } catch (error) {
      if (error instanceof InvalidConfigError) return error.message;
      throw error;
    }
  }

  /** The text that stands for the same value in the form in which Apache Kafka prints it: without signs and spaces that mean nothing. */
  canonical(text: string): string {
    return formatValue(this.type, this.parse(text), text);
  }

  /** Only a restart changes it. */
  readOnly(documentation: string): this {
    return this.with({ documentation });
  }

  /** It can be changed for one broker while that runs. */
  perBroker(documentation = ""): this {
    return this.with({ updateMode: "per-broker", documentation });
  }

  /** It can be changed for the whole cluster while that runs. */
  clusterWide(documentation = ""): this {
    return this.with({ updateMode: "cluster-wide", documentation });
  }

  /** It belongs to a topic or a group. */
  documented(documentation: string): this {
    return this.with({ documentation });
  }

  /** Where it is not set, these configs of the broker decide, the first that is set. */
  orBroker(...brokerSynonyms: string[]): this {
    return this.with({ brokerSynonyms });
  }

  /** It is not listed unless it is set. */
  internal(): this {
    return this.with({ isInternal: true });
  }

  /** Completes the definition. */
  with(facts: Partial<ConfigFacts>): this {
    return Object.assign(this, facts);
  }

  /** A definition of the same config with another default. */
  defaultingTo(defaultText: string): ConfigDefinition<NonNullable<T>> {
    const { name, updateMode, documentation, isInternal, meaning, reason, brokerSynonyms } = this;
    return new ConfigDefinition<NonNullable<T>>(this.type, defaultText, this.check)
      .with({ name, updateMode, documentation, isInternal, meaning, reason, brokerSynonyms });
  }
}

/** The greatest `int`, which stands for "no limit". */
export const INT_MAX = 2_147_483_647;
/** The greatest `long`, which stands for "never" or "no limit". */
export const LONG_MAX = 9_223_372_036_854_775_807n;

/** Configs by name. */
export type Configs = Readonly<Record<string, ConfigDefinition>>;

/** The type of a config's values. */
export type ValueOf<D> = D extends ConfigDefinition<infer T> ? T : never;

// The type of a default decides that of the values: one that can be null gives values that can be.
type Valued<D, T> = D extends null ? T | null : T;

export function boolean(defaultValue: boolean): ConfigDefinition<boolean> {
  return new ConfigDefinition("boolean", String(defaultValue));
}

export function int<D extends number | null>(defaultValue: D, check?: Check): ConfigDefinition<Valued<D, number>> {
  return new ConfigDefinition("int", textOf(defaultValue), check);
}

export function short(defaultValue: number, check?: Check): ConfigDefinition<number> {
  return new ConfigDefinition("short", String(defaultValue), check);
}

export function long<D extends number | bigint | null>(
  defaultValue: D,
  check?: Check,
): ConfigDefinition<Valued<D, number>> {
  return new ConfigDefinition("long", textOf(defaultValue), check);
}

export function double(defaultValue: number, check?: Check): ConfigDefinition<number> {
  return new ConfigDefinition("double", formatValue("double", defaultValue), check);
}

export function string<D extends string | null>(defaultValue: D, check?: Check): ConfigDefinition<Valued<D, string>> {
  return new ConfigDefinition("string", defaultValue, check);
}

/** A comma-separated list; its default is text too. */
export function list<D extends string | null>(
  defaultValue: D,
  check?: Check,
): ConfigDefinition<Valued<D, readonly string[]>> {
  return new ConfigDefinition("list", defaultValue, check);
}

/** A secret. */
export function password(): ConfigDefinition<string | null> {
  return new ConfigDefinition("password", null);
}

/** The name of a Java class, of which there are none here. */
export function javaClass(defaultValue: string | null): ConfigDefinition<string | null> {
  return new ConfigDefinition("class", defaultValue);
}

/** Gives each definition of a table its name. */
export function defineConfigs<C extends Configs>(configs: C): C {
  for (const name of Object.keys(configs)) configs[name].with({ name });
  return configs;
}

/** Configs that do nothing here, and of which nothing is said. */
export function accepted<C extends Configs>(reason: string, configs: C): C {
  return withMeaning("accepted", reason, configs);
}

/** Configs that do nothing here; setting one gives a warning with the reason. */
export function ignored<C extends Configs>(reason: string, configs: C): C {
  return withMeaning("ignored", reason, configs);
}

/** Configs on which an owner relies; setting one is an error with the reason. */
export function unsupported<C extends Configs>(reason: string, configs: C): C {
  return withMeaning("unsupported", reason, configs);
}

function withMeaning<C extends Configs>(meaning: ConfigMeaning, reason: string, configs: C): C {
  for (const definition of Object.values(configs)) {
    definition.with({ meaning, reason, documentation: definition.documentation || reason });
  }
  return configs;
}

function textOf(value: number | bigint | null): string | null {
  return value === null ? null : String(value);
}
