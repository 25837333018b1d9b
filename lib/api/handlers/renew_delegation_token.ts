/**
 * RenewDelegationToken: moves the expiry of a delegation token away, for its owner and its renewers (KIP-48).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from "../../protocol/messages/renew_delegation_token.ts";
import type { Init } from "../../protocol/schema.ts";
import { formatPrincipal } from "../../security/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { mayAskForTokens, NO_TIMESTAMP } from "../delegation_tokens.ts";

export const renewDelegationTokenApi = api(
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
  handleRenewDelegationToken,
);

async function handleRenewDelegationToken(
  { hmac, renewPeriodMs }: RenewDelegationTokenRequest,
  context: RequestContext,
): Promise<Init<RenewDelegationTokenResponse>> {
  if (!mayAskForTokens(context)) {
    return { errorCode: ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, expiryTimestampMs: NO_TIMESTAMP };
  }
  const { errorCode, expiryTimestampMs } = await context.delegationTokens.renew({
    hmac,
    requester: formatPrincipal(context.connection.principal),
    periodMs: renewPeriodMs,
  });
  return { errorCode, expiryTimestampMs };
}
