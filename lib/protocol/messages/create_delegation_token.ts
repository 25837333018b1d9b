/**
 * CreateDelegationToken: a token with which others authenticate as its owner (KIP-48).
 *
 * Version 2 is flexible, 3 can create one for another owner (KIP-373).
 *
 * @module
 */
import {
  array,
  bytes,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const CreateDelegationTokenRequest = request({
  key: 38,
  name: "CreateDelegationTokenRequest",
  versions: [1, 3],
  flexible: 2,
}, {
  ownerPrincipalType: since(3, nullable(string, "")),
  ownerPrincipalName: since(3, nullable(string, "")),
  renewers: array({ principalType: string, principalName: string }),
  maxLifetimeMs: int64,
});
export type CreateDelegationTokenRequest = Infer<typeof CreateDelegationTokenRequest>;

export const CreateDelegationTokenResponse = response({
  key: 38,
  name: "CreateDelegationTokenResponse",
  versions: [1, 3],
  flexible: 2,
}, {
  errorCode: int16,
  principalType: string,
  principalName: string,
  tokenRequesterPrincipalType: since(3, string),
  tokenRequesterPrincipalName: since(3, string),
  issueTimestampMs: int64,
  expiryTimestampMs: int64,
  maxTimestampMs: int64,
  tokenId: string,
  hmac: bytes,
  throttleTimeMs: int32,
});
export type CreateDelegationTokenResponse = Infer<typeof CreateDelegationTokenResponse>;
