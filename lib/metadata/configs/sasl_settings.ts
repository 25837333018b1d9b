/**
 * SASL of a listener: the configs `sasl.…`, read together.
 *
 * @module
 */
import { type JaasEntry, parseJaas } from "../../security/sasl/jaas.ts";
import { type PlainUsers, plainUsers } from "../../security/sasl/plain.ts";
import { SCRAM_MECHANISMS, type ScramMechanism } from "../../security/sasl/scram.ts";
import type { TokenRules } from "../../security/sasl/token_check.ts";
import { isLoopback, type ListenerSettings } from "./listeners.ts";
import type { BrokerSettings } from "./settings.ts";
import { SettingsError } from "./settings_error.ts";

/** A mechanism that a listener has, and what it needs. */
export type SaslMechanism =
  & {
    readonly name: string;
    /** After how long a client must authenticate anew; 0 for never. */
    readonly maxReauthMs: number;
  }
  & (
    | { readonly kind: "plain"; readonly users: PlainUsers }
    | { readonly kind: "scram"; readonly scram: ScramMechanism }
    | { readonly kind: "oauthbearer"; readonly rules: TokenRules }
  );

/** How the clients of a listener authenticate. */
export interface SaslSettings {
  /** One or more. */
  readonly mechanisms: readonly SaslMechanism[];
  /** The most bytes of a request before that. */
  readonly maxReceiveBytes: number;
  /** How long the news of a failure is held back. */
  readonly failureDelayMs: number;
}

/**
 * The SASL of a listener whose security protocol is SASL_PLAINTEXT or SASL_SSL.
 *
 * @throws {SettingsError} where something is missing, or not supported.
 */
export function readSaslSettings(settings: BrokerSettings, listener: ListenerSettings): SaslSettings {
  const names = settings.getFor(listener.name, "sasl.enabled.mechanisms");
  if (names.length === 0) throw new SettingsError("sasl.enabled.mechanisms", `is empty for ${listener.name}`);
  return {
    mechanisms: names.map((name) => ({
      name,
      maxReauthMs: settings.getFor(listener.name, "connections.max.reauth.ms", name),
      ...readMechanism(name, settings, listener),
    })),
    maxReceiveBytes: settings.getFor(listener.name, "sasl.server.max.receive.size"),
    failureDelayMs: settings.get("connection.failed.authentication.delay.ms"),
  };
}

type Specific<M> = M extends unknown ? Omit<M, "name" | "maxReauthMs"> : never;

function readMechanism(name: string, settings: BrokerSettings, listener: ListenerSettings): Specific<SaslMechanism> {
  const jaas = readJaas(name, settings, listener);
  checkCallbackHandler(name, settings, listener);
  const scram = SCRAM_MECHANISMS.find((mechanism) => mechanism.name === name);
  if (scram !== undefined) return { kind: "scram", scram };
  if (name === "PLAIN") return { kind: "plain", users: plainUsersOf(jaas, listener) };
  if (name === "OAUTHBEARER") return { kind: "oauthbearer", rules: readTokenRules(jaas, settings, listener) };
  throw new SettingsError(
    "sasl.enabled.mechanisms",
    `has ${name} for the listener ${listener.name}, which is not supported: use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or ` +
      "OAUTHBEARER",
  );
}

