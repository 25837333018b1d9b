/** TLS, as clients see it: with and without certificates of their own. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect as tlsConnect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { Broker } from "../../lib/mod.ts";
import type { TlsSettings, Transport } from "../../lib/ports.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../lib/protocol/messages/api_versions.ts";
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from "../../lib/protocol/messages/create_delegation_token.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { CertificateAuthority, type KeyAndCertificate } from "../../lib/shell/certificates.ts";
import { tcp } from "../../lib/shell/listen.ts";
import { decodeResponse, requestFrame } from "../interop/support/raw_client.ts";

const AUTHORITY = await CertificateAuthority.create("Test CA", 1);
const STRANGER = await CertificateAuthority.create("Another CA", 1);
const SERVER = await AUTHORITY.issue({ name: "broker", hosts: ["localhost", "127.0.0.1"], validDays: 1 });
const ALICE = await AUTHORITY.issue({ name: "alice", hosts: [], validDays: 1 });
const MALLORY = await STRANGER.issue({ name: "alice", hosts: [], validDays: 1 });

function tlsSettings(settings: Partial<TlsSettings> = {}, server: KeyAndCertificate = SERVER): TlsSettings {
  return {
    identity: { key: server.key, certificateChain: server.certificate, keyPassword: null },
    authorities: { pem: AUTHORITY.pem.certificate },
    clientAuth: "none",
    versions: ["TLSv1.2", "TLSv1.3"],
    cipherSuites: [],
    ...settings,
  };
}

/** A listener that keeps who came, and a way to come. */
class Listening implements AsyncDisposable {
  readonly warnings: string[] = [];
  settings: TlsSettings;
  #close = () => {};
  #port = 0;
  #accept!: () => Promise<Transport | null>;

  private constructor(settings: TlsSettings) {
    this.settings = settings;
  }

  static async start(settings: Partial<TlsSettings> = {}): Promise<Listening> {
    const made = new Listening(tlsSettings(settings));
    const warn = (line: string) => void made.warnings.push(line);
    const listener = await tcp.listen({ host: "127.0.0.1", port: 0 }, warn, () => made.settings);
    made.#close = () => listener.close();
    made.#port = listener.address.port;
    made.#accept = () => listener.accept();
    return made;
  }

  accept(): Promise<Transport> {
    return this.#accept() as Promise<Transport>;
  }

  /** Resolves when the handshake is done from the view of the client. */
  async connect(options: ConnectionOptions = {}): Promise<TLSSocket> {
    const socket = dial(this.#port, options);
    await once(socket, "secureConnect");
    return socket;
  }

  get port(): number {
    return this.#port;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    return Promise.resolve();
  }
}

function dial(port: number, options: ConnectionOptions = {}): TLSSocket {
  return tlsConnect({ host: "127.0.0.1", port, servername: "localhost", ca: AUTHORITY.pem.certificate, ...options });
}

function as(client: KeyAndCertificate): ConnectionOptions {
  return { key: client.key, cert: client.certificate };
}

/** Resolves with why the server has ended the connection, once it has. */
function whyEnded(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.once("error", (error: Error) => resolve(error.message));
    socket.once("close", () => resolve("closed"));
    socket.resume();
  });
}

Deno.test("bytes go both ways, in pieces of any size, until one side ends", async () => {
  await using listening = await Listening.start();
  const client = await listening.connect();
  const server = await listening.accept();
  assertEquals(server.peerName, null);
  assertEquals([server.local.port, server.remote.host], [listening.port, "127.0.0.1"]);

  client.write("hello");
  const small = new Uint8Array(3);
  assertEquals([await server.read(small), new TextDecoder().decode(small)], [3, "hel"]);
  assertEquals(await server.read(small), 2);

  const large = new Uint8Array(3_000_000).map((_, index) => index * 7);
  const received: Uint8Array[] = [];
  client.on("data", (chunk: Uint8Array) => received.push(chunk));
  await server.write([large.subarray(0, 10), large.subarray(10)]);
  server.close();
  await once(client, "close");
  assertEquals(Buffer.concat(received).equals(large), true);
  assertEquals(await server.read(small), null);
});

