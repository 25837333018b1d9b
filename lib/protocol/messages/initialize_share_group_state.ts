/**
 * InitializeShareGroupState: the group coordinator has a share partition's state made (KIP-932).
 *
 * @module
 */
import { array, type Infer, int16, int32, int64, nullable, prose, request, response, string, uuid } from "../schema.ts";

export const InitializeShareGroupStateRequest = request({
  key: 83,
  name: "InitializeShareGroupStateRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  groupId: string,
  topics: array({
    topicId: uuid,
    partitions: array({ partition: int32, stateEpoch: int32, startOffset: int64 }),
  }),
});
export type InitializeShareGroupStateRequest = Infer<typeof InitializeShareGroupStateRequest>;

export const InitializeShareGroupStateResponse = response({
  key: 83,
  name: "InitializeShareGroupStateResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  results: array({
    topicId: uuid,
    partitions: array({ partition: int32, errorCode: int16, errorMessage: nullable(prose) }),
  }),
});
export type InitializeShareGroupStateResponse = Infer<typeof InitializeShareGroupStateResponse>;
