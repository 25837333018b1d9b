/**
 * DeleteAcls: removes all access control entries that a filter means, and tells which they were (KIP-140).
 *
 * @module
 */
import { DeleteAclsRequest, DeleteAclsResponse } from "../../protocol/messages/delete_acls.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { SECURITY_DISABLED } from "./create_acls.ts";
import { aclFilter } from "./describe_acls.ts";

export const deleteAclsApi = api(
  DeleteAclsRequest,
  DeleteAclsResponse,
  onCluster(
    AclOperation.ALTER,
    handleDeleteAcls,
    (error, { filters }) => ({ filterResults: filters.map(() => error) }),
  ),
);

async function handleDeleteAcls(
  { filters }: DeleteAclsRequest,
  { metadata, authorizer }: RequestContext,
): Promise<Init<DeleteAclsResponse>> {
  if (authorizer === null) return { filterResults: filters.map(() => SECURITY_DISABLED) };
  const results = await metadata.deleteAcls(filters.map(aclFilter));
  return {
    filterResults: results.map(({ errorCode, errorMessage, matching }) => ({
      errorCode,
      errorMessage,
      matchingAcls: matching.map((acl) => ({ ...acl, errorMessage: null })),
    })),
  };
}
