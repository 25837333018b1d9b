/**
 * DeleteShareGroupOffsets: removes topics from a share group (KIP-932).
 *
 * @module
 */
import { array, type Infer, int16, int32, nullable, prose, request, response, string, uuid } from "../schema.ts";

export const DeleteShareGroupOffsetsRequest = request({
  key: 92,
  name: "DeleteShareGroupOffsetsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  groupId: string,
  topics: array({ topicName: string }),
});
export type DeleteShareGroupOffsetsRequest = Infer<typeof DeleteShareGroupOffsetsRequest>;

export const DeleteShareGroupOffsetsResponse = response({
  key: 92,
  name: "DeleteShareGroupOffsetsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose),
  responses: array({
    topicName: string,
    topicId: uuid,
    errorCode: int16,
    errorMessage: nullable(prose),
  }),
});
export type DeleteShareGroupOffsetsResponse = Infer<typeof DeleteShareGroupOffsetsResponse>;
