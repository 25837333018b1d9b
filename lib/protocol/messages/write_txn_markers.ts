/**
 * WriteTxnMarkers: the transaction coordinator tells partition leaders how transactions ended (KIP-98).
 *
 * Version 1 is flexible, 2 has the transaction version (KIP-1228).
 *
 * @module
 */
import {
  array,
  bool,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const WriteTxnMarkersRequest = request({
  key: 27,
  name: "WriteTxnMarkersRequest",
  versions: [1, 2],
  flexible: 1,
}, {
  markers: array({
    producerId: int64,
    producerEpoch: int16,
    transactionResult: bool,
    topics: array({ name: string, partitionIndexes: array(int32) }),
    coordinatorEpoch: int32,
    transactionVersion: ignorable(since(2, int8)),
  }),
});
export type WriteTxnMarkersRequest = Infer<typeof WriteTxnMarkersRequest>;

export const WriteTxnMarkersResponse = response({
  key: 27,
  name: "WriteTxnMarkersResponse",
  versions: [1, 2],
  flexible: 1,
}, {
  markers: array({
    producerId: int64,
    topics: array({
      name: string,
      partitions: array({ partitionIndex: int32, errorCode: int16 }),
    }),
  }),
});
export type WriteTxnMarkersResponse = Infer<typeof WriteTxnMarkersResponse>;
