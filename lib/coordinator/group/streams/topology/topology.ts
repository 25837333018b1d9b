/**
 * The topology of a streams application, as its members tell it: subtopologies, and the topics between them (KIP-1071).
 *
 * A subtopology reads source topics of the user and repartition topics, writes repartition topics (its sinks) and keeps
 * its state in changelog topics. Source topics whose partitions belong together form a copartition group.
 *
 * @module
 */
import type { StreamsGroupHeartbeatRequest } from "../../../../protocol/messages/streams_group_heartbeat.ts";
import type { StreamsGroupDescribeResponse } from "../../../../protocol/messages/streams_group_describe.ts";
import type { StreamsGroupTopologyValue } from "../../../../protocol/records/streams_group.ts";
import type { Init } from "../../../../protocol/schema.ts";
import { inHashOrder } from "../java_collections.ts";
import { compareText } from "../tasks.ts";

/** A topology as a heartbeat brings it. */
export type RequestedTopology = NonNullable<StreamsGroupHeartbeatRequest["topology"]>;
export type Subtopology = StreamsGroupTopologyValue["subtopologies"][number];
/** A topic that the group needs and the broker creates; 0 partitions or replicas where the broker decides. */
export type TopicInfo = Subtopology["repartitionSourceTopics"][number];
/** A topology as StreamsGroupDescribe tells it. */
export type DescribedTopology = NonNullable<
  NonNullable<Init<StreamsGroupDescribeResponse>["groups"]>[number]["topology"]
>;

type DescribedTopicInfo = NonNullable<
  NonNullable<NonNullable<DescribedTopology["subtopologies"]>[number]["stateChangelogTopics"]>
>[number];

export class Topology {
  readonly epoch: number;
  /** By id. The order is Apache Kafka's, which has a say in the partition counts of topics that depend on each other. */
  readonly subtopologies: ReadonlyMap<string, Subtopology>;
  /** The subtopology that reads a topic: that of a user, or a repartition topic. */
  readonly readerOf: ReadonlyMap<string, Subtopology>;
  /** All topics that must be there before tasks can be handed out. */
  readonly requiredTopics: ReadonlySet<string>;

  constructor({ epoch, subtopologies }: StreamsGroupTopologyValue) {
    this.epoch = epoch;
    const byId = new Map(subtopologies.map((subtopology) => [subtopology.subtopologyId, subtopology]));
    this.subtopologies = new Map(inHashOrder(byId.keys()).map((id) => [id, byId.get(id)!]));
    const readerOf = new Map<string, Subtopology>();
    const required = new Set<string>();
    for (const subtopology of this.subtopologies.values()) {
      for (const topic of readTopics(subtopology)) readerOf.set(topic, subtopology);
      for (const { name } of subtopology.stateChangelogTopics) required.add(name);
    }
    for (const topic of readerOf.keys()) required.add(topic);
    this.readerOf = readerOf;
    this.requiredTopics = required;
  }

  /** Whether it says the same, to the order of its lists; that of the subtopologies does not matter. */
  equals(other: Topology): boolean {
    if (this.epoch !== other.epoch || this.subtopologies.size !== other.subtopologies.size) return false;
    for (const [id, subtopology] of this.subtopologies) {
      if (fingerprint(subtopology) !== fingerprint(other.subtopologies.get(id))) return false;
    }
    return true;
  }

  /** As StreamsGroupDescribe tells it: by ascending name, with the partitions that the members asked for. */
  describe(): DescribedTopology {
    return {
      epoch: this.epoch,
      subtopologies: [...this.subtopologies.values()].sort((a, b) => compareText(a.subtopologyId, b.subtopologyId))
        .map((subtopology) => ({
          subtopologyId: subtopology.subtopologyId,
          sourceTopics: subtopology.sourceTopics.toSorted(compareText),
          repartitionSinkTopics: subtopology.repartitionSinkTopics.toSorted(compareText),
          repartitionSourceTopics: describeTopics(subtopology.repartitionSourceTopics),
          stateChangelogTopics: describeTopics(subtopology.stateChangelogTopics),
        })),
    };
  }
}

/** The record of a topology that a heartbeat has brought. */
export function topologyValue({ epoch, subtopologies }: RequestedTopology): StreamsGroupTopologyValue {
  return {
    epoch,
    subtopologies: subtopologies.map((subtopology) => ({
      subtopologyId: subtopology.subtopologyId,
      sourceTopics: subtopology.sourceTopics,
      sourceTopicRegex: subtopology.sourceTopicRegex,
      stateChangelogTopics: subtopology.stateChangelogTopics.map(topicInfo),
      repartitionSinkTopics: subtopology.repartitionSinkTopics,
      repartitionSourceTopics: subtopology.repartitionSourceTopics.map(topicInfo),
      copartitionGroups: subtopology.copartitionGroups.map((group) => ({
        sourceTopics: group.sourceTopics,
        sourceTopicRegex: group.sourceTopicRegex,
        repartitionSourceTopics: group.repartitionSourceTopics,
      })),
    })),
  };
}

/** The topics that a subtopology reads: the user's, then the repartition topics. */
export function readTopics({ sourceTopics, repartitionSourceTopics }: Subtopology): string[] {
  return [...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)];
}

/** Topics with their configs, by ascending name. */
export function describeTopics(
  topics: readonly Pick<TopicInfo, "name" | "partitions" | "replicationFactor" | "topicConfigs">[],
): DescribedTopicInfo[] {
  return topics.map(({ name, partitions, replicationFactor, topicConfigs }) => ({
    name,
    partitions,
    replicationFactor,
    topicConfigs: topicConfigs.map(({ key, value }) => ({ key, value })),
  })).sort((one, other) => compareText(one.name, other.name));
}

function topicInfo({ name, partitions, replicationFactor, topicConfigs }: TopicInfo): TopicInfo {
  return {
    name,
    partitions,
    replicationFactor,
    topicConfigs: topicConfigs.map(({ key, value }) => ({ key, value })),
  };
}

/** Equal for subtopologies that say the same. */
function fingerprint(subtopology: Subtopology | undefined): string {
  return JSON.stringify(subtopology, (name, value) => name === "unknownTaggedFields" ? undefined : value);
}