/** Apache Kafka wants an entry for every mechanism; here only the mechanisms do that have something to say in it. */
function readJaas(mechanism: string, settings: BrokerSettings, { name }: ListenerSettings): JaasEntry | null {
  const text = settings.getFor(name, "sasl.jaas.config", mechanism);
  if (text === null) return null;
  try {
    return parseJaas(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SettingsError(jaasConfig(name, mechanism), `cannot be read: ${error.message}`);
  }
}

function jaasConfig(listener: string, mechanism: string): string {
  return `listener.name.${listener.toLowerCase()}.${mechanism.toLowerCase()}.sasl.jaas.config`;
}

function plainUsersOf(jaas: JaasEntry | null, { name }: ListenerSettings): PlainUsers {
  const users = plainUsers(jaas?.options ?? new Map());
  if (users.size > 0) return users;
  throw new SettingsError(
    jaas === null ? "sasl.enabled.mechanisms" : jaasConfig(name, "PLAIN"),
    `names no user for PLAIN at the listener ${name}: set ${jaasConfig(name, "PLAIN")} to ` +
      'org.apache.kafka.common.security.plain.PlainLoginModule required user_NAME="PASSWORD";',
  );
}

const OWN_HANDLERS =
  /^org\.apache\.kafka\.common\.security\.(plain\.internals\.PlainServerCallbackHandler|scram\.internals\.ScramServerCallbackHandler|oauthbearer\..*OAuthBearer(Unsecured)?ValidatorCallbackHandler)$/;

function checkCallbackHandler(mechanism: string, settings: BrokerSettings, { name }: ListenerSettings): void {
  const handler = settings.getFor(name, "sasl.server.callback.handler.class", mechanism);
  if (handler === null || OWN_HANDLERS.test(handler)) return;
  throw new SettingsError(
    "sasl.server.callback.handler.class",
    `is ${handler} for ${mechanism} at the listener ${name}: there are no Java classes to load`,
  );
}

function readTokenRules(jaas: JaasEntry | null, settings: BrokerSettings, listener: ListenerSettings): TokenRules {
  const { name, host } = listener;
  const option = (key: string) => jaas?.options.get(`unsecuredValidator${key}`)?.trim() || null;
  const keysUrl = settings.getFor(name, "sasl.oauthbearer.jwks.endpoint.url", "OAUTHBEARER");
  if (keysUrl === null) {
    if (!isLoopback(host)) {
      throw new SettingsError(
        "sasl.oauthbearer.jwks.endpoint.url",
        `is not set for the listener ${name} on ${host}: tokens that nobody has signed are taken on loopback alone`,
      );
    }
    return {
      keysUrl: null,
      keysAuthoritiesPath: null,
      maxKeyAgeMs: 0,
      issuer: null,
      audience: [],
      clockSkewSeconds: Number(option("AllowableClockSkewMs") ?? 0) / 1000,
      nameClaim: option("PrincipalClaimName") ?? "sub",
      scopeClaim: option("ScopeClaimName") ?? "scope",
      requiredScope: option("RequiredScope")?.split(/\s+/) ?? [],
    };
  }
  if (!/^(https?|file):/.test(keysUrl)) {
    throw new SettingsError(
      "sasl.oauthbearer.jwks.endpoint.url",
      `is ${keysUrl}, expected a URL of https, http or file`,
    );
  }
  const get = <N extends Parameters<BrokerSettings["getFor"]>[1]>(config: N) =>
    settings.getFor(name, config, "OAUTHBEARER");
  return {
    keysUrl,
    keysAuthoritiesPath: readKeysAuthorities(jaas, listener),
    maxKeyAgeMs: get("sasl.oauthbearer.jwks.endpoint.refresh.ms"),
    issuer: get("sasl.oauthbearer.expected.issuer"),
    audience: get("sasl.oauthbearer.expected.audience"),
    clockSkewSeconds: get("sasl.oauthbearer.clock.skew.seconds"),
    nameClaim: get("sasl.oauthbearer.sub.claim.name"),
    scopeClaim: get("sasl.oauthbearer.scope.claim.name"),
    requiredScope: [],
  };
}

/** As in Apache Kafka, how the server of keys is believed stands among the options of the login module. */
function readKeysAuthorities(jaas: JaasEntry | null, { name }: ListenerSettings): string | null {
  const path = jaas?.options.get("ssl.truststore.location")?.trim() || null;
  const type = jaas?.options.get("ssl.truststore.type")?.trim() ?? "JKS";
  if (path === null || type === "PEM") return path;
  throw new SettingsError(
    jaasConfig(name, "OAUTHBEARER"),
    `has an ssl.truststore.location of the type ${type}, and PEM is the one that is supported. Convert it: ` +
      `keytool -list -rfc -keystore ${path} > ${path.replace(/\.\w+$/, "")}.pem, then set ssl.truststore.type="PEM"`,
  );
}
