/**
 * Filters of access control entries, as DescribeAcls and DeleteAcls have them.
 *
 * @module
 */
import { AclOperation, AclPermissionType, PatternType, ResourceType } from "./acl_operation.ts";
import { type Acl, WILDCARD } from "./acl_table.ts";

/** Which entries are meant. Null, and the code ANY, is for all. */
export interface AclFilter {
  readonly resourceType: number;
  readonly resourceName: string | null;
  /** MATCH is for all that speak of the resource of that name. */
  readonly patternType: number;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

/** Whether an entry is meant. */
export function matchesFilter(filter: AclFilter, acl: Acl): boolean {
  return (filter.resourceType === ResourceType.ANY || filter.resourceType === acl.resourceType) &&
    matchesPattern(filter, acl) &&
    (filter.principal === null || filter.principal === acl.principal) &&
    (filter.host === null || filter.host === acl.host) &&
    (filter.operation === AclOperation.ANY || filter.operation === acl.operation) &&
    (filter.permissionType === AclPermissionType.ANY || filter.permissionType === acl.permissionType);
}

function matchesPattern({ patternType, resourceName }: AclFilter, acl: Acl): boolean {
  const isWide = patternType === PatternType.ANY || patternType === PatternType.MATCH;
  if (!isWide && patternType !== acl.patternType) return false;
  if (resourceName === null || resourceName === acl.resourceName) return true;
  if (patternType !== PatternType.MATCH) return false;
  return acl.patternType === PatternType.PREFIXED
    ? resourceName.startsWith(acl.resourceName)
    : acl.resourceName === WILDCARD;
}
