/**
 * DescribeAcls: the ACLs that match a filter (KIP-140).
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

export const DescribeAclsRequest = request({ key: 29, name: "DescribeAclsRequest", versions: [1, 3], flexible: 2 }, {
  resourceTypeFilter: int8,
  resourceNameFilter: nullable(string, ""),
  patternTypeFilter: defaulting(int8, 3),
  principalFilter: nullable(string, ""),
  hostFilter: nullable(string, ""),
  operation: int8,
  permissionType: int8,
});
export type DescribeAclsRequest = Infer<typeof DescribeAclsRequest>;

export const DescribeAclsResponse = response({ key: 29, name: "DescribeAclsResponse", versions: [1, 3], flexible: 2 }, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose, ""),
  resources: array({
    resourceType: int8,
    resourceName: string,
    patternType: defaulting(int8, 3),
    acls: array({ principal: string, host: string, operation: int8, permissionType: int8 }),
  }),
});
export type DescribeAclsResponse = Infer<typeof DescribeAclsResponse>;
