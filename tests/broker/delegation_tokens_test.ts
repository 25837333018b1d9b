/** Delegation tokens, as clients see them on the wire, and as they come and go in the metadata log. */
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { DelegationTokens } from "../../lib/broker/delegation_tokens.ts";
import { BrokerSettings } from "../../lib/metadata/configs/settings.ts";
import { Metadata } from "../../lib/metadata/mod.ts";
import { Broker } from "../../lib/mod.ts";
import { CreateAclsRequest, CreateAclsResponse } from "../../lib/protocol/messages/create_acls.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../lib/protocol/messages/describe_configs.ts";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { AclOperation, AclPermissionType, PatternType, ResourceType } from "../../lib/security/mod.ts";
import { SCRAM_MECHANISMS } from "../../lib/security/sasl/scram.ts";
import { toBase64 } from "../../lib/security/sasl/text.ts";
import { runtimeHashes } from "../../lib/shell/hashes.ts";
import { errorOf } from "../api/handlers/support.ts";
import { RawClient } from "../interop/support/raw_client.ts";
import {
  createToken,
  describeTokens,
  expireToken,
  loginByPassword,
  loginByToken,
  renewToken,
} from "../interop/support/tokens.ts";
import { ManualTimers } from "../log/manual_timers.ts";
import { memoryDisk, metadataOptions, seededRandom, TestClock, TestLogger } from "../metadata/support.ts";

const SECRET_KEY = "the-secret-key";
const SETTINGS = {
  "listeners": "SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://localhost:0",
  "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
  "listener.name.sasl_plaintext.plain.sasl.jaas.config":
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice" user_bob="bob" user_carol="carol";',
  "connection.failed.authentication.delay.ms": "0",
  "delegation.token.secret.key": SECRET_KEY,
};
const ACLS = {
  "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  "super.users": "User:ANONYMOUS",
};

/** A broker with tokens, and its clients. */
class TokenBroker implements AsyncDisposable {
  readonly log: string[] = [];
  readonly #clients: RawClient[] = [];
  #broker!: Broker;

  /** @param changes settings other than usual; null for none */
  static async start(changes: Readonly<Record<string, string | null>> = {}): Promise<TokenBroker> {
    const broker = new TokenBroker();
    const note = (line: string) => void broker.log.push(line);
    const logger = { info: note, warn: note };
    const set: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...SETTINGS, ...changes })) if (value !== null) set[name] = value;
    broker.#broker = await Broker.start({ set, logger, host: "127.0.0.1", port: 0 });
    return broker;
  }

  async connect(listener: "sasl" | "plain" = "sasl"): Promise<RawClient> {
    const address = this.#broker.bootstrapServers.split(",")[listener === "sasl" ? 0 : 1];
    const client = await RawClient.connect({ hostname: "127.0.0.1", port: Number(address.split(":").at(-1)) });
    this.#clients.push(client);
    return client;
  }

  async as(name: string): Promise<RawClient> {
    const client = await this.connect();
    assertEquals(errorOf(await loginByPassword(client, name)), "NONE");
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#broker.close();
  }
}

function principal(principalName: string, principalType = "User") {
  return { principalType, principalName };
}

async function allow(
  broker: TokenBroker,
  user: string,
  type: keyof typeof ResourceType,
  name: string,
  op: AclOperation,
) {
  const admin = await broker.connect("plain");
  const { results } = await admin.ask(CreateAclsRequest, CreateAclsResponse, 3, {
    creations: [{
      resourceType: ResourceType[type],
      resourceName: name,
      resourcePatternType: PatternType.LITERAL,
      principal: `User:${user}`,
      host: "*",
      operation: op,
      permissionType: AclPermissionType.ALLOW,
    }],
  });
  assertEquals(results.map(({ errorCode }) => errorCode), [0]);
}

for (const mechanism of SCRAM_MECHANISMS) {
  Deno.test(`${mechanism.name}: a token lets others in as its owner, until it expires, and is no way to more of them`, async () => {
    await using broker = await TokenBroker.start();
    const token = await createToken(await broker.as("alice"), { maxLifetimeMs: 60_000n });
    assertEquals(errorOf(token), "NONE");

    const client = await broker.connect();
    const answer = await loginByToken(client, token, mechanism);
    assertEquals(errorOf(answer), "NONE");
    assert(answer.sessionLifetimeMs > 50_000n && answer.sessionLifetimeMs <= 60_000n, `${answer.sessionLifetimeMs}`);
    assertEquals((await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] })).brokers.length, 1);

    const notAllowed = "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED";
    const created = await createToken(client);
    assertEquals([errorOf(created), created.principalName], [notAllowed, "alice"]);
    assertEquals([created.issueTimestampMs, created.tokenId, created.hmac.length], [-1n, "", 0]);
    for (const answer of [await renewToken(client, token.hmac), await expireToken(client, token.hmac)]) {
      assertEquals([errorOf(answer), answer.expiryTimestampMs], [notAllowed, -1n]);
    }
    assertEquals(errorOf(await describeTokens(client)), notAllowed);
  });
}

