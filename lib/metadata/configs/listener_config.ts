/**
 * Configs of one listener: `listener.name.internal.ssl.client.auth` is `ssl.client.auth` for the listener INTERNAL, and
 * `listener.name.internal.plain.sasl.jaas.config` is `sasl.jaas.config` for its mechanism PLAIN alone (KIP-103, KIP-85).
 *
 * @module
 */
import { brokerConfig } from "./broker.ts";
import type { ConfigDefinition } from "./definition.ts";

/** What the name of a config of one listener says. */
export interface ListenerConfig {
  /** The listener's name in small letters. */
  readonly listener: string;
  /** The SASL mechanism in small letters; null for all. */
  readonly mechanism: string | null;
  readonly definition: ConfigDefinition;
}

/** Takes the name of a config apart; null where it is none of a listener, or none that a listener can have. */
export function parseListenerConfig(name: string): ListenerConfig | null {
  const parts = /^listener\.name\.([^.]+)\.(.+)$/.exec(name);
  if (parts === null) return null;
  const [, listener, rest] = parts;
  const ofAll = ownConfig(rest);
  if (ofAll !== undefined) return { listener, mechanism: null, definition: ofAll };
  const [, mechanism, config] = /^([^.]+)\.(.+)$/.exec(rest) ?? [];
  const ofMechanism = config === undefined ? undefined : ownConfig(config);
  return ofMechanism === undefined ? null : { listener, mechanism, definition: ofMechanism };
}

/** The names under which a config is looked for, the one that wins first. */
export function listenerConfigNames(listener: string, mechanism: string | null, name: string): string[] {
  const prefix = `listener.name.${listener.toLowerCase()}.`;
  return [
    ...(mechanism === null ? [] : [`${prefix}${mechanism.toLowerCase()}.${name}`]),
    `${prefix}${name}`,
    // Apache Kafka knows the login of a mechanism by its listener alone.
    ...(name === "sasl.jaas.config" ? [] : [name]),
  ];
}

/** The config of the broker of that name, or of one of its listeners. */
export function brokerOrListenerConfig(name: string): ConfigDefinition | undefined {
  return brokerConfig(name) ?? parseListenerConfig(name)?.definition;
}

/** Begins the names of the configs that a listener can have for itself. */
const OWN_CONFIGS = /^(ssl|sasl|connections?|max\.connections?|principal\.builder|num\.network)\./;

function ownConfig(name: string): ConfigDefinition | undefined {
  return OWN_CONFIGS.test(name) || name === "max.connections" ? brokerConfig(name) : undefined;
}
