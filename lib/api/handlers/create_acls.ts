/**
 * CreateAcls: adds access control entries (KIP-140, prefixes KIP-290), each for itself. One that is there already is no error.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { CreateAclsRequest, CreateAclsResponse } from "../../protocol/messages/create_acls.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const createAclsApi = api(
  CreateAclsRequest,
  CreateAclsResponse,
  onCluster(AclOperation.ALTER, handleCreateAcls, (error, { creations }) => ({ results: creations.map(() => error) })),
);

async function handleCreateAcls(
  { creations }: CreateAclsRequest,
  { metadata, authorizer }: RequestContext,
): Promise<Init<CreateAclsResponse>> {
  if (authorizer === null) return { results: creations.map(() => SECURITY_DISABLED) };
  const acls = creations.map(({ resourcePatternType, ...acl }) => ({ ...acl, patternType: resourcePatternType }));
  const results = await metadata.createAcls(acls);
  return { results: results.map(({ errorCode, errorMessage }) => ({ errorCode, errorMessage: errorMessage ?? "" })) };
}

/** The error where nobody is denied anything. */
export const SECURITY_DISABLED = {
  errorCode: ErrorCode.SECURITY_DISABLED,
  errorMessage: "No Authorizer is configured.",
};
