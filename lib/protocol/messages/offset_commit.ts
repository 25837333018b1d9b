/**
 * OffsetCommit: stores the offsets that a group has consumed.
 *
 * Version 5 drops the retention time (KIP-211), 6 has the leader epoch (KIP-320), 7 the group instance id (KIP-345), 8
 * is flexible, 9 takes the member epochs of the new protocol, and 10 names topics by id (KIP-848).
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
  nullable,
  request,
  response,
  since,
  string,
  until,
  uuid,
} from "../schema.ts";

export const OffsetCommitRequest = request({ key: 8, name: "OffsetCommitRequest", versions: [2, 10], flexible: 8 }, {
  groupId: string,
  generationIdOrMemberEpoch: ignorable(defaulting(int32, -1)),
  memberId: ignorable(string),
  groupInstanceId: since(7, nullable(string)),
  retentionTimeMs: ignorable(until(4, int64, -1n)),
  topics: array({
    name: ignorable(until(9, string)),
    topicId: ignorable(since(10, uuid)),
    partitions: array({
      partitionIndex: int32,
      committedOffset: int64,
      committedLeaderEpoch: ignorable(since(6, int32, -1)),
      committedMetadata: nullable(string, ""),
    }),
  }),
});
export type OffsetCommitRequest = Infer<typeof OffsetCommitRequest>;

export const OffsetCommitResponse = response({ key: 8, name: "OffsetCommitResponse", versions: [2, 10], flexible: 8 }, {
  throttleTimeMs: ignorable(since(3, int32)),
  topics: array({
    name: ignorable(until(9, string)),
    topicId: ignorable(since(10, uuid)),
    partitions: array({ partitionIndex: int32, errorCode: int16 }),
  }),
});
export type OffsetCommitResponse = Infer<typeof OffsetCommitResponse>;
