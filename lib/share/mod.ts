/**
 * Share partitions: records of a partition are given to members of a share group, one by one or in batches, and each is
 * given again until somebody has processed it, or too often (KIP-932).
 *
 * In: records of partitions' logs, and what members say of them. Out: records that are acquired, for a time; and what
 * became of them, which the share coordinator keeps. `share_partition.ts` is the state machine.
 *
 * @module
 */
export type { Acknowledgement } from "./acknowledge.ts";
export { type AcquiredRecords, ShareAcquireMode } from "./acquire.ts";
export { AcknowledgeType } from "./record_state.ts";
export { type ServedSharePartition, type ShareRead } from "./served_share_partition.ts";
export type { Refusal } from "./share_partition.ts";
export { SharePartitionManager } from "./share_partition_manager.ts";
export { FINAL_EPOCH, INITIAL_EPOCH, type ShareSession, type TopicIdPartition } from "./share_sessions.ts";