Deno.test("a client that ends its side is read to its end", async () => {
  await using listening = await Listening.start();
  const client = await listening.connect();
  const server = await listening.accept();
  client.end("bye");
  const into = new Uint8Array(10);
  assertEquals(await server.read(into), 3);
  assertEquals(await server.read(into), null);
  server.close();
});

Deno.test("where certificates are required, one of the authority gives the client its name", async () => {
  await using listening = await Listening.start({ clientAuth: "required" });
  const client = await listening.connect(as(ALICE));
  const server = await listening.accept();
  assertEquals(server.peerName, "CN=alice");
  client.destroy();
  server.close();
});

Deno.test("where certificates are required, none is refused, and one of another authority, of a server, or that has expired", async () => {
  await using listening = await Listening.start({ clientAuth: "required" });
  assertStringIncludes(await whyEnded(dial(listening.port)), "CertificateRequired");
  assertStringIncludes(listening.warnings[0], "failed: peer sent no certificates");
  for (const client of [MALLORY, SERVER, await AUTHORITY.issue({ name: "late", hosts: [], validDays: -0.01 })]) {
    assertEquals(await whyEnded(dial(listening.port, as(client))), "closed");
  }
  const alice = await listening.connect(as(ALICE));
  assertEquals((await listening.accept()).peerName, "CN=alice");
  alice.destroy();
});

Deno.test("where certificates are requested, a client without one is nobody, and a wrong one is refused", async () => {
  await using listening = await Listening.start({ clientAuth: "requested" });
  const nobody = await listening.connect();
  assertEquals((await listening.accept()).peerName, null);
  const alice = await listening.connect(as(ALICE));
  assertEquals((await listening.accept()).peerName, "CN=alice");
  assertEquals(await whyEnded(dial(listening.port, as(MALLORY))), "closed");
  nobody.destroy();
  alice.destroy();
});

Deno.test("versions of TLS that are not enabled are refused", async () => {
  await using listening = await Listening.start({ versions: ["TLSv1.3"] });
  assertStringIncludes(await whyEnded(dial(listening.port, { maxVersion: "TLSv1.2" })), "alert");
  const client = await listening.connect();
  assertEquals(client.getProtocol(), "TLSv1.3");
  client.destroy();
});

Deno.test("what is no TLS is refused, and holds up nobody", async () => {
  await using listening = await Listening.start();
  const idle = await Deno.connect({ hostname: "127.0.0.1", port: listening.port });
  const noise = await Deno.connect({ hostname: "127.0.0.1", port: listening.port });
  await noise.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n".repeat(20)));
  const client = await listening.connect();
  (await listening.accept()).close();
  client.destroy();
  noise.close();
  idle.close();
});

