/**
 * AlterShareGroupOffsets: sets the start offsets of an empty share group (KIP-932).
 *
 * @module
 */
import { array, type Infer, int16, int32, int64, nullable, prose, request, response, string, uuid } from "../schema.ts";

export const AlterShareGroupOffsetsRequest = request({
  key: 91,
  name: "AlterShareGroupOffsetsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  groupId: string,
  topics: array({
    topicName: string,
    partitions: array({ partitionIndex: int32, startOffset: int64 }),
  }),
});
export type AlterShareGroupOffsetsRequest = Infer<typeof AlterShareGroupOffsetsRequest>;

export const AlterShareGroupOffsetsResponse = response({
  key: 91,
  name: "AlterShareGroupOffsetsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose),
  responses: array({
    topicName: string,
    topicId: uuid,
    partitions: array({ partitionIndex: int32, errorCode: int16, errorMessage: nullable(prose) }),
  }),
});
export type AlterShareGroupOffsetsResponse = Infer<typeof AlterShareGroupOffsetsResponse>;
