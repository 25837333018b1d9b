/**
 * Listeners: the configs `listeners`, `advertised.listeners`, `listener.security.protocol.map` and
 * `inter.broker.listener.name`, read together.
 *
 * @module
 */
import { isSecurityProtocol, SECURITY_PROTOCOLS, type SecurityProtocol } from "../../security/security_protocol.ts";
import { SettingsError } from "./settings_error.ts";

/** One place where the broker listens. */
export interface ListenerSettings {
  /** In capital letters, such as `PLAINTEXT`. */
  readonly name: string;
  readonly securityProtocol: SecurityProtocol;
  /** The host to listen on; `0.0.0.0` for every interface. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** What clients are told; null for the address that the client itself connected to. */
  readonly advertised: AdvertisedAddress | null;
}

/** The address of a listener, as clients are told. */
export interface AdvertisedAddress {
  /** Null for the host that the client connected to. */
  readonly host: string | null;
  readonly port: number;
}

/** The configs that this module reads, as their values. */
export interface ListenerConfigs {
  readonly listeners: readonly string[];
  readonly advertisedListeners: readonly string[] | null;
  readonly securityProtocolMap: string;
  readonly controllerListenerNames: readonly string[];
  readonly interBrokerListenerName: string | null;
}

/**
 * The listeners of the broker. Those of the controller, which Apache Kafka's files have, are left out: a controller in the
 * same process needs none.
 *
 * @throws {SettingsError} where the configs cannot be, or ask for what is not supported.
 */
export function readListeners(configs: ListenerConfigs): readonly ListenerSettings[] {
  const controllers = new Set(configs.controllerListenerNames.map((name) => name.toUpperCase()));
  const endpoints = parseEndpoints("listeners", configs.listeners).filter(({ name }) => !controllers.has(name));
  if (endpoints.length === 0) {
    throw new SettingsError("listeners", "has no listener for clients: all are named in controller.listener.names");
  }
  checkDistinct(endpoints);
  const protocols = parseProtocols(configs.securityProtocolMap);
  checkInterBroker(configs.interBrokerListenerName, endpoints);
  const advertised = parseEndpoints("advertised.listeners", configs.advertisedListeners ?? [])
    .filter(({ name }) => !controllers.has(name));
  checkAdvertised(advertised, endpoints);
  return endpoints.map(({ name, host, port }) => {
    const address = advertised.find((candidate) => candidate.name === name);
    return {
      name,
      securityProtocol: protocolOf(name, protocols.get(name)),
      host: host === "" ? "0.0.0.0" : host,
      port,
      advertised: address === undefined ? null : { host: address.host || null, port: address.port },
    };
  });
}

/**
 * `listeners` with another host or port for the first one that is not the controller's.
 *
 * @returns the changed list, and the name of the listener that changed.
 */
export function moveFirstListener(
  listeners: readonly string[],
  controllerListenerNames: readonly string[],
  address: { readonly host?: string; readonly port?: number },
): { listeners: string[]; name: string | null } {
  const controllers = new Set(controllerListenerNames.map((name) => name.toUpperCase()));
  const endpoints = parseEndpoints("listeners", listeners);
  const first = endpoints.findIndex(({ name }) => !controllers.has(name));
  if (first === -1) return { listeners: [...listeners], name: null };
  const { name, host, port } = endpoints[first];
  const moved = formatEndpoint({ name, host: address.host ?? host, port: address.port ?? port });
  return { listeners: listeners.map((text, index) => index === first ? moved : text), name };
}

/** The entries of `advertised.listeners` but that of one listener. */
export function withoutListener(advertisedListeners: readonly string[], name: string): string[] {
  return advertisedListeners.filter((text) => !text.toUpperCase().startsWith(`${name}://`));
}

/** Whether nobody on another machine can reach a host. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

interface Endpoint {
  readonly name: string;
  /** "" where it is left out. */
  readonly host: string;
  readonly port: number;
}

const MAX_PORT = 65535;

function parseEndpoints(config: string, texts: readonly string[]): Endpoint[] {
  return texts.map((text) => {
    const parts = /^([^:/]+):\/\/(?:\[([^\]]*)\]|([^:[\]]*)):(\d+)$/.exec(text.trim());
    const port = Number(parts?.[4]);
    if (parts === null || port > MAX_PORT) {
      throw new SettingsError(config, `has "${text}", expected NAME://HOST:PORT such as PLAINTEXT://localhost:9092`);
    }
    return { name: parts[1].trim().toUpperCase(), host: parts[2] ?? parts[3], port };
  });
}

function formatEndpoint({ name, host, port }: Endpoint): string {
  return `${name}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function checkDistinct(endpoints: readonly Endpoint[]): void {
  const seen = new Set<string>();
  for (const { name, host, port } of endpoints) {
    if (seen.has(name)) throw new SettingsError("listeners", `has two listeners with the name ${name}`);
    const address = `${host}:${port}`;
    if (port !== 0 && seen.has(address)) {
      throw new SettingsError("listeners", `has two listeners on the same address ${address}`);
    }
    seen.add(name).add(address);
  }
}

function parseProtocols(map: string): Map<string, string> {
  const protocols = new Map<string, string>();
  for (const entry of map.split(",").map((text) => text.trim()).filter((text) => text !== "")) {
    const parts = /^([^:]+):([^:]+)$/.exec(entry);
    if (parts === null) {
      throw new SettingsError(
        "listener.security.protocol.map",
        `has "${entry}", expected NAME:PROTOCOL such as PLAINTEXT:PLAINTEXT`,
      );
    }
    protocols.set(parts[1].trim().toUpperCase(), parts[2].trim().toUpperCase());
  }
  return protocols;
}

function protocolOf(listener: string, protocol: string | undefined): SecurityProtocol {
  const names = Object.keys(SECURITY_PROTOCOLS);
  if (protocol === undefined) {
    throw new SettingsError(
      "listeners",
      `has the listener ${listener}, whose security protocol is not known: add ${listener}:PLAINTEXT to ` +
        `listener.security.protocol.map, or ${names.slice(1).join(", ")} in the place of PLAINTEXT`,
    );
  }
  if (isSecurityProtocol(protocol)) return protocol;
  throw new SettingsError(
    "listener.security.protocol.map",
    `has the security protocol ${protocol} for ${listener}, expected ${names.join(", ")}`,
  );
}

/** Nobody comes by it here, and the same file must be good for a cluster of Apache Kafka. */
function checkInterBroker(name: string | null, endpoints: readonly Endpoint[]): void {
  if (name === null || endpoints.some((endpoint) => endpoint.name === name.toUpperCase())) return;
  throw new SettingsError(
    "inter.broker.listener.name",
    `is ${name}, which is not in listeners: expected ${endpoints.map((endpoint) => endpoint.name).join(" or ")}`,
  );
}

function checkAdvertised(advertised: readonly Endpoint[], endpoints: readonly Endpoint[]): void {
  const names = endpoints.map(({ name }) => name);
  for (const { name, host } of advertised) {
    if (!names.includes(name)) {
      throw new SettingsError(
        "advertised.listeners",
        `has the listener ${name}, which is not in listeners: expected ${names.join(" or ")}`,
      );
    }
    if (host === "0.0.0.0" || host === "::") {
      throw new SettingsError("advertised.listeners", `has the address ${host}, which no client can connect to`);
    }
  }
}
