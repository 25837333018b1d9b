/**
 * The places where a broker listens, and who comes in by each.
 *
 * @module
 */
import { type BrokerServices, decodeCall } from "../api/mod.ts";
import { apiVersionsApi } from "../api/handlers/api_versions.ts";
import {
  type BrokerSettings,
  isLoopback,
  type ListenerSettings,
  readSaslSettings,
  readTlsSettings,
  type SaslMechanism,
} from "../metadata/configs/mod.ts";
import type { Clock, Hashes, Listener, Logger, Network, Random, Transport, WebTokens } from "../ports.ts";
import { ANONYMOUS, parsePrincipalMapping, user, usesSasl, usesTls } from "../security/mod.ts";
import type { SaslExchange } from "../security/sasl/exchange.ts";
import { OAuthBearerExchange } from "../security/sasl/oauth_bearer.ts";
import { PlainExchange } from "../security/sasl/plain.ts";
import { ScramExchange } from "../security/sasl/scram.ts";
import { tokenCheck } from "../security/sasl/token_check.ts";
import type { Admission } from "./connection.ts";
import { SaslGate } from "./sasl_gate.ts";

/** A place where the broker listens. */
export interface OpenListener {
  readonly name: string;
  readonly listener: Listener;
  /** Who the client of a new connection is; null where it is to be turned away. */
  admit(transport: Transport): Admission | null;
}

/** What {@linkcode openListeners} needs. */
export interface ListenerPorts {
  readonly network: Network;
  readonly logger: Logger;
  /** Told who was turned away. */
  readonly auditLogger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly hashes: Hashes;
  readonly webTokens: WebTokens;
}

/** The length of the secret that makes the salts of users that are not there. */
const SECRET_BYTES = 32;

/**
 * Opens all listeners, in the order of the settings, and says of each that lets everybody in that it does.
 *
 * @param current tells the settings of the broker at the time of the call
 * @param opened is told of each at once, so that it can be closed where a later one cannot be had
 * @throws {NetworkError} where an address cannot be had, or a certificate not be used
 */
export async function openListeners(
  current: () => BrokerSettings,
  ports: ListenerPorts,
  opened: (listener: Listener) => void,
): Promise<OpenListener[]> {
  const { network, logger } = ports;
  const open: OpenListener[] = [];
  for (const settings of current().listeners) {
    const { name, host, port, securityProtocol } = settings;
    const tls = usesTls(securityProtocol) ? () => readTlsSettings(current(), name) : undefined;
    const listener = await network.listen({ host, port }, (line) => logger.warn(line), tls);
    opened(listener);
    const complaint = opennessOf(settings, current());
    if (complaint !== null) logger.warn(complaint);
    const admit = usesSasl(securityProtocol)
      ? admissionBySasl(settings, current, ports)
      : admissionByCertificate(settings, current(), ports.auditLogger);
    open.push({ name, listener, admit });
  }
  return open;
}

/** Lets everybody in as far as the gate. */
function admissionBySasl(
  listener: ListenerSettings,
  current: () => BrokerSettings,
  ports: ListenerPorts,
): (transport: Transport) => Admission {
  const secret = ports.random.fill(new Uint8Array(SECRET_BYTES));
  // Settings change seldom, and reading these takes a while.
  let known = { of: current(), sasl: readSaslSettings(current(), listener) };
  const admission: Admission = {
    listenerName: listener.name,
    principal: ANONYMOUS,
    newGate(connection, services) {
      if (known.of !== current()) known = { of: current(), sasl: readSaslSettings(current(), listener) };
      return new SaslGate({
        settings: known.sasl,
        newExchange: (mechanism) => newExchange(mechanism, ports, services, secret),
        answerApiVersions: async (frame) => (await decodeCall(frame, services, connection, false).start())!,
        hasApiVersions: (version) => apiVersionsApi.request.hasVersion(version),
        now: () => ports.clock.now(),
      });
    },
  };
  return () => admission;
}

function newExchange(
  mechanism: SaslMechanism,
  ports: ListenerPorts,
  { metadata, delegationTokens }: BrokerServices,
  secret: Uint8Array,
): SaslExchange {
  switch (mechanism.kind) {
    case "plain":
      return new PlainExchange(mechanism.users, ports);
    case "scram": {
      const { scram } = mechanism;
      const credentials = metadata.image.security.scramCredentials.get(scram.type);
      return new ScramExchange(scram, {
        ...ports,
        secret,
        credential: (name) => credentials?.get(name),
        delegationToken: (id) => delegationTokens.scramToken(id),
      });
    }
    case "oauthbearer":
      return new OAuthBearerExchange(tokenCheck(mechanism.rules, ports));
  }
}

/** Lets everybody in, as who the certificate says that was asked for, if any was. */
function admissionByCertificate(
  { name }: ListenerSettings,
  settings: BrokerSettings,
  logger: Logger,
): (transport: Transport) => Admission | null {
  const everybody: Admission = { listenerName: name, principal: ANONYMOUS };
  const nameOf = parsePrincipalMapping(settings.getFor(name, "ssl.principal.mapping.rules"));
  return ({ peerName, remote }) => {
    if (peerName === null || peerName === undefined) return everybody;
    const principalName = nameOf(peerName);
    if (principalName !== null) return { listenerName: name, principal: user(principalName) };
    logger.warn(
      `Connection of ${remote.host}:${remote.port} refused: none of ssl.principal.mapping.rules fits ${peerName}`,
    );
    return null;
  };
}

/** What to say of a listener that lets in everybody who reaches it, from other machines too; null of others. */
function opennessOf({ name, host, port, securityProtocol }: ListenerSettings, settings: BrokerSettings): string | null {
  const authenticates = usesSasl(securityProtocol) ||
    (usesTls(securityProtocol) && settings.getFor(name, "ssl.client.auth") === "required");
  if (authenticates || isLoopback(host)) return null;
  return `The listener ${name} on ${host}:${port} lets in everybody who can reach it: it is ${securityProtocol}, without ` +
    "authentication. On a network that is not yours alone, use SASL_SSL, or SSL with ssl.client.auth=required";
}
