/**
 * Two brokers that ask who their clients are, and what these may do: Apache Kafka and Barnabas with the same users, and steps by
 * which a connection becomes one of them.
 *
 * @module
 */
import { fail } from "@std/assert";
import { utf8 } from "../../../lib/bytes/mod.ts";
import { Broker } from "../../../lib/mod.ts";
import { SaslAuthenticateRequest } from "../../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest } from "../../../lib/protocol/messages/sasl_handshake.ts";
import { freePorts, startApacheKafka } from "./apache_kafka.ts";
import { ask, type Step } from "./case.ts";
import { differences } from "./compare.ts";
import { Player } from "./play.ts";

/** Where clients authenticate by SASL, and where they need not, and may do everything. */
export interface SecuredBroker {
  readonly sasl: { readonly hostname: string; readonly port: number };
  readonly open: { readonly hostname: string; readonly port: number };
}

/** Both brokers. */
export interface SecuredPair extends AsyncDisposable {
  readonly apacheKafka: SecuredBroker;
  readonly barnabas: SecuredBroker;
}

/** How many users there are: `u0`, `u1` …; the password of each is its name. `admin` may do everything. */
const USERS = 100;

/** One that runs. */
export interface RunningSecuredBroker extends SecuredBroker, AsyncDisposable {}

/** Starts both. */
export async function startSecuredPair(settings: Readonly<Record<string, string>> = {}): Promise<SecuredPair> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-authorized-" });
  const apacheKafka = await startSecuredApacheKafka(`${folder}/apache-kafka`, settings);
  const barnabas = await startSecuredBarnabas(`${folder}/barnabas`, settings);
  return {
    apacheKafka,
    barnabas,
    async [Symbol.asyncDispose]() {
      await barnabas[Symbol.asyncDispose]();
      await apacheKafka[Symbol.asyncDispose]();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** Starts Apache Kafka in that folder; its data is in the folder `data` of it. */
export async function startSecuredApacheKafka(
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<RunningSecuredBroker> {
  const port = freePorts(3, 21650, 21699);
  const apacheKafka = await startApacheKafka({
    folder,
    port,
    quorum: "dynamic",
    settings: {
      ...securedSettings(settings),
      "listeners": `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1},SASL_PLAINTEXT://127.0.0.1:${
        port + 2
      }`,
      "advertised.listeners": `PLAINTEXT://127.0.0.1:${port},SASL_PLAINTEXT://127.0.0.1:${port + 2}`,
      "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
    },
  });
  return {
    open: at(port),
    sasl: at(port + 2),
    [Symbol.asyncDispose]: () => apacheKafka[Symbol.asyncDispose](),
  };
}

/** Starts Barnabas on that data. */
export async function startSecuredBarnabas(
  dataDir: string,
  settings: Readonly<Record<string, string>>,
): Promise<RunningSecuredBroker> {
  const listeners = "PLAINTEXT://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:0";
  const broker = await Broker.start({
    port: 0,
    dataDir,
    set: { ...securedSettings(settings), listeners, "node.id": "1" },
    logger: { info() {}, warn() {} },
  });
  const [open, sasl] = broker.bootstrapServers.split(",").map((text) => at(Number(text.split(":")[1])));
  return { open, sasl, [Symbol.asyncDispose]: () => broker.close() };
}

function at(port: number) {
  return { hostname: "127.0.0.1", port };
}

function securedSettings(settings: Readonly<Record<string, string>>): Record<string, string> {
  const users = ["admin", ...Array.from({ length: USERS }, (_, index) => `u${index}`)];
  const entries = users.map((user) => `user_${user}="${user}"`).join(" ");
  return {
    "listener.name.sasl_plaintext.plain.sasl.jaas.config":
      `org.apache.kafka.common.security.plain.PlainLoginModule required ${entries};`,
    "listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config":
      "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS;User:admin",
    "connection.failed.authentication.delay.ms": "20",
    ...settings,
  };
}

/** The steps by which the connection of that name becomes a user's. */
export function become(user: string, connection = user): Step[] {
  return [
    ask(SaslHandshakeRequest, 1, { mechanism: "PLAIN" }, { on: connection, as: `as ${user}` }),
    ask(SaslAuthenticateRequest, 2, { authBytes: utf8(`\0${user}\0${user}`) }, { on: connection, as: `as ${user}` }),
  ];
}

/** Both brokers, in the middle of some steps. */
export interface Players extends Disposable {
  readonly theirs: Player;
  readonly ours: Player;
}

export function playersOf({ apacheKafka, barnabas }: SecuredPair, listener: keyof SecuredBroker): Players {
  const theirs = new Player(apacheKafka[listener]);
  const ours = new Player(barnabas[listener]);
  return {
    theirs,
    ours,
    [Symbol.dispose]() {
      theirs[Symbol.dispose]();
      ours[Symbol.dispose]();
    },
  };
}

/** Where their answers to a step differ. */
export async function playBoth({ theirs, ours }: Players, step: Step): Promise<string[]> {
  const [expected, actual] = await Promise.all([theirs.play(step), ours.play(step)]);
  return differences(step, expected, actual);
}

/** Fails where their answers to any of the steps differ. */
export async function playAll(players: Players, steps: readonly Step[]): Promise<void> {
  const found: string[] = [];
  for (const step of steps) found.push(...(await playBoth(players, step)).map((line) => `${step.label}: ${line}`));
  if (found.length > 0) fail(`they differ:\n${found.join("\n")}`);
}

/** Plays steps on new connections to a listener of both, and fails where they differ. */
export async function compareSecured(
  pair: SecuredPair,
  listener: keyof SecuredBroker,
  steps: readonly Step[],
): Promise<void> {
  using players = playersOf(pair, listener);
  await playAll(players, steps);
}
