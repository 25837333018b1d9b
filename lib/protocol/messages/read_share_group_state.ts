/**
 * ReadShareGroupState: a partition leader reads a share partition's state from the share coordinator (KIP-932).
 *
 * @module
 */
import {
  array,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  nullable,
  prose,
  request,
  response,
  string,
  uuid,
} from "../schema.ts";

export const ReadShareGroupStateRequest = request({
  key: 84,
  name: "ReadShareGroupStateRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  groupId: string,
  topics: array({
    topicId: uuid,
    partitions: array({ partition: int32, leaderEpoch: int32 }),
  }),
});
export type ReadShareGroupStateRequest = Infer<typeof ReadShareGroupStateRequest>;

export const ReadShareGroupStateResponse = response({
  key: 84,
  name: "ReadShareGroupStateResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  results: array({
    topicId: uuid,
    partitions: array({
      partition: int32,
      errorCode: int16,
      errorMessage: nullable(prose),
      stateEpoch: int32,
      startOffset: int64,
      stateBatches: array({
        firstOffset: int64,
        lastOffset: int64,
        deliveryState: int8,
        deliveryCount: int16,
      }),
    }),
  }),
});
export type ReadShareGroupStateResponse = Infer<typeof ReadShareGroupStateResponse>;
