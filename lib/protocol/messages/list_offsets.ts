/**
 * ListOffsets: the offset for a timestamp, or for one of the special values below zero.
 *
 * Version 1 answers one offset and its timestamp (KIP-79), 2 has the isolation level (KIP-98), 4 the leader epoch
 * (KIP-320), 6 is flexible. Later ones add special timestamps: 7 the record with the highest timestamp (KIP-734), 8
 * the earliest local one and 9 the latest in remote storage (KIP-405, KIP-1005), 10 a timeout for those that ask
 * remote storage (KIP-1075), and 11 the earliest that waits for upload (KIP-1023).
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
  int8,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const ListOffsetsRequest = request({ key: 2, name: "ListOffsetsRequest", versions: [1, 11], flexible: 6 }, {
  replicaId: int32,
  isolationLevel: since(2, int8),
  topics: array({
    name: string,
    partitions: array({
      partitionIndex: int32,
      currentLeaderEpoch: ignorable(since(4, int32, -1)),
      timestamp: int64,
    }),
  }),
  timeoutMs: ignorable(since(10, int32)),
});
export type ListOffsetsRequest = Infer<typeof ListOffsetsRequest>;

export const ListOffsetsResponse = response({ key: 2, name: "ListOffsetsResponse", versions: [1, 11], flexible: 6 }, {
  throttleTimeMs: ignorable(since(2, int32)),
  topics: array({
    name: string,
    partitions: array({
      partitionIndex: int32,
      errorCode: int16,
      timestamp: defaulting(int64, -1n),
      offset: defaulting(int64, -1n),
      leaderEpoch: since(4, int32, -1),
    }),
  }),
});
export type ListOffsetsResponse = Infer<typeof ListOffsetsResponse>;
