/**
 * What a change of the metadata comes to, for those who act on it: logs to open and to remove, configurations to apply.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { MetadataRecord } from "../protocol/records/logs.ts";
import type { MetadataImage } from "./image/image.ts";
import type { TopicImage } from "./image/topics_image.ts";

/** One committed change, in effect when listeners are told of it. */
export interface MetadataChange {
  readonly records: readonly MetadataRecord[];
  /** Topics that are new, with all their partitions. */
  readonly createdTopics: readonly TopicImage[];
  /** Topics that are gone, as they were. */
  readonly deletedTopics: readonly TopicImage[];
  /** Partitions that are new in topics that are not, and those that have changed. */
  readonly changedPartitions: readonly { readonly topic: TopicImage; readonly partition: number }[];
  /** Resources whose configuration has changed, each once; those of deleted topics aside. */
  readonly changedConfigs: readonly { readonly resourceType: number; readonly resourceName: string }[];
}

/** Replays records, and tells what they come to. */
export function replayChange(image: MetadataImage, records: readonly MetadataRecord[]): MetadataChange {
  const created = new Map<Uuid, TopicImage>();
  const deleted = new Map<Uuid, TopicImage>();
  const partitions = new Map<string, { topicId: Uuid; partition: number }>();
  const configs = new Map<string, { resourceType: number; resourceName: string }>();
  for (const record of records) {
    if (record.name === "RemoveTopicRecord") {
      const topic = image.topicById(record.value.topicId);
      if (topic !== undefined && !created.delete(topic.id)) deleted.set(topic.id, topic);
    }
    image.replay(record);
    switch (record.name) {
      case "TopicRecord":
        created.set(record.value.topicId, image.topicById(record.value.topicId)!);
        break;
      case "PartitionRecord":
      case "PartitionChangeRecord": {
        const { topicId, partitionId: partition } = record.value;
        if (!created.has(topicId)) partitions.set(`${topicId} ${partition}`, { topicId, partition });
        break;
      }
      case "ConfigRecord": {
        const { resourceType, resourceName } = record.value;
        configs.set(`${resourceType} ${resourceName}`, { resourceType, resourceName });
        break;
      }
    }
  }
  return {
    records,
    createdTopics: [...created.values()],
    deletedTopics: [...deleted.values()],
    changedPartitions: [...partitions.values()].flatMap(({ topicId, partition }) => {
      const topic = image.topicById(topicId);
      return topic === undefined ? [] : [{ topic, partition }];
    }),
    changedConfigs: [...configs.values()],
  };
}
