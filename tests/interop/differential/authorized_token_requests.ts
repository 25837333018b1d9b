/**
 * A request of each API of delegation tokens for the table of authorization. Everybody has a token of its own; what may be
 * allowed is to have one of one user more, and to see those of others.
 *
 * @module
 */
import { CreateDelegationTokenRequest } from "../../../lib/protocol/messages/create_delegation_token.ts";
import { DescribeDelegationTokenRequest } from "../../../lib/protocol/messages/describe_delegation_token.ts";
import { ExpireDelegationTokenRequest } from "../../../lib/protocol/messages/expire_delegation_token.ts";
import { RenewDelegationTokenRequest } from "../../../lib/protocol/messages/renew_delegation_token.ts";
import { type AuthorizedRequest, of } from "./authorized_requests.ts";

/** The name of a user for whom others ask. */
export const TOKEN_OWNER = "u0";

const NO_TOKEN = new Uint8Array(64);

/** The requests that make and change tokens. They come first of all. */
export const AUTHORIZED_TOKEN_REQUESTS: Readonly<Record<string, AuthorizedRequest>> = {
  "CreateDelegationToken": of(CreateDelegationTokenRequest, 3, () => ({ maxLifetimeMs: -1n })),
  "CreateDelegationToken for somebody else": of(CreateDelegationTokenRequest, 3, () => ({
    ownerPrincipalType: "User",
    ownerPrincipalName: TOKEN_OWNER,
    maxLifetimeMs: -1n,
  })),
  "RenewDelegationToken": of(RenewDelegationTokenRequest, 2, () => ({ hmac: NO_TOKEN, renewPeriodMs: -1n })),
  "ExpireDelegationToken": of(ExpireDelegationTokenRequest, 2, () => ({ hmac: NO_TOKEN, expiryTimePeriodMs: -1n })),
};

/** The request that tells of them comes last of all: it takes Apache Kafka's broker seconds to hear of so many tokens. */
export const AUTHORIZED_TOKEN_DESCRIPTION: Readonly<Record<string, AuthorizedRequest>> = {
  "DescribeDelegationToken": of(DescribeDelegationTokenRequest, 3, () => ({ owners: null })),
};
