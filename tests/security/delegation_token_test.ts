import { assertEquals, assertStrictEquals } from "@std/assert";
import type { DelegationTokenRecord } from "../../lib/protocol/records/security.ts";
import { concerns, DelegationTokenSecrets, hasExpired } from "../../lib/security/delegation_token.ts";
import { formatPrincipal, parsePrincipal } from "../../lib/security/principal.ts";
import { SCRAM_MECHANISMS } from "../../lib/security/sasl/scram.ts";
import { toBase64 } from "../../lib/security/sasl/text.ts";
import { runtimeHashes } from "../../lib/shell/hashes.ts";

function token(tokenId: string): DelegationTokenRecord {
  return {
    tokenId,
    owner: "User:owner",
    requester: "User:requester",
    renewers: ["User:renewer"],
    issueTimestamp: 0n,
    maxTimestamp: 200n,
    expirationTimestamp: 100n,
  };
}

Deno.test("the secret of a token is the HMAC of its id, as Apache Kafka makes it", () => {
  const hmac = new DelegationTokenSecrets("token-secret", runtimeHashes).hmacOf(token("MDEyMzQ1Njc4OTAxMjM0NQ"));
  // Made by Python's hmac module.
  assertEquals(
    toBase64(hmac),
    "bVAlRnn5TCyDB+K5wef79Vru3Sv5Co+lR9GN/pdwQK3eS+nTWwzZu2nnx7IErGB9x3iyA/rPgslq1EbOmqi2VQ==",
  );
});

Deno.test("a token is found by its whole secret, and by nothing less", () => {
  const secrets = new DelegationTokenSecrets("secret", runtimeHashes);
  const tokens = [token("a"), token("b"), token("c")];
  for (const each of tokens) assertStrictEquals(secrets.find(tokens, secrets.hmacOf(each)), each);
  const right = secrets.hmacOf(tokens[1]);
  for (
    const wrong of [
      new Uint8Array(0),
      new Uint8Array(64),
      right.subarray(0, 63),
      new Uint8Array([...right, 0]),
      right.with(63, right[63] ^ 1),
      new DelegationTokenSecrets("another secret", runtimeHashes).hmacOf(tokens[1]),
    ]
  ) assertEquals(secrets.find(tokens, wrong), undefined);
});

Deno.test("what the server has of a token is made once for a mechanism and a salt", () => {
  let saltings = 0;
  const hashes: typeof runtimeHashes = {
    ...runtimeHashes,
    saltPassword: (...args) => {
      saltings++;
      return runtimeHashes.saltPassword(...args);
    },
  };
  const secrets = new DelegationTokenSecrets("secret", hashes);
  const [a, b] = [token("a"), token("b")];
  const salts = [new Uint8Array([1]), new Uint8Array([2])];
  const all = () =>
    SCRAM_MECHANISMS.flatMap((mechanism) =>
      salts.flatMap((salt) => [a, b].map((each) => toBase64(secrets.credentialOf(each, mechanism, salt).storedKey)))
    );
  const once = all();
  assertEquals(new Set(once).size, 8);
  assertEquals(all(), once);
  assertEquals(saltings, 8);
});

Deno.test("a token is good up to the millisecond of its expiry, and never longer than it may live", () => {
  assertEquals([99, 100, 101].map((nowMs) => hasExpired(token("a"), nowMs)), [false, false, true]);
  const renewed = { ...token("a"), expirationTimestamp: 300n };
  assertEquals([200, 201].map((nowMs) => hasExpired(renewed, nowMs)), [false, true]);
});

Deno.test("a token concerns its owner, its requester and its renewers", () => {
  const who = ["User:owner", "User:requester", "User:renewer", "User:other", "Group:owner", "owner"];
  assertEquals(who.filter((principal) => concerns(token("a"), principal)), who.slice(0, 3));
});

Deno.test("a principal is read as it is written, with colons in its name", () => {
  for (const text of ["User:alice", "User:a:b", "Group:", ":x"]) {
    assertEquals(formatPrincipal(parsePrincipal(text)), text);
  }
  assertEquals(parsePrincipal("User:a:b"), { type: "User", name: "a:b" });
});
