/**
 * SaslHandshake: chooses the SASL mechanism (KIP-43).
 *
 * After version 0 come bare SASL tokens; after version 1, SaslAuthenticate requests (KIP-152).
 *
 * @module
 */
import { array, type Infer, int16, request, response, string } from "../schema.ts";

export const SaslHandshakeRequest = request(
  { key: 17, name: "SaslHandshakeRequest", versions: [0, 1], flexible: null },
  {
    mechanism: string,
  },
);
export type SaslHandshakeRequest = Infer<typeof SaslHandshakeRequest>;

export const SaslHandshakeResponse = response({
  key: 17,
  name: "SaslHandshakeResponse",
  versions: [0, 1],
  flexible: null,
}, {
  errorCode: int16,
  mechanisms: array(string),
});
export type SaslHandshakeResponse = Infer<typeof SaslHandshakeResponse>;
