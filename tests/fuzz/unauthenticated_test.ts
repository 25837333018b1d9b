/**
 * Whole connections of peers that nobody knows: random and changed frames, over TCP and TLS. The broker goes on, and answers
 * nothing but ApiVersions and the steps of authentication.
 */
import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { Buffer } from "node:buffer";
import { connect as tlsConnect } from "node:tls";
import fc from "fast-check";
import { Reader, utf8 } from "../../lib/bytes/mod.ts";
import { Broker } from "../../lib/mod.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../lib/protocol/messages/api_versions.ts";
import { MetadataRequest } from "../../lib/protocol/messages/metadata.ts";
import { SaslAuthenticateRequest } from "../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest } from "../../lib/protocol/messages/sasl_handshake.ts";
import { CertificateAuthority } from "../../lib/shell/certificates.ts";
import { framed, RawClient, requestFrame } from "../interop/support/raw_client.ts";
import { checkAsync } from "./repeatable.ts";

const AUTHORITY = await CertificateAuthority.create("Fuzz CA", 1);
const SERVER = await AUTHORITY.issue({ name: "localhost", hosts: ["localhost"], validDays: 1 });

const known = fc.constantFrom(
  requestFrame(ApiVersionsRequest, 3, { clientSoftwareName: "a", clientSoftwareVersion: "1" }, { correlationId: 1 }),
  requestFrame(SaslHandshakeRequest, 1, { mechanism: "SCRAM-SHA-256" }, { correlationId: 2 }),
  requestFrame(SaslHandshakeRequest, 0, { mechanism: "PLAIN" }, { correlationId: 2 }),
  requestFrame(SaslAuthenticateRequest, 2, { authBytes: utf8("n,,n=alice,r=abc") }, { correlationId: 3 }),
  requestFrame(SaslAuthenticateRequest, 2, { authBytes: utf8("\0alice\0guess") }, { correlationId: 3 }),
  requestFrame(MetadataRequest, 9, { topics: [] }, { correlationId: 99 }),
);
const bytes = fc.uint8Array({ maxLength: 200 });
const changed = fc.tuple(known, fc.nat(200), fc.nat(255)).map(([frame, at, byte]) => {
  const copy = frame.slice();
  // The length stays, so that what is behind it is looked at.
  if (at + 4 < copy.length) copy[at + 4] = byte;
  return copy;
});
const connection = fc.array(fc.oneof(known, changed, bytes.map((body) => framed(body)), bytes), { maxLength: 6 });

async function start(): Promise<Broker> {
  return await Broker.start({
    set: {
      "listeners": "SASL_PLAINTEXT://127.0.0.1:0,SASL_SSL://127.0.0.1:0",
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,OAUTHBEARER",
      ...Object.fromEntries(["sasl_plaintext", "sasl_ssl"].map((name) => [
        `listener.name.${name}.plain.sasl.jaas.config`,
        'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret";',
      ])),
      "ssl.keystore.type": "PEM",
      "ssl.keystore.key": SERVER.key,
      "ssl.keystore.certificate.chain": SERVER.certificate,
      "connection.failed.authentication.delay.ms": "0",
      "sasl.server.max.receive.size": "10000",
    },
    logger: { info() {}, warn() {} },
  });
}

/** Sends all, and gives the frames that come back before the broker ends the connection, or says no more for a moment. */
async function overTcp(port: number, chunks: readonly Uint8Array[]): Promise<Uint8Array[]> {
  using client = await RawClient.connect({ hostname: "127.0.0.1", port });
  for (const chunk of chunks) await client.sendBytes(chunk);
  const frames: Uint8Array[] = [];
  for (;;) {
    const frame = await client.receive(SILENCE_MS);
    if (typeof frame === "string") return frames;
    frames.push(frame);
  }
}

/** As {@linkcode overTcp}, over TLS; what comes back is not taken apart. */
async function overTls(port: number, chunks: readonly Uint8Array[]): Promise<void> {
  const socket = tlsConnect({ host: "127.0.0.1", port, servername: "localhost", ca: AUTHORITY.pem.certificate });
  const isOver = new Promise<void>((resolve) => {
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
  });
  socket.resume();
  socket.write(Buffer.from(concat(chunks)));
  socket.end();
  await isOver;
}

/** How long it is waited for an answer that may not come. */
const SILENCE_MS = 10;
const METADATA_ID = 99;

Deno.test("strangers get no answer beyond authentication, whatever they send, and the broker goes on", async () => {
  await using broker = await start();
  const [tcpPort, tlsPort] = broker.bootstrapServers.split(",").map((text) => Number(text.split(":")[1]));
  await checkAsync(
    "tests/fuzz/unauthenticated_test.ts",
    60,
    fc.asyncProperty(connection, async (chunks) => {
      const answers = await overTcp(tcpPort, chunks);
      assert(answers.every((frame) => frame.length < 4 || new Reader(frame).int32() !== METADATA_ID));
    }),
  );
  await checkAsync(
    "tests/fuzz/unauthenticated_test.ts",
    40,
    fc.asyncProperty(connection, (chunks) => overTls(tlsPort, chunks)),
  );
  await checkAsync(
    "tests/fuzz/unauthenticated_test.ts",
    40,
    fc.asyncProperty(connection, async (chunks) => assertEquals(await overTcp(tlsPort, chunks), [])),
  );

  using client = await RawClient.connect({ hostname: "127.0.0.1", port: tcpPort });
  const { errorCode } = await client.ask(ApiVersionsRequest, ApiVersionsResponse, 0, {});
  assertEquals(errorCode, 0);
});
