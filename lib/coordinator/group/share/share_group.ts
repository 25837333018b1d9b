/**
 * A share group: members, what they subscribe to, what they get, and the share partitions that were made for it.
 *
 * It is `Stable` as soon as there is a member: what a member gets need not be taken from another one first.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { Turn } from "../../turn.ts";
import type { GroupState } from "../group_state.ts";
import { type Assignment, assignmentFrom, ModernGroup } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import { groupTombstones, memberTombstones, type ShareGroupRecord } from "./records.ts";
import { keepAlive } from "./sessions.ts";
import { type ShareMember, unknownShareMember, withMetadata } from "./share_member.ts";
import { NO_STATE_PARTITIONS, recordOf, type StatePartitions, statePartitionsFrom } from "./state_partitions.ts";

export class ShareGroup extends ModernGroup<ShareMember, Assignment> {
  readonly type = "share";
  readonly protocolType = "share";
  override readonly canExpire = false;
  statePartitions: StatePartitions = NO_STATE_PARTITIONS;

  override get state(): string {
    return this.isEmpty ? "Empty" : "Stable";
  }

  /** Whether all members name the same topics, when `member` is as given. */
  isHomogeneousWith(member: ShareMember): boolean {
    const members = [...this.members.values()].filter(({ memberId }) => memberId !== member.memberId);
    const names = member.subscribedTopicNames;
    return members.every(({ subscribedTopicNames: others }) =>
      others.size === names.size && [...others].every((name) => names.has(name))
    );
  }

  /** The topics that members name, when `member` is as given, or, where it is null, the member of that id is gone. */
  topicNamesWith(memberId: string, member: ShareMember | null): Set<string> {
    const names = new Set(member?.subscribedTopicNames);
    for (const other of this.members.values()) {
      if (other.memberId !== memberId) { for (const name of other.subscribedTopicNames) names.add(name); }
    }
    return names;
  }

  override commitError(): ErrorCode {
    return ErrorCode.GROUP_ID_NOT_FOUND;
  }

  override fetchError(): ErrorCode {
    return ErrorCode.NONE;
  }

  override offsetDeleteError(): ErrorCode {
    return ErrorCode.GROUP_ID_NOT_FOUND;
  }

  override tombstones(): GroupRecord[] {
    const ofMembers = [...this.members.keys()].flatMap((memberId) => memberTombstones(this.groupId, memberId));
    return [...ofMembers, ...groupTombstones(this.groupId)];
  }

  override onLoaded(state: GroupState): void {
    for (const { memberId } of this.members.values()) keepAlive(state, this.groupId, memberId);
  }

  replay(record: ShareGroupRecord, nowMs: number): void {
    switch (record.name) {
      case "ShareGroupMetadata":
        if (record.value !== null) {
          this.groupEpoch = record.value.epoch;
          this.metadataHash = record.value.metadataHash;
        }
        return;
      case "ShareGroupMemberMetadata":
        return this.#replayMember(record);
      case "ShareGroupTargetAssignmentMetadata":
        this.assignmentEpoch = record.value?.assignmentEpoch ?? -1;
        this.assignmentTimestampMs = Number(record.value?.assignmentTimestamp ?? 0n);
        return;
      case "ShareGroupTargetAssignmentMember":
        if (record.value === null) this.targets.delete(record.key.memberId);
        else this.targets.set(record.key.memberId, assignmentFrom(record.value.topicPartitions));
        return;
      case "ShareGroupCurrentMemberAssignment":
        return this.#replayAssignment(record);
      case "ShareGroupStatePartitionMetadata":
        this.statePartitions = record.value === null ? NO_STATE_PARTITIONS : statePartitionsFrom(record.value, nowMs);
    }
  }

  protected override topicNamesOf(member: ShareMember): Iterable<string> {
    return member.subscribedTopicNames;
  }

  #replayMember({ key: { memberId }, value }: Extract<ShareGroupRecord, { name: "ShareGroupMemberMetadata" }>): void {
    if (value === null) this.removeMember(memberId);
    else this.setMember(withMetadata(this.members.get(memberId) ?? unknownShareMember(memberId), value));
  }

  #replayAssignment(record: Extract<ShareGroupRecord, { name: "ShareGroupCurrentMemberAssignment" }>): void {
    const { key: { memberId }, value } = record;
    const known = this.members.get(memberId);
    if (value !== null) {
      const { memberEpoch, previousMemberEpoch, assignedPartitions } = value;
      const assigned = assignmentFrom(assignedPartitions);
      this.setMember({ ...(known ?? unknownShareMember(memberId)), memberEpoch, previousMemberEpoch, assigned });
    } else if (known !== undefined) {
      this.setMember({ ...known, memberEpoch: -1, previousMemberEpoch: -1, assigned: new Map() });
    }
  }
}

/** The group of that id; undefined where there is none or one of another type. */
export function shareGroup(state: GroupState, groupId: string): ShareGroup | undefined {
  const group = state.groups.get(groupId);
  return group instanceof ShareGroup ? group : undefined;
}

/**
 * Applies a record to the group that it is of. A group that only had offsets, as far as was known, turns out to be of
 * this type.
 */
export function replayShareGroup(state: GroupState, record: ShareGroupRecord): void {
  const { groupId } = record.key;
  const known = shareGroup(state, groupId);
  if (record.value === null) {
    known?.replay(record, state.nowMs());
    if (record.name === "ShareGroupMetadata" && known !== undefined) state.groups.delete(groupId);
    return;
  }
  const group = known ?? new ShareGroup(groupId);
  state.groups.set(groupId, group);
  group.replay(record, state.nowMs());
}

/** Topics are gone, and with them what the share coordinator kept of them. */
export function forgetShareTopics(state: GroupState, turn: Turn<GroupRecord>, topicIds: ReadonlySet<Uuid>): void {
  for (const group of state.groups.values()) {
    if (!(group instanceof ShareGroup)) continue;
    const { initializing, initialized, deleting } = group.statePartitions;
    const isConcerned = [initializing, initialized, deleting].some((topics) =>
      [...topics.keys()].some((topicId) => topicIds.has(topicId))
    );
    if (!isConcerned) continue;
    turn.write(recordOf(group.groupId, {
      initializing: without(initializing, topicIds),
      initialized: without(initialized, topicIds),
      deleting: without(deleting, topicIds),
    }));
  }
}

function without<V>(topics: ReadonlyMap<Uuid, V>, topicIds: ReadonlySet<Uuid>): Map<Uuid, V> {
  return new Map([...topics].filter(([topicId]) => !topicIds.has(topicId)));
}
