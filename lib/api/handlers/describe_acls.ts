/**
 * DescribeAcls: the access control entries that a filter means, those of one resource together (KIP-140, KIP-290).
 *
 * @module
 */
import { filterComplaint } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { DescribeAclsRequest, DescribeAclsResponse } from "../../protocol/messages/describe_acls.ts";
import type { Init } from "../../protocol/schema.ts";
import { type Acl, type AclFilter, AclOperation, matchesFilter } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { SECURITY_DISABLED } from "./create_acls.ts";

export const describeAclsApi = api(
  DescribeAclsRequest,
  DescribeAclsResponse,
  onCluster(AclOperation.DESCRIBE, handleDescribeAcls, (error) => error),
);

function handleDescribeAcls(
  request: DescribeAclsRequest,
  { metadata, authorizer }: RequestContext,
): Init<DescribeAclsResponse> {
  if (authorizer === null) return SECURITY_DISABLED;
  const filter = aclFilter(request);
  const complaint = filterComplaint(filter);
  if (complaint !== null) return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: complaint };
  const matching = [...metadata.image.security.acls.byId.values()].filter((acl) => matchesFilter(filter, acl));
  const resources = Map.groupBy(
    matching,
    (acl) => JSON.stringify([acl.resourceType, acl.patternType, acl.resourceName]),
  );
  return { errorCode: ErrorCode.NONE, errorMessage: "", resources: Array.from(resources.values(), describe) };
}

function describe(acls: readonly Acl[]): NonNullable<Init<DescribeAclsResponse>["resources"]>[number] {
  const [{ resourceType, resourceName, patternType }] = acls;
  return { resourceType, resourceName, patternType, acls };
}

/** A filter as requests have it. */
export function aclFilter(filter: DescribeAclsRequest): AclFilter {
  return {
    resourceType: filter.resourceTypeFilter,
    resourceName: filter.resourceNameFilter,
    patternType: filter.patternTypeFilter,
    principal: filter.principalFilter,
    host: filter.hostFilter,
    operation: filter.operation,
    permissionType: filter.permissionType,
  };
}
