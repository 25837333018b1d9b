/**
 * How a member comes from what it has to its target, without two members ever having a partition at a time.
 *
 * | state                 | event                                             | next                                   |
 * | --------------------- | ------------------------------------------------- | -------------------------------------- |
 * | STABLE                | the target is of another epoch                    | as below                               |
 * | any                   | it has what is not in its target                  | UNREVOKED_PARTITIONS, in its old epoch |
 * | UNREVOKED_PARTITIONS  | it says that it has given that up                 | as below                               |
 * | UNRELEASED_PARTITIONS | any heartbeat                                     | as below                               |
 * | any                   | something of its target is another member's still | UNRELEASED_PARTITIONS, in the new epoch |
 * | any                   | it is given all of its target                     | STABLE, in the new epoch               |
 * | UNKNOWN               | it rejoins with nothing                           | as below                               |
 *
 * A partition is free when no member has it, or must give it up. Who takes longer than its rebalance timeout to give
 * something up is removed.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import { ErrorCode } from "../../../protocol/error_code.ts";
import { Refusal } from "../group.ts";
import { type Assignment, partitionsOf, type TopicPartitions } from "../modern/mod.ts";
import { type ConsumerMember, MemberState, NOTHING_OWNED, type OwnedPartitions } from "./consumer_member.ts";

/** What a member is to come to. */
export interface Reconciliation {
  readonly targetEpoch: number;
  readonly target: Assignment;
  /** The ids of the topics that it subscribes to now; its target may be older. */
  readonly subscribedTopicIds: ReadonlySet<Uuid>;
  /** Whether what it subscribes to has changed with this heartbeat. */
  readonly hasSubscriptionChanged: boolean;
  /** What it says that it has; null where it does not say. */
  readonly ownedPartitions: readonly TopicPartitions[] | null;
  /** Whether a partition is another member's. */
  readonly isTaken: (topicId: Uuid, partition: number) => boolean;
}

/** The member in its next state, or the very same one. Error: FENCED_MEMBER_EPOCH. */
export function reconcile(member: ConsumerMember, to: Reconciliation): ConsumerMember | Refusal {
  switch (member.state) {
    case MemberState.STABLE:
      if (member.memberEpoch !== to.targetEpoch) return nextAssignment(member, member.memberEpoch, to);
      return to.hasSubscriptionChanged ? withoutUnsubscribed(member, to) : member;
    case MemberState.UNREVOKED_PARTITIONS:
      if (!stillOwns(to, member.pendingRevocation)) return nextAssignment(member, member.memberEpoch, to);
      return to.hasSubscriptionChanged ? withoutUnsubscribed(member, to) : member;
    case MemberState.UNRELEASED_PARTITIONS:
      return nextAssignment(member, member.memberEpoch, to);
    case MemberState.UNKNOWN:
      if (to.ownedPartitions?.length === 0) return nextAssignment(member, to.targetEpoch, to);
      return new Refusal(
        ErrorCode.FENCED_MEMBER_EPOCH,
        "The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin.",
      );
  }
}

/** The partitions of topics that it no longer subscribes to are taken back, though no target says so yet. */
function withoutUnsubscribed(member: ConsumerMember, to: Reconciliation): ConsumerMember {
  const assigned = new Map(member.assigned);
  const pendingRevocation = new Map(member.pendingRevocation);
  for (const [topicId, partitions] of member.assigned) {
    if (to.subscribedTopicIds.has(topicId)) continue;
    assigned.delete(topicId);
    pendingRevocation.set(topicId, new Map([...pendingRevocation.get(topicId) ?? [], ...partitions]));
  }
  if (assigned.size === member.assigned.size) return member;
  const inEpoch = { memberEpoch: member.memberEpoch, previousMemberEpoch: member.memberEpoch, assigned };
  if (!stillOwns(to, pendingRevocation)) return member.with(inEpoch);
  return member.with({ ...inEpoch, state: MemberState.UNREVOKED_PARTITIONS, pendingRevocation });
}

function nextAssignment(member: ConsumerMember, memberEpoch: number, to: Reconciliation): ConsumerMember {
  const { kept, revoked, added, isComplete } = compare(member, to);
  if (revoked.size > 0 && stillOwns(to, revoked)) {
    return member.with({
      state: MemberState.UNREVOKED_PARTITIONS,
      memberEpoch,
      previousMemberEpoch: member.memberEpoch,
      assigned: kept,
      pendingRevocation: revoked,
    });
  }
  return member.with({
    state: isComplete ? MemberState.STABLE : MemberState.UNRELEASED_PARTITIONS,
    memberEpoch: to.targetEpoch,
    previousMemberEpoch: member.memberEpoch,
    assigned: union(kept, added),
    pendingRevocation: NOTHING_OWNED,
  });
}

/** What of the target the member has, what it has beside it, what it can be given, and whether that is all of it. */
function compare(member: ConsumerMember, to: Reconciliation) {
  const kept = new Map<Uuid, Map<number, number>>();
  const revoked = new Map<Uuid, Map<number, number>>();
  const added = new Map<Uuid, Map<number, number>>();
  let isComplete = true;
  for (const [topicId, partitions] of member.assigned) {
    const target = targetOf(topicId, to);
    for (const [partition, epoch] of partitions) {
      put(target.has(partition) ? kept : revoked, topicId, partition, epoch);
    }
  }
  for (const topicId of to.target.keys()) {
    for (const partition of targetOf(topicId, to)) {
      if (kept.get(topicId)?.has(partition)) continue;
      const isItsOwn = member.pendingRevocation.get(topicId)?.has(partition) ?? false;
      if (isItsOwn || !to.isTaken(topicId, partition)) put(added, topicId, partition, to.targetEpoch);
      else isComplete = false;
    }
  }
  return { kept, revoked, added, isComplete };
}

function targetOf(topicId: Uuid, { target, subscribedTopicIds }: Reconciliation): ReadonlySet<number> {
  return subscribedTopicIds.has(topicId) ? partitionsOf(target, topicId) : NO_PARTITION;
}

const NO_PARTITION: ReadonlySet<number> = new Set();

/** Whether the member has any of these still; it is taken to have them where it does not say. */
function stillOwns({ ownedPartitions }: Reconciliation, revoked: OwnedPartitions): boolean {
  return ownedPartitions === null ||
    ownedPartitions.some(({ topicId, partitions }) =>
      partitions.some((partition) => revoked.get(topicId)?.has(partition))
    );
}

function union(one: OwnedPartitions, other: OwnedPartitions): OwnedPartitions {
  const all = new Map(one);
  for (const [topicId, partitions] of other) all.set(topicId, new Map([...all.get(topicId) ?? [], ...partitions]));
  return all;
}

function put(owned: Map<Uuid, Map<number, number>>, topicId: Uuid, partition: number, epoch: number): void {
  const partitions = owned.get(topicId);
  if (partitions === undefined) owned.set(topicId, new Map([[partition, epoch]]));
  else partitions.set(partition, epoch);
}
