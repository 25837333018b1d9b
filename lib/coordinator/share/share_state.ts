/**
 * What a shard of the share coordinator keeps: the delivery state of share partitions.
 *
 * A share partition has a snapshot, and updates since. Each snapshot makes all that was written of the partition before
 * it redundant, and the log can begin where the oldest one lies that is not.
 *
 * @module
 */
import type { Uuid } from "../../bytes/mod.ts";
import type { ShareSnapshotValue, ShareStateRecord, ShareUpdateValue } from "../../protocol/records/mod.ts";
import type { CoordinatorState } from "../runtime.ts";
import { combineStateBatches } from "./state_batches.ts";

/** Names a share partition: a partition as one share group sees it. */
export interface SharePartitionKey {
  readonly groupId: string;
  readonly topicId: Uuid;
  readonly partition: number;
}

/** What is kept of a share partition. */
export interface SharePartitionState extends SharePartitionKey {
  /** What its records add up to. */
  readonly value: ShareSnapshotValue;
  /** The greatest leader epoch that was seen: who comes with a lower one is fenced. */
  readonly leaderEpoch: number;
  /** The greatest state epoch that was seen. */
  readonly stateEpoch: number;
  readonly updatesSinceSnapshot: number;
  /** The offset of the last snapshot. */
  readonly snapshotOffset: number;
}

/** What the share coordinator needs beside its records. */
export interface SharePorts {
  /** `share.coordinator.snapshot.update.records.per.snapshot` */
  updatesPerSnapshot(): number;
  /** Whether there is such a partition. */
  hasPartition(topicId: Uuid, partition: number): boolean;
}

/** The key as the share coordinator's partition is found by it. */
export function coordinatorKeyOf({ groupId, topicId, partition }: SharePartitionKey): string {
  return `${groupId}:${topicId}:${partition}`;
}

export class ShareState implements CoordinatorState<ShareStateRecord> {
  readonly #partitions = new Map<string, SharePartitionState>();
  readonly #ports: SharePorts;
  /** Where the log could begin if no share partition were known: behind the last tombstone or snapshot. */
  #endOffset = 0;

  /** @param statePartition the partition of `__share_group_state` that it is kept in */
  constructor(readonly statePartition: number, ports: SharePorts) {
    this.#ports = ports;
  }

  get partitions(): Iterable<SharePartitionState> {
    return this.#partitions.values();
  }

  get(key: SharePartitionKey): SharePartitionState | undefined {
    return this.#partitions.get(coordinatorKeyOf(key));
  }

  /** True where the next record of the partition is to be a snapshot. */
  isSnapshotDue({ updatesSinceSnapshot }: SharePartitionState): boolean {
    return updatesSinceSnapshot >= this.#ports.updatesPerSnapshot();
  }

  /** Whether the partition is there, of which this is the state. */
  hasPartition({ topicId, partition }: SharePartitionKey): boolean {
    return this.#ports.hasPartition(topicId, partition);
  }

  /** The offset before which the log holds nothing that is needed. */
  get redundantBefore(): number {
    let offset = this.#endOffset;
    for (const { snapshotOffset } of this.#partitions.values()) offset = Math.min(offset, snapshotOffset);
    return offset;
  }

  replay({ name, key, value }: ShareStateRecord, _producerId: bigint | undefined, offset: number): void {
    if (name === "ShareSnapshot") this.#replaySnapshot(key, value, offset);
    else if (value !== null) this.#replayUpdate(key, value, offset);
  }

  /** Nobody writes here in a transaction. */
  endTransaction(): void {}

  onLoaded(): void {}

  /** Nobody is kept waiting here. */
  abandon(): void {}

  #replaySnapshot(key: SharePartitionKey, value: ShareSnapshotValue | null, offset: number): void {
    this.#endOffset = offset;
    const id = coordinatorKeyOf(key);
    if (value === null) return void this.#partitions.delete(id);
    const known = this.#partitions.get(id);
    this.#partitions.set(id, {
      ...key,
      value,
      leaderEpoch: Math.max(value.leaderEpoch, known?.leaderEpoch ?? value.leaderEpoch),
      stateEpoch: Math.max(value.stateEpoch, known?.stateEpoch ?? value.stateEpoch),
      updatesSinceSnapshot: known === undefined || this.isSnapshotDue(known) ? 0 : known.updatesSinceSnapshot,
      snapshotOffset: offset,
    });
  }

  #replayUpdate(key: SharePartitionKey, update: ShareUpdateValue, offset: number): void {
    const known = this.#partitions.get(coordinatorKeyOf(key)) ?? withoutSnapshot(key, update, offset);
    this.#partitions.set(coordinatorKeyOf(key), {
      ...known,
      value: withUpdate(known.value, update),
      leaderEpoch: Math.max(update.leaderEpoch, known.leaderEpoch),
      updatesSinceSnapshot: known.updatesSinceSnapshot + 1,
    });
  }
}

/** The start offset or epoch of a record that leaves it as it is. */
const UNCHANGED = -1;

function withUpdate(value: ShareSnapshotValue, update: ShareUpdateValue): ShareSnapshotValue {
  const startOffset = update.startOffset === BigInt(UNCHANGED) ? value.startOffset : update.startOffset;
  return {
    ...value,
    startOffset,
    leaderEpoch: update.leaderEpoch === UNCHANGED ? value.leaderEpoch : update.leaderEpoch,
    deliveryCompleteCount: update.deliveryCompleteCount,
    stateBatches: combineStateBatches([...value.stateBatches, ...update.stateBatches], startOffset),
  };
}

/** A share partition whose snapshot is not there: the log was cut off in an unusual place. */
function withoutSnapshot(key: SharePartitionKey, update: ShareUpdateValue, offset: number): SharePartitionState {
  const { leaderEpoch, snapshotEpoch, startOffset, deliveryCompleteCount } = update;
  const value = {
    snapshotEpoch,
    stateEpoch: 0,
    leaderEpoch,
    startOffset,
    deliveryCompleteCount,
    createTimestamp: 0n,
    writeTimestamp: 0n,
    stateBatches: [],
  };
  return { ...key, value, leaderEpoch, stateEpoch: 0, updatesSinceSnapshot: 0, snapshotOffset: offset };
}
