/**
 * ListGroups: the groups that a broker coordinates.
 *
 * Version 3 is flexible, 4 filters by state (KIP-518), 5 by type (KIP-848).
 *
 * @module
 */
import { array, ignorable, type Infer, int16, int32, request, response, since, string } from "../schema.ts";

export const ListGroupsRequest = request({ key: 16, name: "ListGroupsRequest", versions: [0, 5], flexible: 3 }, {
  statesFilter: since(4, array(string)),
  typesFilter: since(5, array(string)),
});
export type ListGroupsRequest = Infer<typeof ListGroupsRequest>;

export const ListGroupsResponse = response({ key: 16, name: "ListGroupsResponse", versions: [0, 5], flexible: 3 }, {
  throttleTimeMs: ignorable(since(1, int32)),
  errorCode: int16,
  groups: array({
    groupId: string,
    protocolType: string,
    groupState: ignorable(since(4, string)),
    groupType: ignorable(since(5, string)),
  }),
});
export type ListGroupsResponse = Infer<typeof ListGroupsResponse>;
