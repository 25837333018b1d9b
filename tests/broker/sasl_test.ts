/** Authentication by SASL, as a client sees it on the wire. */
import { assertEquals, assertGreaterOrEqual, assertStringIncludes } from "@std/assert";
import { utf8 } from "../../lib/bytes/mod.ts";
import { Broker } from "../../lib/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from "../../lib/protocol/messages/alter_client_quotas.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../lib/protocol/messages/alter_user_scram_credentials.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../lib/protocol/messages/api_versions.ts";
import { MetadataRequest, MetadataResponse } from "../../lib/protocol/messages/metadata.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "../../lib/protocol/messages/sasl_handshake.ts";
import { SCRAM_MECHANISMS } from "../../lib/security/sasl/scram.ts";
import { toBase64, utf8Text } from "../../lib/security/sasl/text.ts";
import { runtimeHashes } from "../../lib/shell/hashes.ts";
import { framed, RawClient } from "../interop/support/raw_client.ts";
import { ScramPeer } from "../interop/support/scram_peer.ts";

const SETTINGS = {
  "listeners": "SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://localhost:0",
  "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
  "listener.name.sasl_plaintext.plain.sasl.jaas.config":
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret" user_bob="bob-secret";',
  "connection.failed.authentication.delay.ms": "20",
};

/** A broker that authenticates on its first listener, and lets everybody in on its second. */
class SaslBroker implements AsyncDisposable {
  readonly warnings: string[] = [];
  readonly #clients: RawClient[] = [];
  #broker!: Broker;

  static async start(set: Readonly<Record<string, string>> = {}): Promise<SaslBroker> {
    const broker = new SaslBroker();
    const logger = { info() {}, warn: (line: string) => void broker.warnings.push(line) };
    broker.#broker = await Broker.start({ set: { ...SETTINGS, ...set }, logger, host: "127.0.0.1", port: 0 });
    return broker;
  }

  async connect(listener: "sasl" | "plain" = "sasl"): Promise<RawClient> {
    const address = this.#broker.bootstrapServers.split(",")[listener === "sasl" ? 0 : 1];
    const client = await RawClient.connect({ hostname: "127.0.0.1", port: Number(address.split(":").at(-1)) });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) {
      try {
        client.close();
      } catch {
        // The test has closed it.
      }
    }
    await this.#broker.close();
  }
}

function handshake(client: RawClient, mechanism: string, version = 1) {
  return client.ask(SaslHandshakeRequest, SaslHandshakeResponse, version, { mechanism });
}

function authenticate(client: RawClient, token: string | Uint8Array, version = 2) {
  const authBytes = typeof token === "string" ? utf8(token) : token;
  return client.ask(SaslAuthenticateRequest, SaslAuthenticateResponse, version, { authBytes });
}

async function isIn(client: RawClient): Promise<boolean> {
  const { brokers } = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] });
  return brokers.length === 1;
}

Deno.test("PLAIN: a client says who it is in requests, and is served", async () => {
  await using broker = await SaslBroker.start();
  const client = await broker.connect();
  const { apiKeys } = await client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, {
    clientSoftwareName: "test",
    clientSoftwareVersion: "1",
  });
  assertGreaterOrEqual(apiKeys.length, 40);
  const { errorCode, mechanisms } = await handshake(client, "PLAIN");
  assertEquals(errorCode, ErrorCode.NONE);
  assertEquals(mechanisms, ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]);
  const answer = await authenticate(client, "\0alice\0alice-secret");
  assertEquals([answer.errorCode, answer.errorMessage, answer.sessionLifetimeMs], [ErrorCode.NONE, "", 0n]);
  assertEquals(await isIn(client), true);
});

Deno.test("quotas of a user bind who has authenticated as that user, and nobody before", async () => {
  await using broker = await SaslBroker.start();
  const administrator = await broker.connect("plain");
  await administrator.ask(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
    entries: [["alice", 0.000_01], [null, 1_000_000]].map(([entityName, value]) => ({
      entity: [{ entityType: "user", entityName: entityName as string | null }],
      ops: [{ key: "request_percentage", value: value as number }],
    })),
  });
  const throttleTimes = [];
  for (const user of ["alice", "bob"]) {
    const client = await broker.connect();
    const asked = { clientSoftwareName: "test", clientSoftwareVersion: "1" };
    const { throttleTimeMs } = await client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, asked);
    await handshake(client, "PLAIN");
    await authenticate(client, `\0${user}\0${user}-secret`);
    const answer = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] });
    throttleTimes.push([throttleTimeMs, answer.throttleTimeMs]);
  }
  assertEquals(throttleTimes, [[0, 1_000], [0, 0]]);
});

