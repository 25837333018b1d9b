/**
 * DescribeDelegationToken: the delegation tokens of owners, or all, with their secrets (KIP-48). A client sees those that
 * concern it, and others where it may describe the token, or the tokens of its owner (KIP-373).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from "../../protocol/messages/describe_delegation_token.ts";
import type { DelegationTokenRecord } from "../../protocol/records/security.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, concerns, formatPrincipal, parsePrincipal, ResourceType } from "../../security/mod.ts";
import type { DescribedToken } from "../../broker/delegation_tokens.ts";
import { api } from "../api.ts";
import { mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { mayAskForTokens, requesterFields } from "../delegation_tokens.ts";

type TokenAnswer = NonNullable<Init<DescribeDelegationTokenResponse>["tokens"]>[number];

export const describeDelegationTokenApi = api(
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  handleDescribeDelegationToken,
);

async function handleDescribeDelegationToken(
  { owners }: DescribeDelegationTokenRequest,
  context: RequestContext,
): Promise<Init<DescribeDelegationTokenResponse>> {
  const { delegationTokens } = context;
  if (!mayAskForTokens(context)) return { errorCode: ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED };
  if (!delegationTokens.isEnabled) return { errorCode: ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED };
  const wanted = owners?.map(({ principalType, principalName }) => `${principalType}:${principalName}`);
  const isWanted = (token: DelegationTokenRecord) =>
    wanted === undefined || wanted.some((owner) => concerns(token, owner));
  const tokens = await delegationTokens.describe((token) => isWanted(token) && mayDescribe(token, context));
  return { tokens: tokens.map((each) => answerOf(each, context.header)) };
}

function mayDescribe(token: DelegationTokenRecord, context: RequestContext): boolean {
  return concerns(token, formatPrincipal(context.connection.principal)) ||
    mayDo(context, AclOperation.DESCRIBE, ResourceType.DELEGATION_TOKEN, token.tokenId) ||
    mayDo(context, AclOperation.DESCRIBE_TOKENS, ResourceType.USER, token.owner);
}

function answerOf({ token, hmac }: DescribedToken, header: RequestContext["header"]): TokenAnswer {
  const owner = parsePrincipal(token.owner);
  return {
    principalType: owner.type,
    principalName: owner.name,
    ...requesterFields(parsePrincipal(token.requester), header),
    issueTimestamp: token.issueTimestamp,
    expiryTimestamp: token.expirationTimestamp,
    maxTimestamp: token.maxTimestamp,
    tokenId: token.tokenId,
    hmac,
    renewers: token.renewers.map((renewer) => {
      const { type, name } = parsePrincipal(renewer);
      return { principalType: type, principalName: name };
    }),
  };
}
