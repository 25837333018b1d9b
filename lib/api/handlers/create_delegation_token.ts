/**
 * CreateDelegationToken: a token with which others authenticate as its owner (KIP-48): the client itself, or from version 3 on
 * somebody else, for whom it must be allowed to (KIP-373). The secret of the token is in the answer.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from "../../protocol/messages/create_delegation_token.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, ANONYMOUS, formatPrincipal, type KafkaPrincipal, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isAuthorized } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { isSame, mayAskForTokens, NO_TIMESTAMP, requesterFields } from "../delegation_tokens.ts";

export const createDelegationTokenApi = api(
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
  handleCreateDelegationToken,
);

async function handleCreateDelegationToken(
  request: CreateDelegationTokenRequest,
  context: RequestContext,
): Promise<Init<CreateDelegationTokenResponse>> {
  const { connection: { principal: requester }, header } = context;
  const owner = ownerOf(request, requester);
  // Apache Kafka falls over a name without a type, and says that it did.
  if (owner === null) return refusal("UNKNOWN_SERVER_ERROR", partiesOf(ANONYMOUS, ANONYMOUS, header));
  const parties = partiesOf(owner, requester, header);
  if (!mayAskForTokens(context)) return refusal("DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", parties);
  if (!mayCreateFor(owner, context)) return refusal("DELEGATION_TOKEN_AUTHORIZATION_FAILED", parties);
  if (request.renewers.some(({ principalType }) => principalType !== "User")) {
    return refusal("INVALID_PRINCIPAL_TYPE", parties);
  }
  const { errorCode, token } = await context.delegationTokens.create({
    owner: formatPrincipal(owner),
    requester: formatPrincipal(requester),
    renewers: request.renewers.map(({ principalType, principalName }) => `${principalType}:${principalName}`),
    maxLifetimeMs: request.maxLifetimeMs,
  });
  if (token === null) return { errorCode, ...parties };
  return {
    errorCode,
    ...parties,
    issueTimestampMs: token.issueTimestamp,
    expiryTimestampMs: token.expirationTimestamp,
    maxTimestampMs: token.maxTimestamp,
    tokenId: token.tokenId,
    hmac: context.delegationTokens.hmacOf(token),
  };
}

/** Null where a name comes without a type. */
function ownerOf(
  { ownerPrincipalType: type, ownerPrincipalName: name }: CreateDelegationTokenRequest,
  requester: KafkaPrincipal,
): KafkaPrincipal | null {
  if (name === null || name === "") return requester;
  return type === null ? null : { type, name };
}

function mayCreateFor(owner: KafkaPrincipal, context: RequestContext): boolean {
  return isSame(owner, context.connection.principal) ||
    isAuthorized(context, AclOperation.CREATE_TOKENS, ResourceType.USER, formatPrincipal(owner));
}

type Parties = ReturnType<typeof partiesOf>;

function refusal(error: keyof typeof ErrorCode, parties: Parties): Init<CreateDelegationTokenResponse> {
  return {
    errorCode: ErrorCode[error],
    ...parties,
    issueTimestampMs: NO_TIMESTAMP,
    expiryTimestampMs: NO_TIMESTAMP,
    maxTimestampMs: NO_TIMESTAMP,
  };
}

function partiesOf(owner: KafkaPrincipal, requester: KafkaPrincipal, header: RequestContext["header"]) {
  return { principalType: owner.type, principalName: owner.name, ...requesterFields(requester, header) };
}