Deno.test("PLAIN: a client of old says who it is in frames that are no requests", async () => {
  await using broker = await SaslBroker.start();
  const client = await broker.connect();
  await handshake(client, "PLAIN", 0);
  await client.sendBytes(framed(utf8("\0bob\0bob-secret")));
  assertEquals(await client.receive(), new Uint8Array(0));
  assertEquals(await isIn(client), true);
});

Deno.test("a wrong password is told after a while, and ends the connection", async () => {
  await using broker = await SaslBroker.start({ "connection.failed.authentication.delay.ms": "80" });
  const client = await broker.connect();
  await handshake(client, "PLAIN");
  const startMs = performance.now();
  const { errorCode, errorMessage } = await authenticate(client, "\0alice\0guess");
  assertGreaterOrEqual(performance.now() - startMs, 75);
  assertEquals(errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED);
  assertEquals(errorMessage, "Authentication failed: Invalid username or password");
  assertEquals(await client.receive(), "connection closed");
  assertStringIncludes(broker.warnings.at(-1)!, "authentication by PLAIN failed");
});

Deno.test("in frames that are no requests, a wrong password just ends the connection", async () => {
  await using broker = await SaslBroker.start();
  const client = await broker.connect();
  await handshake(client, "PLAIN", 0);
  await client.sendBytes(framed(utf8("\0bob\0guess")));
  assertEquals(await client.receive(), "connection closed");
});

Deno.test("before it has said who it is, a client gets nothing but the versions and the mechanisms", async () => {
  await using broker = await SaslBroker.start();
  const early = await broker.connect();
  await early.send(MetadataRequest, 12, { topics: [] });
  assertEquals(await early.receive(), "connection closed");

  const midway = await broker.connect();
  await handshake(midway, "PLAIN");
  await midway.send(MetadataRequest, 12, { topics: [] });
  assertEquals(await midway.receive(), "connection closed");
});

Deno.test("a client that takes the refusal of its token for consent is told that it is not authenticated", async () => {
  await using broker = await SaslBroker.start();
  const refusedClient = async () => {
    const client = await broker.connect();
    await handshake(client, "OAUTHBEARER");
    const { errorCode, authBytes } = await authenticate(client, "n,,\x01auth=Bearer no-token\x01\x01");
    assertEquals([errorCode, utf8Text(authBytes)], [ErrorCode.NONE, '{"status":"invalid_token"}']);
    return client;
  };
  for (const version of [0, 3]) {
    const client = await refusedClient();
    const software = { clientSoftwareName: "a", clientSoftwareVersion: "1" };
    const { errorCode, apiKeys } = await client.ask(ApiVersionsRequest, ApiVersionsResponse, version, software);
    assertEquals([errorCode, apiKeys], [ErrorCode.ILLEGAL_SASL_STATE, []]);
    assertEquals(await client.receive(), "connection closed");
  }
  const client = await refusedClient();
  const { topics, brokers } = await client.ask(MetadataRequest, MetadataResponse, 9, { topics: [{ name: "a" }] });
  assertEquals(topics.map(({ name, errorCode }) => [name, errorCode]), [["a", ErrorCode.ILLEGAL_SASL_STATE]]);
  assertEquals(brokers, []);
  assertEquals(await client.receive(), "connection closed");
});

