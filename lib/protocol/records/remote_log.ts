/**
 * Records of `__remote_log_metadata`, which tells where segments of tiered topics are (KIP-405). Their frame is that
 * of metadata records.
 *
 * @module
 */
import {
  array,
  bool,
  bytes,
  type Infer,
  int32,
  int64,
  int8,
  metadataRecord,
  nullable,
  string,
  struct,
  tagged,
  uuid,
} from "../schema.ts";

const topicIdPartitionEntry = { name: string, id: uuid, partition: int32 };

const remoteLogSegmentIdEntry = { topicIdPartition: struct(topicIdPartitionEntry), id: uuid };

const segmentLeaderEpochEntry = { leaderEpoch: int32, offset: int64 };

/** A segment is being copied. */
export const RemoteLogSegmentMetadataRecord = metadataRecord({
  key: 0,
  name: "RemoteLogSegmentMetadataRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  remoteLogSegmentId: struct(remoteLogSegmentIdEntry),
  startOffset: int64,
  endOffset: int64,
  brokerId: int32,
  maxTimestampMs: int64,
  eventTimestampMs: int64,
  segmentLeaderEpochs: array(segmentLeaderEpochEntry),
  segmentSizeInBytes: int32,
  customMetadata: nullable(bytes),
  remoteLogSegmentState: int8,
  txnIndexEmpty: tagged(0, bool),
});
export type RemoteLogSegmentMetadataRecord = Infer<typeof RemoteLogSegmentMetadataRecord>;

/** A segment's state changes. */
export const RemoteLogSegmentMetadataUpdateRecord = metadataRecord({
  key: 1,
  name: "RemoteLogSegmentMetadataUpdateRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  remoteLogSegmentId: struct(remoteLogSegmentIdEntry),
  brokerId: int32,
  eventTimestampMs: int64,
  customMetadata: nullable(bytes),
  remoteLogSegmentState: int8,
});
export type RemoteLogSegmentMetadataUpdateRecord = Infer<typeof RemoteLogSegmentMetadataUpdateRecord>;

/** A partition is being deleted. */
export const RemotePartitionDeleteMetadataRecord = metadataRecord({
  key: 2,
  name: "RemotePartitionDeleteMetadataRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  topicIdPartition: struct(topicIdPartitionEntry),
  brokerId: int32,
  eventTimestampMs: int64,
  remotePartitionDeleteState: int8,
});
export type RemotePartitionDeleteMetadataRecord = Infer<typeof RemotePartitionDeleteMetadataRecord>;

/** A segment, in the snapshot that a broker keeps of a partition. */
export const RemoteLogSegmentMetadataSnapshotRecord = metadataRecord({
  key: 3,
  name: "RemoteLogSegmentMetadataSnapshotRecord",
  versions: [0, 0],
  flexible: 0,
}, {
  segmentId: uuid,
  startOffset: int64,
  endOffset: int64,
  brokerId: int32,
  maxTimestampMs: int64,
  eventTimestampMs: int64,
  segmentLeaderEpochs: array(segmentLeaderEpochEntry),
  segmentSizeInBytes: int32,
  customMetadata: nullable(bytes),
  remoteLogSegmentState: int8,
  txnIndexEmpty: tagged(0, bool),
});
export type RemoteLogSegmentMetadataSnapshotRecord = Infer<typeof RemoteLogSegmentMetadataSnapshotRecord>;
