/**
 * Which records each of Kafka's own logs has, and how to read and write them there.
 *
 * ```ts
 * import { decodeMetadataRecord, encodeMetadataRecord } from "./logs.ts";
 * import { TopicRecord } from "./metadata.ts";
 *
 * const bytes = encodeMetadataRecord(TopicRecord, 0, { name: "orders", topicId: "AAAAAAAAAAAAAAAAAAAAZA" });
 * const record = decodeMetadataRecord(bytes);
 * if (record.name === "TopicRecord") record.value.topicId; // the name tells the type of the value
 * ```
 *
 * @module
 */
import * as consumerGroup from "./consumer_group.ts";
import { coordinatorDecoder, type CoordinatorRecordOf, encodeFramed, framedDecoder, type RecordOf } from "./framing.ts";
import * as group from "./group.ts";
import * as metadata from "./metadata.ts";
import * as node from "./node.ts";
import * as remoteLog from "./remote_log.ts";
import * as security from "./security.ts";
import * as shareGroup from "./share_group.ts";
import * as shareState from "./share_state.ts";
import * as streamsGroup from "./streams_group.ts";
import * as transaction from "./transaction.ts";

/** The records of `__cluster_metadata`, control records aside. */
export const METADATA_RECORDS = { ...metadata, ...node, ...security };
/** A record of `__cluster_metadata`. */
export type MetadataRecord = RecordOf<typeof METADATA_RECORDS>;
/** Reads a record of `__cluster_metadata`. */
export const decodeMetadataRecord = framedDecoder(METADATA_RECORDS);
/** Writes a record of `__cluster_metadata`. */
export const encodeMetadataRecord = encodeFramed;

/** The records of `__remote_log_metadata`. */
export const REMOTE_LOG_RECORDS = { ...remoteLog };
/** A record of `__remote_log_metadata`. */
export type RemoteLogRecord = RecordOf<typeof REMOTE_LOG_RECORDS>;
/** Reads a record of `__remote_log_metadata`. */
export const decodeRemoteLogRecord = framedDecoder(REMOTE_LOG_RECORDS);
/** Writes a record of `__remote_log_metadata`. */
export const encodeRemoteLogRecord = encodeFramed;

