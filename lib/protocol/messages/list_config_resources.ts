/**
 * ListConfigResources: names of resources that have configurations.
 *
 * Version 0 lists client metrics subscriptions alone (KIP-714), 1 any resource type (KIP-1142).
 *
 * @module
 */
import { array, ignorable, type Infer, int16, int32, int8, request, response, since, string } from "../schema.ts";

export const ListConfigResourcesRequest = request({
  key: 74,
  name: "ListConfigResourcesRequest",
  versions: [0, 1],
  flexible: 0,
}, {
  resourceTypes: since(1, array(int8)),
});
export type ListConfigResourcesRequest = Infer<typeof ListConfigResourcesRequest>;

export const ListConfigResourcesResponse = response({
  key: 74,
  name: "ListConfigResourcesResponse",
  versions: [0, 1],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  configResources: array({ resourceName: string, resourceType: ignorable(since(1, int8, 16)) }),
});
export type ListConfigResourcesResponse = Infer<typeof ListConfigResourcesResponse>;
