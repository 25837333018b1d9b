/**
 * Which process of the application answers queries of which partitions (interactive queries).
 *
 * @module
 */
import type { StreamsGroupHeartbeatResponse } from "../../../protocol/messages/streams_group_heartbeat.ts";
import type { Init } from "../../../protocol/schema.ts";
import type { StreamsMember } from "./member.ts";
import { listOf, type Tasks } from "./tasks.ts";
import type { ConfiguredTopology } from "./topology/configured_topology.ts";
import type { PartitionCounts } from "./topology/partition_counts.ts";

type EndpointPartitions = NonNullable<Init<StreamsGroupHeartbeatResponse>["partitionsByUserEndpoint"]>[number];
type TopicPartitions = NonNullable<EndpointPartitions["activePartitions"]>[number];

/** The partitions of every member that answers queries. */
export function endpointsOf(
  members: Iterable<StreamsMember>,
  topology: ConfiguredTopology,
  partitionCount: PartitionCounts,
): EndpointPartitions[] {
  return [...members].flatMap(({ userEndpoint, assigned }) =>
    userEndpoint === null ? [] : [{
      userEndpoint,
      activePartitions: partitionsOf(assigned.active, topology, partitionCount),
      standbyPartitions: partitionsOf(assigned.standby, topology, partitionCount),
    }]
  );
}

/** A task reads its partition of each topic of its subtopology that has so many. */
function partitionsOf(
  tasks: Tasks,
  { subtopologies }: ConfiguredTopology,
  partitionCount: PartitionCounts,
): TopicPartitions[] {
  return listOf(tasks).flatMap(({ subtopologyId, partitions }) => {
    const subtopology = subtopologies?.get(subtopologyId);
    if (subtopology === undefined) return [];
    const topics = [...subtopology.sourceTopics, ...subtopology.repartitionSourceTopics.map(({ name }) => name)];
    return topics.map((topic) => {
      const count = partitionCount(topic) ?? 0;
      return { topic, partitions: partitions.filter((partition) => partition < count) };
    });
  });
}
