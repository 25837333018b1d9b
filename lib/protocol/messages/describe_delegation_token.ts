/**
 * DescribeDelegationToken: the delegation tokens of owners (KIP-48).
 *
 * Version 2 is flexible, 3 tells who requested a token (KIP-373).
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

export const DescribeDelegationTokenRequest = request({
  key: 41,
  name: "DescribeDelegationTokenRequest",
  versions: [1, 3],
  flexible: 2,
}, {
  owners: nullable(array({ principalType: string, principalName: string }), []),
});
export type DescribeDelegationTokenRequest = Infer<typeof DescribeDelegationTokenRequest>;

export const DescribeDelegationTokenResponse = response({
  key: 41,
  name: "DescribeDelegationTokenResponse",
  versions: [1, 3],
  flexible: 2,
}, {
  errorCode: int16,
  tokens: array({
    principalType: string,
    principalName: string,
    tokenRequesterPrincipalType: since(3, string),
    tokenRequesterPrincipalName: since(3, string),
    issueTimestamp: int64,
    expiryTimestamp: int64,
    maxTimestamp: int64,
    tokenId: string,
    hmac: bytes,
    renewers: array({ principalType: string, principalName: string }),
  }),
  throttleTimeMs: int32,
});
export type DescribeDelegationTokenResponse = Infer<typeof DescribeDelegationTokenResponse>;
