/**
 * In which data folder each partition lies (KIP-858).
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import type { MetadataImage } from "../image/image.ts";
import { MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from "../image/topics_image.ts";
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
