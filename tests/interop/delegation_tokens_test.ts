/**
 * Delegation tokens against both brokers: the same requests have the same answers, Apache Kafka's own tool prints the same, and
 * real clients come in by a token.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { SCRAM_MECHANISMS } from "../../lib/security/sasl/scram.ts";
import { toBase64 } from "../../lib/security/sasl/text.ts";
import { errorOf } from "../api/handlers/support.ts";
import { refusedTokenCases, tokenCases } from "./differential/delegation_tokens.ts";
import { apacheKafkaIsMissing, runJava } from "./support/apache_kafka.ts";
import {
  become,
  compareSecured,
  type SecuredBroker,
  type SecuredPair,
  startSecuredPair as startPair,
} from "./support/authorized.ts";
import { RawClient } from "./support/raw_client.ts";
import { type ClientSecurity, recordOf, SECURE_CLIENTS } from "./support/secure_clients.ts";
import {
  createToken,
  describeTokens,
  expireToken,
  loginByPassword,
  loginByToken,
  type Token,
} from "./support/tokens.ts";

const missing = apacheKafkaIsMissing();
const why = missing === null ? "" : ` (not tested: ${missing})`;
const TOOL = "org.apache.kafka.tools.DelegationTokenCommand";
const PLAIN_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule";

function startSecuredPair(): Promise<SecuredPair> {
  return startPair({
    "delegation.token.secret.key": "secret",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config":
      "org.apache.kafka.common.security.scram.ScramLoginModule required;",
  });
}

Deno.test({
  name: `Barnabas gives, renews and ends tokens as Apache Kafka does${why}`,
  ignore: missing !== null,
  async fn(test) {
    await using pair = await startSecuredPair();
    for (const { name, steps } of tokenCases) await test.step(name, () => compareSecured(pair, "sasl", steps));
    for (const { name, steps } of refusedTokenCases([], {})) {
      await test.step(`${name}, of nobody`, () => compareSecured(pair, "open", steps));
    }
  },
});

Deno.test({
  name: `Barnabas has no tokens without a secret key, as Apache Kafka has none${why}`,
  ignore: missing !== null,
  async fn(test) {
    await using pair = await startPair();
    for (const { name, steps } of refusedTokenCases(become("u0"), { on: "u0" })) {
      await test.step(name, () => compareSecured(pair, "sasl", steps));
    }
  },
});

Deno.test({
  name: `a token lets in as its owner, and no longer than it is good, on both brokers alike${why}`,
  ignore: missing !== null,
  async fn(test) {
    await using pair = await startSecuredPair();
    for (const mechanism of SCRAM_MECHANISMS) {
      const [theirs, ours] = await both(pair, async ({ sasl }) => {
        using owner = await RawClient.connect(sasl);
        await loginByPassword(owner, "u0");
        const token = await createToken(owner, { maxLifetimeMs: 60_000n });
        await untilDescribed(owner, 1);
        const login = async (shown: Token, use = (_: RawClient): Promise<unknown> => Promise.resolve(null)) => {
          using client = await RawClient.connect(sasl);
          const { sessionLifetimeMs, ...answer } = await loginByToken(client, shown, mechanism);
          const told = { error: errorOf(answer), minutes: Math.round(Number(sessionLifetimeMs) / 60_000) };
          return answer.errorCode === 0 ? { ...told, use: await use(client) } : told;
        };
        const answers = [
          await login(token, async (client) => {
            const { brokers } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] });
            const { principalName } = await createToken(client);
            return [brokers.length, principalName, errorOf(await createToken(client))];
          }),
          await login({ ...token, hmac: token.hmac.with(9, token.hmac[9] ^ 1) }),
          await login({ ...token, tokenId: "none" }),
        ];
        await expireToken(owner, token.hmac);
        await untilDescribed(owner, 0);
        return [...answers, await login(token)];
      });
      const invalid =
        `SASL_AUTHENTICATION_FAILED: Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism.name}`;
      await test.step(mechanism.name, () => {
        assertEquals(ours, theirs);
        assertEquals(ours, [
          { error: "NONE", minutes: 1, use: [1, "u0", "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"] },
          { error: invalid, minutes: 0 },
          { error: invalid, minutes: 0 },
          { error: invalid, minutes: 0 },
        ]);
      });
    }
  },
});

Deno.test({
  name: `kafka-delegation-tokens prints the same of both brokers${why}`,
  ignore: missing !== null,
  async fn() {
    await using pair = await startSecuredPair();
    const [theirs, ours] = await both(pair, async ({ sasl }) => {
      const tool = toolOf(sasl, "u0");
      const created = await tool("--create", "--max-life-time-period", "-1", "--renewer-principal", "User:u1");
      const hmac = /\n\S{22} +(\S{88}) /.exec(created)![1];
      using client = await RawClient.connect(sasl);
      await loginByPassword(client, "u0");
      await untilDescribed(client, 1);
      const printed = [
        created,
        await tool("--describe", "--owner-principal", "User:u0"),
        await tool("--describe", "--owner-principal", "User:u1"),
        // It asks for the tokens of no owners then.
        await tool("--describe"),
        await tool("--renew", "--renew-time-period", "-1", "--hmac", hmac),
        await toolOf(sasl, "u2")("--renew", "--renew-time-period", "-1", "--hmac", hmac),
        await tool("--create", "--max-life-time-period", "60000", "--owner-principal", "User:u1"),
        await tool("--expire", "--expiry-time-period", "-1", "--hmac", hmac),
      ];
      await untilDescribed(client, 0);
      return [
        ...printed,
        await tool("--describe", "--owner-principal", "User:u0"),
        await tool("--expire", "--expiry-time-period", "-1", "--hmac", hmac),
      ].map(withoutSecrets);
    });
    assertEquals(ours, theirs);
    assertMatch(ours[0], /TOKENID +HMAC +OWNER +REQUESTER +RENEWERS +ISSUEDATE[^]*<id> +<hmac> +User:u0/);
    for (const described of ours.slice(1, 3)) {
      assertStringIncludes(described, "Total number of tokens : 1");
      assertMatch(described, /<id> <hmac> User:u0 +User:u0 +\[User:u1\] +<date> +<date> +<date>/);
    }
    assertStringIncludes(ours[3], "Total number of tokens : 0");
    assertStringIncludes(ours[4], "Completed renew operation. New expiry date : <date>");
    assertStringIncludes(ours[5], "DelegationTokenOwnerMismatchException");
    assertStringIncludes(ours[6], "DelegationTokenAuthorizationException");
    assertStringIncludes(ours[7], "Completed expire operation. New expiry date : <date>");
    assertStringIncludes(ours[8], "Total number of tokens : 0");
    assertStringIncludes(ours[9], "DelegationTokenNotFoundException");
  },
});

// librdkafka and the clients of Node.js know no delegation tokens.
for (const client of SECURE_CLIENTS.filter(({ name }) => name === "Java client" || name === "franz-go")) {
  const reason = client.missing ?? missing;
  Deno.test({
    name: `${client.name} comes in by a token, and not by a wrong one${reason === null ? "" : ` (ignored: ${reason})`}`,
    ignore: reason !== null,
    async fn(test) {
      await using pair = await startSecuredPair();
      using owner = await RawClient.connect(pair.barnabas.sasl);
      await loginByPassword(owner, "admin");
      const token = await createToken(owner);
      const { hostname, port } = pair.barnabas.sasl;
      for (const { name: mechanism } of SCRAM_MECHANISMS) {
        const roundTrip = async (facts: Partial<ClientSecurity> = {}) =>
          recordOf(
            await client.roundTrip(`${hostname}:${port}`, `by-${mechanism.toLowerCase()}`, {
              protocol: "SASL_PLAINTEXT",
              mechanism: mechanism as ClientSecurity["mechanism"],
              username: token.tokenId,
              password: toBase64(token.hmac),
              isDelegationToken: true,
              ...facts,
            }),
          );
        await test.step(mechanism, async () => {
          assertEquals(await roundTrip(), "hello");
          assertEquals(await roundTrip({ password: toBase64(token.hmac.with(0, token.hmac[0] ^ 1)) }), null);
          assertEquals(await roundTrip({ isDelegationToken: undefined }), null);
        });
      }
      await test.step("one that was ended", async () => {
        await expireToken(owner, token.hmac);
        const security = {
          protocol: "SASL_PLAINTEXT",
          mechanism: "SCRAM-SHA-256",
          username: token.tokenId,
          password: toBase64(token.hmac),
          isDelegationToken: true,
        } as const;
        assertEquals(recordOf(await client.roundTrip(`${hostname}:${port}`, "by-none", security)), null);
      });
    },
  });
}

function both<T>({ apacheKafka, barnabas }: SecuredPair, use: (broker: SecuredBroker) => Promise<T>): Promise<T[]> {
  return Promise.all([use(apacheKafka), use(barnabas)]);
}

/** Apache Kafka's broker hears of a change some time after it was answered. */
async function untilDescribed(client: RawClient, count: number): Promise<void> {
  while ((await describeTokens(client)).tokens.length !== count);
}

/** Runs the tool as that user; resolves to what it printed, or the exception that it ended with. */
function toolOf({ hostname, port }: SecuredBroker["sasl"], user: string): (...args: string[]) => Promise<string> {
  return async (...args) => {
    const file = Deno.makeTempFileSync({ suffix: ".properties" });
    Deno.writeTextFileSync(
      file,
      "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n" +
        `sasl.jaas.config=${PLAIN_LOGIN} required username="${user}" password="${user}";\n`,
    );
    try {
      return await runJava(TOOL, ["--bootstrap-server", `${hostname}:${port}`, "--command-config", file, ...args]);
    } catch (error) {
      return (error as Error).message.split("\n").find((line) => /errors\.\w+Exception/.test(line)) ?? String(error);
    } finally {
      Deno.removeSync(file);
    }
  };
}

function withoutSecrets(printed: string): string {
  return printed.replace(/hmac :\S{88}/g, "hmac :<hmac>")
    .replace(/\n\S{22} +\S{88} /g, "\n<id> <hmac> ")
    .replace(/(tokenId : )\S+/g, "$1<id>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d/g, "<date>");
}
