/**
 * JSON Web Tokens, checked by the library `jose`, with keys from a file or from a URL.
 *
 * @module
 */
import type { JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import type { WebTokenRules, WebTokens } from "../ports.ts";

/** Only signatures with a key that is public: with a secret that both sides have, the broker could issue tokens too. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** Whoever sends tokens with unknown key ids cannot have the keys fetched more often than this. */
const COOLDOWN_MS = 10_000;
const FETCH_TIMEOUT_MS = 10_000;
/** More than any issuer has keys for: what is longer is not read. */
const MAX_KEYS_BYTES = 1024 * 1024;
const FILE = "file:";

/** A checker with keys of its own, which a server must give in that time. */
export function jsonWebTokens(fetchTimeoutMs = FETCH_TIMEOUT_MS): WebTokens {
  const keySets = new Map<string, JWTVerifyGetKey>();
  return {
    async claims(token, rules) {
      // A broker that checks no tokens does not wait for the library.
      const jose = await import("jose");
      if (rules.keysUrl === null) return jose.UnsecuredJWT.decode(token, optionsOf(rules)).payload;
      const name = `${rules.keysUrl} ${rules.maxKeyAgeMs} ${rules.keysAuthoritiesPath}`;
      const keys = keySets.get(name) ?? keySetOf(rules.keysUrl, { ...rules, fetchTimeoutMs }, jose);
      keySets.set(name, keys);
      const { payload } = await jose.jwtVerify(token, keys, { ...optionsOf(rules), algorithms: ALGORITHMS });
      return payload;
    },
  };
}

function optionsOf({ issuer, audience, clockSkewSeconds, nowMs }: WebTokenRules): JWTVerifyOptions {
  return {
    ...(issuer === null ? {} : { issuer }),
    ...(audience.length === 0 ? {} : { audience: [...audience] }),
    clockTolerance: clockSkewSeconds,
    currentDate: new Date(nowMs),
  };
}

interface KeySetRules extends Pick<WebTokenRules, "maxKeyAgeMs" | "keysAuthoritiesPath"> {
  readonly fetchTimeoutMs: number;
}

function keySetOf(
  url: string,
  { maxKeyAgeMs, keysAuthoritiesPath, fetchTimeoutMs }: KeySetRules,
  jose: typeof import("jose"),
): JWTVerifyGetKey {
  if (!url.startsWith(FILE)) {
    return jose.createRemoteJWKSet(new URL(url), {
      cacheMaxAge: maxKeyAgeMs,
      cooldownDuration: COOLDOWN_MS,
      timeoutDuration: fetchTimeoutMs,
      [jose.customFetch]: (url, request) => fetchBounded(url, request, keysAuthoritiesPath),
    });
  }
  // A file is small, and read anew each time: so new keys are there at once.
  return async (header, token) => {
    const keys = JSON.parse(await Deno.readTextFile(new URL(url)));
    return await jose.createLocalJWKSet(keys)(header, token);
  };
}

/** As `fetch`, for an answer of a bounded size. */
async function fetchBounded(url: string, request: RequestInit, authoritiesPath: string | null): Promise<Response> {
  // The file is read anew each time, as that of the keys is.
  using client = authoritiesPath === null
    ? null
    : Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authoritiesPath)] });
  const response = await fetch(url, client === null ? request : { ...request, client });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  // Whoever leaves the loop before its end has the connection closed.
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_KEYS_BYTES) throw new Error(`${url} gives more than ${MAX_KEYS_BYTES} bytes, which are no keys`);
    chunks.push(chunk);
  }
  return new Response(new Blob(chunks), { status: response.status });
}
