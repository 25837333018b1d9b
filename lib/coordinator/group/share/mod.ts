/**
 * Share groups: members get the same partitions, and share their records (KIP-932).
 *
 * In: ShareGroupHeartbeat, and what administrators ask of a group and its offsets. Out: which partitions each member
 * reads, records of `__consumer_offsets`, and the share partitions that the share coordinator is to make, move and forget:
 * `state_partitions.ts` keeps count of these.
 *
 * @module
 */
export { type DescribedShareGroup, describeShareGroup } from "./describe.ts";
export { heartbeatComplaint, type ShareHeartbeat, shareHeartbeat, type ShareHeartbeatResult } from "./heartbeat.ts";
export {
  type AlteredTopic,
  alterShareOffsets,
  beginDeletingOffsets,
  beginDeletingStates,
  endDeletingOffsets,
} from "./offsets.ts";
export { forgetShareTopics, replayShareGroup, ShareGroup } from "./share_group.ts";
export {
  initializedPartitions,
  markInitialized,
  type StateTopic,
  type TopicPartitionsToInitialize,
} from "./state_partitions.ts";
