/**
 * Who leads a partition: this broker, or nobody.
 *
 * @module
 */
import type { MetadataImage } from "../image/image.ts";
import { LeaderRecoveryState, NO_LEADER, type PartitionImage, type TopicImage } from "../image/topics_image.ts";
import { metadataRecord, type MetadataRecordOf } from "../record.ts";

/** Options of {@linkcode elect}. */
export interface ElectOptions {
  /** Whether a replica may lead that may lack acknowledged records. */
  readonly isUncleanAllowed: boolean;
}

/**
 * The record that makes this broker the leader of a partition and its only in-sync replica; null where it may not be.
 *
 * It may where it has every acknowledged record (it is in the ISR, or eligible, KIP-966), where it was the last
 * leader, and where it has the only replica: nobody else could ever know better.
 */
export function elect(
  image: MetadataImage,
  topic: TopicImage,
  partitionId: number,
  nodeId: number,
  { isUncleanAllowed }: ElectOptions,
): MetadataRecordOf<"PartitionChangeRecord"> | null {
  const partition = topic.partitions.get(partitionId)!;
  const { replicas, isr, eligibleLeaderReplicas, lastKnownElr, leaderRecoveryState } = partition;
  if (!replicas.includes(nodeId)) return null;
  const isComplete = isr.includes(nodeId) || (isr.length === 0 && eligibleLeaderReplicas.includes(nodeId));
  const isOnlyHope = replicas.length === 1 ||
    (isr.length === 0 && eligibleLeaderReplicas.length === 0 && lastKnownElr[0] === nodeId);
  if (!isComplete && !isOnlyHope && !isUncleanAllowed) return null;
  return metadataRecord("PartitionChangeRecord", {
    topicId: topic.id,
    partitionId,
    leader: nodeId,
    isr: isOnly(isr, nodeId) ? null : [nodeId],
    // The logs are recovered before anything is served, so there is nothing left to recover.
    leaderRecoveryState: leaderRecoveryState === LeaderRecoveryState.RECOVERED ? -1 : LeaderRecoveryState.RECOVERED,
    eligibleLeaderReplicas: eligibleLeaderReplicas.length === 0 ? null : [],
    lastKnownElr: lastKnownElr.length === 0 ? null : [],
  }, image.recordVersions.partitionChange);
}

/** True where a partition should get this broker as its leader, now that it is up. */
export function needsLeader({ leader, replicas }: PartitionImage, nodeId: number): boolean {
  return replicas.includes(nodeId) && (leader === NO_LEADER || !replicas.includes(leader));
}

function isOnly(list: readonly number[], id: number): boolean {
  return list.length === 1 && list[0] === id;
}