Deno.test("a wrong HMAC, an id that is none and a token that was ended are refused alike", async () => {
  await using broker = await TokenBroker.start();
  const alice = await broker.as("alice");
  const token = await createToken(alice);
  const ended = await createToken(alice);
  const session = await broker.connect();
  await loginByToken(session, ended);
  assertEquals(errorOf(await expireToken(alice, ended.hmac)), "NONE");
  for (const wrong of [{ ...token, hmac: ended.hmac }, { ...token, tokenId: "none" }, ended]) {
    const answer = await loginByToken(await broker.connect(), wrong);
    assertEquals(
      errorOf(answer),
      "SASL_AUTHENTICATION_FAILED: " +
        "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256",
    );
  }
  // As in Apache Kafka, a session lasts as long as it was told at its start.
  assertEquals((await session.ask(MetadataRequest, MetadataResponse, 12, { topics: [] })).brokers.length, 1);
});

Deno.test("a token that has expired lets nobody in, though it is still there, and ends the sessions that it began", async () => {
  await using broker = await TokenBroker.start();
  const alice = await broker.as("alice");
  const token = await createToken(alice, { maxLifetimeMs: 300n });
  const session = await broker.connect();
  const { errorCode, sessionLifetimeMs } = await loginByToken(session, token);
  assertEquals([errorCode, sessionLifetimeMs <= 300n], [0, true]);
  while (BigInt(Date.now()) <= token.expiryTimestampMs) await describeTokens(alice);
  await session.send(MetadataRequest, 12, { topics: [] });
  assertEquals(await session.receive(), "connection closed");
  assertEquals(errorOf(await loginByToken(await broker.connect(), token)).split(":")[0], "SASL_AUTHENTICATION_FAILED");
  assertEquals((await describeTokens(alice)).tokens.map(({ tokenId }) => tokenId), [token.tokenId]);
  assertEquals(errorOf(await renewToken(alice, token.hmac)), "DELEGATION_TOKEN_EXPIRED");
  assertEquals(errorOf(await expireToken(alice, token.hmac, 10n)), "DELEGATION_TOKEN_EXPIRED");
  assertEquals(errorOf(await expireToken(alice, token.hmac)), "NONE");
  assertEquals((await describeTokens(alice)).tokens, []);
});

Deno.test("where sessions expire, a client goes on by a token that was renewed, and not by one of another owner", async () => {
  await using broker = await TokenBroker.start();
  const alice = await broker.as("alice");
  const token = await createToken(alice);
  const others = await createToken(await broker.as("bob"));
  assertEquals(errorOf(await expireToken(alice, token.hmac, 60_000n)), "NONE");
  const client = await broker.connect();
  assertGreater(60_001n, (await loginByToken(client, token)).sessionLifetimeMs);
  assertEquals(errorOf(await renewToken(alice, token.hmac)), "NONE");
  assertGreater((await loginByToken(client, token)).sessionLifetimeMs, 60_000n);
  assertEquals(
    errorOf(await loginByToken(client, others)),
    "SASL_AUTHENTICATION_FAILED: Cannot change principals during re-authentication from User.alice: User.bob",
  );
});

Deno.test("whoever has not said who it is has no tokens", async () => {
  await using broker = await TokenBroker.start();
  const { hmac } = await createToken(await broker.as("alice"));
  const client = await broker.connect("plain");
  const answers = [
    await createToken(client),
    await renewToken(client, hmac),
    await expireToken(client, hmac),
    await describeTokens(client),
  ];
  assertEquals(answers.map((answer) => errorOf(answer)), Array(4).fill("DELEGATION_TOKEN_REQUEST_NOT_ALLOWED"));
});

Deno.test("without a secret key there are no tokens", async () => {
  for (const key of [null, ""]) {
    await using broker = await TokenBroker.start({ "delegation.token.secret.key": key });
    const alice = await broker.as("alice");
    const answers = [
      await createToken(alice),
      await renewToken(alice, new Uint8Array(64)),
      await expireToken(alice, new Uint8Array(64)),
      await describeTokens(alice),
    ];
    assertEquals(answers.map((answer) => errorOf(answer)), Array(4).fill("DELEGATION_TOKEN_AUTH_DISABLED"));
    const answer = await loginByToken(await broker.connect(), { tokenId: "a", hmac: new Uint8Array(64) });
    assertEquals(errorOf(answer).split(":")[0], "SASL_AUTHENTICATION_FAILED");
  }
});

