/**
 * DeleteRecords: moves the log start offset of partitions (KIP-107).
 *
 * Version 2 is flexible.
 *
 * @module
 */
import { array, type Infer, int16, int32, int64, request, response, string } from "../schema.ts";

export const DeleteRecordsRequest = request({ key: 21, name: "DeleteRecordsRequest", versions: [0, 2], flexible: 2 }, {
  topics: array({
    name: string,
    partitions: array({ partitionIndex: int32, offset: int64 }),
  }),
  timeoutMs: int32,
});
export type DeleteRecordsRequest = Infer<typeof DeleteRecordsRequest>;

export const DeleteRecordsResponse = response(
  { key: 21, name: "DeleteRecordsResponse", versions: [0, 2], flexible: 2 },
  {
    throttleTimeMs: int32,
    topics: array({
      name: string,
      partitions: array({ partitionIndex: int32, lowWatermark: int64, errorCode: int16 }),
    }),
  },
);
export type DeleteRecordsResponse = Infer<typeof DeleteRecordsResponse>;
