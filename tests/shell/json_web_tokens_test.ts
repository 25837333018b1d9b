/** Keys of an issuer that come over http and https, from servers that are well, and from others. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import * as jose from "jose";
import { certs, LOCAL_HOSTS } from "../../lib/cli/certs.ts";
import type { WebTokenRules, WebTokens } from "../../lib/ports.ts";
import { jsonWebTokens } from "../../lib/shell/json_web_tokens.ts";
import { thisProcess } from "../../lib/shell/process.ts";

const NOW_MS = 1_700_000_000_000;
const EXPIRES = NOW_MS / 1000 + 60;
const TIMEOUT_MS = 200;

/** A server of keys, which counts how often it is asked. */
class KeyServer implements AsyncDisposable {
  keys: jose.JWK[] = [];
  requests = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #scheme: string;

  constructor(tls: Deno.TlsCertifiedKeyPem | null, answer?: () => Response | Promise<Response>) {
    const handle = () => {
      this.requests++;
      return answer?.() ?? Response.json({ keys: this.keys });
    };
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = tls === null ? Deno.serve(options, handle) : Deno.serve({ ...options, ...tls }, handle);
    this.#scheme = tls === null ? "http" : "https";
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#server.addr.port}/keys`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A key of that id: the part that a server gives, and a token that is signed with it. */
async function newKey(kid: string): Promise<{ jwk: jose.JWK; token: string }> {
  const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
  const token = new jose.SignJWT({ sub: kid, exp: EXPIRES }).setProtectedHeader({ alg: "ES256", kid });
  const jwk = { ...await jose.exportJWK(publicKey), kid, alg: "ES256" };
  return { jwk, token: await token.sign(privateKey) };
}

function rules(keysUrl: string, facts: Partial<WebTokenRules> = {}): WebTokenRules {
  const nobody = { issuer: null, audience: [], clockSkewSeconds: 0, keysAuthoritiesPath: null };
  return { keysUrl, maxKeyAgeMs: 60_000, nowMs: NOW_MS, ...nobody, ...facts };
}

async function subjectOf(tokens: WebTokens, token: string, rules: WebTokenRules): Promise<unknown> {
  return (await tokens.claims(token, rules)).sub;
}

Deno.test("keys are fetched over http once, and kept", async () => {
  await using server = new KeyServer(null);
  const { jwk, token } = await newKey("a");
  server.keys = [jwk];
  const tokens = jsonWebTokens(TIMEOUT_MS);
  for (let times = 0; times < 3; times++) assertEquals(await subjectOf(tokens, token, rules(server.url)), "a");
  assertEquals(server.requests, 1);
});

Deno.test("a key that takes the place of another one is found when the keys are too old, and the old one is gone", async () => {
  await using server = new KeyServer(null);
  const [before, after] = [await newKey("a"), await newKey("b")];
  const tokens = jsonWebTokens(TIMEOUT_MS);
  const always = rules(server.url, { maxKeyAgeMs: 0 });
  server.keys = [before.jwk];
  assertEquals(await subjectOf(tokens, before.token, always), "a");
  server.keys = [after.jwk];
  assertEquals(await subjectOf(tokens, after.token, always), "b");
  await assertRejects(() => tokens.claims(before.token, always), jose.errors.JWKSNoMatchingKey);
});

Deno.test("tokens with keys that nobody knows do not have the keys fetched again and again", async () => {
  await using server = new KeyServer(null);
  server.keys = [(await newKey("a")).jwk];
  const tokens = jsonWebTokens(TIMEOUT_MS);
  const { token } = await newKey("stranger");
  for (let times = 0; times < 5; times++) {
    await assertRejects(() => tokens.claims(token, rules(server.url)), jose.errors.JWKSNoMatchingKey);
  }
  assertEquals(server.requests, 1);
});

Deno.test("keys are fetched over https from a server that an authority vouches for, and from no other", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const silent = { ...thisProcess(), write() {} };
    await certs(silent, { folder, hosts: LOCAL_HOSTS, clients: [], validDays: 1 });
    const pem = Deno.readTextFileSync(`${folder}/server.pem`);
    await using server = new KeyServer({ key: pem, cert: pem });
    const { jwk, token } = await newKey("a");
    server.keys = [jwk];
    const believed = rules(server.url, { keysAuthoritiesPath: `${folder}/ca.pem` });
    assertEquals(await subjectOf(jsonWebTokens(TIMEOUT_MS), token, believed), "a");
    await assertRejects(() => jsonWebTokens(TIMEOUT_MS).claims(token, rules(server.url)));
    assertEquals(server.requests, 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a server that is not there, says no, sends others away, or tells nonsense lets nobody in", async () => {
  const { token } = await newKey("a");
  const answers = [
    () => new Response("no", { status: 500 }),
    () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
    () => new Response("<html>"),
    () => Response.json({ keys: "none" }),
    () => Response.json({ keys: [{ kty: "EC", kid: "a", crv: "P-256", x: "!", y: "!" }] }),
    () => Response.json(null),
  ];
  for (const answer of answers) {
    await using server = new KeyServer(null, answer);
    await assertRejects(() => jsonWebTokens(TIMEOUT_MS).claims(token, rules(server.url)));
  }
  await assertRejects(() => jsonWebTokens(TIMEOUT_MS).claims(token, rules("http://127.0.0.1:1/keys")));
});

Deno.test("a server that is back after it was away lets in again", async () => {
  let isAway = true;
  const { jwk, token } = await newKey("a");
  const answer = () => isAway ? new Response("away", { status: 503 }) : Response.json({ keys: [jwk] });
  await using server = new KeyServer(null, answer);
  const tokens = jsonWebTokens(TIMEOUT_MS);
  await assertRejects(() => tokens.claims(token, rules(server.url)));
  isAway = false;
  assertEquals(await subjectOf(tokens, token, rules(server.url)), "a");
});

Deno.test("a server that does not answer, or not to the end, is given up in time", async () => {
  const { token } = await newKey("a");
  const endless = new AbortController();
  const never = new Promise<Response>((resolve) =>
    endless.signal.addEventListener("abort", () => resolve(new Response()))
  );
  const half = () => new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode("{")) }));
  for (const answer of [() => never, half]) {
    await using server = new KeyServer(null, answer);
    await assertRejects(() => jsonWebTokens(TIMEOUT_MS).claims(token, rules(server.url)), jose.errors.JWKSTimeout);
    endless.abort();
  }
});

Deno.test("an answer without end is not read to its end", async () => {
  const { token } = await newKey("a");
  let sentBytes = 0;
  const flood = () =>
    new Response(
      new ReadableStream({
        pull(body) {
          sentBytes += 65_536;
          body.enqueue(new Uint8Array(65_536).fill(0x20));
        },
      }),
    );
  await using server = new KeyServer(null, flood);
  const error = await assertRejects(() => jsonWebTokens(10_000).claims(token, rules(server.url)), Error);
  assertMatch(error.message + String(error.cause), /gives more than 1048576 bytes/);
  assertEquals(sentBytes < 64 * 1024 * 1024, true);
});
