/**
 * OffsetFetch: the offsets that a group has committed.
 *
 * Since version 2, null topics mean all of the group's, and errors have a place of their own (KIP-88). Version 5 has
 * the leader epoch (KIP-320), 6 is flexible, 7 can wait for open transactions (KIP-447), 8 asks for several groups at
 * once (KIP-709), 9 has the member of the new protocol, and 10 names topics by id (KIP-848).
 *
 * @module
 */
import {
  array,
  between,
  bool,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  nullableSince,
  request,
  response,
  since,
  string,
  until,
  uuid,
} from "../schema.ts";

const requestGroup = {
  groupId: string,
  memberId: ignorable(since(9, nullable(string))),
  memberEpoch: ignorable(since(9, int32, -1)),
  topics: nullable(
    array({
      name: ignorable(until(9, string)),
      topicId: ignorable(since(10, uuid)),
      partitionIndexes: array(int32),
    }),
    [],
  ),
};

export const OffsetFetchRequest = request({ key: 9, name: "OffsetFetchRequest", versions: [1, 10], flexible: 6 }, {
  groupId: until(7, string),
  topics: until(7, nullableSince(2, array({ name: string, partitionIndexes: array(int32) }))),
  groups: since(8, array(requestGroup)),
  requireStable: since(7, bool),
});
export type OffsetFetchRequest = Infer<typeof OffsetFetchRequest>;

const topic = {
  name: string,
  partitions: array({
    partitionIndex: int32,
    committedOffset: int64,
    committedLeaderEpoch: ignorable(since(5, int32, -1)),
    metadata: nullable(string, ""),
    errorCode: int16,
  }),
};

const responseGroup = {
  groupId: string,
  topics: array({
    name: ignorable(until(9, string)),
    topicId: ignorable(since(10, uuid)),
    partitions: array({
      partitionIndex: int32,
      committedOffset: int64,
      committedLeaderEpoch: ignorable(defaulting(int32, -1)),
      metadata: nullable(string, ""),
      errorCode: int16,
    }),
  }),
  errorCode: int16,
};

export const OffsetFetchResponse = response({ key: 9, name: "OffsetFetchResponse", versions: [1, 10], flexible: 6 }, {
  throttleTimeMs: ignorable(since(3, int32)),
  topics: until(7, array(topic)),
  errorCode: ignorable(between(2, 7, int16)),
  groups: since(8, array(responseGroup)),
});
export type OffsetFetchResponse = Infer<typeof OffsetFetchResponse>;
