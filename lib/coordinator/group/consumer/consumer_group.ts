/**
 * A consumer group: see `modern/modern_group.ts` for its epochs and states, and `reconcile.ts` for those of its members.
 *
 * Members may speak the classic protocol, while others speak the consumer protocol already, or still (KIP-848).
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { Turn } from "../../turn.ts";
import { grownCapacity, inHashOrder } from "../../java_hash_map.ts";
import { javaHashCode } from "../../java_hash_code.ts";
import type { Commit } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import { type Assignment, ModernGroup, NO_PARTITIONS } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import type { ConsumerMember, OwnedPartitions } from "./consumer_member.ts";
import { startTimers } from "./membership.ts";
import {
  assignmentTombstone,
  epochTombstone,
  memberTombstone,
  partitionMetadataTombstone,
  regexTombstone,
  targetEpochTombstone,
  targetTombstone,
} from "./records.ts";
import { Subscriptions } from "./subscriptions.ts";

/** The topics that an expression matches. */
export interface ResolvedRegex {
  readonly topics: ReadonlySet<string>;
  /** The version of the metadata that it was matched with. */
  readonly version: number;
  /** When it was, milliseconds since the epoch. */
  readonly timestampMs: number;
}

/** Until this version of OffsetCommit there are no member epochs. */
const FIRST_COMMIT_VERSION_WITH_EPOCHS = 9;

export class ConsumerGroup extends ModernGroup<ConsumerMember, Assignment> {
  readonly type = "consumer";
  readonly protocolType = "consumer";
  /** By expression. */
  readonly resolvedRegexes = new Map<string, ResolvedRegex>();
  /** Whether a record of before Apache Kafka 4.1 tells the topics of the group, which is to be taken back. */
  hasPartitionMetadataRecord = false;
  /** Ids of members of the classic protocol that were told to join again, and have not yet. No record keeps them. */
  readonly askedToRejoin = new Set<string>();
  readonly #subscribed = new Subscriptions();
  readonly #partitionEpochs = new Map<Uuid, Map<number, number>>();

  /** What all members subscribe to. */
  get subscribed(): Subscriptions {
    return this.#subscribed;
  }

  /** How many members speak the classic protocol. */
  get classicMemberCount(): number {
    let count = 0;
    for (const member of this.members.values()) if (member.usesClassicProtocol) count++;
    return count;
  }

  override setMember(member: ConsumerMember): void {
    const known = this.members.get(member.memberId);
    if (known !== undefined) this.#forget(known);
    super.setMember(member);
    this.#subscribed.add(member);
    this.#claim(member.assigned, member.memberEpoch);
    this.#claim(member.pendingRevocation, member.memberEpoch);
  }

  override removeMember(memberId: string): void {
    const known = this.members.get(memberId);
    if (known !== undefined) this.#forget(known);
    this.askedToRejoin.delete(memberId);
    super.removeMember(memberId);
  }

  override isSubscribedTo(topic: string): boolean {
    if (super.isSubscribedTo(topic)) return true;
    for (const { topics } of this.resolvedRegexes.values()) if (topics.has(topic)) return true;
    return false;
  }

  /** The epoch of the member that has the partition, or must give it up; undefined where it is free. */
  partitionEpoch(topicId: Uuid, partition: number): number | undefined {
    return this.#partitionEpochs.get(topicId)?.get(partition);
  }

  /** What a member shall have. A static member that is back has the target of the one that left. */
  targetOf({ memberId, instanceId }: ConsumerMember): Assignment {
    const id = instanceId === null ? memberId : this.staticMember(instanceId)?.memberId ?? memberId;
    return this.targets.get(id) ?? NO_PARTITIONS;
  }

