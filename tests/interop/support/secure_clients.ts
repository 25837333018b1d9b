/**
 * Real clients that say who they are, each behind the same command:
 *
 * ```text
 * BOOTSTRAP TOPIC SECURITY   writes a record to the topic, reads the first one there, and prints it
 * ```
 *
 * `SECURITY` is a {@linkcode ClientSecurity} as JSON.
 *
 * @module
 */
import { libsFolder } from "./apache_kafka.ts";
import { client, kcat } from "./clients.ts";

/** How a client connects, and how it shows who it is. */
export interface ClientSecurity {
  readonly protocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  readonly mechanism?: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER";
  readonly username?: string;
  /** "good" or anything else, where the mechanism is OAUTHBEARER and the client makes its own token. */
  readonly password?: string;
  /** Whether name and password are the id and the HMAC of a delegation token, which the Java client and franz-go can show. */
  readonly isDelegationToken?: true;
  /** A token of OAUTHBEARER. */
  readonly token?: string;
  /** The path of the authority that the client believes. */
  readonly ca?: string;
  /** The path of the client's own certificate and key. */
  readonly certificate?: string;
}

/** A client, and how it is run. */
export interface SecureClient {
  readonly name: string;
  readonly missing: string | null;
  /** Resolves to what it printed; null where it was not let in. */
  roundTrip(bootstrap: string, topic: string, security: ClientSecurity): Promise<string | null>;
}

const CACHE = new URL("../../../.cache/interop/", import.meta.url).pathname;
const PROGRAMS = new URL("../clients/", import.meta.url).pathname;
const TIMEOUT_MS = 40_000;

/** All of them. */
export const SECURE_CLIENTS: readonly SecureClient[] = [
  { name: "kcat", missing: kcat.missing, roundTrip: roundTripOfKcat },
  ours("franz-go", [`${CACHE}franz_go_secure`], existing(`${CACHE}franz_go_secure`)),
  ours("Java client", [
    "java",
    "-XX:TieredStopAtLevel=1",
    "-cp",
    `${libsFolder()}/*`,
    `${PROGRAMS}java/SecureClient.java`,
  ], client("Java client").missing),
  ours(
    "confluent-kafka",
    [`${CACHE}python/bin/python`, `${PROGRAMS}confluent_kafka/secure.py`],
    client("confluent-kafka").missing,
  ),
  ours("kafkajs", node("kafkajs_secure.mjs"), client("kafkajs").missing),
  ours("@platformatic/kafka", node("platformatic_secure.mjs"), client("@platformatic/kafka").missing),
];

function node(program: string): string[] {
  return [`${CACHE}node/node`, "--no-warnings", `${PROGRAMS}node/${program}`];
}

function existing(path: string): string | null {
  try {
    Deno.statSync(path);
    return null;
  } catch {
    return "it is not installed";
  }
}

function ours(name: string, command: readonly string[], missing: string | null): SecureClient {
  return {
    name,
    missing,
    roundTrip: (bootstrap, topic, security) => run([...command, bootstrap, topic, JSON.stringify(security)]),
  };
}

async function roundTripOfKcat(bootstrap: string, topic: string, security: ClientSecurity): Promise<string | null> {
  const common = ["kcat", "-b", bootstrap, "-t", topic, ...kcatOptions(security)];
  if (await run([...common, "-X", "message.timeout.ms=6000", "-P"], "hello") === null) return null;
  return await run([...common, "-C", "-p", "0", "-o", "beginning", "-c", "1", "-q"]);
}

function kcatOptions({ protocol, mechanism, username, password, ca, certificate }: ClientSecurity): string[] {
  const settings: Record<string, string | undefined> = {
    "security.protocol": protocol,
    "sasl.mechanism": mechanism,
    "ssl.ca.location": ca,
    "ssl.certificate.location": certificate,
    "ssl.key.location": certificate,
  };
  if (mechanism === "OAUTHBEARER") {
    settings["enable.sasl.oauthbearer.unsecure.jwt"] = "true";
    settings["sasl.oauthbearer.config"] = password === "good"
      ? `principal=${username}`
      : `principalClaimName=other principal=${username}`;
  } else {
    settings["sasl.username"] = username;
    settings["sasl.password"] = password;
  }
  return Object.entries(settings).flatMap(([name, value]) => value === undefined ? [] : ["-X", `${name}=${value}`]);
}

/** What a program printed; null where it failed. */
async function run([program, ...args]: readonly string[], input?: string): Promise<string | null> {
  const process = new Deno.Command(program, {
    args,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).spawn();
  if (input !== undefined) {
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${input}\n`));
    await writer.close();
  }
  const { success, stdout, stderr } = await process.output();
  if (!success && Deno.env.has("INTEROP_SHOW")) console.log(new TextDecoder().decode(stderr));
  return success ? new TextDecoder().decode(stdout).trim() : null;
}
