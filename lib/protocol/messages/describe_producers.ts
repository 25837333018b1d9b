/**
 * DescribeProducers: the producers that partitions know, with epoch and open transaction (KIP-664).
 *
 * @module
 */
import {
  array,
  defaulting,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  prose,
  request,
  response,
  string,
} from "../schema.ts";

export const DescribeProducersRequest = request({
  key: 61,
  name: "DescribeProducersRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  topics: array({ name: string, partitionIndexes: array(int32) }),
});
export type DescribeProducersRequest = Infer<typeof DescribeProducersRequest>;

export const DescribeProducersResponse = response({
  key: 61,
  name: "DescribeProducersResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  topics: array({
    name: string,
    partitions: array({
      partitionIndex: int32,
      errorCode: int16,
      errorMessage: nullable(prose),
      activeProducers: array({
        producerId: int64,
        producerEpoch: int32,
        lastSequence: defaulting(int32, -1),
        lastTimestamp: defaulting(int64, -1n),
        coordinatorEpoch: int32,
        currentTxnStartOffset: defaulting(int64, -1n),
      }),
    }),
  }),
});
export type DescribeProducersResponse = Infer<typeof DescribeProducersResponse>;
