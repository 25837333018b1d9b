/**
 * Topics and partitions as the metadata log tells them.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../bytes/mod.ts";
import type { PartitionChangeRecord, PartitionRecord } from "../../protocol/records/metadata.ts";
import { metadataRecord } from "../record.ts";
import type { ImageRecords } from "./image.ts";

/** A partition that nobody leads. */
export const NO_LEADER = -1;
/** In a PartitionChangeRecord: the leader stays, and so does the leader epoch. */
export const NO_LEADER_CHANGE = -2;

/** A replica whose folder is not decided yet (KIP-858). */
export const UNASSIGNED_DIRECTORY: Uuid = ZERO_UUID;
/** A replica whose folder is on a disk that failed. */
export const LOST_DIRECTORY: Uuid = "AAAAAAAAAAAAAAAAAAAAAQ";
/** A replica from before folders had ids. */
export const MIGRATING_DIRECTORY: Uuid = "AAAAAAAAAAAAAAAAAAAAAg";

/** True for an id that names no folder. */
export function isReservedDirectory(directoryId: Uuid): boolean {
  return directoryId === UNASSIGNED_DIRECTORY || directoryId === LOST_DIRECTORY || directoryId === MIGRATING_DIRECTORY;
}

/** Whether a leader that may lack acknowledged records has still to be looked after (KIP-704). */
export const LeaderRecoveryState = { RECOVERED: 0, RECOVERING: 1 } as const;

/** One partition. Lists of replicas are broker ids. */
export interface PartitionImage {
  readonly replicas: readonly number[];
  /** For each replica, the id of the folder that it lies in. */
  readonly directories: readonly Uuid[];
  readonly isr: readonly number[];
  readonly removingReplicas: readonly number[];
  readonly addingReplicas: readonly number[];
  /** Replicas that have every acknowledged record, though they left the ISR (KIP-966). */
  readonly eligibleLeaderReplicas: readonly number[];
  readonly lastKnownElr: readonly number[];
  /** {@linkcode NO_LEADER} where there is none. */
  readonly leader: number;
  readonly leaderRecoveryState: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

/** One topic. */
export interface TopicImage {
  readonly name: string;
  readonly id: Uuid;
  /** By partition index, in the order in which they were created. */
  readonly partitions: ReadonlyMap<number, PartitionImage>;
}

interface MutableTopic extends TopicImage {
  readonly partitions: Map<number, PartitionImage>;
}

/** All topics. */
export class TopicsImage {
  readonly #byId = new Map<Uuid, MutableTopic>();
  readonly #byName = new Map<string, MutableTopic>();
  readonly #namesByUnifiedName = new Map<string, Set<string>>();
  #partitionCount = 0;

  get size(): number {
    return this.#byId.size;
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  byId(id: Uuid): TopicImage | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): TopicImage | undefined {
    return this.#byName.get(name);
  }

  all(): Iterable<TopicImage> {
    return this.#byId.values();
  }

  /** A topic whose metrics would have the same name, as `a.b` and `a_b` would; undefined where there is none. */
  collidingWith(name: string): string | undefined {
    return this.#namesByUnifiedName.get(unifyName(name))?.values().next().value;
  }

  create(name: string, id: Uuid): void {
    const topic: MutableTopic = { name, id, partitions: new Map() };
    this.#byId.set(id, topic);
    this.#byName.set(name, topic);
    const unified = unifyName(name);
    const names = this.#namesByUnifiedName.get(unified) ?? new Set();
    this.#namesByUnifiedName.set(unified, names.add(name));
  }

  remove(id: Uuid): TopicImage {
    const topic = this.#existing(id);
    this.#byId.delete(id);
    this.#byName.delete(topic.name);
    this.#partitionCount -= topic.partitions.size;
    const unified = unifyName(topic.name);
    const names = this.#namesByUnifiedName.get(unified)!;
    names.delete(topic.name);
    if (names.size === 0) this.#namesByUnifiedName.delete(unified);
    return topic;
  }

  setPartition(record: PartitionRecord): void {
    const { partitions } = this.#existing(record.topicId);
    if (!partitions.has(record.partitionId)) this.#partitionCount++;
    partitions.set(record.partitionId, partitionOf(record));
  }

