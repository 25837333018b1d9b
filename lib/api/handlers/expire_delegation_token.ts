/**
 * ExpireDelegationToken: ends a delegation token, at once or after a time, for its owner and its renewers (KIP-48). Sessions
 * that have begun with it last until the expiry that it had then.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from "../../protocol/messages/expire_delegation_token.ts";
import type { Init } from "../../protocol/schema.ts";
import { formatPrincipal } from "../../security/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { mayAskForTokens, NO_TIMESTAMP } from "../delegation_tokens.ts";

export const expireDelegationTokenApi = api(
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
  handleExpireDelegationToken,
);

async function handleExpireDelegationToken(
  { hmac, expiryTimePeriodMs }: ExpireDelegationTokenRequest,
  context: RequestContext,
): Promise<Init<ExpireDelegationTokenResponse>> {
  if (!mayAskForTokens(context)) {
    return { errorCode: ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, expiryTimestampMs: NO_TIMESTAMP };
  }
  const { errorCode, expiryTimestampMs } = await context.delegationTokens.expire({
    hmac,
    requester: formatPrincipal(context.connection.principal),
    periodMs: expiryTimePeriodMs,
  });
  return { errorCode, expiryTimestampMs };
}
