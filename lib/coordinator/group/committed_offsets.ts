/**
 * The offsets that the groups of a shard have committed, and those of transactions that are open.
 *
 * @module
 */
import type { OffsetCommitKey, OffsetCommitValue } from "../../protocol/records/group.ts";

/** A committed offset with whose it is. */
export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly value: OffsetCommitValue;
}

/** What a transaction wants committed. */
interface PendingOffset {
  readonly key: OffsetCommitKey;
  readonly value: OffsetCommitValue | null;
}

type Partitions = Map<number, OffsetCommitValue>;

export class CommittedOffsets {
  readonly #byGroup = new Map<string, Map<string, Partitions>>();
  readonly #pending = new Map<bigint, PendingOffset[]>();

  get(groupId: string, topic: string, partition: number): OffsetCommitValue | undefined {
    return this.#byGroup.get(groupId)?.get(topic)?.get(partition);
  }

  /** All offsets of a group. */
  *of(groupId: string): Generator<CommittedOffset> {
    for (const [topic, partitions] of this.#byGroup.get(groupId) ?? []) {
      for (const [partition, value] of partitions) yield { topic, partition, value };
    }
  }

  /** The groups that have offsets. */
  groupIds(): Iterable<string> {
    return this.#byGroup.keys();
  }

  /** Whether an open transaction may change the offset: who wants a stable one must wait (KIP-447). */
  isUnstable(groupId: string, topic: string, partition: number): boolean {
    for (const offsets of this.#pending.values()) {
      if (
        offsets.some(({ key }) => key.group === groupId && key.topic === topic && key.partition === partition)
      ) return true;
    }
    return false;
  }

  /** Whether an open transaction may change any of the group's offsets. */
  hasPending(groupId: string): boolean {
    for (const offsets of this.#pending.values()) if (offsets.some(({ key }) => key.group === groupId)) return true;
    return false;
  }

  /** Commits an offset, or forgets it where `value` is null. */
  set(key: OffsetCommitKey, value: OffsetCommitValue | null): void {
    if (value === null) return this.#delete(key);
    let topics = this.#byGroup.get(key.group);
    if (topics === undefined) this.#byGroup.set(key.group, topics = new Map());
    let partitions = topics.get(key.topic);
    if (partitions === undefined) topics.set(key.topic, partitions = new Map());
    partitions.set(key.partition, value);
  }

  /** As {@linkcode set}, when the producer's transaction is committed. */
  setPending(producerId: bigint, key: OffsetCommitKey, value: OffsetCommitValue | null): void {
    const offsets = this.#pending.get(producerId);
    if (offsets === undefined) this.#pending.set(producerId, [{ key, value }]);
    else offsets.push({ key, value });
  }

  /** What the producer's transaction has set, which is over: the offsets that hold from now on. */
  takePending(producerId: bigint): readonly PendingOffset[] {
    const offsets = this.#pending.get(producerId) ?? [];
    this.#pending.delete(producerId);
    return offsets;
  }

  #delete({ group, topic, partition }: OffsetCommitKey): void {
    const topics = this.#byGroup.get(group);
    const partitions = topics?.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) topics!.delete(topic);
    if (topics?.size === 0) this.#byGroup.delete(group);
  }
}
