/**
 * Making, renewing and ending delegation tokens (KIP-48, KIP-900). Error codes are those of Apache Kafka.
 *
 * | token    | event                                     | next                                         |
 * | -------- | ----------------------------------------- | -------------------------------------------- |
 * | none     | created                                   | good, until its expiry                       |
 * | good     | renewed, or given another expiry          | good, until that, at most as long as it may live |
 * | good     | its expiry is over                        | expired                                      |
 * | expired  | renewed, or given another expiry          | expired, DELEGATION_TOKEN_EXPIRED            |
 * | good, expired | ended at once, or swept when expired | none                                         |
 *
 * @module
 */
import { utf8 } from "../../bytes/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import type { DelegationTokenRecord } from "../../protocol/records/security.ts";
import { hasExpired } from "../../security/delegation_token.ts";
import type { MetadataImage } from "../image/image.ts";
import { metadataRecord } from "../record.ts";
import { type Decision, MAX_RECORDS_PER_REQUEST } from "./decision.ts";

/** How long tokens can be good. */
export interface DelegationTokenLimits {
  /** `delegation.token.max.lifetime.ms` */
  readonly maxLifetimeMs: number;
  /** `delegation.token.expiry.time.ms` */
  readonly expiryTimeMs: number;
}

/** A token to make. Principals are written as `User:alice`. */
export interface CreateDelegationToken {
  readonly tokenId: string;
  readonly owner: string;
  /** Who asks for it; the owner, or somebody who may for the owner (KIP-373). */
  readonly requester: string;
  readonly renewers: readonly string[];
  /** Not positive for as long as tokens may live. */
  readonly maxLifetimeMs: bigint;
}

/** What has become of a request for a token. */
export interface TokenCreation {
  readonly errorCode: ErrorCode;
  /** Null for an error. */
  readonly token: DelegationTokenRecord | null;
}

/** What has become of a request about the expiry of a token. */
export interface TokenExpiry {
  readonly errorCode: ErrorCode;
  /** Milliseconds since the epoch; 0 for an error. */
  readonly expiryTimestampMs: bigint;
}

/** Whose token it is, and who asks, as `User:alice`. */
export interface TokenChange {
  /** Finds the token that is meant. */
  readonly find: (tokens: Iterable<DelegationTokenRecord>) => DelegationTokenRecord | undefined;
  readonly requester: string;
  /** For how long it is to be good from now on. */
  readonly periodMs: bigint;
}

const MAX_INT64 = 2n ** 63n - 1n;
/** The longest text, in UTF-8 bytes, that a record can have. */
const MAX_STRING_BYTES = 0x7fff;
/** How much the renewers of a token may be: thousands of common ones, and not so many that a record is too large for the log. */
const MAX_RENEWERS_BYTES = 65_536;

/** Decides on a new token. Errors: UNSUPPORTED_VERSION; INVALID_REQUEST where the principals do not fit into a record. */
export function createDelegationToken(
  image: MetadataImage,
  { tokenId, owner, requester, renewers, maxLifetimeMs }: CreateDelegationToken,
  limits: DelegationTokenLimits,
  nowMs: number,
): Decision<TokenCreation> {
  if (!image.recordVersions.delegationTokens) return notCreated("UNSUPPORTED_VERSION");
  if (!fitIntoRecord([owner, requester], renewers)) return notCreated("INVALID_REQUEST");
  const maxTimestamp = after(nowMs, shorter(maxLifetimeMs, limits.maxLifetimeMs));
  const token: DelegationTokenRecord = {
    owner,
    requester,
    renewers: [...renewers],
    issueTimestamp: BigInt(nowMs),
    maxTimestamp,
    expirationTimestamp: earlier(maxTimestamp, after(nowMs, BigInt(limits.expiryTimeMs))),
    tokenId,
  };
  return { records: [metadataRecord("DelegationTokenRecord", token)], result: { errorCode: ErrorCode.NONE, token } };
}

/**
 * Decides on a longer life. A period that is not positive stands for the longest. Errors: UNSUPPORTED_VERSION,
 * DELEGATION_TOKEN_NOT_FOUND, DELEGATION_TOKEN_EXPIRED, DELEGATION_TOKEN_OWNER_MISMATCH.
 */
