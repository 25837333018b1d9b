/**
 * How many partitions the internal topics of a topology have, as Apache Kafka decides it.
 *
 * A repartition topic has as many as its application says. Else it has as many as the topics that are read by whoever
 * writes it; and if it stands in a copartition group, as many as the others there. A changelog topic has as many as its
 * subtopology has tasks.
 *
 * @module
 */
import { inHashOrder } from "../java_collections.ts";
import { compareText } from "../tasks.ts";
import { readTopics, type Subtopology, type Topology } from "./topology.ts";
import { HeartbeatStatus, InvalidTopologyError, TopicProblem } from "./topology_problem.ts";

/** How many partitions a topic has that is there; undefined where it is not. */
export type PartitionCounts = (topic: string) => number | undefined;

/**
 * Decides for all repartition and changelog topics. All source topics must be there.
 *
 * @throws {TopicProblem} where topics that belong together differ in their partitions
 * @throws {InvalidTopologyError} where it cannot be decided
 */
export function decidePartitionCounts(topology: Topology, existing: PartitionCounts): ReadonlyMap<string, number> {
  const decided = repartitionCounts(topology, existing);
  const countOf = (topic: string) => known(topic, existing, decided);
  copartition(topology, decided, countOf);
  for (const subtopology of topology.subtopologies.values()) {
    const numberOfTasks = tasksOf(subtopology, countOf);
    for (const { name } of subtopology.stateChangelogTopics) decided.set(name, numberOfTasks);
  }
  return decided;
}

/** How many partitions a topic has, or will have. */
export function known(topic: string, existing: PartitionCounts, decided: ReadonlyMap<string, number>): number {
  const count = existing(topic) ?? decided.get(topic);
  if (count === undefined) throw new InvalidTopologyError(`Number of partitions is not set for topic: ${topic}`);
  return count;
}

/** How many tasks a subtopology has: the most partitions of a topic that it reads. */
export function tasksOf(subtopology: Subtopology, countOf: (topic: string) => number): number {
  const topics = readTopics(subtopology);
  if (topics.length === 0) {
    throw new InvalidTopologyError(`No source topics found for subtopology ${subtopology.subtopologyId}`);
  }
  return topics.reduce((most, topic) => Math.max(most, countOf(topic)), 0);
}

function repartitionCounts(topology: Topology, existing: PartitionCounts): Map<string, number> {
  const subtopologies = [...topology.subtopologies.values()];
  const counts = new Map<string, number>();
  for (const { name, partitions } of subtopologies.flatMap((each) => each.repartitionSourceTopics)) {
    if (partitions !== 0) counts.set(name, partitions);
  }
  const hasProgressed = () => {
    const before = counts.size;
    for (const subtopology of subtopologies) setSinkCounts(subtopology, counts, existing);
    return counts.size > before;
  };
  const isComplete = () => subtopologies.every((each) => each.repartitionSinkTopics.every((sink) => counts.has(sink)));
  while (!isComplete()) {
    if (hasProgressed()) continue;
    throw new InvalidTopologyError(
      "Failed to compute number of partitions for all repartition topics. There may be loops in the topology that cannot be resolved.",
    );
  }
  for (const { name } of subtopologies.flatMap((each) => each.repartitionSourceTopics)) {
    if (counts.has(name)) continue;
    throw new InvalidTopologyError(
      "Failed to compute number of partitions for all repartition topics, because a repartition source topic is never used as a sink topic.",
    );
  }
  return counts;
}

/** What a subtopology writes has as many partitions as the largest topic that it reads, of those that are known. */
function setSinkCounts(subtopology: Subtopology, counts: Map<string, number>, existing: PartitionCounts): void {
  for (const sink of subtopology.repartitionSinkTopics) {
    if (counts.has(sink)) continue;
    const sources = [
      ...subtopology.repartitionSourceTopics.map(({ name }) => counts.get(name)),
      ...subtopology.sourceTopics.map(existing),
    ].filter((count) => count !== undefined);
    if (sources.length > 0) counts.set(sink, sources.reduce((one, other) => Math.max(one, other)));
  }
}

function copartition(topology: Topology, decided: Map<string, number>, countOf: (topic: string) => number): void {
  const subtopologies = [...topology.subtopologies.values()];
  const repartitionTopics = subtopologies.flatMap((each) => each.repartitionSourceTopics);
  const all = new Set(repartitionTopics.map(({ name }) => name));
  const fixed = countsOf(
    repartitionTopics.filter(({ partitions }) => partitions !== 0).map(({ name }) => name),
    countOf,
  );
  for (const subtopology of subtopologies) {
    for (const group of copartitionGroups(subtopology)) {
      for (const [topic, count] of copartitionedCounts(group, fixed, all, countOf)) decided.set(topic, count);
    }
  }
}

/** The copartition groups of a subtopology, by the names of their topics. */
function copartitionGroups(subtopology: Subtopology): string[][] {
  return subtopology.copartitionGroups.map((group) => [
    ...group.sourceTopics.map((index) => named(subtopology, subtopology.sourceTopics[index])),
    ...group.repartitionSourceTopics.map((index) =>
      named(subtopology, subtopology.repartitionSourceTopics[index]?.name)
    ),
  ]);
}

function named({ subtopologyId }: Subtopology, topic: string | undefined): string {
  if (topic !== undefined) return topic;
  throw new InvalidTopologyError(
    `A copartition group of subtopology ${subtopologyId} names a source topic that the subtopology does not have.`,
  );
}

/**
 * The counts of the repartition topics of a group, by topic.
 *
 * @param fixed the counts of all repartition topics of which the application says how large they are
 */
function copartitionedCounts(
  group: readonly string[],
  fixed: ReadonlyMap<string, number>,
  repartitionTopics: ReadonlySet<string>,
  countOf: (topic: string) => number,
): Map<string, number> {
  const internal = countsOf(group.filter((topic) => repartitionTopics.has(topic)), countOf);
  const external = countsOf(group.filter((topic) => !repartitionTopics.has(topic)), countOf);
  let count: number;
  if (external.size > 0) count = sameCount(external, external);
  // Apache Kafka holds all of the topology's fixed topics against each other here, not only those of the group.
  else if (fixed.size > 0) count = sameCount(fixed, internal);
  else count = [...internal.values()].reduce((one, other) => Math.max(one, other), 0);
  for (const [topic, own] of internal) {
    if (!fixed.has(topic) || own === count) continue;
    throw new TopicProblem(
      HeartbeatStatus.INCORRECTLY_PARTITIONED_TOPICS,
      `Number of partitions [${own}] of repartition topic [${topic}] doesn't match number of partitions [${count}] of the source topic.`,
    );
  }
  return new Map(Array.from(internal.keys(), (topic) => [topic, count]));
}

function countsOf(topics: readonly string[], countOf: (topic: string) => number): Map<string, number> {
  return new Map(inHashOrder(topics).map((topic) => [topic, countOf(topic)]));
}

/** @param told the topics that the message names where the counts differ */
function sameCount(counts: ReadonlyMap<string, number>, told: ReadonlyMap<string, number>): number {
  const [first] = counts.values();
  if ([...counts.values()].every((count) => count === first)) return first;
  const list = [...told].sort(([one], [other]) => compareText(one, other)).map(([topic, count]) => `${topic}=${count}`);
  throw new TopicProblem(
    HeartbeatStatus.INCORRECTLY_PARTITIONED_TOPICS,
    `Following topics do not have the same number of partitions: [{${list.join(", ")}}]`,
  );
}
