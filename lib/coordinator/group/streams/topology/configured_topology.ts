/**
 * A topology held against the topics that there are: how many tasks each subtopology has, and which internal topics are
 * to be created; or what is in the way.
 *
 * @module
 */
import { inHashOrder } from "../java_collections.ts";
import { compareText } from "../tasks.ts";
import { decidePartitionCounts, known, type PartitionCounts, tasksOf } from "./partition_counts.ts";
import { type DescribedTopology, describeTopics, type Subtopology, type TopicInfo, type Topology } from "./topology.ts";
import { HeartbeatStatus, InvalidTopologyError, type Status, TopicProblem } from "./topology_problem.ts";

/** An internal topic, with the partitions that were decided on. */
export type InternalTopic = Pick<TopicInfo, "name" | "partitions" | "replicationFactor" | "topicConfigs">;

export interface ConfiguredSubtopology {
  readonly subtopologyId: string;
  readonly numberOfTasks: number;
  readonly sourceTopics: readonly string[];
  readonly repartitionSinkTopics: readonly string[];
  readonly repartitionSourceTopics: readonly InternalTopic[];
  readonly stateChangelogTopics: readonly InternalTopic[];
}

export interface ConfiguredTopology {
  readonly epoch: number;
  /** By ascending id; null where the topics that there are do not fit. */
  readonly subtopologies: ReadonlyMap<string, ConfiguredSubtopology> | null;
  /** Internal topics that are missing. */
  readonly topicsToCreate: readonly InternalTopic[];
  /** What keeps the group from working; null where nothing does. */
  readonly problem: Status | null;
}

/** Subtopologies of an application. Real ones have dozens at most; the time that they take grows with their square. */
const MAX_SUBTOPOLOGIES = 1000;
/** Tasks of an application. The record of a member that had more of them would not fit into a batch. */
const MAX_TASKS = 100_000;

/**
 * Configures a topology.
 *
 * @throws {InvalidTopologyError} where no topics would make it work, or it is too large
 */
export function configureTopology(topology: Topology, existing: PartitionCounts): ConfiguredTopology {
  const { epoch } = topology;
  demandAtMost(MAX_SUBTOPOLOGIES, topology.subtopologies.size, "subtopologies");
  try {
    demandSourceTopics(topology, existing);
    const decided = decidePartitionCounts(topology, existing);
    const subtopologies = new Map(
      [...topology.subtopologies.values()].sort((one, other) => compareText(one.subtopologyId, other.subtopologyId))
        .map((subtopology) => [subtopology.subtopologyId, configured(subtopology, existing, decided)]),
    );
    const tasks = [...subtopologies.values()].reduce((sum, { numberOfTasks }) => sum + numberOfTasks, 0);
    demandAtMost(MAX_TASKS, tasks, "tasks");
    const topicsToCreate = missingTopics(topology, subtopologies, existing);
    return { epoch, subtopologies, topicsToCreate, problem: missingInternalTopics(topicsToCreate) };
  } catch (error) {
    if (error instanceof TopicProblem) {
      return { epoch, subtopologies: null, topicsToCreate: [], problem: error.status };
    }
    throw error;
  }
}

/** As StreamsGroupDescribe tells it: with the partitions that were decided on. */
export function describeConfiguredTopology({ epoch, subtopologies }: ConfiguredTopology): DescribedTopology {
  return {
    epoch,
    subtopologies: Array.from(subtopologies?.values() ?? [], (subtopology) => ({
      subtopologyId: subtopology.subtopologyId,
      sourceTopics: subtopology.sourceTopics.toSorted(compareText),
      repartitionSinkTopics: subtopology.repartitionSinkTopics.toSorted(compareText),
      repartitionSourceTopics: describeTopics(subtopology.repartitionSourceTopics),
      stateChangelogTopics: describeTopics(subtopology.stateChangelogTopics),
    })),
  };
}

function demandAtMost(most: number, count: number, what: string): void {
  if (count > most) throw new InvalidTopologyError(`The topology has ${count} ${what}; it may have ${most} at most.`);
}

function demandSourceTopics(topology: Topology, existing: PartitionCounts): void {
  const missing = new Set(
    [...topology.subtopologies.values()].flatMap(({ sourceTopics }) => sourceTopics)
      .filter((topic) => existing(topic) === undefined),
  );
  if (missing.size === 0) return;
  throw new TopicProblem(
    HeartbeatStatus.MISSING_SOURCE_TOPICS,
    `Source topics ${summary([...missing].sort(compareText))} are missing.`,
  );
}

function configured(
  subtopology: Subtopology,
  existing: PartitionCounts,
  decided: ReadonlyMap<string, number>,
): ConfiguredSubtopology {
  const { subtopologyId, sourceTopics, repartitionSinkTopics } = subtopology;
  const internal = (topic: TopicInfo): InternalTopic => ({
    ...topic,
    partitions: topic.partitions === 0 ? decided.get(topic.name)! : topic.partitions,
  });
  return {
    subtopologyId,
    numberOfTasks: tasksOf(subtopology, (topic) => known(topic, existing, decided)),
    sourceTopics: [...new Set(sourceTopics)],
    repartitionSinkTopics: [...new Set(repartitionSinkTopics)],
    repartitionSourceTopics: subtopology.repartitionSourceTopics.map(internal),
    stateChangelogTopics: subtopology.stateChangelogTopics.map(internal),
  };
}

/** The internal topics that are not there yet. */
function missingTopics(
  topology: Topology,
  subtopologies: ReadonlyMap<string, ConfiguredSubtopology>,
  existing: PartitionCounts,
): InternalTopic[] {
  const expected = new Map<string, InternalTopic>();
  for (const { repartitionSourceTopics, stateChangelogTopics } of subtopologies.values()) {
    for (const topic of [...repartitionSourceTopics, ...stateChangelogTopics]) expected.set(topic.name, topic);
  }
  for (const name of inHashOrder(topology.requiredTopics)) {
    const found = existing(name);
    const partitions = expected.get(name)?.partitions;
    if (found === undefined || partitions === undefined || found === partitions) continue;
    throw new TopicProblem(
      HeartbeatStatus.INCORRECTLY_PARTITIONED_TOPICS,
      `Existing topic ${name} has different number of partitions: expected ${partitions}, found ${found}`,
    );
  }
  return inHashOrder(expected.keys()).filter((name) => existing(name) === undefined).map((name) => expected.get(name)!);
}

function missingInternalTopics(topics: readonly InternalTopic[]): Status | null {
  if (topics.length === 0) return null;
  return {
    statusCode: HeartbeatStatus.MISSING_INTERNAL_TOPICS,
    statusDetail: `Internal topics are missing: ${summary(topics.map(({ name }) => name))}`,
  };
}

/** Names the first three. */
function summary(topics: readonly string[]): string {
  const told = topics.slice(0, 3).join(", ");
  return topics.length > 3 ? `${told} and ${topics.length - 3} additional topics` : told;
}
