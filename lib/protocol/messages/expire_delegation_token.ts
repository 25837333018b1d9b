/**
 * ExpireDelegationToken: ends a delegation token, at once or at a given time (KIP-48).
 *
 * Version 2 is flexible.
 *
 * @module
 */
import { bytes, type Infer, int16, int32, int64, request, response } from "../schema.ts";

export const ExpireDelegationTokenRequest = request({
  key: 40,
  name: "ExpireDelegationTokenRequest",
  versions: [1, 2],
  flexible: 2,
}, {
  hmac: bytes,
  expiryTimePeriodMs: int64,
});
export type ExpireDelegationTokenRequest = Infer<typeof ExpireDelegationTokenRequest>;

export const ExpireDelegationTokenResponse = response({
  key: 40,
  name: "ExpireDelegationTokenResponse",
  versions: [1, 2],
  flexible: 2,
}, {
  errorCode: int16,
  expiryTimestampMs: int64,
  throttleTimeMs: int32,
});
export type ExpireDelegationTokenResponse = Infer<typeof ExpireDelegationTokenResponse>;
