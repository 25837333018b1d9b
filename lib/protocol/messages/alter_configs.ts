/**
 * AlterConfigs: replaces the whole configuration of resources (KIP-133); IncrementalAlterConfigs takes its place.
 *
 * Version 2 is flexible.
 *
 * @module
 */
import { array, bool, type Infer, int16, int32, int8, nullable, prose, request, response, string } from "../schema.ts";

export const AlterConfigsRequest = request({ key: 33, name: "AlterConfigsRequest", versions: [0, 2], flexible: 2 }, {
  resources: array({
    resourceType: int8,
    resourceName: string,
    configs: array({ name: string, value: nullable(string, "") }),
  }),
  validateOnly: bool,
});
export type AlterConfigsRequest = Infer<typeof AlterConfigsRequest>;

export const AlterConfigsResponse = response({ key: 33, name: "AlterConfigsResponse", versions: [0, 2], flexible: 2 }, {
  throttleTimeMs: int32,
  responses: array({
    errorCode: int16,
    errorMessage: nullable(prose, ""),
    resourceType: int8,
    resourceName: string,
  }),
});
export type AlterConfigsResponse = Infer<typeof AlterConfigsResponse>;
