/**
 * What a broker holds at the moment.
 *
 * @module
 */
import type { BrokerCore } from "../broker/mod.ts";
import type { GroupState } from "../coordinator/group/group_state.ts";

export interface Inventory {
  /** Connections that are open, by the name of their listener. */
  readonly connections: ReadonlyMap<string, number>;
  readonly topicCount: number;
  readonly partitions: readonly PartitionFigures[];
  /** Partitions that the metadata knows and that cannot be served, since their log directory is offline. */
  readonly offlinePartitionCount: number;
  readonly directories: readonly DirectoryFigures[];
  readonly groups: readonly GroupFigures[];
  /** Bytes of requests under way. */
  readonly requestBytes: number;
}

export interface PartitionFigures {
  readonly topic: string;
  readonly partition: number;
  readonly sizeInBytes: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  readonly logEndOffset: number;
}

export interface DirectoryFigures {
  readonly path: string;
  readonly isOffline: boolean;
  /** -1 where it is not known. */
  readonly freeBytes: number;
}

export interface GroupFigures {
  readonly groupId: string;
  readonly type: string;
  readonly state: string;
  readonly offsets: readonly OffsetFigures[];
}

export interface OffsetFigures {
  readonly topic: string;
  readonly partition: number;
  readonly committedOffset: number;
  /** Records behind the committed offset that consumers may read; null where the partition is not there. */
  readonly lag: number | null;
}

/** Looks at all parts of a broker. Groups that are not loaded yet are waited for; those that cannot be told are left out. */
export async function takeInventory(broker: BrokerCore): Promise<Inventory> {
  const { logs, metadata, groups } = broker.services;
  const shards = await groups.decideInAll(figuresOf);
  const partitions = Array.from(logs.all(), (log) => ({
    topic: log.topicPartition.topic,
    partition: log.topicPartition.partition,
    sizeInBytes: log.sizeInBytes,
    logStartOffset: log.logStartOffset,
    highWatermark: log.highWatermark,
    logEndOffset: log.logEndOffset,
  }));
  const directories = logs.directories();
  const offline = directories.filter(({ isOffline }) => isOffline).reduce((sum, { logs }) => sum + logs.length, 0);
  return {
    connections: broker.connectionsByListener(),
    topicCount: metadata.image.topicCount,
    partitions,
    offlinePartitionCount: Math.max(offline, metadata.image.partitionCount - partitions.length),
    directories,
    groups: typeof shards === "number" ? [] : withLag(shards.flat(), partitions),
    requestBytes: broker.requestBytes,
  };
}

type GroupWithoutLag = Omit<GroupFigures, "offsets"> & { readonly offsets: readonly Omit<OffsetFigures, "lag">[] };

function figuresOf(state: GroupState): GroupWithoutLag[] {
  return Array.from(state.groups.values(), ({ groupId, type, state: groupState }) => ({
    groupId,
    type,
    state: groupState,
    offsets: Array.from(state.offsets.of(groupId), ({ topic, partition, value }) => ({
      topic,
      partition,
      committedOffset: Number(value.offset),
    })),
  }));
}

function withLag(groups: readonly GroupWithoutLag[], partitions: readonly PartitionFigures[]): GroupFigures[] {
  const ends = new Map(
    partitions.map(({ topic, partition, highWatermark }) => [`${topic}-${partition}`, highWatermark]),
  );
  return groups.map((group) => ({
    ...group,
    offsets: group.offsets.map((offset) => {
      const end = ends.get(`${offset.topic}-${offset.partition}`);
      return { ...offset, lag: end === undefined ? null : Math.max(0, end - offset.committedOffset) };
    }),
  }));
}
