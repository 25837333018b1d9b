/**
 * OffsetForLeaderEpoch: where a leader epoch ends, to find where logs diverge (KIP-101).
 *
 * Version 2 has the current leader epoch, so that clients can ask too (KIP-320); 4 is flexible.
 *
 * @module
 */
import {
  array,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const OffsetForLeaderEpochRequest = request({
  key: 23,
  name: "OffsetForLeaderEpochRequest",
  versions: [2, 4],
  flexible: 4,
}, {
  replicaId: ignorable(since(3, int32, -2)),
  topics: array({
    topic: string,
    partitions: array({
      partition: int32,
      currentLeaderEpoch: ignorable(defaulting(int32, -1)),
      leaderEpoch: int32,
    }),
  }),
});
export type OffsetForLeaderEpochRequest = Infer<typeof OffsetForLeaderEpochRequest>;

export const OffsetForLeaderEpochResponse = response({
  key: 23,
  name: "OffsetForLeaderEpochResponse",
  versions: [2, 4],
  flexible: 4,
}, {
  throttleTimeMs: ignorable(int32),
  topics: array({
    topic: string,
    partitions: array({
      errorCode: int16,
      partition: int32,
      leaderEpoch: ignorable(defaulting(int32, -1)),
      endOffset: defaulting(int64, -1n),
    }),
  }),
});
export type OffsetForLeaderEpochResponse = Infer<typeof OffsetForLeaderEpochResponse>;
