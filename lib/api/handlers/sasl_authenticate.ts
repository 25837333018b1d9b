/**
 * SaslAuthenticate: a token by which a client shows who it is (KIP-152).
 *
 * The gate of the connection (`broker/sasl_gate.ts`) answers it after a SaslHandshake. What comes this far has no place.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "../../protocol/messages/sasl_authenticate.ts";
import { api } from "../api.ts";

export const saslAuthenticateApi = api(SaslAuthenticateRequest, SaslAuthenticateResponse, () => ({
  errorCode: ErrorCode.ILLEGAL_SASL_STATE,
  errorMessage: "SaslAuthenticate request received after successful authentication",
}));
