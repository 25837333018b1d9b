/**
 * Apache Kafka and Barnabas with a listener of each kind, the same certificates, made by `barnabas certs`, and the same
 * user, alice.
 *
 * @module
 */
import { utf8 } from "../../../lib/bytes/mod.ts";
import { certs, LOCAL_HOSTS } from "../../../lib/cli/certs.ts";
import { Broker } from "../../../lib/mod.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../../lib/protocol/messages/alter_user_scram_credentials.ts";
import { runtimeHashes } from "../../../lib/shell/hashes.ts";
import { thisProcess } from "../../../lib/shell/process.ts";
import { freePorts, startApacheKafka } from "./apache_kafka.ts";
import { RawClient } from "./raw_client.ts";

/** Listeners beside the one that lets everybody in, and their protocols. `V6` is on `[::1]`. */
const LISTENERS = {
  SSL: "SSL",
  MUTUAL: "SSL",
  SASL_PLAINTEXT: "SASL_PLAINTEXT",
  SASL_SSL: "SASL_SSL",
  V6: "SASL_SSL",
} as const;

/** The name of a listener. */
export type SecureListener = keyof typeof LISTENERS;

const NAMES = Object.keys(LISTENERS) as SecureListener[];

/** The password of alice. */
export const PASSWORD = "alice-secret";

const MECHANISMS = [{ mechanism: 1, hash: "SHA-256" }, { mechanism: 2, hash: "SHA-512" }] as const;
const ITERATIONS = 4096;

/** A broker, and where its listeners are. */
export interface SecuredBroker extends AsyncDisposable {
  bootstrap(listener: SecureListener): string;
}

/** Makes the certificates: `server.pem`, `alice.pem`, `ca.pem`; in `others` those of an authority that nobody knows. */
export async function makeCertificates(folder: string): Promise<void> {
  const silent = { ...thisProcess(), write() {} };
  await certs(silent, { folder, hosts: LOCAL_HOSTS, clients: ["alice"], validDays: 1 });
  await certs(silent, { folder: `${folder}/others`, hosts: LOCAL_HOSTS, clients: ["mallory"], validDays: 1 });
}

/** Starts Barnabas with the certificates in a folder. */
export async function startSecuredBarnabas(certificates: string): Promise<SecuredBroker> {
  const broker = await Broker.start({
    port: 0,
    dataDir: "memory",
    set: {
      ...settings(certificates),
      "listeners": ["PLAINTEXT://localhost:0", ...NAMES.map((name) => `${name}://${hostOf(name)}:0`)].join(","),
      "listener.security.protocol.map": protocols(),
    },
    logger: { info() {}, warn() {} },
  });
  const [open, ...secured] = broker.bootstrapServers.split(",");
  await addAlice(Number(open.split(":").at(-1)));
  return {
    bootstrap: (listener) => `${hostOf(listener)}:${secured[NAMES.indexOf(listener)].split(":").at(-1)}`,
    [Symbol.asyncDispose]: () => broker.close(),
  };
}

/** Starts Apache Kafka likewise; what it keeps goes to `folder`. */
export async function startSecuredApacheKafka(certificates: string, folder: string): Promise<SecuredBroker> {
  const port = freePorts(2 + NAMES.length);
  const at = (name: SecureListener) => `${hostOf(name)}:${port + 2 + NAMES.indexOf(name)}`;
  const secured = NAMES.map((name) => `${name}://${at(name)}`);
  const broker = await startApacheKafka({
    folder,
    port,
    settings: {
      ...settings(certificates),
      // Unsigned tokens are taken where nobody says how they are checked; the options are wanted all the same.
      "listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config":
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
      "listeners": [`PLAINTEXT://127.0.0.1:${port}`, `CONTROLLER://127.0.0.1:${port + 1}`, ...secured].join(","),
      "advertised.listeners": [`PLAINTEXT://127.0.0.1:${port}`, ...secured].join(","),
      "listener.security.protocol.map": `CONTROLLER:PLAINTEXT,${protocols()}`,
    },
  });
  await addAlice(port);
  return { bootstrap: at, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() };
}

function hostOf(listener: SecureListener): string {
  return listener === "V6" ? "[::1]" : "localhost";
}

function protocols(): string {
  return ["PLAINTEXT:PLAINTEXT", ...NAMES.map((name) => `${name}:${LISTENERS[name]}`)].join(",");
}

/** The settings that both understand. */
function settings(certificates: string): Record<string, string> {
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${PASSWORD}";`;
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  const withSasl = NAMES.filter((name) => LISTENERS[name].startsWith("SASL")).map((name) => name.toLowerCase());
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": `${certificates}/server.pem`,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": `${certificates}/ca.pem`,
    "listener.name.mutual.ssl.client.auth": "required",
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.sasl_plaintext.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config": scram,
    "listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config": scram,
    ...Object.fromEntries(withSasl.map((name) => [`listener.name.${name}.plain.sasl.jaas.config`, plain])),
  };
}

async function addAlice(port: number): Promise<void> {
  using client = await RawClient.connect({ hostname: "127.0.0.1", port });
  const salt = utf8("salt");
  for (const { mechanism, hash } of MECHANISMS) {
    const saltedPassword = runtimeHashes.saltPassword(hash, PASSWORD, salt, ITERATIONS);
    const upsertions = [{ name: "alice", mechanism, iterations: ITERATIONS, salt, saltedPassword }];
    const request = AlterUserScramCredentialsRequest;
    const { results } = await client.ask(request, AlterUserScramCredentialsResponse, 0, { upsertions });
    if (results[0].errorCode !== 0) throw new Error(`alice cannot be added: ${results[0].errorMessage}`);
  }
}
