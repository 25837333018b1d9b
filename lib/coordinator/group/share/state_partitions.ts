/**
 * Which share partitions of a group the share coordinator knows: `ShareGroupStatePartitionMetadata`.
 *
 * | a partition is … | until                                                                  |
 * | ---------------- | ---------------------------------------------------------------------- |
 * | initializing     | the share coordinator has made it; asked for anew after a while        |
 * | initialized      | its offsets are deleted, or its topic or the group is; it is assigned  |
 *
 * and a topic is "deleting" until the share coordinator has forgotten its partitions.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import type { ShareGroupStatePartitionMetadataValue } from "../../../protocol/records/share_group.ts";
import type { Turn } from "../../turn.ts";
import type { GroupState } from "../group_state.ts";
import type { Assignment } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import { statePartitionsRecord } from "./records.ts";
import { type ShareGroup, shareGroup } from "./share_group.ts";

/** Partitions of a topic. */
export interface StateTopic {
  readonly name: string;
  readonly partitions: ReadonlySet<number>;
}

/** What is known of a group's share partitions. */
export interface StatePartitions {
  readonly initializing: ReadonlyMap<Uuid, StateTopic>;
  readonly initialized: ReadonlyMap<Uuid, StateTopic>;
  readonly deleting: ReadonlyMap<Uuid, string>;
  /** When that was replayed, milliseconds since the epoch: what is initializing is so since then, or for longer. */
  readonly sinceMs: number;
}

/** Partitions that the share coordinator is to make, in a state epoch. */
export interface TopicPartitionsToInitialize {
  readonly stateEpoch: number;
  readonly partitions: readonly { readonly topicId: Uuid; readonly partition: number; readonly startOffset: bigint }[];
}

export const NO_STATE_PARTITIONS: StatePartitions = {
  initializing: new Map(),
  initialized: new Map(),
  deleting: new Map(),
  sinceMs: 0,
};

export function statePartitionsFrom(value: ShareGroupStatePartitionMetadataValue, sinceMs: number): StatePartitions {
  return {
    initializing: topicsFrom(value.initializingTopics),
    initialized: topicsFrom(value.initializedTopics),
    deleting: new Map(value.deletingTopics.map(({ topicId, topicName }) => [topicId, topicName])),
    sinceMs,
  };
}

export function recordOf(
  groupId: string,
  { initializing, initialized, deleting }: Omit<StatePartitions, "sinceMs">,
): GroupRecord {
  return statePartitionsRecord(groupId, {
    initializingTopics: listOf(initializing),
    initializedTopics: listOf(initialized),
    deletingTopics: Array.from(deleting, ([topicId, topicName]) => ({ topicId, topicName })),
  });
}

/** The partitions that members may be given. */
export function initializedPartitions({ statePartitions: { initialized } }: ShareGroup): Assignment {
  return new Map(Array.from(initialized, ([topicId, { partitions }]) => [topicId, partitions]));
}

/**
 * The partitions of these topics that nobody has asked the share coordinator for, or not lately.
 *
 * @param retryMs after how long what is initializing is asked for again
 */
export function uninitialized(
  state: GroupState,
  group: ShareGroup,
  topicNames: Iterable<string>,
  { nowMs, retryMs }: { readonly nowMs: number; readonly retryMs: number },
): Map<Uuid, StateTopic> {
  const { initializing, initialized, sinceMs } = group.statePartitions;
  const known = nowMs - sinceMs < retryMs ? union(initialized, initializing) : initialized;
  const missing = new Map<Uuid, StateTopic>();
  for (const name of topicNames) {
    const topic = state.image.topicByName(name);
    if (topic === undefined) continue;
    const knownPartitions = known.get(topic.id)?.partitions ?? new Set<number>();
    const partitions = [...topic.partitions.keys()].filter((partition) => !knownPartitions.has(partition));
    if (partitions.length > 0) missing.set(topic.id, { name, partitions: new Set(partitions) });
  }
  return missing;
}

/** The record that says that these partitions are being made. */
export function initializingRecord(
  { groupId, statePartitions }: ShareGroup,
  topics: ReadonlyMap<Uuid, StateTopic>,
): GroupRecord {
  const deleting = new Map(statePartitions.deleting);
  for (const topicId of topics.keys()) deleting.delete(topicId);
  return recordOf(groupId, {
    ...statePartitions,
    initializing: union(statePartitions.initializing, topics),
    deleting,
  });
}

/**
 * The share coordinator has made partitions, or could not: then they are asked for anew.
 *
 * @param isMade whether all of them were made
 */
export function markInitialized(
  state: GroupState,
  turn: Turn<GroupRecord>,
  groupId: string,
  partitions: TopicPartitionsToInitialize["partitions"],
  isMade: boolean,
): void {
  const group = shareGroup(state, groupId);
  if (group === undefined || partitions.length === 0) return;
  const topics = new Map<Uuid, StateTopic>();
  for (const { topicId, partition } of partitions) {
    const known = topics.get(topicId)?.partitions ?? [];
    const name = state.image.topicById(topicId)?.name;
    // It was deleted meanwhile, and its states are forgotten with it.
    if (name !== undefined) topics.set(topicId, { name, partitions: new Set([...known, partition]) });
  }
  const { statePartitions } = group;
  turn.write(recordOf(groupId, {
    ...statePartitions,
    initializing: difference(statePartitions.initializing, topics),
    initialized: isMade ? union(statePartitions.initialized, topics) : statePartitions.initialized,
  }));
}

/** The topics of both, with the partitions of both. */
export function union(
  one: ReadonlyMap<Uuid, StateTopic>,
  other: ReadonlyMap<Uuid, StateTopic>,
): Map<Uuid, StateTopic> {
  const result = new Map(one);
  for (const [topicId, { name, partitions }] of other) {
    result.set(topicId, { name, partitions: new Set([...(one.get(topicId)?.partitions ?? []), ...partitions]) });
  }
  return result;
}

function difference(
  one: ReadonlyMap<Uuid, StateTopic>,
  other: ReadonlyMap<Uuid, StateTopic>,
): Map<Uuid, StateTopic> {
  const result = new Map<Uuid, StateTopic>();
  for (const [topicId, { name, partitions }] of one) {
    const taken = other.get(topicId)?.partitions;
    const left = taken === undefined
      ? partitions
      : new Set([...partitions].filter((partition) => !taken.has(partition)));
    if (left.size > 0) result.set(topicId, { name, partitions: left });
  }
  return result;
}

function topicsFrom(topics: ShareGroupStatePartitionMetadataValue["initializedTopics"]): Map<Uuid, StateTopic> {
  return new Map(
    topics.map(({ topicId, topicName: name, partitions }) => [topicId, { name, partitions: new Set(partitions) }]),
  );
}

function listOf(topics: ReadonlyMap<Uuid, StateTopic>) {
  return Array.from(topics, ([topicId, { name, partitions }]) => ({
    topicId,
    topicName: name,
    partitions: [...partitions].sort((a, b) => a - b),
  }));
}
