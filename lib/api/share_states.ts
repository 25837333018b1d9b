/**
 * What the APIs of the share coordinator have in common: each asks about partitions by topic, and each partition is
 * answered for itself.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { SharePartitionKey } from "../coordinator/share/mod.ts";

/** A request about share partitions of a group. */
interface StateRequest<P> {
  readonly groupId: string;
  readonly topics: readonly { readonly topicId: Uuid; readonly partitions: readonly P[] }[];
}

/**
 * Asks for each partition. Who names no group, no topic, or a topic without partitions is answered with nothing, as by
 * Apache Kafka.
 */
export async function answerByPartition<P extends { readonly partition: number }, R>(
  { groupId, topics }: StateRequest<P>,
  ask: (key: SharePartitionKey, partition: P) => Promise<R>,
): Promise<{ results: { topicId: Uuid; partitions: R[] }[] }> {
  if (groupId === "" || topics.some(({ partitions }) => partitions.length === 0)) return { results: [] };
  const results = topics.map(async ({ topicId, partitions }) => ({
    topicId,
    partitions: await Promise.all(
      partitions.map((partition) => ask({ groupId, topicId, partition: partition.partition }, partition)),
    ),
  }));
  return { results: await Promise.all(results) };
}
