/**
 * CreatePartitions: gives topics more partitions (KIP-195).
 *
 * Version 2 is flexible, 3 may be throttled (KIP-599).
 *
 * @module
 */
import { array, bool, type Infer, int16, int32, nullable, prose, request, response, string } from "../schema.ts";

export const CreatePartitionsRequest = request({
  key: 37,
  name: "CreatePartitionsRequest",
  versions: [0, 3],
  flexible: 2,
}, {
  topics: array({
    name: string,
    count: int32,
    assignments: nullable(array({ brokerIds: array(int32) }), []),
  }),
  timeoutMs: int32,
  validateOnly: bool,
});
export type CreatePartitionsRequest = Infer<typeof CreatePartitionsRequest>;

export const CreatePartitionsResponse = response({
  key: 37,
  name: "CreatePartitionsResponse",
  versions: [0, 3],
  flexible: 2,
}, {
  throttleTimeMs: int32,
  results: array({ name: string, errorCode: int16, errorMessage: nullable(prose) }),
});
export type CreatePartitionsResponse = Infer<typeof CreatePartitionsResponse>;
