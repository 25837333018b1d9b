/**
 * What a shard of the group coordinator keeps: classic groups and committed offsets.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import type { OffsetCommitKey, OffsetCommitValue } from "../../protocol/records/group.ts";
import type { CoordinatorState, ShardTimers } from "../runtime.ts";
import type { Turn } from "../turn.ts";
import { ClassicGroup } from "./classic_group.ts";
import { CommittedOffsets } from "./committed_offsets.ts";
import { scheduleExpiry } from "./expire_offsets.ts";
import { keepAlive, maybeRebalance } from "./rebalance.ts";
import type { GroupRecord } from "./records.ts";
import type { GroupSettings } from "./settings.ts";

/** What the coordinator needs beside its records. */
export interface GroupPorts {
  readonly settings: () => GroupSettings;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** A random part of a member id: a UUID as RFC 9562 prints it. */
  readonly newUuid: () => string;
}

/** UTF-16 units of a client's name that go into its member id, so that the id fits into a string of the protocol. */
const MAX_PREFIX_LENGTH = 10_000;

export class GroupState implements CoordinatorState<GroupRecord> {
  readonly groups = new Map<string, ClassicGroup>();
  readonly offsets = new CommittedOffsets();
  /**
   * Groups of the newer protocols, which Apache Kafka has left in the log. They are not served, and not
   * overwritten.
   */
  readonly otherGroups = new Set<string>();
  readonly timers: ShardTimers<GroupRecord>;
  readonly #ports: GroupPorts;
  #isLoading = true;

  constructor(timers: ShardTimers<GroupRecord>, ports: GroupPorts) {
    this.timers = timers;
    this.#ports = ports;
  }

  get settings(): GroupSettings {
    return this.#ports.settings();
  }

  /** A new member id, which tells a person whose it is. */
  newMemberId(prefix: string): string {
    return `${prefix.slice(0, MAX_PREFIX_LENGTH)}-${this.#ports.newUuid()}`;
  }

  /**
   * The group, made where there is none. That it was made is to be written, but for a group that only has offsets,
   * whose existence these tell.
   */
  getOrCreate(groupId: string, nowMs: number): ClassicGroup {
    let group = this.groups.get(groupId);
    if (group === undefined) this.groups.set(groupId, group = new ClassicGroup(groupId, nowMs));
    return group;
  }

  replay(record: GroupRecord, producerId?: bigint): void {
    switch (record.name) {
      case "GroupMetadata":
        return this.#replayGroup(record);
      case "OffsetCommit":
        if (producerId === undefined) this.#setOffset(record.key, record.value);
        else this.offsets.setPending(producerId, record.key, record.value);
        return;
      case "ConsumerGroupMetadata":
        return this.#replayOther(record.key.groupId, record.value !== null);
      case "ShareGroupMetadata":
        return this.#replayOther(record.key.groupId, record.value !== null);
      case "StreamsGroupMetadata":
        return this.#replayOther(record.key.groupId, record.value !== null);
    }
  }

  endTransaction(producerId: bigint, isCommitted: boolean): void {
    const offsets = this.offsets.takePending(producerId);
    if (!isCommitted) return;
    for (const { key, value } of offsets) this.#setOffset(key, value);
  }

  onLoaded(turn: Turn<GroupRecord>): void {
    this.#isLoading = false;
    for (const group of this.groups.values()) {
      for (const member of group.members.values()) keepAlive(this, group, member);
      if (group.members.size > this.settings.maxSize) maybeRebalance(this, group, turn);
    }
    scheduleExpiry(this);
  }

  abandon(errorCode: ErrorCode): void {
    for (const group of this.groups.values()) group.abandon(errorCode);
  }

  #replayGroup({ key: { group: groupId }, value }: Extract<GroupRecord, { name: "GroupMetadata" }>): void {
    const known = this.groups.get(groupId);
    if (value === null) {
      known?.transitionTo("Dead", this.#ports.nowMs());
      this.groups.delete(groupId);
    } else if (known === undefined || this.#isLoading) {
      this.groups.set(groupId, ClassicGroup.fromRecord(groupId, value));
    } else known.replay(value, this.#ports.nowMs());
  }

  #setOffset(key: OffsetCommitKey, value: OffsetCommitValue | null): void {
    this.offsets.set(key, value);
    // A consumer that assigns itself its partitions commits without ever joining.
    if (value !== null && !this.otherGroups.has(key.group)) this.getOrCreate(key.group, Number(value.commitTimestamp));
  }

  #replayOther(groupId: string, isThere: boolean): void {
    if (isThere) {
      this.otherGroups.add(groupId);
      this.groups.delete(groupId);
    } else this.otherGroups.delete(groupId);
  }
}
