import { assertEquals } from "@std/assert";
import {
  type CreateDelegationToken,
  createDelegationToken,
  expireDelegationToken,
  renewDelegationToken,
  sweepDelegationTokens,
  type TokenChange,
} from "../../../lib/metadata/decide/delegation_tokens.ts";
import type { MetadataImage } from "../../../lib/metadata/image/image.ts";
import { metadataRecord } from "../../../lib/metadata/record.ts";
import { errorOf } from "../../api/handlers/support.ts";
import { apply, imageOf } from "../support.ts";

const LIMITS = { maxLifetimeMs: 1000, expiryTimeMs: 100 };
const NOW_MS = 5000;

function create(image: MetadataImage, facts: Partial<CreateDelegationToken> = {}, limits = LIMITS) {
  const request = {
    tokenId: "t",
    owner: "User:owner",
    requester: "User:requester",
    renewers: ["User:renewer"],
    maxLifetimeMs: -1n,
    ...facts,
  };
  const decision = createDelegationToken(image, request, limits, NOW_MS);
  apply(image, decision);
  return decision.result;
}

function change(facts: Partial<TokenChange> & { readonly tokenId?: string } = {}): TokenChange {
  const { tokenId = "t" } = facts;
  const find: TokenChange["find"] = (tokens) => [...tokens].find((token) => token.tokenId === tokenId);
  return { find, requester: "User:owner", periodMs: 50n, ...facts };
}

/** An image with one token, which expires at 5100 and lives until 6000 at most. */
function imageWithToken(): MetadataImage {
  const image = imageOf();
  create(image);
  return image;
}

function expiryOf(image: MetadataImage): bigint | undefined {
  return image.security.delegationTokens.get("t")?.expirationTimestamp;
}

Deno.test("a token says whose it is, and is good for as long as the settings say", () => {
  const image = imageOf();
  const { errorCode, token } = create(image);
  assertEquals(errorCode, 0);
  assertEquals(token, {
    tokenId: "t",
    owner: "User:owner",
    requester: "User:requester",
    renewers: ["User:renewer"],
    issueTimestamp: 5000n,
    maxTimestamp: 6000n,
    expirationTimestamp: 5100n,
  });
  assertEquals([...image.security.delegationTokens.values()], [token]);
});

Deno.test("a token lives as long as was asked for, up to what the settings allow", () => {
  const timesOf = (maxLifetimeMs: bigint) => {
    const { token } = create(imageOf(), { maxLifetimeMs });
    return [token!.maxTimestamp, token!.expirationTimestamp];
  };
  assertEquals(timesOf(-1n), [6000n, 5100n]);
  assertEquals(timesOf(0n), [6000n, 5100n]);
  assertEquals(timesOf(-(2n ** 63n)), [6000n, 5100n]);
  assertEquals(timesOf(500n), [5500n, 5100n]);
  assertEquals(timesOf(50n), [5050n, 5050n]);
  assertEquals(timesOf(2n ** 63n - 1n), [6000n, 5100n]);
});

Deno.test("a time beyond the end of time is the end of time", () => {
  const forever = { maxLifetimeMs: 2 ** 63, expiryTimeMs: 2 ** 63 };
  const { token } = create(imageOf(), {}, forever);
  assertEquals([token!.maxTimestamp, token!.expirationTimestamp], [2n ** 63n - 1n, 2n ** 63n - 1n]);
});

Deno.test("principals that no record can hold are refused, and change nothing", () => {
  const image = imageOf();
  const long = `User:${"ü".repeat(16_382)}`;
  assertEquals(errorOf(create(image, { owner: `${long}x` })), "INVALID_REQUEST");
  assertEquals(errorOf(create(image, { requester: `${long}x` })), "INVALID_REQUEST");
  assertEquals(errorOf(create(image, { renewers: [`${long}x`] })), "INVALID_REQUEST");
  assertEquals(errorOf(create(image, { renewers: [long, long, "User:renewer"] })), "INVALID_REQUEST");
  assertEquals(image.security.delegationTokens.size, 0);
  assertEquals(errorOf(create(image, { owner: long.slice(0, -1), renewers: [long.slice(0, -1)] })), "NONE");
});

