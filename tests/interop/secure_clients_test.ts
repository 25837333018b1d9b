/**
 * Real clients connect with TLS, with certificates of their own, and by each mechanism of SASL, over IPv4 and IPv6, and are
 * served; with wrong credentials none of them is, and each is told why in the words of Apache Kafka, which is asked beside
 * Barnabas. All use the files that `barnabas certs` made, as they are. `tests/interop/install.sh` brings the clients.
 */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../lib/bytes/mod.ts";
import { toBase64 } from "../../lib/security/sasl/text.ts";
import { apacheKafkaIsMissing } from "./support/apache_kafka.ts";
import { type ClientSecurity, type RoundTrip, SECURE_CLIENTS, type SecureClient } from "./support/secure_clients.ts";
import {
  makeCertificates,
  PASSWORD,
  type SecuredBroker,
  type SecureListener,
  startSecuredApacheKafka,
  startSecuredBarnabas,
} from "./support/secured_brokers.ts";

const missing = apacheKafkaIsMissing();

interface Way {
  readonly name: string;
  readonly listener: SecureListener;
  /** With the right credentials, and with wrong ones; the certificates are in that folder. */
  readonly security: (folder: string, isRight: boolean) => ClientSecurity;
  /** Where Barnabas cannot say what Apache Kafka says, and why. */
  readonly differs?: string;
}

const WAYS: readonly Way[] = [
  {
    name: "TLS",
    listener: "SSL",
    security: (folder, isRight) => ({ protocol: "SSL", ca: `${folder}/${isRight ? "" : "others/"}ca.pem` }),
  },
  {
    name: "TLS with a certificate",
    listener: "MUTUAL",
    security: (folder, isRight) => ({
      protocol: "SSL",
      ca: `${folder}/ca.pem`,
      certificate: `${folder}/${isRight ? "alice.pem" : "others/mallory.pem"}`,
    }),
    differs: "Deno ends the connection without the alert that says that the certificate is not good",
  },
  {
    name: "TLS without a certificate",
    listener: "MUTUAL",
    security: (folder, isRight) => ({
      protocol: "SSL",
      ca: `${folder}/ca.pem`,
      ...(isRight ? { certificate: `${folder}/alice.pem` } : {}),
    }),
    differs: "Deno may end the connection before the alert is out",
  },
  {
    name: "PLAIN over TLS",
    listener: "SASL_SSL",
    security: (folder, isRight) => ({
      protocol: "SASL_SSL",
      mechanism: "PLAIN",
      ca: `${folder}/ca.pem`,
      ...password(isRight),
    }),
  },
  {
    name: "PLAIN over TLS and IPv6",
    listener: "V6",
    security: (folder, isRight) => ({
      protocol: "SASL_SSL",
      mechanism: "PLAIN",
      ca: `${folder}/ca.pem`,
      hostIsUnchecked: true,
      ...password(isRight),
    }),
  },
  ...(["SCRAM-SHA-256", "SCRAM-SHA-512"] as const).map((mechanism): Way => ({
    name: mechanism,
    listener: "SASL_PLAINTEXT",
    security: (_, isRight) => ({ protocol: "SASL_PLAINTEXT", mechanism, ...password(isRight) }),
  })),
  {
    name: "OAUTHBEARER",
    listener: "SASL_PLAINTEXT",
    security: (_, isRight) => ({
      protocol: "SASL_PLAINTEXT",
      mechanism: "OAUTHBEARER",
      username: "alice",
      password: isRight ? "good" : "bad",
      token: token(isRight),
    }),
  },
];

/** What a broker has said, as clients repeat it; each stands for itself, or for what TLS libraries have many words for. */
const WORDS: readonly (readonly [RegExp, string?])[] = [
  [/Authentication failed: Invalid username or password/],
  [/due to invalid credentials with SASL mechanism [A-Z\d-]+/],
  [/invalid_token/],
  [/not valid given the current SASL state/],
  [/SASL ?Authentication ?Failed/i, "refused by SASL"],
  [/certificate verify failed|verify certificate|verify the first certificate|self-signed|PKIX/i, "not trusted"],
  [/alert|remote error|post-handshake/, "alert"],
];

function wordsIn(outcome: RoundTrip): string[] {
  if (!("refusal" in outcome)) return ["let in"];
  return WORDS.flatMap(([words, meaning]) => {
    const found = words.exec(outcome.refusal);
    return found === null ? [] : [meaning ?? found[0]];
  });
}

function password(isRight: boolean): { username: string; password: string } {
  return { username: "alice", password: isRight ? PASSWORD : "guess" };
}

/** A token that nobody has signed, good for some minutes; a bad one does not say for whom. */
function token(isGood: boolean): string {
  const part = (value: unknown) =>
    toBase64(utf8(JSON.stringify(value))).replace(/=+$/, "").replace(/\+/g, "-").replace(/\//g, "_");
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { ...(isGood ? { sub: "alice" } : {}), iat: seconds, exp: seconds + 600 };
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

Deno.test("clients show who they are in every way, and with wrong credentials are refused as by Apache Kafka", async (test) => {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-secure-" });
  await makeCertificates(folder);
  await using barnabas = await startSecuredBarnabas(folder);
  await using apacheKafka = missing === null ? await startSecuredApacheKafka(folder, `${folder}/apache-kafka`) : null;
  for (const client of SECURE_CLIENTS) {
    await test.step({
      name: client.missing === null ? client.name : `${client.name} (ignored: ${client.missing})`,
      ignore: client.missing !== null,
      async fn(test) {
        for (const way of WAYS.filter(({ name }) => client.cannot === undefined || !name.includes(client.cannot))) {
          await test.step(way.name, () => tryIt({ client, way, folder, barnabas, apacheKafka }));
        }
      },
    });
  }
  Deno.removeSync(folder, { recursive: true });
});

async function tryIt({ client, way, folder, barnabas, apacheKafka }: {
  readonly client: SecureClient;
  readonly way: Way;
  readonly folder: string;
  readonly barnabas: SecuredBroker;
  readonly apacheKafka: SecuredBroker | null;
}): Promise<void> {
  const topic = `by-${client.name.replace(/\W+/g, "")}-${way.name.toLowerCase().replace(/\W+/g, "-")}`;
  const come = (broker: SecuredBroker, isRight: boolean) =>
    client.roundTrip(broker.bootstrap(way.listener), topic, way.security(folder, isRight));
  const [letIn, refused, refusedByTheirs] = await Promise.all([
    come(barnabas, true),
    come(barnabas, false),
    apacheKafka === null ? null : come(apacheKafka, false),
  ]);
  assertEquals(letIn, { record: "hello" });
  assert("refusal" in refused, "it was let in with wrong credentials");
  if (refusedByTheirs === null || way.differs !== undefined || client.isHardOfHearing) return;
  assertEquals(wordsIn(refused), wordsIn(refusedByTheirs), `${JSON.stringify([refused, refusedByTheirs], null, 1)}`);
}
