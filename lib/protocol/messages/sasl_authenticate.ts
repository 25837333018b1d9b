/**
 * SaslAuthenticate: one step of a SASL exchange (KIP-152).
 *
 * Version 1 answers how long the session lasts (KIP-368), 2 is flexible.
 *
 * @module
 */
import { bytes, ignorable, type Infer, int16, int64, nullable, prose, request, response, since } from "../schema.ts";

export const SaslAuthenticateRequest = request({
  key: 36,
  name: "SaslAuthenticateRequest",
  versions: [0, 2],
  flexible: 2,
}, {
  authBytes: bytes,
});
export type SaslAuthenticateRequest = Infer<typeof SaslAuthenticateRequest>;

export const SaslAuthenticateResponse = response({
  key: 36,
  name: "SaslAuthenticateResponse",
  versions: [0, 2],
  flexible: 2,
}, {
  errorCode: int16,
  errorMessage: nullable(prose, ""),
  authBytes: bytes,
  sessionLifetimeMs: ignorable(since(1, int64)),
});
export type SaslAuthenticateResponse = Infer<typeof SaslAuthenticateResponse>;
