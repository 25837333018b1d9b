/**
 * In which data folder each partition lies (KIP-858).
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import type { MetadataImage } from "../image/image.ts";
import {
  isReservedDirectory,
  MIGRATING_DIRECTORY,
  NO_LEADER,
  type PartitionImage,
  UNASSIGNED_DIRECTORY,
} from "../image/topics_image.ts";
import { metadataRecord } from "../record.ts";

/**
 * The records that say where the partitions of this broker lie, as far as the log does not say so: it may come from a
 * time before folders had ids, or the folder may have got a new one. A partition that is said to lie in a folder that
 * is not there, and is not found elsewhere either, stays: the disk may come back.
 *
 * @param locate gives the id of the data folder that has the partition, or null
 */
export function* assignDirectories(
  image: MetadataImage,
  { nodeId, directoryIds }: { readonly nodeId: number; readonly directoryIds: readonly Uuid[] },
  locate: (topic: string, partition: number) => Uuid | null,
): Generator<MetadataRecord> {
  const { partitionChange: version } = image.recordVersions;
  if (version < 1) return;
  for (const topic of image.topics()) {
    for (const [partitionId, { replicas, directories }] of topic.partitions) {
      const index = replicas.indexOf(nodeId);
      if (index === -1 || directoryIds.includes(directories[index])) continue;
      const isOpen = directories[index] === UNASSIGNED_DIRECTORY || directories[index] === MIGRATING_DIRECTORY;
      const directoryId = locate(topic.name, partitionId) ?? (isOpen ? directoryIds[0] : null);
      if (directoryId === null) continue;
      yield metadataRecord("PartitionChangeRecord", {
        topicId: topic.id,
        partitionId,
        directories: directories.with(index, directoryId),
      }, version);
    }
  }
}

/**
 * The records that say that the device of data folders has failed: this broker does not lead what lies in them any more,
 * and its registration lacks them (KIP-858). Its next start registers what there is then.
 */
export function loseDirectories(image: MetadataImage, nodeId: number, lostIds: ReadonlySet<Uuid>): MetadataRecord[] {
  const { brokerEpoch, logDirs } = image.brokers.get(nodeId)!;
  const left = logDirs.filter((id) => !lostIds.has(id));
  // Kafka's format has no word for a broker without any folder, and Apache Kafka ends itself then.
  if (left.length === logDirs.length || left.length === 0) return [];
  const records: MetadataRecord[] = [];
  for (const topic of image.topics()) {
    for (const [partitionId, partition] of topic.partitions) {
      const directoryId = partition.directories[partition.replicas.indexOf(nodeId)];
      if (partition.leader !== nodeId || !lostIds.has(directoryId)) continue;
      const change = { topicId: topic.id, partitionId, leader: NO_LEADER };
      records.push(metadataRecord("PartitionChangeRecord", change, image.recordVersions.partitionChange));
    }
  }
  const change = { brokerId: nodeId, brokerEpoch, logDirs: left };
  return [...records, metadataRecord("BrokerRegistrationChangeRecord", change, VERSION_WITH_LOG_DIRS)];
}

const VERSION_WITH_LOG_DIRS = 2;

/** Those of a partition's replicas that nobody can reach: their broker is not there, or their data folder is lost. */
export function offlineReplicas(image: MetadataImage, { replicas, directories }: PartitionImage): number[] {
  return replicas.filter((id, index) => {
    const broker = image.brokers.get(id);
    if (broker === undefined || broker.fenced) return true;
    const directoryId = directories[index];
    return broker.logDirs.length > 0 && !isReservedDirectory(directoryId) && !broker.logDirs.includes(directoryId);
  });
}
