/**
 * How a group changes between the classic and the consumer protocol while its members work (KIP-848).
 *
 * The first member of the consumer protocol that joins a classic group makes a consumer group of it, and those of the
 * classic protocol stay in it. When the last member of the consumer protocol has left, it is a classic group again.
 * `group.consumer.migration.policy` says which of both may be.
 *
 * @module
 */
import { DecodeError } from "../../../bytes/mod.ts";
import { ErrorCode } from "../../../protocol/error_code.ts";
import {
  ConsumerProtocolAssignment,
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  encodeVersioned,
} from "../../../protocol/records/mod.ts";
import type { Turn } from "../../turn.ts";
import { ClassicGroup } from "../classic/classic_group.ts";
import { ClassicMember } from "../classic/classic_member.ts";
import { keepAlive, prepareRebalance } from "../classic/rebalance.ts";
import { groupRecord, groupTombstone } from "../classic/records.ts";
import { Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import { type Assignment, NO_PARTITIONS } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import { ConsumerGroup } from "./consumer_group.ts";
import { ConsumerMember, ownedSince } from "./consumer_member.ts";
import { assignmentRecord, epochRecord, memberRecord, targetEpochRecord, targetRecord } from "./records.ts";

/** A consumer group that is to be made of a classic one. */
export interface Upgrade {
  readonly group: ConsumerGroup;
  readonly records: readonly GroupRecord[];
}

/** The consumer group that a classic group would be, GROUP_ID_NOT_FOUND where it cannot be one. */
export function upgradeOf(state: GroupState, group: ClassicGroup): Upgrade | Refusal {
  const { groupId } = group;
  const cannot = (why: string) =>
    new Refusal(
      ErrorCode.GROUP_ID_NOT_FOUND,
      `Cannot upgrade classic group ${groupId} to consumer group because ${why}.`,
    );
  if (!state.settings.mayUpgrade) return cannot("online upgrade is disabled");
  if (!group.usesConsumerProtocol) return cannot("the group does not use the consumer embedded protocol");
  if (group.members.size > state.settings.consumerMaxSize) {
    return cannot("the group size exceeds the consumer group maximum size");
  }
  try {
    const upgraded = consumerGroupOf(state, group);
    if (upgraded !== null) return { group: upgraded, records: [groupTombstone(groupId), ...recordsOf(upgraded)] };
    return cannot(
      "an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor " +
        "before re-attempting the upgrade",
    );
  } catch (error) {
    if (error instanceof DecodeError) return cannot("the embedded consumer protocol is malformed");
    throw error;
  }
}

/** The classic group ends: who waits in it is to join again, in the consumer group. */
export function endClassicGroup(turn: Turn<GroupRecord>, group: ClassicGroup): void {
  for (const member of group.members.values()) {
    group.refuse(turn, member, ErrorCode.REBALANCE_IN_PROGRESS, member.memberId);
  }
}

/** Whether those that are left without these members speak the classic protocol, and may go back to it. */
export function canDowngradeWithout(
  state: GroupState,
  group: ConsumerGroup,
  gone: readonly ConsumerMember[],
): boolean {
  const left = group.members.size - gone.length;
  const goneClassic = gone.filter(({ usesClassicProtocol }) => usesClassicProtocol).length;
  return left > 0 && group.classicMemberCount - goneClassic === left && state.settings.mayDowngrade &&
    left <= state.settings.maxSize;
}

/** Whether the group may go back to the classic protocol when a static member comes back with it. */
export function canDowngradeWithReplaced(state: GroupState, group: ConsumerGroup, replaced: ConsumerMember): boolean {
  return !replaced.usesClassicProtocol && group.classicMemberCount === group.members.size - 1 &&
    state.settings.mayDowngrade && group.members.size <= state.settings.maxSize;
}

/** What a group goes back to the classic protocol with. */
export interface Downgrade {
  /** Ids of the members that are left out. */
  readonly gone: ReadonlySet<string>;
  /** A static member that comes back, in the place of one that is gone. */
  readonly joining?: { readonly member: ConsumerMember; readonly replacedId: string };
  /** Whether the members must join anew, since what they have is not what they should. */
  readonly isRebalancing: boolean;
}

/**
 * Makes a classic group of it, which is there when its record is replayed: the record alone cannot tell that it is about
 * to rebalance.
 */
export function downgrade(
  state: GroupState,
  turn: Turn<GroupRecord>,
  group: ConsumerGroup,
  { gone, joining, isRebalancing }: Downgrade,
): ClassicGroup {
  const classic = ClassicGroup.stable(group.groupId, group.groupEpoch, turn.nowMs);
  const owned = new Map<string, Assignment>();
  for (const member of group.members.values()) {
    if (gone.has(member.memberId)) continue;
    classic.add(classicMemberOf(member));
    owned.set(member.memberId, stillOwnedBy(member));
  }
  if (joining !== undefined) {
    classic.add(classicMemberOf(joining.member));
    owned.set(joining.member.memberId, stillOwnedBy(group.members.get(joining.replacedId)!));
  }
  classic.chooseProtocol();
  for (const member of classic.members.values()) {
    const version = versionOf(member.metadataFor(classic.protocolName ?? ""));
    member.assignment = encodeClassicAssignment(state, owned.get(member.memberId)!, version);
  }
  const assignments = new Map(Array.from(classic.members, ([id, { assignment }]) => [id, assignment]));
  turn.write(...group.tombstones(), groupRecord(classic, assignments));
  state.downgraded.set(classic.groupId, classic);
  for (const member of classic.members.values()) keepAlive(state, classic, member);
  if (isRebalancing) prepareRebalance(state, classic, turn);
  return classic;
}

/**
 * What a member has, and not what it should have, as Apache Kafka notes: where the group goes to the consumer protocol
 * again before the member was heard of, what it has not given up would be given to others.
 */
function stillOwnedBy({ assigned, pendingRevocation }: ConsumerMember): Assignment {
  const owned = new Map<string, Set<number>>();
  for (const part of [assigned, pendingRevocation]) {
    for (const [topicId, partitions] of part) {
      owned.set(topicId, new Set([...owned.get(topicId) ?? [], ...partitions.keys()]));
    }
  }
  return owned;
}

/** An assignment as members of the classic protocol get it, in the version of their subscription. */
export function encodeClassicAssignment(state: GroupState, assignment: Assignment, version: number): Uint8Array {
  const assignedPartitions = Array.from(assignment, ([topicId, partitions]) => ({
    topic: state.image.topicById(topicId)?.name,
    partitions: [...partitions].sort((a, b) => a - b),
  })).filter((assigned): assigned is typeof assigned & { topic: string } => assigned.topic !== undefined);
  return encodeVersioned(ConsumerProtocolAssignment, version, { assignedPartitions, userData: null });
}

/** The version of what a member of the classic protocol says, as far as this broker knows them. */
export function versionOf(metadata: Uint8Array): number {
  const version = metadata.length < 2 ? 0 : (metadata[0] << 8) | metadata[1];
  return Math.min(version, ConsumerProtocolAssignment.versions[1]);
}

/** Null where a custom assignor tells members something that would be lost. */
function consumerGroupOf(state: GroupState, group: ClassicGroup): ConsumerGroup | null {
  const upgraded = new ConsumerGroup(group.groupId);
  const epoch = group.generationId;
  upgraded.groupEpoch = epoch;
  upgraded.assignmentEpoch = epoch;
  for (const member of group.members.values()) {
    const assignment = classicAssignment(state, member);
    if (assignment === null) return null;
    const subscription = decodeConsumerProtocolSubscription(member.metadataFor(group.protocolName ?? ""));
    const { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = member;
    upgraded.setMember(
      new ConsumerMember({
        memberId,
        memberEpoch: epoch,
        previousMemberEpoch: epoch,
        instanceId: groupInstanceId,
        rackId: subscription.rackId || null,
        rebalanceTimeoutMs,
        clientId,
        clientHost,
        subscribedTopicNames: new Set(subscription.topics),
        assigned: ownedSince(epoch, assignment),
        classic: { sessionTimeoutMs, supportedProtocols: protocols.map(({ name, metadata }) => ({ name, metadata })) },
      }),
    );
    upgraded.targets.set(memberId, assignment);
  }
  upgraded.metadataHash = state.metadataHash(upgraded.subscribed.topicNames(upgraded.resolvedRegexes));
  return upgraded;
}

/** What the leader has assigned to a member; null where it told it something of its own. */
function classicAssignment(state: GroupState, { assignment: bytes }: ClassicMember): Assignment | null {
  if (bytes.length === 0) return NO_PARTITIONS;
  const { assignedPartitions, userData } = decodeConsumerProtocolAssignment(bytes);
  if (userData !== null && userData.length > 0) return null;
  const assignment = new Map<string, Set<number>>();
  for (const { topic, partitions } of assignedPartitions) {
    const id = state.image.topicByName(topic)?.id;
    if (id !== undefined && partitions.length > 0) assignment.set(id, new Set(partitions));
  }
  return assignment;
}

/** The records that make the group from nothing. */
function recordsOf(group: ConsumerGroup): GroupRecord[] {
  const { groupId, groupEpoch, metadataHash, assignmentEpoch, assignmentTimestampMs } = group;
  const members = [...group.members.values()];
  return [
    ...members.map((member) => memberRecord(groupId, member)),
    epochRecord(groupId, groupEpoch, metadataHash),
    ...members.map(({ memberId }) => targetRecord(groupId, memberId, group.targets.get(memberId)!)),
    targetEpochRecord(groupId, assignmentEpoch, assignmentTimestampMs),
    ...members.map((member) => assignmentRecord(groupId, member)),
  ];
}

function classicMemberOf(member: ConsumerMember): ClassicMember {
  const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, classic } = member;
  return new ClassicMember({
    memberId,
    groupInstanceId: instanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    sessionTimeoutMs: classic!.sessionTimeoutMs,
    protocols: classic!.supportedProtocols,
  });
}
