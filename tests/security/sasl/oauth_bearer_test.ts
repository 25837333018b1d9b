/** Tokens that an issuer has signed, with its keys in a file; the library `jose` signs here and checks there. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as jose from "jose";
import { utf8 } from "../../../lib/bytes/mod.ts";
import { SaslAuthenticationError, SaslError, type SaslStep } from "../../../lib/security/sasl/exchange.ts";
import { OAuthBearerExchange } from "../../../lib/security/sasl/oauth_bearer.ts";
import { utf8Text } from "../../../lib/security/sasl/text.ts";
import { tokenCheck, type TokenRules } from "../../../lib/security/sasl/token_check.ts";
import { jsonWebTokens } from "../../../lib/shell/json_web_tokens.ts";

const NOW_MS = 1_700_000_000_000;
const NOW = NOW_MS / 1000;
const CLOCK = { now: () => NOW_MS };
const GOOD = { sub: "alice", iss: "https://issuer.example", aud: "kafka", iat: NOW - 10, exp: NOW + 60, scope: "a b" };

interface Issuer extends Disposable {
  readonly keysUrl: string;
  sign(claims: jose.JWTPayload, header?: Partial<jose.JWTHeaderParameters>): Promise<string>;
}

async function newIssuer(): Promise<Issuer> {
  const file = Deno.makeTempFileSync({ suffix: ".json" });
  const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
  const key = { ...await jose.exportJWK(publicKey), kid: "1", alg: "ES256" };
  Deno.writeTextFileSync(file, JSON.stringify({ keys: [key] }));
  return {
    keysUrl: `file://${file}`,
    sign: (claims, header = {}) =>
      new jose.SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "1", ...header }).sign(privateKey),
    [Symbol.dispose]: () => Deno.removeSync(file),
  };
}

function rulesFor(keysUrl: string | null, rules: Partial<TokenRules> = {}): TokenRules {
  return {
    keysUrl,
    keysAuthoritiesPath: null,
    maxKeyAgeMs: 60_000,
    issuer: null,
    audience: [],
    clockSkewSeconds: 0,
    nameClaim: "sub",
    scopeClaim: "scope",
    requiredScope: [],
    ...rules,
  };
}

function show(rules: TokenRules, token: string, header = "n,,"): Promise<SaslStep> {
  const exchange = new OAuthBearerExchange(tokenCheck(rules, { clock: CLOCK, webTokens: jsonWebTokens() }));
  return exchange.evaluate(utf8(`${header}\x01auth=Bearer ${token}\x01\x01`));
}

Deno.test("a token that the issuer has signed lets its subject in, until it expires", async () => {
  using issuer = await newIssuer();
  const rules = rulesFor(issuer.keysUrl, { issuer: "https://issuer.example", audience: ["other", "kafka"] });
  const step = await show(rules, await issuer.sign(GOOD));
  assertEquals(step, {
    isComplete: true,
    token: new Uint8Array(0),
    principal: { type: "User", name: "alice" },
    expiresAtMs: NOW_MS + 60_000,
  });
});

Deno.test("the claim that names the principal can be another one", async () => {
  using issuer = await newIssuer();
  const step = await show(
    rulesFor(issuer.keysUrl, { nameClaim: "client" }),
    await issuer.sign({ ...GOOD, client: "app" }),
  );
  assertEquals(step.isComplete && step.principal.name, "app");
});

Deno.test("a token that is late, early, for others, from others, without a name or an end is not taken", async () => {
  using issuer = await newIssuer();
  using stranger = await newIssuer();
  const rules = rulesFor(issuer.keysUrl, { issuer: "https://issuer.example", audience: ["kafka"] });
  const bad: Promise<string>[] = [
    issuer.sign({ ...GOOD, exp: NOW - 1 }),
    issuer.sign({ ...GOOD, nbf: NOW + 5 }),
    issuer.sign({ ...GOOD, aud: "another" }),
    issuer.sign({ ...GOOD, iss: "https://another.example" }),
    issuer.sign({ ...GOOD, sub: "" }),
    issuer.sign({ ...GOOD, sub: undefined }),
    issuer.sign({ ...GOOD, exp: undefined }),
    issuer.sign(GOOD, { kid: "2" }),
    stranger.sign(GOOD),
    Promise.resolve(new jose.UnsecuredJWT(GOOD).encode()),
    new jose.SignJWT(GOOD).setProtectedHeader({ alg: "HS256", kid: "1" }).sign(utf8("x".repeat(32))),
    Promise.resolve("no-token"),
  ];
  for (const token of bad) {
    const step = await show(rules, await token);
    assertEquals([step.isComplete, utf8Text(step.token)], [false, '{"status":"invalid_token"}']);
  }
});

Deno.test("a clock that differs by the skew that is allowed does no harm", async () => {
  using issuer = await newIssuer();
  const token = await issuer.sign({ ...GOOD, exp: NOW - 20 });
  assertEquals((await show(rulesFor(issuer.keysUrl, { clockSkewSeconds: 30 }), token)).isComplete, true);
  assertEquals((await show(rulesFor(issuer.keysUrl, { clockSkewSeconds: 10 }), token)).isComplete, false);
});

Deno.test("a scope that lacks a part that is needed is told", async () => {
  using issuer = await newIssuer();
  const rules = rulesFor(issuer.keysUrl, { requiredScope: ["a", "c"] });
  assertEquals(utf8Text((await show(rules, await issuer.sign(GOOD))).token), '{"status":"insufficient_scope"}');
  assertEquals((await show(rules, await issuer.sign({ ...GOOD, scope: ["c", "a"] }))).isComplete, true);
});

Deno.test("a client that wants to be somebody else than its token says is refused", async () => {
  using issuer = await newIssuer();
  const token = await issuer.sign(GOOD);
  const refused = await assertRejects(() => show(rulesFor(issuer.keysUrl), token, "n,a=bob,"), SaslAuthenticationError);
  assertStringIncludes(
    refused.message,
    "an authorization id (bob) that is different from the token's principal name (alice)",
  );
  assertEquals((await show(rulesFor(issuer.keysUrl), token, "n,a=alice,")).isComplete, true);
});

Deno.test("keys that cannot be read let nobody in", async () => {
  using issuer = await newIssuer();
  const step = await show(rulesFor("file:///there/is/no/such/file.json"), await issuer.sign(GOOD));
  assertEquals(step.isComplete, false);
});

Deno.test("messages that are malformed are refused", async () => {
  const exchange = () => new OAuthBearerExchange(() => Promise.reject(new Error("nobody asks")));
  for (
    const text of [
      "",
      "n,,",
      "n,,\x01\x01",
      "n,,\x01auth=Basic x\x01\x01",
      "n,,\x01auth=Bearer \x01\x01",
      "y,,\x01auth=Bearer x\x01\x01",
    ]
  ) {
    await assertRejects(() => exchange().evaluate(utf8(text)), SaslError, "the first message of the client");
  }
});