/** The records of `__consumer_offsets`. */
export const GROUP_RECORDS = {
  LegacyOffsetCommit: { key: group.LegacyOffsetCommitKey, value: group.LegacyOffsetCommitValue },
  OffsetCommit: { key: group.OffsetCommitKey, value: group.OffsetCommitValue },
  GroupMetadata: { key: group.GroupMetadataKey, value: group.GroupMetadataValue },
  ConsumerGroupMetadata: {
    key: consumerGroup.ConsumerGroupMetadataKey,
    value: consumerGroup.ConsumerGroupMetadataValue,
  },
  ConsumerGroupPartitionMetadata: {
    key: consumerGroup.ConsumerGroupPartitionMetadataKey,
    value: consumerGroup.ConsumerGroupPartitionMetadataValue,
  },
  ConsumerGroupMemberMetadata: {
    key: consumerGroup.ConsumerGroupMemberMetadataKey,
    value: consumerGroup.ConsumerGroupMemberMetadataValue,
  },
  ConsumerGroupTargetAssignmentMetadata: {
    key: consumerGroup.ConsumerGroupTargetAssignmentMetadataKey,
    value: consumerGroup.ConsumerGroupTargetAssignmentMetadataValue,
  },
  ConsumerGroupTargetAssignmentMember: {
    key: consumerGroup.ConsumerGroupTargetAssignmentMemberKey,
    value: consumerGroup.ConsumerGroupTargetAssignmentMemberValue,
  },
  ConsumerGroupCurrentMemberAssignment: {
    key: consumerGroup.ConsumerGroupCurrentMemberAssignmentKey,
    value: consumerGroup.ConsumerGroupCurrentMemberAssignmentValue,
  },
  ShareGroupMemberMetadata: {
    key: shareGroup.ShareGroupMemberMetadataKey,
    value: shareGroup.ShareGroupMemberMetadataValue,
  },
  ShareGroupMetadata: { key: shareGroup.ShareGroupMetadataKey, value: shareGroup.ShareGroupMetadataValue },
  ShareGroupTargetAssignmentMetadata: {
    key: shareGroup.ShareGroupTargetAssignmentMetadataKey,
    value: shareGroup.ShareGroupTargetAssignmentMetadataValue,
  },
  ShareGroupTargetAssignmentMember: {
    key: shareGroup.ShareGroupTargetAssignmentMemberKey,
    value: shareGroup.ShareGroupTargetAssignmentMemberValue,
  },
  ShareGroupCurrentMemberAssignment: {
    key: shareGroup.ShareGroupCurrentMemberAssignmentKey,
    value: shareGroup.ShareGroupCurrentMemberAssignmentValue,
  },
  ShareGroupStatePartitionMetadata: {
    key: shareGroup.ShareGroupStatePartitionMetadataKey,
    value: shareGroup.ShareGroupStatePartitionMetadataValue,
  },
  ConsumerGroupRegularExpression: {
    key: consumerGroup.ConsumerGroupRegularExpressionKey,
    value: consumerGroup.ConsumerGroupRegularExpressionValue,
  },
  StreamsGroupMetadata: { key: streamsGroup.StreamsGroupMetadataKey, value: streamsGroup.StreamsGroupMetadataValue },
  StreamsGroupMemberMetadata: {
    key: streamsGroup.StreamsGroupMemberMetadataKey,
    value: streamsGroup.StreamsGroupMemberMetadataValue,
  },
  StreamsGroupTargetAssignmentMetadata: {
    key: streamsGroup.StreamsGroupTargetAssignmentMetadataKey,
    value: streamsGroup.StreamsGroupTargetAssignmentMetadataValue,
  },
  StreamsGroupTargetAssignmentMember: {
    key: streamsGroup.StreamsGroupTargetAssignmentMemberKey,
    value: streamsGroup.StreamsGroupTargetAssignmentMemberValue,
  },
  StreamsGroupCurrentMemberAssignment: {
    key: streamsGroup.StreamsGroupCurrentMemberAssignmentKey,
    value: streamsGroup.StreamsGroupCurrentMemberAssignmentValue,
  },
  StreamsGroupTopology: { key: streamsGroup.StreamsGroupTopologyKey, value: streamsGroup.StreamsGroupTopologyValue },
};
/** A record of `__consumer_offsets`. */
export type GroupRecord = CoordinatorRecordOf<typeof GROUP_RECORDS>;
/** Reads a record of `__consumer_offsets`. */
export const decodeGroupRecord = coordinatorDecoder(GROUP_RECORDS);

/** The records of `__transaction_state`. */
export const TRANSACTION_RECORDS = {
  TransactionLog: { key: transaction.TransactionLogKey, value: transaction.TransactionLogValue },
};
/** A record of `__transaction_state`. */
export type TransactionRecord = CoordinatorRecordOf<typeof TRANSACTION_RECORDS>;
/** Reads a record of `__transaction_state`. */
export const decodeTransactionRecord = coordinatorDecoder(TRANSACTION_RECORDS);

/** The records of `__share_group_state`. */
export const SHARE_STATE_RECORDS = {
  ShareSnapshot: { key: shareState.ShareSnapshotKey, value: shareState.ShareSnapshotValue },
  ShareUpdate: { key: shareState.ShareUpdateKey, value: shareState.ShareUpdateValue },
};
/** A record of `__share_group_state`. */
export type ShareStateRecord = CoordinatorRecordOf<typeof SHARE_STATE_RECORDS>;
/** Reads a record of `__share_group_state`. */
export const decodeShareStateRecord = coordinatorDecoder(SHARE_STATE_RECORDS);