Deno.test("new certificates are in use for the next connection, without a restart", async () => {
  await using listening = await Listening.start();
  const before = await listening.connect();
  assertEquals(before.getPeerCertificate().subject.CN, "broker");
  const server = await AUTHORITY.issue({ name: "renewed", hosts: ["localhost"], validDays: 1 });
  listening.settings = tlsSettings({}, server);
  // Files are looked at once a second.
  const until = performance.now() + 1100;
  while (performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  const after = await listening.connect();
  assertEquals(after.getPeerCertificate().subject.CN, "renewed");
  before.write("still here");
  assertEquals(await (await listening.accept()).read(new Uint8Array(20)), 10);
  assertEquals(listening.warnings, ["New certificates are in use for connections from now on"]);
  before.destroy();
  after.destroy();
});

Deno.test("files that cannot be used are told before the broker listens", async () => {
  const file = Deno.makeTempFileSync();
  try {
    const start = (path: string) => Listening.start({ identity: { path, keyPassword: null } });
    await assertRejects(
      () => start("/no/such/file.pem"),
      Error,
      "Cannot read /no/such/file.pem: there is no such file",
    );
    await assertRejects(() => start(file), Error, "it has no private key (BEGIN PRIVATE KEY) as PEM");
    Deno.writeTextFileSync(file, SERVER.key);
    await assertRejects(() => start(file), Error, "it has no certificate (BEGIN CERTIFICATE) as PEM");
    Deno.writeTextFileSync(file, SERVER.key + ALICE.certificate.replace(/[A-Z]{20}/, "####"));
    await assertRejects(() => start(file), Error, `Cannot use the certificate in ${file}`);
    Deno.writeTextFileSync(file, SERVER.key + ALICE.certificate);
    await assertRejects(() => start(file), Error, "do not belong together");
  } finally {
    Deno.removeSync(file);
  }
});

Deno.test("a private key that is encrypted is opened by its password, and by no other", async () => {
  // Made by OpenSSL, with the password "secret".
  const path = new URL("../golden/encrypted_key.pem", import.meta.url).pathname;
  await using listening = await Listening.start({ identity: { path, keyPassword: "secret" } });
  const client = await listening.connect({ rejectUnauthorized: false });
  assertEquals(client.getPeerCertificate().subject.CN, "localhost");
  client.destroy();
  for (const keyPassword of ["guess", null]) {
    await assertRejects(
      () => Listening.start({ identity: { path, keyPassword } }),
      Error,
      "Cannot use the certificate in",
    );
  }
});

Deno.test("a broker serves by TLS as by TCP, and says that a listener on the network lets everybody in", async () => {
  const warnings: string[] = [];
  await using broker = await Broker.start({
    host: "0.0.0.0",
    set: {
      "listeners": "SSL://localhost:0",
      "ssl.keystore.type": "PEM",
      "ssl.keystore.key": SERVER.key,
      "ssl.keystore.certificate.chain": SERVER.certificate,
    },
    logger: { info() {}, warn: (line) => void warnings.push(line) },
  });
  assertStringIncludes(warnings[0], "The listener SSL on 0.0.0.0:0 lets in everybody who can reach it");
  const client = dial(broker.address.port);
  client.write(requestFrame(ApiVersionsRequest, 0, {}));
  const [answer] = await once(client, "data") as [Uint8Array];
  const { apiKeys } = decodeResponse(answer.subarray(4), ApiVersionsResponse, 0, 1);
  assertEquals(apiKeys.length > 40, true);
  client.destroy();
});

Deno.test("over TLS, a client with a certificate can have a delegation token, and one without cannot", async () => {
  await using broker = await Broker.start({
    host: "127.0.0.1",
    port: 0,
    set: {
      "listeners": "SSL://127.0.0.1:0",
      "ssl.client.auth": "requested",
      "ssl.keystore.type": "PEM",
      "ssl.keystore.key": SERVER.key,
      "ssl.keystore.certificate.chain": SERVER.certificate,
      "ssl.truststore.type": "PEM",
      "ssl.truststore.certificates": AUTHORITY.pem.certificate,
      "delegation.token.secret.key": "secret",
    },
    logger: { info() {}, warn() {} },
  });
  const errorAs = async (options: ConnectionOptions) => {
    const client = dial(broker.address.port, options);
    client.write(requestFrame(CreateDelegationTokenRequest, 3, { maxLifetimeMs: -1n }));
    const [answer] = await once(client, "data") as [Uint8Array];
    client.destroy();
    const { errorCode, principalName } = decodeResponse(answer.subarray(4), CreateDelegationTokenResponse, 3, 1);
    return [errorCode, principalName];
  };
  assertEquals(await errorAs(as(ALICE)), [ErrorCode.NONE, "CN=alice"]);
  assertEquals(await errorAs({}), [ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, "ANONYMOUS"]);
});
