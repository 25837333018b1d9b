/**
 * OffsetDelete: deletes a group's offsets of partitions that it no longer consumes (KIP-496).
 *
 * @module
 */
import { array, ignorable, type Infer, int16, int32, request, response, string } from "../schema.ts";

export const OffsetDeleteRequest = request({ key: 47, name: "OffsetDeleteRequest", versions: [0, 0], flexible: null }, {
  groupId: string,
  topics: array({
    name: string,
    partitions: array({ partitionIndex: int32 }),
  }),
});
export type OffsetDeleteRequest = Infer<typeof OffsetDeleteRequest>;

export const OffsetDeleteResponse = response({
  key: 47,
  name: "OffsetDeleteResponse",
  versions: [0, 0],
  flexible: null,
}, {
  errorCode: int16,
  throttleTimeMs: ignorable(int32),
  topics: array({
    name: string,
    partitions: array({ partitionIndex: int32, errorCode: int16 }),
  }),
});
export type OffsetDeleteResponse = Infer<typeof OffsetDeleteResponse>;