Deno.test("the owner and the renewers renew a token, at most to the end of its life", () => {
  const image = imageWithToken();
  for (
    const [periodMs, requester, expiry] of [
      [50n, "User:owner", 5050n],
      [-1n, "User:renewer", 5100n],
      [0n, "User:owner", 5100n],
      [2n ** 63n - 1n, "User:owner", 5100n],
    ] as const
  ) {
    const decision = renewDelegationToken(image, change({ periodMs, requester }), LIMITS, NOW_MS);
    assertEquals(decision.result, { errorCode: 0, expiryTimestampMs: expiry });
    apply(image, decision);
    assertEquals(expiryOf(image), expiry);
  }
  const wide = { ...LIMITS, expiryTimeMs: 5000 };
  assertEquals(renewDelegationToken(image, change({ periodMs: -1n }), wide, NOW_MS).result.expiryTimestampMs, 6000n);
});

Deno.test("a token is ended at once, or given another expiry", () => {
  const image = imageWithToken();
  for (const [periodMs, expiry] of [[30n, 5030n], [0n, 5000n], [2n ** 63n - 1n, 6000n]] as const) {
    const decision = expireDelegationToken(image, change({ periodMs }), NOW_MS);
    assertEquals(decision.result, { errorCode: 0, expiryTimestampMs: expiry });
    apply(image, decision);
    assertEquals(expiryOf(image), expiry);
  }
  const decision = expireDelegationToken(image, change({ periodMs: -1n, requester: "User:renewer" }), NOW_MS);
  assertEquals(decision.result, { errorCode: 0, expiryTimestampMs: 5000n });
  apply(image, decision);
  assertEquals(image.security.delegationTokens.size, 0);
});

Deno.test("a token that is not there, has expired, or is somebody else's is not changed", () => {
  const image = imageWithToken();
  const renew = (facts: Parameters<typeof change>[0], nowMs = NOW_MS) =>
    errorOf(renewDelegationToken(image, change(facts), LIMITS, nowMs).result);
  const expire = (facts: Parameters<typeof change>[0], nowMs = NOW_MS) =>
    errorOf(expireDelegationToken(image, change(facts), nowMs).result);
  for (const ask of [renew, expire]) {
    assertEquals(ask({ tokenId: "other" }), "DELEGATION_TOKEN_NOT_FOUND");
    assertEquals(ask({ requester: "User:other" }), "DELEGATION_TOKEN_OWNER_MISMATCH");
    assertEquals(ask({ requester: "User:requester" }), "DELEGATION_TOKEN_OWNER_MISMATCH");
    assertEquals(ask({ requester: "Group:owner" }), "DELEGATION_TOKEN_OWNER_MISMATCH");
    assertEquals(ask({}, 5100), "NONE");
    assertEquals(ask({}, 5101), "DELEGATION_TOKEN_EXPIRED");
  }
  // Which of two errors is told is as in Apache Kafka.
  assertEquals(renew({ requester: "User:other" }, 5101), "DELEGATION_TOKEN_EXPIRED");
  assertEquals(expire({ requester: "User:other" }, 5101), "DELEGATION_TOKEN_OWNER_MISMATCH");
  assertEquals(expire({ periodMs: -1n }, 5101), "NONE");
});

Deno.test("a metadata.version from before there were tokens has none", () => {
  const image = imageOf(metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 13 }));
  const decisions = [
    createDelegationToken(
      image,
      { tokenId: "t", owner: "User:a", requester: "User:a", renewers: [], maxLifetimeMs: -1n },
      LIMITS,
      NOW_MS,
    ),
    renewDelegationToken(image, change(), LIMITS, NOW_MS),
    expireDelegationToken(image, change(), NOW_MS),
  ];
  for (const { records, result } of decisions) {
    assertEquals([records.length, errorOf(result)], [0, "UNSUPPORTED_VERSION"]);
  }
});

Deno.test("tokens that have expired are swept away, and no others", () => {
  const image = imageOf();
  create(image, { tokenId: "short", maxLifetimeMs: 10n });
  create(image, { tokenId: "long" });
  const decision = sweepDelegationTokens(image, 5011);
  assertEquals(decision.result.map(({ tokenId }) => tokenId), ["short"]);
  apply(image, decision);
  assertEquals([...image.security.delegationTokens.keys()], ["long"]);
  assertEquals(sweepDelegationTokens(image, 5011).records, []);
});
