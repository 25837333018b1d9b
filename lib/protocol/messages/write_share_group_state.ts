/**
 * WriteShareGroupState: a partition leader stores a share partition's state with the share coordinator (KIP-932).
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
  int8,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  uuid,
} from "../schema.ts";

export const WriteShareGroupStateRequest = request({
  key: 85,
  name: "WriteShareGroupStateRequest",
  versions: [0, 1],
  flexible: 0,
}, {
  groupId: string,
  topics: array({
    topicId: uuid,
    partitions: array({
      partition: int32,
      stateEpoch: int32,
      leaderEpoch: int32,
      startOffset: int64,
      deliveryCompleteCount: ignorable(since(1, int32, -1)),
      stateBatches: array({
        firstOffset: int64,
        lastOffset: int64,
        deliveryState: int8,
        deliveryCount: int16,
      }),
    }),
  }),
});
export type WriteShareGroupStateRequest = Infer<typeof WriteShareGroupStateRequest>;

export const WriteShareGroupStateResponse = response({
  key: 85,
  name: "WriteShareGroupStateResponse",
  versions: [0, 1],
  flexible: 0,
}, {
  results: array({
    topicId: uuid,
    partitions: array({ partition: int32, errorCode: int16, errorMessage: nullable(prose) }),
  }),
});
export type WriteShareGroupStateResponse = Infer<typeof WriteShareGroupStateResponse>;