Deno.test("owners and renewers renew and end a token, and nobody else does", async () => {
  await using broker = await TokenBroker.start(ACLS);
  const alice = await broker.as("alice");
  const bob = await broker.as("bob");
  const carol = await broker.as("carol");
  for (const version of [1, 2]) {
    const { hmac, maxTimestampMs } = await createToken(alice, { renewers: [principal("bob")] }, version);
    const renewed = await renewToken(bob, hmac, 1000n, version);
    assertEquals([errorOf(renewed), renewed.expiryTimestampMs < maxTimestampMs], ["NONE", true]);
    assertEquals(errorOf(await renewToken(alice, hmac, -1n, version)), "NONE");
    assertEquals(errorOf(await renewToken(carol, hmac, -1n, version)), "DELEGATION_TOKEN_OWNER_MISMATCH");
    assertEquals(errorOf(await expireToken(carol, hmac, -1n, version)), "DELEGATION_TOKEN_OWNER_MISMATCH");
    const wrong = hmac.with(0, hmac[0] ^ 1);
    assertEquals(errorOf(await renewToken(alice, wrong, -1n, version)), "DELEGATION_TOKEN_NOT_FOUND");
    assertEquals(errorOf(await expireToken(alice, new Uint8Array(0), -1n, version)), "DELEGATION_TOKEN_NOT_FOUND");
    assertEquals(errorOf(await expireToken(bob, hmac, -1n, version)), "NONE");
    assertEquals(errorOf(await renewToken(alice, hmac, -1n, version)), "DELEGATION_TOKEN_NOT_FOUND");
  }
});

Deno.test("tokens for others, and the tokens of others, take the permission for it", async () => {
  await using broker = await TokenBroker.start(ACLS);
  const alice = await broker.as("alice");
  const bob = await broker.as("bob");
  const carol = await broker.as("carol");
  const forBob = { ownerPrincipalType: "User", ownerPrincipalName: "bob" };
  const refused = await createToken(alice, forBob);
  assertEquals(errorOf(refused), "DELEGATION_TOKEN_AUTHORIZATION_FAILED");
  assertEquals([refused.principalName, refused.tokenRequesterPrincipalName], ["bob", "alice"]);
  assertEquals(errorOf(await createToken(bob, forBob)), "NONE");

  await allow(broker, "alice", "USER", "User:bob", AclOperation.CREATE_TOKENS);
  const token = await createToken(alice, forBob);
  assertEquals(errorOf(token), "NONE");
  assertEquals([token.principalName, token.tokenRequesterPrincipalName], ["bob", "alice"]);
  assertEquals(errorOf(await renewToken(alice, token.hmac)), "DELEGATION_TOKEN_OWNER_MISMATCH");

  const seen = async (client: RawClient, owners: string[] | null = null) =>
    (await describeTokens(client, owners)).tokens.length;
  assertEquals([await seen(bob), await seen(alice), await seen(carol)], [2, 1, 0]);
  await allow(broker, "carol", "DELEGATION_TOKEN", token.tokenId, AclOperation.DESCRIBE);
  assertEquals(await seen(carol), 1);
  await allow(broker, "carol", "USER", "User:bob", AclOperation.DESCRIBE_TOKENS);
  assertEquals(await seen(carol), 2);
  assertEquals([await seen(carol, ["bob"]), await seen(carol, ["alice"]), await seen(carol, [])], [2, 1, 0]);
});

Deno.test("a token is told with all that was said of it, in every version", async () => {
  await using broker = await TokenBroker.start();
  const alice = await broker.as("alice");
  const created = await createToken(alice, { renewers: [principal("bob"), principal("c:d")], maxLifetimeMs: 1000n });
  for (const version of [1, 2, 3]) {
    const { errorCode, tokens } = await describeTokens(alice, ["alice", "nobody"], version);
    assertEquals(errorCode, 0);
    const requester = version < 3 ? principal("", "") : principal("alice");
    assertEquals(tokens, [{
      ...principal("alice"),
      tokenRequesterPrincipalType: requester.principalType,
      tokenRequesterPrincipalName: requester.principalName,
      issueTimestamp: created.issueTimestampMs,
      expiryTimestamp: created.issueTimestampMs + 1000n,
      maxTimestamp: created.issueTimestampMs + 1000n,
      tokenId: created.tokenId,
      hmac: created.hmac,
      renewers: [principal("bob"), principal("c:d")],
    }]);
  }
});

