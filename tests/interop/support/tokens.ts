/**
 * A client that authenticates by a password or a delegation token, and asks for delegation tokens.
 *
 * @module
 */
import { utf8 } from "../../../lib/bytes/mod.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from "../../../lib/protocol/messages/create_delegation_token.ts";
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from "../../../lib/protocol/messages/describe_delegation_token.ts";
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from "../../../lib/protocol/messages/expire_delegation_token.ts";
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from "../../../lib/protocol/messages/renew_delegation_token.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "../../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "../../../lib/protocol/messages/sasl_handshake.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { SCRAM_MECHANISMS, type ScramMechanism } from "../../../lib/security/sasl/scram.ts";
import { toBase64 } from "../../../lib/security/sasl/text.ts";
import type { RawClient } from "./raw_client.ts";
import { ScramPeer } from "./scram_peer.ts";

/** What a client has of a token. */
export interface Token {
  readonly tokenId: string;
  readonly hmac: Uint8Array;
}

/** Authenticates by PLAIN. */
export async function loginByPassword(client: RawClient, name: string, password = name) {
  await client.ask(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: "PLAIN" });
  return await authenticate(client, utf8(`\0${name}\0${password}`));
}

/** Authenticates by a token; resolves to the broker's last answer. */
export async function loginByToken(
  client: RawClient,
  { tokenId, hmac }: Token,
  mechanism: ScramMechanism = SCRAM_MECHANISMS[0],
) {
  await client.ask(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: mechanism.name });
  const peer = new ScramPeer(mechanism, tokenId, toBase64(hmac), { extensions: ",tokenauth=true" });
  const first = await authenticate(client, peer.first());
  return first.errorCode === ErrorCode.NONE ? await authenticate(client, peer.final(first.authBytes)) : first;
}

function authenticate(client: RawClient, authBytes: Uint8Array) {
  return client.ask(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, { authBytes });
}

export function createToken(client: RawClient, request: Init<CreateDelegationTokenRequest> = {}, version = 3) {
  return client.ask(CreateDelegationTokenRequest, CreateDelegationTokenResponse, version, {
    maxLifetimeMs: -1n,
    ...request,
  });
}

export function renewToken(client: RawClient, hmac: Uint8Array, renewPeriodMs = -1n, version = 2) {
  return client.ask(RenewDelegationTokenRequest, RenewDelegationTokenResponse, version, { hmac, renewPeriodMs });
}

export function expireToken(client: RawClient, hmac: Uint8Array, expiryTimePeriodMs = -1n, version = 2) {
  const request = { hmac, expiryTimePeriodMs };
  return client.ask(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, version, request);
}

/** Describes the tokens of those users; all where that is null. */
export function describeTokens(client: RawClient, owners: readonly string[] | null = null, version = 3) {
  return client.ask(DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, version, {
    owners: owners?.map((principalName) => ({ principalType: "User", principalName })) ?? null,
  });
}
