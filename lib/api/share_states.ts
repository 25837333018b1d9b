/**
 * What the APIs of the share coordinator have in common: each asks about partitions by topic, and each partition is
 * answered for itself. In Apache Kafka brokers ask so, and nobody else: whoever does needs CLUSTER_ACTION.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { ShareCoordinator, SharePartitionKey } from "../coordinator/share/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { AclOperation } from "../security/mod.ts";
import { CLUSTER_REFUSED, isClusterAuthorized } from "./authorize.ts";
import type { RequestContext } from "./context.ts";

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
  context: RequestContext,
  ask: (shareCoordinator: ShareCoordinator, key: SharePartitionKey, partition: P) => Promise<R>,
): Promise<{ results: { topicId: Uuid; partitions: (R | PartitionRefusal)[] }[] }> {
  if (!isClusterAuthorized(context, AclOperation.CLUSTER_ACTION)) return refuse(topics);
  if (groupId === "" || topics.some(({ partitions }) => partitions.length === 0)) return { results: [] };
  const results = topics.map(async ({ topicId, partitions }) => ({
    topicId,
    partitions: await Promise.all(
      partitions.map((partition) =>
        ask(context.shareCoordinator, { groupId, topicId, partition: partition.partition }, partition)
      ),
    ),
  }));
  return { results: await Promise.all(results) };
}

interface PartitionRefusal {
  readonly partition: number;
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
}

function refuse(topics: StateRequest<{ readonly partition: number }>["topics"]) {
  return {
    results: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition }) => ({ partition, ...CLUSTER_REFUSED })),
    })),
  };
}
