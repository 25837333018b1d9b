/**
 * DeleteAcls: removes the ACLs that match filters, and answers which those were (KIP-140).
 *
 * Version 1 has the pattern type (KIP-290), 2 is flexible, 3 knows the resource type user (KIP-373).
 *
 * @module
 */
import {
  array,
  defaulting,
  type Infer,
  int16,
  int32,
  int8,
  nullable,
  prose,
  request,
  response,
  string,
} from "../schema.ts";

export const DeleteAclsRequest = request({ key: 31, name: "DeleteAclsRequest", versions: [1, 3], flexible: 2 }, {
  filters: array({
    resourceTypeFilter: int8,
    resourceNameFilter: nullable(string, ""),
    patternTypeFilter: defaulting(int8, 3),
    principalFilter: nullable(string, ""),
    hostFilter: nullable(string, ""),
    operation: int8,
    permissionType: int8,
  }),
});
export type DeleteAclsRequest = Infer<typeof DeleteAclsRequest>;

export const DeleteAclsResponse = response({ key: 31, name: "DeleteAclsResponse", versions: [1, 3], flexible: 2 }, {
  throttleTimeMs: int32,
  filterResults: array({
    errorCode: int16,
    errorMessage: nullable(prose, ""),
    matchingAcls: array({
      errorCode: int16,
      errorMessage: nullable(prose, ""),
      resourceType: int8,
      resourceName: string,
      patternType: defaulting(int8, 3),
      principal: string,
      host: string,
      operation: int8,
      permissionType: int8,
    }),
  }),
});
export type DeleteAclsResponse = Infer<typeof DeleteAclsResponse>;
