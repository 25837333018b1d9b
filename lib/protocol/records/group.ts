/**
 * Records of `__consumer_offsets` for committed offsets and classic groups.
 *
 * Each key has its value beside it. `encodeCoordinatorRecord` puts the key's type and the value's version in front of them.
 *
 * @module
 */
import {
  array,
  between,
  bytes,
  coordinatorKey,
  coordinatorValue,
  ignorable,
  type Infer,
  int32,
  int64,
  nullable,
  since,
  string,
  tagged,
  uuid,
} from "../schema.ts";

/** Names an offset in the format before Kafka 0.9. */
export const LegacyOffsetCommitKey = coordinatorKey({
  key: 0,
  name: "LegacyOffsetCommitKey",
  versions: [0, 0],
  flexible: null,
}, {
  group: string,
  topic: string,
  partition: int32,
});
export type LegacyOffsetCommitKey = Infer<typeof LegacyOffsetCommitKey>;

/** An offset in the format before Kafka 0.9. */
export const LegacyOffsetCommitValue = coordinatorValue({
  key: 0,
  name: "LegacyOffsetCommitValue",
  versions: [0, 0],
  flexible: null,
}, {
  offset: int64,
  metadata: string,
  commitTimestamp: int64,
});
export type LegacyOffsetCommitValue = Infer<typeof LegacyOffsetCommitValue>;

/** Names the offset of a group for a partition. */
export const OffsetCommitKey = coordinatorKey({ key: 1, name: "OffsetCommitKey", versions: [0, 0], flexible: null }, {
  group: string,
  topic: string,
  partition: int32,
});
export type OffsetCommitKey = Infer<typeof OffsetCommitKey>;

/** A committed offset; version 3 has its leader epoch (KIP-320), 4 the topic id (KIP-848). */
export const OffsetCommitValue = coordinatorValue(
  { key: 1, name: "OffsetCommitValue", versions: [0, 4], flexible: 4 },
  {
    offset: int64,
    leaderEpoch: ignorable(since(3, int32, -1)),
    metadata: string,
    commitTimestamp: int64,
    expireTimestamp: ignorable(between(1, 1, int64, -1n)),
    topicId: ignorable(tagged(0, since(4, uuid))),
  },
);
export type OffsetCommitValue = Infer<typeof OffsetCommitValue>;

/** Names a classic group. */
export const GroupMetadataKey = coordinatorKey({ key: 2, name: "GroupMetadataKey", versions: [0, 0], flexible: null }, {
  group: string,
});
export type GroupMetadataKey = Infer<typeof GroupMetadataKey>;

/** A classic group, its members and their assignments; version 3 has group instance ids (KIP-345). */
export const GroupMetadataValue = coordinatorValue({
  key: 2,
  name: "GroupMetadataValue",
  versions: [0, 4],
  flexible: 4,
}, {
  protocolType: string,
  generation: int32,
  protocol: nullable(string, ""),
  leader: nullable(string, ""),
  currentStateTimestamp: ignorable(since(2, int64, -1n)),
  members: array({
    memberId: string,
    groupInstanceId: ignorable(since(3, nullable(string))),
    clientId: string,
    clientHost: string,
    rebalanceTimeout: ignorable(since(1, int32, -1)),
    sessionTimeout: int32,
    subscription: bytes,
    assignment: bytes,
  }),
});
export type GroupMetadataValue = Infer<typeof GroupMetadataValue>;
