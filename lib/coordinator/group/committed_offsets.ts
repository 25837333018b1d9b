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

/** An offset that is held, and when it was set: the later an offset was set, the greater its order. */
interface HeldOffset {
  readonly value: OffsetCommitValue;
  readonly order: number;
}

/** What a transaction wants committed. */
interface PendingOffset extends HeldOffset {
  readonly key: OffsetCommitKey;
}

export class CommittedOffsets {
  readonly #byGroup = new Map<string, Map<string, Map<number, HeldOffset>>>();
  readonly #pending = new Map<bigint, PendingOffset[]>();
  /** By group and partition, how many pending offsets there are. */
  readonly #unstable = new Map<string, Map<string, number>>();
  #order = 0;

  get(groupId: string, topic: string, partition: number): OffsetCommitValue | undefined {
    return this.#held({ group: groupId, topic, partition })?.value;
  }

  /** All offsets of a group. */
  *of(groupId: string): Generator<CommittedOffset> {
    for (const [topic, partitions] of this.#byGroup.get(groupId) ?? []) {
      for (const [partition, { value }] of partitions) yield { topic, partition, value };
    }
  }

  /** The offsets of a group that open transactions may change, each once for each time that it was set. */
  *pendingOf(groupId: string): Generator<OffsetCommitKey> {
    if (!this.hasPending(groupId)) return;
    for (const offsets of this.#pending.values()) {
      for (const { key } of offsets) if (key.group === groupId) yield key;
    }
  }

  /** The groups that have offsets. */
  groupIds(): Iterable<string> {
    return this.#byGroup.keys();
  }

  /** Whether an open transaction may change the offset: who wants a stable one must wait (KIP-447). */
  isUnstable(groupId: string, topic: string, partition: number): boolean {
    return this.#unstable.get(groupId)?.has(nameOf({ topic, partition })) ?? false;
  }

  /** Whether an open transaction may change any of the group's offsets. */
  hasPending(groupId: string): boolean {
    return this.#unstable.has(groupId);
  }

  /** Commits an offset, or forgets it where `value` is null: also what open transactions would make of it. */
  set(key: OffsetCommitKey, value: OffsetCommitValue | null): void {
    if (value === null) this.#delete(key);
    else this.#set(key, { value, order: ++this.#order });
  }

  /** As {@linkcode set}, when the producer's transaction is committed. */
  setPending(producerId: bigint, key: OffsetCommitKey, value: OffsetCommitValue | null): void {
    if (value === null) return this.#delete(key);
    const pending = { key, value, order: ++this.#order };
    const offsets = this.#pending.get(producerId);
    if (offsets === undefined) this.#pending.set(producerId, [pending]);
    else offsets.push(pending);
    this.#countUnstable(key, 1);
  }

  /**
   * Ends the producer's transaction. Where it is committed, its offsets take the place of those that were committed
   * before them, and not of those that came later. Returns the offsets that hold from now on.
   */
  endTransaction(producerId: bigint, isCommitted: boolean): readonly PendingOffset[] {
    const offsets = this.#pending.get(producerId) ?? [];
    this.#pending.delete(producerId);
    for (const { key } of offsets) this.#countUnstable(key, -1);
    if (!isCommitted) return [];
    const holding = offsets.filter(({ key, order }) => (this.#held(key)?.order ?? 0) < order);
    for (const offset of holding) this.#set(offset.key, offset);
    return holding;
  }

  #held({ group, topic, partition }: OffsetCommitKey): HeldOffset | undefined {
    return this.#byGroup.get(group)?.get(topic)?.get(partition);
  }

  #set({ group, topic, partition }: OffsetCommitKey, { value, order }: HeldOffset): void {
    let topics = this.#byGroup.get(group);
    if (topics === undefined) this.#byGroup.set(group, topics = new Map());
    let partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, partitions = new Map());
    partitions.set(partition, { value, order });
  }

  #delete(key: OffsetCommitKey): void {
    const { group, topic, partition } = key;
    const topics = this.#byGroup.get(group);
    const partitions = topics?.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) topics!.delete(topic);
    if (topics?.size === 0) this.#byGroup.delete(group);
    if (this.isUnstable(group, topic, partition)) this.#deletePending(key);
  }

  #deletePending({ group, topic, partition }: OffsetCommitKey): void {
    for (const [producerId, offsets] of this.#pending) {
      const kept = offsets.filter(({ key }) =>
        key.group !== group || key.topic !== topic || key.partition !== partition
      );
      for (const { key } of offsets) if (!kept.some((offset) => offset.key === key)) this.#countUnstable(key, -1);
      this.#pending.set(producerId, kept);
    }
  }

  #countUnstable({ group, ...key }: OffsetCommitKey, change: 1 | -1): void {
    let counts = this.#unstable.get(group);
    if (counts === undefined) this.#unstable.set(group, counts = new Map());
    const name = nameOf(key);
    const count = (counts.get(name) ?? 0) + change;
    if (count > 0) counts.set(name, count);
    else counts.delete(name);
    if (counts.size === 0) this.#unstable.delete(group);
  }
}

/** No two partitions have the same: what follows the last dash is the partition. */
function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}-${partition}`;
}
