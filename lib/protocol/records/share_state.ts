/**
 * Records of `__share_group_state`, where the share coordinator keeps what was delivered (KIP-932).
 *
 * @module
 */
import {
  array,
  coordinatorKey,
  coordinatorValue,
  defaulting,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  string,
  tagged,
  uuid,
} from "../schema.ts";

/** Names the state of a share partition, in full. */
export const ShareSnapshotKey = coordinatorKey({ key: 0, name: "ShareSnapshotKey", versions: [0, 0], flexible: null }, {
  groupId: string,
  topicId: uuid,
  partition: int32,
});
export type ShareSnapshotKey = Infer<typeof ShareSnapshotKey>;

const stateBatch = {
  firstOffset: int64,
  lastOffset: int64,
  deliveryState: int8,
  deliveryCount: int16,
};

/** The state in full. */
export const ShareSnapshotValue = coordinatorValue({
  key: 0,
  name: "ShareSnapshotValue",
  versions: [0, 0],
  flexible: 0,
}, {
  snapshotEpoch: int32,
  stateEpoch: int32,
  leaderEpoch: int32,
  startOffset: int64,
  deliveryCompleteCount: tagged(0, defaulting(int32, -1)),
  createTimestamp: int64,
  writeTimestamp: int64,
  stateBatches: array(stateBatch),
});
export type ShareSnapshotValue = Infer<typeof ShareSnapshotValue>;

/** Names a change of a share partition's state. */
export const ShareUpdateKey = coordinatorKey({ key: 1, name: "ShareUpdateKey", versions: [0, 0], flexible: null }, {
  groupId: string,
  topicId: uuid,
  partition: int32,
});
export type ShareUpdateKey = Infer<typeof ShareUpdateKey>;

/** What changed since the snapshot of the same epoch. */
export const ShareUpdateValue = coordinatorValue({ key: 1, name: "ShareUpdateValue", versions: [0, 0], flexible: 0 }, {
  snapshotEpoch: int32,
  leaderEpoch: int32,
  startOffset: int64,
  deliveryCompleteCount: tagged(0, defaulting(int32, -1)),
  stateBatches: array(stateBatch),
});
export type ShareUpdateValue = Infer<typeof ShareUpdateValue>;
