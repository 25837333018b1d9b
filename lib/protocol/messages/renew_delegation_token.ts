/**
 * RenewDelegationToken: moves the expiry of a delegation token (KIP-48).
 *
 * Version 2 is flexible.
 *
 * @module
 */
import { bytes, type Infer, int16, int32, int64, request, response } from "../schema.ts";

export const RenewDelegationTokenRequest = request({
  key: 39,
  name: "RenewDelegationTokenRequest",
  versions: [1, 2],
  flexible: 2,
}, {
  hmac: bytes,
  renewPeriodMs: int64,
});
export type RenewDelegationTokenRequest = Infer<typeof RenewDelegationTokenRequest>;

export const RenewDelegationTokenResponse = response({
  key: 39,
  name: "RenewDelegationTokenResponse",
  versions: [1, 2],
  flexible: 2,
}, {
  errorCode: int16,
  expiryTimestampMs: int64,
  throttleTimeMs: int32,
});
export type RenewDelegationTokenResponse = Infer<typeof RenewDelegationTokenResponse>;
