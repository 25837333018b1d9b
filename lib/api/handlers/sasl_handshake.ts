/**
 * SaslHandshake: with it a client begins to say who it is (KIP-43), and again where sessions expire (KIP-368).
 *
 * The gate of the connection (`broker/sasl_gate.ts`) answers it then. What comes this far has no place: the listener does not
 * authenticate by SASL, or the client is in for good.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "../../protocol/messages/sasl_handshake.ts";
import { api } from "../api.ts";

export const saslHandshakeApi = api(
  SaslHandshakeRequest,
  SaslHandshakeResponse,
  () => ({ errorCode: ErrorCode.ILLEGAL_SASL_STATE }),
);
