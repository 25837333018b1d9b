/**
 * TxnOffsetCommit: stores a group's offsets as part of a transaction (KIP-98).
 *
 * Version 2 has the leader epoch (KIP-320), 3 is flexible and has the member, to fence zombies (KIP-447), 4 may answer
 * TRANSACTION_ABORTABLE, 5 adds the group to the transaction by itself (KIP-890).
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
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const TxnOffsetCommitRequest = request({
  key: 28,
  name: "TxnOffsetCommitRequest",
  versions: [0, 5],
  flexible: 3,
}, {
  transactionalId: string,
  groupId: string,
  producerId: int64,
  producerEpoch: int16,
  generationId: since(3, int32, -1),
  memberId: since(3, string),
  groupInstanceId: since(3, nullable(string)),
  topics: array({
    name: string,
    partitions: array({
      partitionIndex: int32,
      committedOffset: int64,
      committedLeaderEpoch: ignorable(since(2, int32, -1)),
      committedMetadata: nullable(string, ""),
    }),
  }),
});
export type TxnOffsetCommitRequest = Infer<typeof TxnOffsetCommitRequest>;

export const TxnOffsetCommitResponse = response({
  key: 28,
  name: "TxnOffsetCommitResponse",
  versions: [0, 5],
  flexible: 3,
}, {
  throttleTimeMs: int32,
  topics: array({
    name: string,
    partitions: array({ partitionIndex: int32, errorCode: int16 }),
  }),
});
export type TxnOffsetCommitResponse = Infer<typeof TxnOffsetCommitResponse>;
