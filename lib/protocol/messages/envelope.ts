/**
 * Envelope: a broker forwards a client's request to the controller, with the principal in it (KIP-590).
 *
 * @module
 */
import { bytes, type Infer, int16, nullable, request, response } from "../schema.ts";

export const EnvelopeRequest = request({ key: 58, name: "EnvelopeRequest", versions: [0, 0], flexible: 0 }, {
  requestData: bytes,
  requestPrincipal: nullable(bytes, new Uint8Array(0)),
  clientHostAddress: bytes,
});
export type EnvelopeRequest = Infer<typeof EnvelopeRequest>;

export const EnvelopeResponse = response({ key: 58, name: "EnvelopeResponse", versions: [0, 0], flexible: 0 }, {
  responseData: nullable(bytes),
  errorCode: int16,
});
export type EnvelopeResponse = Infer<typeof EnvelopeResponse>;