export function renewDelegationToken(
  image: MetadataImage,
  { find, requester, periodMs }: TokenChange,
  limits: DelegationTokenLimits,
  nowMs: number,
): Decision<TokenExpiry> {
  if (!image.recordVersions.delegationTokens) return refused("UNSUPPORTED_VERSION");
  const token = find(image.security.delegationTokens.values());
  if (token === undefined) return refused("DELEGATION_TOKEN_NOT_FOUND");
  if (hasExpired(token, nowMs)) return refused("DELEGATION_TOKEN_EXPIRED");
  if (!mayRenew(token, requester)) return refused("DELEGATION_TOKEN_OWNER_MISMATCH");
  return expiringAfter(token, nowMs, shorter(periodMs, limits.expiryTimeMs));
}

/**
 * Decides on another end: at once where the period is negative, even of a token that has expired. Errors: as those of
 * {@linkcode renewDelegationToken}.
 */
export function expireDelegationToken(
  image: MetadataImage,
  { find, requester, periodMs }: TokenChange,
  nowMs: number,
): Decision<TokenExpiry> {
  if (!image.recordVersions.delegationTokens) return refused("UNSUPPORTED_VERSION");
  const token = find(image.security.delegationTokens.values());
  if (token === undefined) return refused("DELEGATION_TOKEN_NOT_FOUND");
  if (!mayRenew(token, requester)) return refused("DELEGATION_TOKEN_OWNER_MISMATCH");
  if (periodMs < 0n) return { records: [removal(token)], result: expiresAt(BigInt(nowMs)) };
  if (hasExpired(token, nowMs)) return refused("DELEGATION_TOKEN_EXPIRED");
  return expiringAfter(token, nowMs, periodMs);
}

/** Decides on removing tokens that have expired; the result is those. There may be more, which wait for the next time. */
export function sweepDelegationTokens(image: MetadataImage, nowMs: number): Decision<readonly DelegationTokenRecord[]> {
  const expired = [...image.security.delegationTokens.values()]
    .filter((token) => hasExpired(token, nowMs))
    .slice(0, MAX_RECORDS_PER_REQUEST);
  return { records: expired.map(removal), result: expired };
}

function notCreated(name: keyof typeof ErrorCode): Decision<TokenCreation> {
  return { records: [], result: { errorCode: ErrorCode[name], token: null } };
}

function refused(name: keyof typeof ErrorCode): Decision<TokenExpiry> {
  return { records: [], result: { errorCode: ErrorCode[name], expiryTimestampMs: 0n } };
}

function expiresAt(expiryTimestampMs: bigint): TokenExpiry {
  return { errorCode: ErrorCode.NONE, expiryTimestampMs };
}

function fitIntoRecord(parties: readonly string[], renewers: readonly string[]): boolean {
  const sizes = renewers.map((renewer) => utf8(renewer).length);
  return [...parties.map((party) => utf8(party).length), ...sizes].every((size) => size <= MAX_STRING_BYTES) &&
    sizes.reduce((sum, size) => sum + size, 0) <= MAX_RENEWERS_BYTES;
}

function removal({ tokenId }: DelegationTokenRecord): MetadataRecord {
  return metadataRecord("RemoveDelegationTokenRecord", { tokenId });
}

/** Whoever has had it made for somebody else may not. */
function mayRenew({ owner, renewers }: DelegationTokenRecord, requester: string): boolean {
  return owner === requester || renewers.includes(requester);
}

function expiringAfter(token: DelegationTokenRecord, nowMs: number, periodMs: bigint): Decision<TokenExpiry> {
  const expirationTimestamp = earlier(token.maxTimestamp, after(nowMs, periodMs));
  return {
    records: [metadataRecord("DelegationTokenRecord", { ...token, expirationTimestamp })],
    result: expiresAt(expirationTimestamp),
  };
}

/** The period that was asked for, where it is one, and not longer than it may be. */
function shorter(askedMs: bigint, longestMs: number): bigint {
  return askedMs > 0n ? earlier(askedMs, BigInt(longestMs)) : BigInt(longestMs);
}

function after(nowMs: number, periodMs: bigint): bigint {
  return earlier(MAX_INT64, BigInt(nowMs) + periodMs);
}

function earlier(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