Deno.test("OAUTHBEARER: after a refusal a better token comes in, and other words are malformed", async () => {
  await using broker = await SaslBroker.start();
  const refused = '{"status":"invalid_token"}';
  const bad = "n,,\x01auth=Bearer no-token\x01\x01";
  const good = unsecured({ sub: "dave", iat: nowSeconds(), exp: nowSeconds() + 60 });
  const client = await broker.connect();
  await handshake(client, "OAUTHBEARER");
  assertEquals(utf8Text((await authenticate(client, bad)).authBytes), refused);
  assertEquals((await authenticate(client, good)).authBytes.length, 0);
  const other = await broker.connect();
  await handshake(other, "OAUTHBEARER");
  assertEquals(utf8Text((await authenticate(other, bad)).authBytes), refused);
  const { errorCode, errorMessage } = await authenticate(other, "\\x01");
  assertEquals(errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED);
  assertStringIncludes(errorMessage!, "invalid credentials with SASL mechanism OAUTHBEARER");
});

Deno.test("a mechanism that is not enabled is refused with those that are", async () => {
  await using broker = await SaslBroker.start({ "sasl.enabled.mechanisms": "SCRAM-SHA-256" });
  const client = await broker.connect();
  const { errorCode, mechanisms } = await handshake(client, "PLAIN");
  assertEquals([errorCode, mechanisms], [ErrorCode.UNSUPPORTED_SASL_MECHANISM, ["SCRAM-SHA-256"]]);
  assertEquals(await client.receive(), "connection closed");
});

Deno.test("a large frame ends the connection before it is read, as long as nobody knows who sends it", async () => {
  await using broker = await SaslBroker.start({ "sasl.server.max.receive.size": "1000" });
  const client = await broker.connect();
  await client.sendBytes(new Uint8Array([0, 0, 0x04, 0]));
  assertEquals(await client.receive(), "connection closed");
  assertStringIncludes(broker.warnings.at(-1)!, "1024 bytes, allowed are 0 to 1000 (sasl.server.max.receive.size)");

  const known = await broker.connect();
  await handshake(known, "PLAIN");
  await authenticate(known, "\0alice\0alice-secret");
  const topics = Array.from({ length: 100 }, (_, index) => ({ name: `a-topic-with-a-long-name-${index}` }));
  const answer = await known.ask(MetadataRequest, MetadataResponse, 4, { topics });
  assertEquals(answer.topics.length, 100);
});

for (const mechanism of SCRAM_MECHANISMS) {
  Deno.test(`${mechanism.name}: a user that was made while the broker runs comes in, and others do not`, async () => {
    await using broker = await SaslBroker.start();
    const admin = await broker.connect("plain");
    const salt = utf8("some salt");
    const { results } = await admin.ask(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, 0, {
      upsertions: [{
        name: "carol",
        mechanism: mechanism.type,
        iterations: 4096,
        salt,
        saltedPassword: runtimeHashes.saltPassword(mechanism.hash, "carol-secret", salt, 4096),
      }],
    });
    assertEquals(results, [{ user: "carol", errorCode: ErrorCode.NONE, errorMessage: null }]);

    const client = await broker.connect();
    const peer = new ScramPeer(mechanism, "carol", "carol-secret");
    await handshake(client, mechanism.name);
    const first = await authenticate(client, peer.first());
    const last = await authenticate(client, peer.final(first.authBytes));
    assertEquals(peer.isServerRight(last.authBytes), true);
    assertEquals(await isIn(client), true);

    for (const name of ["carol", "nobody"]) {
      const stranger = await broker.connect();
      const guesser = new ScramPeer(mechanism, name, "guess");
      await handshake(stranger, mechanism.name);
      const answer = await authenticate(
        stranger,
        guesser.final((await authenticate(stranger, guesser.first())).authBytes),
      );
      assertEquals(answer.errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED);
      assertEquals(
        answer.errorMessage,
        `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism.name}`,
      );
    }
  });
}