  changePartition(record: PartitionChangeRecord): void {
    const { name, partitions } = this.#existing(record.topicId);
    const before = partitions.get(record.partitionId);
    if (before === undefined) {
      throw new Error(`The metadata log changes partition ${name}-${record.partitionId}, which it has not created`);
    }
    partitions.set(record.partitionId, changed(before, record));
  }

  /** Forgets the eligible leader replicas of the topic, or of all where `name` is "" (KIP-966). */
  clearElr(name: string): void {
    for (const topic of name === "" ? this.#byName.values() : [this.#byName.get(name)]) {
      for (const [index, partition] of topic?.partitions ?? []) {
        if (partition.eligibleLeaderReplicas.length + partition.lastKnownElr.length === 0) continue;
        topic!.partitions.set(index, { ...partition, eligibleLeaderReplicas: [], lastKnownElr: [] });
      }
    }
  }

  /** The records that make these topics from nothing. */
  *records({ versions }: ImageRecords) {
    for (const { name, id, partitions } of this.#byId.values()) {
      yield metadataRecord("TopicRecord", { name, topicId: id });
      for (const [partitionId, partition] of partitions) {
        yield partitionRecord(id, partitionId, partition, versions.partition);
      }
    }
  }

  #existing(id: Uuid): MutableTopic {
    const topic = this.#byId.get(id);
    if (topic === undefined) {
      throw new Error(`The metadata log changes the topic with id ${id}, which it has not created`);
    }
    return topic;
  }
}

/** The name that metrics give a topic: they cannot tell `.` from `_`. */
export function unifyName(name: string): string {
  return name.replaceAll(".", "_");
}

/** The record that makes a partition what `partition` says, in a version that may lack some of it. */
export function partitionRecord(topicId: Uuid, partitionId: number, partition: PartitionImage, version: number) {
  const { directories, eligibleLeaderReplicas, lastKnownElr, ...rest } = partition;
  return metadataRecord("PartitionRecord", {
    ...rest,
    topicId,
    partitionId,
    directories: version >= 1 ? directories : [],
    eligibleLeaderReplicas: version >= 2 && eligibleLeaderReplicas.length > 0 ? eligibleLeaderReplicas : null,
    lastKnownElr: version >= 2 && lastKnownElr.length > 0 ? lastKnownElr : null,
  }, version);
}

function partitionOf(record: PartitionRecord): PartitionImage {
  const { replicas, directories } = record;
  return {
    replicas,
    directories: directories.length > 0 ? directories : replicas.map(() => MIGRATING_DIRECTORY),
    isr: record.isr,
    removingReplicas: record.removingReplicas,
    addingReplicas: record.addingReplicas,
    eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? [],
    lastKnownElr: record.lastKnownElr ?? [],
    leader: record.leader,
    leaderRecoveryState: record.leaderRecoveryState,
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
  };
}

/**
 * Each change counts in the partition epoch, and each mention of a leader in the leader epoch, be it the same leader.
 */
function changed(before: PartitionImage, record: PartitionChangeRecord): PartitionImage {
  const hasLeader = record.leader !== NO_LEADER_CHANGE;
  const replicas = record.replicas ?? before.replicas;
  const directories = record.directories ?? before.directories;
  return {
    replicas,
    directories: directories.length === replicas.length ? directories : replicas.map(() => MIGRATING_DIRECTORY),
    isr: record.isr ?? before.isr,
    removingReplicas: record.removingReplicas ?? before.removingReplicas,
    addingReplicas: record.addingReplicas ?? before.addingReplicas,
    eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? before.eligibleLeaderReplicas,
    lastKnownElr: record.lastKnownElr ?? before.lastKnownElr,
    leader: hasLeader ? record.leader : before.leader,
    leaderRecoveryState: record.leaderRecoveryState < 0 ? before.leaderRecoveryState : record.leaderRecoveryState,
    leaderEpoch: before.leaderEpoch + (hasLeader ? 1 : 0),
    partitionEpoch: before.partitionEpoch + 1,
  };
}
