/**
 * Adding and removing access control entries. Error codes and messages are those of Apache Kafka.
 *
 * @module
 */
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import { type AclFilter, matchesFilter } from "../../security/acl_filter.ts";
import {
  AclOperation,
  AclPermissionType,
  CLUSTER_NAME,
  nameOfCode,
  PatternType,
  ResourceType,
} from "../../security/acl_operation.ts";
import type { Acl } from "../../security/acl_table.ts";
import type { MetadataImage } from "../image/image.ts";
import { metadataRecord } from "../record.ts";
import {
  type ApiError,
  apiError,
  type Decision,
  type DecisionContext,
  MAX_RECORDS_PER_REQUEST,
  NO_ERROR,
  TOO_MANY_RECORDS,
} from "./decision.ts";

/** What became of a filter of entries to remove. */
export interface DeleteAclsResult extends ApiError {
  readonly matching: readonly Acl[];
}

/** Decides on new entries, each for itself; one that is there already is none. Error: INVALID_REQUEST. */
export function createAcls(image: MetadataImage, acls: readonly Acl[], context: DecisionContext): Decision<ApiError[]> {
  const there = new Set([...image.security.acls.byId.values()].map(keyOf));
  const records: MetadataRecord[] = [];
  const result = acls.map((acl) => {
    const complaint = aclComplaint(acl);
    if (complaint !== null) return apiError("INVALID_REQUEST", complaint);
    if (!there.has(keyOf(acl))) {
      there.add(keyOf(acl));
      records.push(metadataRecord("AccessControlEntryRecord", { id: context.newUuid(), ...acl }));
    }
    return NO_ERROR;
  });
  if (records.length > MAX_RECORDS_PER_REQUEST) return { records: [], result: acls.map(() => TOO_MANY_RECORDS) };
  return { records, result };
}

/** Decides on removing all entries that one of the filters means. */
export function deleteAcls(image: MetadataImage, filters: readonly AclFilter[]): Decision<DeleteAclsResult[]> {
  const ids = new Set<string>();
  const result = filters.map((filter) => {
    const complaint = filterComplaint(filter);
    if (complaint !== null) return { ...apiError("INVALID_REQUEST", complaint), matching: [] };
    const matching = [...image.security.acls.byId].filter(([, acl]) => matchesFilter(filter, acl));
    for (const [id] of matching) ids.add(id);
    return { ...NO_ERROR, matching: matching.map(([, acl]) => acl) };
  });
  if (ids.size > MAX_RECORDS_PER_REQUEST) {
    return { records: [], result: filters.map(() => ({ ...TOO_MANY_RECORDS, matching: [] })) };
  }
  return { records: [...ids].map((id) => metadataRecord("RemoveAccessControlEntryRecord", { id })), result };
}

/** What is wrong with a filter, or null. */
export function filterComplaint(filter: AclFilter): string | null {
  if (filter.resourceType === ResourceType.UNKNOWN || !isOneOf(ResourceType, filter.resourceType)) {
    return "Unknown patternFilter.";
  }
  if (filter.patternType === PatternType.UNKNOWN || !isOneOf(PatternType, filter.patternType)) {
    return "Unknown patternFilter.";
  }
  const isKnown = isOneOf(AclOperation, filter.operation) && filter.operation !== AclOperation.UNKNOWN &&
    isOneOf(AclPermissionType, filter.permissionType) && filter.permissionType !== AclPermissionType.UNKNOWN;
  return isKnown ? null : "Unknown entryFilter.";
}

function aclComplaint(acl: Acl): string | null {
  const { resourceType, resourceName, patternType, operation, permissionType, principal } = acl;
  if (!isOneOf(ResourceType, resourceType) || resourceType <= ResourceType.ANY) {
    return `Invalid resourceType ${nameOfCode(ResourceType, resourceType)}`;
  }
  if (resourceType === ResourceType.CLUSTER && resourceName !== CLUSTER_NAME) {
    return `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`;
  }
  if (resourceName === "") return "Invalid empty resource name";
  if (patternType !== PatternType.LITERAL && patternType !== PatternType.PREFIXED) {
    return `Invalid patternType ${nameOfCode(PatternType, patternType)}`;
  }
  if (!isOneOf(AclOperation, operation) || operation <= AclOperation.ANY) {
    return `Invalid operation ${nameOfCode(AclOperation, operation)}`;
  }
  if (permissionType !== AclPermissionType.DENY && permissionType !== AclPermissionType.ALLOW) {
    return `Invalid permissionType ${nameOfCode(AclPermissionType, permissionType)}`;
  }
  return /^[^:]+:/.test(principal) ? null : `Could not parse principal from \`${principal}\` ` +
    "(no colon is present separating the principal type from the principal name)";
}

function isOneOf(codes: Readonly<Record<string, number>>, code: number): boolean {
  return Object.values(codes).includes(code);
}

function keyOf(acl: Acl): string {
  const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = acl;
  return JSON.stringify([resourceType, resourceName, patternType, principal, host, operation, permissionType]);
}