Deno.test("a request that makes no sense is refused, and the broker goes on", async () => {
  await using broker = await TokenBroker.start();
  const alice = await broker.as("alice");
  assertEquals(errorOf(await createToken(alice, { renewers: [principal("g", "Group")] })), "INVALID_PRINCIPAL_TYPE");
  assertEquals(
    errorOf(await createToken(alice, { ownerPrincipalType: null, ownerPrincipalName: "x" })),
    "UNKNOWN_SERVER_ERROR",
  );
  const long = "x".repeat(0x7fff);
  assertEquals(errorOf(await createToken(alice, { renewers: [principal(long)] })), "INVALID_REQUEST");
  assertEquals(
    errorOf(await createToken(alice, { ownerPrincipalType: "User", ownerPrincipalName: long })),
    "INVALID_REQUEST",
  );
  assertEquals(
    errorOf(
      await createToken(alice, { renewers: Array.from({ length: 20_000 }, (_, index) => principal(`u${index}`)) }),
    ),
    "INVALID_REQUEST",
  );
  assertEquals((await describeTokens(alice)).tokens, []);
  assertEquals(errorOf(await createToken(alice, { ownerPrincipalType: null, ownerPrincipalName: null })), "NONE");
});

Deno.test("the secret key and the HMACs are told by no config, and no line of the log", async () => {
  await using broker = await TokenBroker.start();
  const alice = await broker.as("alice");
  const token = await createToken(alice);
  await loginByToken(await broker.connect(), token);
  await loginByToken(await broker.connect(), { ...token, hmac: token.hmac.with(0, token.hmac[0] ^ 1) });
  await expireToken(alice, token.hmac);
  const { results } = await alice.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [{ resourceType: 4, resourceName: "1", configurationKeys: null }],
    includeSynonyms: true,
  });
  const config = results[0].configs.find(({ name }) => name === "delegation.token.secret.key")!;
  assertEquals([config.value, config.isSensitive, config.readOnly], [null, true, true]);
  const told = JSON.stringify(results, (_, part) => typeof part === "bigint" ? String(part) : part) +
    broker.log.join("\n");
  assertStringIncludes(told, token.tokenId);
  for (const secret of [SECRET_KEY, toBase64(token.hmac)]) assertEquals(told.includes(secret), false);
});

Deno.test("tokens are there after a restart, and those that have expired are removed in intervals", async () => {
  const disk = memoryDisk();
  const clock = new TestClock();
  const timers = new ManualTimers(clock);
  const logger = new TestLogger();
  const open = async () => {
    const metadata = await Metadata.open(metadataOptions(disk, { clock }));
    const settings = new BrokerSettings(
      new Map([
        ["delegation.token.secret.key", SECRET_KEY],
        ["delegation.token.expiry.time.ms", "5000"],
        ["delegation.token.expiry.check.interval.ms", "1000"],
      ]),
    );
    const fatal = (error: unknown) => {
      throw error;
    };
    const random = seededRandom(clock.nowMs);
    const ports = { metadata, settings, clock, timers, hashes: runtimeHashes, random, logger, fatal };
    const tokens = new DelegationTokens(ports);
    tokens.start();
    return { metadata, tokens, ids: async () => (await tokens.describe(() => true)).map(({ token }) => token.tokenId) };
  };
  const request = { owner: "User:alice", requester: "User:alice", renewers: [], maxLifetimeMs: -1n };

  const first = await open();
  const { token } = await first.tokens.create(request);
  const { token: short } = await first.tokens.create({ ...request, maxLifetimeMs: 500n });
  const { hmac } = (await first.tokens.describe(() => true))[0];
  first.tokens.close();
  await first.metadata.close();
  assertEquals(timers.count, 0);

  const second = await open();
  assertEquals(await second.ids(), [token!.tokenId, short!.tokenId]);
  assertEquals((await second.tokens.describe(() => true))[0].hmac, hmac);
  await timers.advance(999);
  assertEquals(await second.ids(), [token!.tokenId, short!.tokenId]);
  assertEquals(second.tokens.scramToken(short!.tokenId), undefined);
  await timers.advance(1);
  await second.metadata.commit([]);
  assertEquals(await second.ids(), [token!.tokenId]);
  assertEquals(logger.infos, [`Delegation token expired for token: ${short!.tokenId} for owner: User:alice`]);
  await timers.advance(4000);
  await second.metadata.commit([]);
  assertEquals(await second.ids(), [token!.tokenId]);
  await timers.advance(1000);
  await second.metadata.commit([]);
  assertEquals(await second.ids(), []);
  second.tokens.close();
  await second.metadata.close();
});
