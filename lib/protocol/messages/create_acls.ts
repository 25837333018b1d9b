/**
 * CreateAcls: adds ACLs (KIP-140).
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

export const CreateAclsRequest = request({ key: 30, name: "CreateAclsRequest", versions: [1, 3], flexible: 2 }, {
  creations: array({
    resourceType: int8,
    resourceName: string,
    resourcePatternType: defaulting(int8, 3),
    principal: string,
    host: string,
    operation: int8,
    permissionType: int8,
  }),
});
export type CreateAclsRequest = Infer<typeof CreateAclsRequest>;

export const CreateAclsResponse = response({ key: 30, name: "CreateAclsResponse", versions: [1, 3], flexible: 2 }, {
  throttleTimeMs: int32,
  results: array({ errorCode: int16, errorMessage: nullable(prose, "") }),
});
export type CreateAclsResponse = Infer<typeof CreateAclsResponse>;
