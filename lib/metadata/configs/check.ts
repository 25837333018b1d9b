/**
 * What the value of a config must satisfy beyond its type. The wording of the complaints is that of Apache Kafka, because
 * clients show it, and some look for it.
 *
 * @module
 */
import { DURATION } from "./duration.ts";
import { type ConfigValue, invalidValue } from "./value.ts";

/** A condition on the values of a config. */
export interface Check {
  /** The condition as Apache Kafka writes it in its list of configs, such as `[0,...]`. */
  readonly description: string;
  /** True for lists that are sets: what is there twice counts once (KIP-1161). */
  readonly isSet?: boolean;
  /** What is wrong with the value of the config `name`, as a whole message, or null. `text` is the value as it is printed. */
  complaint(name: string, value: ConfigValue, text: string): string | null;
}

/** A number that is not below `least`. */
export function atLeast(least: number): Check {
  return {
    description: `[${least},...]`,
    complaint: (name, value, text) => belowLeast(name, value, text, least),
  };
}

/** A number from `least` to `most`, both included. */
export function between(least: number, most: number): Check {
  return {
    description: `[${least},...,${most}]`,
    complaint: (name, value, text) =>
      belowLeast(name, value, text, least) ??
        ((value as number) > most ? invalidValue(name, text, `Value must be no more than ${most}`) : null),
  };
}

/** A host and a port as in `127.0.0.1:9404` or `[::1]:9404`, or nothing. */
export const hostAndPort: Check = {
  description: "host:port",
  complaint: (name, value, text) =>
    value === "" || parseHostAndPort(text) !== null
      ? null
      : invalidValue(name, text, "It must be a host and a port, such as 127.0.0.1:9404"),
};

/** Takes `host:port` apart; null where it is none. An IPv6 address stands in brackets. */
export function parseHostAndPort(text: string): { host: string; port: number } | null {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return digits !== undefined && port <= 65535 ? { host: ipv6 ?? name, port } : null;
}

/** The levels of gzip, of which -1 is its default. */
export const gzipLevel: Check = {
  description: "[1,...,9] or -1",
  complaint: (name, value) =>
    value === -1 || ((value as number) >= 1 && (value as number) <= 9)
      ? null
      : invalidValue(name, value, "Value must be between 1 and 9 or equal to -1"),
};

/** One of these words. */
export function oneOf(...words: string[]): Check {
  return { description: `[${words.join(", ")}]`, complaint: (name, value) => notOneOf(name, value, words) };
}

/** One of these words, in whatever case. */
export function oneOfIgnoringCase(...words: string[]): Check {
  const list = words.join(", ");
  return {
    description: `(case insensitive) [${list}]`,
    complaint: (name, value) =>
      words.includes((value as string).toUpperCase())
        ? null
        : invalidValue(name, value, `String must be one of (case insensitive): ${list}`),
  };
}

/** Text of one character or more. */
export const nonEmpty: Check = {
  description: "non-empty string",
  complaint: (name, value) => value === "" ? invalidValue(name, value, "String must be non-empty") : null,
};

/** Any text: a value that is there is never null here. */
export const nonNull: Check = { description: "non-null string", complaint: () => null };

/** A list of anything, possibly of nothing. */
export const anyList: Check = listOf([], { mayBeEmpty: true });

/** A list of anything, but not of nothing. */
export const nonEmptyList: Check = listOf([], { mayBeEmpty: false });

/** A list of these words. */
export function listOf(words: readonly string[], { mayBeEmpty }: { mayBeEmpty: boolean }): Check {
  const description = words.length === 0 ? "" : `[${words.join(", ")}]`;
  return {
    description,
    isSet: true,
    complaint: (name, value) => {
      const list = value as readonly string[];
      if (list.length === 0 && !mayBeEmpty) {
        const valid = description || "any non-empty value";
        return `Configuration '${name}' must not be empty. Valid values include: ${valid}`;
      }
      const wrong = list.find((word) => word === "" || (words.length > 0 && !words.includes(word)));
      if (wrong === "") return `Configuration '${name}' values must not be empty.`;
      return wrong === undefined ? null : notOneOf(name, wrong, words);
    },
  };
}

/** The voters of a controller quorum, `{id}@{host}:{port}` each. */
export const quorumVoters: Check = {
  description: "non-empty list",
  complaint: (name, value) =>
    (value as readonly string[]).every((voter) => /^\d+@[^@]+:\d+$/.test(voter))
      ? null
      : `Invalid configuration value for ${name}. Each entry should be in the form \`{id}@{host}:{port}\`.`,
};

/** The addresses of controllers, `{host}:{port}` each. */
export const quorumServers: Check = {
  description: "non-empty list",
  complaint: (name, value) => {
    const wrong = (value as readonly string[]).find((server) => !/^.+:\d+$/.test(server));
    return wrong === undefined ? null : `Failed to parse host name from ${wrong} for the configuration ${name}. ` +
      'Each entry should be in the form "{host}:{port}"';
  },
};

const REPLICA_FORMAT = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";

/** `*` for all replicas, or a list of them. */
export const throttledReplicas: Check = {
  description: REPLICA_FORMAT,
  complaint: (name, value) => {
    const replicas = value as readonly string[];
    const isValid = replicas.every((replica) => replica === "*") ||
      replicas.every((replica) => /^(\d+:\d+)?$/.test(replica));
    const reason = `${name} must be the literal '*' or a list of replicas in the following format: ${REPLICA_FORMAT}`;
    return isValid ? null : invalidValue(name, `[${replicas.join(", ")}]`, reason);
  },
};

/** Where a share group starts to read (KIP-932). */
export const shareOffsetReset: Check = {
  description: "[latest, earliest, by_duration:PnDTnHnMn.nS]",
  complaint: (name, value) => {
    const text = value as string;
    const duration = text.startsWith("by_duration:") ? text.slice("by_duration:".length) : null;
    if (text === "latest" || text === "earliest") return null;
    if (duration !== null && DURATION.test(duration) && !duration.includes("-")) return null;
    return invalidValue(
      name,
      text,
      `Invalid value \`${text}\` for configuration ${name}. The value must be either 'earliest', 'latest' or of the ` +
        "format 'by_duration:<PnDTnHnMn.nS>'.",
    );
  },
};

function belowLeast(name: string, value: ConfigValue, text: string, least: number): string | null {
  return (value as number) < least ? invalidValue(name, text, `Value must be at least ${least}`) : null;
}

function notOneOf(name: string, value: ConfigValue, words: readonly string[]): string | null {
  if (words.includes(value as string)) return null;
  return invalidValue(name, value, `String must be one of: ${words.join(", ")}`);
}
