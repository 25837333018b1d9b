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
import { javaCommand } from "./apache_kafka.ts";
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
  /** Whether clients that cannot compare addresses of IPv6 need not compare what is in the certificate. */
  readonly hostIsUnchecked?: boolean;
  /** The path of the client's own certificate and key. */
  readonly certificate?: string;
}

/** A client, and how it is run. */
export interface SecureClient {
  readonly name: string;
  readonly missing: string | null;
  /** What it cannot do, with any broker. */
  readonly cannot?: "OAUTHBEARER" | "IPv6";
  /** Whether it now and then overlooks what a broker has said before it closed the connection. */
  readonly isHardOfHearing?: boolean;
  roundTrip(bootstrap: string, topic: string, security: ClientSecurity): Promise<RoundTrip>;
}

/** What came of a round trip: the record, or why there is none, in the words of the client. */
export type RoundTrip = { readonly record: string } | { readonly refusal: string };

/** The record of a round trip; null where the client was not let in. */
export function recordOf(outcome: RoundTrip): string | null {
  return "record" in outcome ? outcome.record : null;
}

const CACHE = new URL("../../../.cache/interop/", import.meta.url).pathname;
const PROGRAMS = new URL("../clients/", import.meta.url).pathname;
const TIMEOUT_MS = 40_000;

/** All of them. */
export const SECURE_CLIENTS: readonly SecureClient[] = [
  { name: "kcat", missing: kcat.missing, roundTrip: roundTripOfKcat },
  ours("franz-go", [`${CACHE}franz_go_secure`], existing(`${CACHE}franz_go_secure`)),
  verb("sarama"),
  { ...verb("kafka-go"), cannot: "OAUTHBEARER" },
  ours("Java client", javaCommand("SecureClient", `${CACHE}java/`), existing(`${CACHE}java/SecureClient.class`)),
  ours(
    "confluent-kafka",
    [`${CACHE}python/bin/python`, `${PROGRAMS}confluent_kafka/secure.py`],
    client("confluent-kafka").missing,
  ),
  {
    ...ours(
      "kafka-python",
      [`${CACHE}python/bin/python`, `${PROGRAMS}kafka_python/secure.py`],
      client("kafka-python").missing,
    ),
    isHardOfHearing: true,
  },
  ours("aiokafka", [`${CACHE}python/bin/python`, `${PROGRAMS}aiokafka/secure.py`], client("aiokafka").missing),
  // It takes what is before the first colon for the host.
  { ...ours("kafkajs", node("kafkajs_secure.mjs"), client("kafkajs").missing), cannot: "IPv6" },
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

/** A program of `clients.ts` that has a verb for it. */
function verb(name: string): SecureClient {
  const program = client(name);
  return {
    name,
    missing: program.missing,
    roundTrip: (bootstrap, topic, security) =>
      run(program.command("secure", [bootstrap, topic, JSON.stringify(security)])),
  };
}

function ours(name: string, command: readonly string[], missing: string | null): SecureClient {
  return {
    name,
    missing,
    roundTrip: (bootstrap, topic, security) => run([...command, bootstrap, topic, JSON.stringify(security)]),
  };
}

async function roundTripOfKcat(bootstrap: string, topic: string, security: ClientSecurity): Promise<RoundTrip> {
  const common = ["kcat", "-b", bootstrap, "-t", topic, ...kcatOptions(security)];
  const written = await run([...common, "-X", "message.timeout.ms=6000", "-P"], "hello");
  if ("refusal" in written) return written;
  return await run([...common, "-C", "-p", "0", "-o", "beginning", "-c", "1", "-q"]);
}

function kcatOptions(security: ClientSecurity): string[] {
  const { protocol, mechanism, username, password, ca, certificate, hostIsUnchecked } = security;
  const settings: Record<string, string | undefined> = {
    "security.protocol": protocol,
    "sasl.mechanism": mechanism,
    "ssl.ca.location": ca,
    "ssl.certificate.location": certificate,
    "ssl.key.location": certificate,
    "ssl.endpoint.identification.algorithm": hostIsUnchecked ? "none" : undefined,
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

/** What a program printed; where it failed, what it complained of. */
async function run([program, ...args]: readonly string[], input?: string): Promise<RoundTrip> {
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
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return success ? { record: text(stdout) } : { refusal: text(stderr) };
}