/** A token that nobody has signed. */
function unsecured(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => toBase64(utf8(JSON.stringify(value))).replace(/=+$/, "").replace(/\+/g, "-");
  return `n,,\x01auth=Bearer ${part({ alg: "none" })}.${part(claims)}.\x01\x01`;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

Deno.test("OAUTHBEARER: on loopback an unsigned token is taken, for as long as it says", async () => {
  await using broker = await SaslBroker.start();
  const client = await broker.connect();
  await handshake(client, "OAUTHBEARER");
  const answer = await authenticate(client, unsecured({ sub: "dave", iat: nowSeconds(), exp: nowSeconds() + 60 }));
  assertEquals([answer.errorCode, answer.errorMessage], [ErrorCode.NONE, ""]);
  assertGreaterOrEqual(Number(answer.sessionLifetimeMs), 50_000);
  assertEquals(await isIn(client), true);
});

Deno.test("OAUTHBEARER: a token that has expired is answered with the error, and then refused", async () => {
  await using broker = await SaslBroker.start();
  const client = await broker.connect();
  await handshake(client, "OAUTHBEARER");
  const token = unsecured({ sub: "dave", exp: nowSeconds() - 60 });
  assertEquals(utf8Text((await authenticate(client, token)).authBytes), '{"status":"invalid_token"}');
  const { errorCode, errorMessage } = await authenticate(client, "\x01");
  assertEquals([errorCode, errorMessage], [ErrorCode.SASL_AUTHENTICATION_FAILED, '{"status":"invalid_token"}']);
  assertEquals(await client.receive(), "connection closed");
});

Deno.test("where sessions expire, a client authenticates anew on its connection, as who it was", async () => {
  await using broker = await SaslBroker.start({ "connections.max.reauth.ms": "60000" });
  const client = await broker.connect();
  await handshake(client, "PLAIN");
  const { sessionLifetimeMs } = await authenticate(client, "\0alice\0alice-secret");
  assertEquals(sessionLifetimeMs > 59_000n && sessionLifetimeMs <= 60_000n, true);
  assertEquals(await isIn(client), true);

  await handshake(client, "PLAIN");
  assertEquals((await authenticate(client, "\0alice\0alice-secret")).errorCode, ErrorCode.NONE);
  assertEquals(await isIn(client), true);

  await handshake(client, "PLAIN");
  const { errorMessage } = await authenticate(client, "\0bob\0bob-secret");
  assertEquals(errorMessage, "Cannot change principals during re-authentication from User.alice: User.bob");
  assertEquals(await client.receive(), "connection closed");
});

Deno.test("a session that has expired is at an end with the next request", async () => {
  await using broker = await SaslBroker.start({ "connections.max.reauth.ms": "1" });
  const client = await broker.connect();
  await handshake(client, "PLAIN");
  await authenticate(client, "\0alice\0alice-secret");
  // The clock has moved on by a millisecond when this is answered.
  const until = Date.now() + 2;
  while (Date.now() < until);
  await client.send(MetadataRequest, 12, { topics: [] });
  assertEquals(await client.receive(), "connection closed");
  assertStringIncludes(broker.warnings.at(-1)!, "its session has expired");
});

Deno.test("on a listener without SASL, and after it, its requests have no place", async () => {
  await using broker = await SaslBroker.start();
  const plain = await broker.connect("plain");
  assertEquals((await handshake(plain, "PLAIN")).errorCode, ErrorCode.ILLEGAL_SASL_STATE);
  const answer = await authenticate(plain, "\0alice\0alice-secret");
  assertEquals(answer.errorCode, ErrorCode.ILLEGAL_SASL_STATE);
  assertEquals(await isIn(plain), true);
});

Deno.test("what is no request of authentication ends the connection, whatever it is", async () => {
  await using broker = await SaslBroker.start();
  for (
    const bytes of [[], [0], [0, 17], [0, 17, 0, 9, 0, 0, 0, 1, 0, 0], [
      0,
      17,
      0,
      1,
      0,
      0,
      0,
      1,
      0xff,
      0xff,
      0xff,
      0xf0,
    ]]
  ) {
    const client = await broker.connect();
    await client.sendBytes(framed(new Uint8Array(bytes)));
    assertEquals(await client.receive(), "connection closed");
  }
});

Deno.test("a listener with as many connections as it may have lets one more wait, and the others do not", async () => {
  await using broker = await SaslBroker.start({ "listener.name.sasl_plaintext.max.connections": "1" });
  const first = await broker.connect();
  await handshake(first, "PLAIN");
  const waiting = await broker.connect();
  const answer = handshake(waiting, "PLAIN");
  assertEquals(await isIn(await broker.connect("plain")), true);
  first.close();
  assertEquals((await answer).errorCode, ErrorCode.NONE);
});