  /** The assignor that most of these members ask for; null where none asks for any. */
  preferredAssignor(members: Iterable<ConsumerMember>): string | null {
    const votes = new Map<string, number>();
    for (const { serverAssignor } of members) {
      if (serverAssignor !== null) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1);
    }
    let preferred: string | null = null;
    for (const name of inHashOrder(votes.keys(), javaHashCode, grownCapacity(votes.size))) {
      if (preferred === null || votes.get(name)! > votes.get(preferred)!) preferred = name;
    }
    return preferred;
  }

  /** The members, with one of them otherwise or new, and others gone. */
  membersAfter(changed: ConsumerMember | null, gone: Iterable<string> = []): Map<string, ConsumerMember> {
    const members = new Map(this.members);
    for (const memberId of gone) members.delete(memberId);
    if (changed !== null) members.set(changed.memberId, changed);
    return members;
  }

  /**
   * Errors: UNKNOWN_MEMBER_ID; STALE_MEMBER_EPOCH where the member is in a later epoch, and has got one of the
   * partitions since, or never (of the classic protocol ILLEGAL_GENERATION); UNSUPPORTED_VERSION.
   */
  commitError({ committer, topics, isTransactional, apiVersion }: Commit): ErrorCode {
    const { memberId, groupInstanceId, generationIdOrMemberEpoch: epoch } = committer;
    if (epoch < 0 && this.isEmpty) return ErrorCode.NONE;
    // A producer of before KIP-447 does not say whose offsets it commits.
    if (isTransactional && epoch === -1 && memberId === "" && groupInstanceId === null) return ErrorCode.NONE;
    const member = this.members.get(memberId);
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (!isTransactional && !member.usesClassicProtocol && apiVersion < FIRST_COMMIT_VERSION_WITH_EPOCHS) {
      return ErrorCode.UNSUPPORTED_VERSION;
    }
    if (epoch === member.memberEpoch) return ErrorCode.NONE;
    const hasAll = epoch < member.memberEpoch &&
      topics.every(({ topicId, partitions }) =>
        partitions.every(({ partitionIndex }) => epoch >= ownedSince(member, topicId, partitionIndex))
      );
    return hasAll ? ErrorCode.NONE : staleError(member);
  }

  /** Errors: UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH, of the classic protocol ILLEGAL_GENERATION. */
  fetchError(memberId: string | null, memberEpoch: number): ErrorCode {
    if (memberId === null && memberEpoch < 0) return ErrorCode.NONE;
    const member = this.members.get(memberId ?? "");
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
    return member.memberEpoch === memberEpoch ? ErrorCode.NONE : staleError(member);
  }

  tombstones(): GroupRecord[] {
    return this.tombstonesOf([...this.members.keys()]);
  }

  /** The records that end the group, where its members have other ids by then. */
  tombstonesOf(memberIds: readonly string[]): GroupRecord[] {
    const { groupId } = this;
    return [
      ...memberIds.map((memberId) => assignmentTombstone(groupId, memberId)),
      ...memberIds.map((memberId) => targetTombstone(groupId, memberId)),
      targetEpochTombstone(groupId),
      ...memberIds.map((memberId) => memberTombstone(groupId, memberId)),
      ...Array.from(this.resolvedRegexes.keys(), (regex) => regexTombstone(groupId, regex)),
      partitionMetadataTombstone(groupId),
      epochTombstone(groupId),
    ];
  }

  onLoaded(state: GroupState, _turn: Turn<GroupRecord>): void {
    for (const member of this.members.values()) startTimers(state, this, member);
  }

  protected topicNamesOf({ subscribedTopicNames }: ConsumerMember): Iterable<string> {
    return subscribedTopicNames;
  }

  #forget(member: ConsumerMember): void {
    this.#subscribed.remove(member);
    this.#release(member.assigned, member.memberEpoch);
    this.#release(member.pendingRevocation, member.memberEpoch);
  }

  /**
   * A partition is of the member with the highest epoch: of two whose records compaction has left out of order, the
   * other one has had it before.
   */
  #claim(owned: OwnedPartitions, memberEpoch: number): void {
    for (const [topicId, partitions] of owned) {
      let epochs = this.#partitionEpochs.get(topicId);
      if (epochs === undefined) this.#partitionEpochs.set(topicId, epochs = new Map());
      for (const partition of partitions.keys()) {
        const known = epochs.get(partition);
        if (known === undefined || known < memberEpoch) epochs.set(partition, memberEpoch);
      }
    }
  }

  #release(owned: OwnedPartitions, memberEpoch: number): void {
    for (const [topicId, partitions] of owned) {
      const epochs = this.#partitionEpochs.get(topicId);
      for (const partition of partitions.keys()) {
        if (epochs?.get(partition) === memberEpoch) epochs.delete(partition);
      }
      if (epochs?.size === 0) this.#partitionEpochs.delete(topicId);
    }
  }
}

/** The epoch in which the member got the partition; infinity where it does not have it. */
function ownedSince({ assigned, pendingRevocation }: ConsumerMember, topicId: Uuid, partition: number): number {
  return assigned.get(topicId)?.get(partition) ?? pendingRevocation.get(topicId)?.get(partition) ?? Infinity;
}

function staleError({ usesClassicProtocol }: ConsumerMember): ErrorCode {
  return usesClassicProtocol ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.STALE_MEMBER_EPOCH;
}
