/**
 * ReadShareGroupStateSummary: start offset and epochs of a share partition, without its batches (KIP-932).
 *
 * Version 1 counts the records whose delivery is complete, to compute the lag (KIP-1226).
 *
 * @module
 */
import {
  array,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  uuid,
} from "../schema.ts";

export const ReadShareGroupStateSummaryRequest = request({
  key: 87,
  name: "ReadShareGroupStateSummaryRequest",
  versions: [0, 1],
  flexible: 0,
}, {
  groupId: string,
  topics: array({
    topicId: uuid,
    partitions: array({ partition: int32, leaderEpoch: int32 }),
  }),
});
export type ReadShareGroupStateSummaryRequest = Infer<typeof ReadShareGroupStateSummaryRequest>;

export const ReadShareGroupStateSummaryResponse = response({
  key: 87,
  name: "ReadShareGroupStateSummaryResponse",
  versions: [0, 1],
  flexible: 0,
}, {
  results: array({
    topicId: uuid,
    partitions: array({
      partition: int32,
      errorCode: int16,
      errorMessage: nullable(prose),
      stateEpoch: int32,
      leaderEpoch: int32,
      startOffset: int64,
      deliveryCompleteCount: ignorable(since(1, int32, -1)),
    }),
  }),
});
export type ReadShareGroupStateSummaryResponse = Infer<typeof ReadShareGroupStateSummaryResponse>;
