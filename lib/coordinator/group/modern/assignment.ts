/**
 * Assignments of partitions: which partitions of which topics.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";

/** Partitions by topic id. A topic of which there are none is left out. */
export type Assignment = ReadonlyMap<Uuid, ReadonlySet<number>>;

/** Partitions of a topic, as messages and records carry them. */
export interface TopicPartitions {
  readonly topicId: Uuid;
  readonly partitions: readonly number[];
}

/** No partitions. */
export const NO_PARTITIONS: Assignment = new Map();

const NONE: ReadonlySet<number> = new Set();

/** The partitions of one topic. */
export function partitionsOf(assignment: Assignment, topicId: Uuid): ReadonlySet<number> {
  return assignment.get(topicId) ?? NONE;
}

/** An assignment of what a message or record carries. */
export function assignmentFrom(topics: readonly TopicPartitions[]): Assignment {
  const assignment = new Map<Uuid, Set<number>>();
  for (const { topicId, partitions } of topics) {
    if (partitions.length > 0) assignment.set(topicId, new Set(partitions));
  }
  return assignment;
}

/** An assignment as messages and records carry it, partitions in ascending order. */
export function topicPartitionsOf(assignment: Assignment): TopicPartitions[] {
  return Array.from(assignment, ([topicId, partitions]) => ({
    topicId,
    partitions: [...partitions].sort((a, b) => a - b),
  }));
}

/** Whether both have the very same partitions. */
export function isSameAssignment(one: Assignment, other: Assignment): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [topicId, partitions] of one) {
    const others = other.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const partition of partitions) if (!others.has(partition)) return false;
  }
  return true;
}
