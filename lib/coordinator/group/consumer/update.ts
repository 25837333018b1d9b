/**
 * What a heartbeat of a member changes, or a JoinGroup of one that speaks the classic protocol: the member itself, the
 * epoch of the group, the target assignment, and what the member has. In that order, and each only where it must.
 *
 * All is decided on the group as it is recorded, and comes to records.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import { Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import { type Assignment, makeTargetAssignment, type TopicPartitions } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import type { ConsumerGroup, ResolvedRegex } from "./consumer_group.ts";
import { type ConsumerMember, hasSameMetadata, isSameOwned, isSameSet } from "./consumer_member.ts";
import { reconcile } from "./reconcile.ts";
import {
  assignmentRecord,
  epochRecord,
  memberRecord,
  memberTombstones,
  partitionMetadataTombstone,
  regexRecord,
  regexTombstone,
  targetEpochRecord,
  targetRecord,
} from "./records.ts";
import { hasOtherTopics, type MayDescribe, regexError, resolveRegexes } from "./regular_expressions.ts";

/** A member, before and after what it says. */
export interface MemberUpdate {
  readonly group: ConsumerGroup;
  readonly nowMs: number;
  /** As the group has it, or new. Of a static member that is back, what its predecessor was, with its own id. */
  readonly member: ConsumerMember;
  /** The static member in whose place it comes, under another id. */
  readonly replaced: ConsumerMember | null;
  /** With what it says of itself now. */
  readonly updated: ConsumerMember;
  /** What it says that it has; null where it does not say. */
  readonly ownedPartitions: readonly TopicPartitions[] | null;
  readonly mayDescribe: MayDescribe;
}

/** What an update comes to. */
export interface MemberResult {
  readonly member: ConsumerMember;
  readonly records: readonly GroupRecord[];
  /** Whether it has come a step towards its target, or must. */
  readonly hasNewAssignment: boolean;
  /** The epoch of the group from now on. */
  readonly groupEpoch: number;
}

/** Errors: INVALID_REGULAR_EXPRESSION, FENCED_MEMBER_EPOCH. */
export function updateMember(state: GroupState, update: MemberUpdate): MemberResult | Refusal {
  const { group, updated } = update;
  const { subscribedTopicRegex } = updated;
  const isNewRegex = subscribedTopicRegex !== "" && group.subscribed.subscribersTo(subscribedTopicRegex) === 0;
  const error = isNewRegex ? regexError(subscribedTopicRegex) : null;
  if (error !== null) return error;
  const records: GroupRecord[] = memberRecords(update);
  const subscription = updateSubscription(state, update, records);
  const target = updateTarget(state, update, subscription, records);
  const next = reconcileMember(state, update, subscription, target);
  if (next instanceof Refusal) return next;
  const hasNewAssignment = hasOtherAssignment(updated, next);
  if (hasNewAssignment) records.push(assignmentRecord(group.groupId, next));
  return { member: next, records, hasNewAssignment, groupEpoch: subscription.groupEpoch };
}

/** The records of what the member says of itself, and of its coming in the place of another one. */
function memberRecords({ group, group: { groupId }, member, replaced, updated }: MemberUpdate): GroupRecord[] {
  const records: GroupRecord[] = [];
  if (replaced !== null) {
    records.push(
      ...memberTombstones(groupId, replaced.memberId),
      memberRecord(groupId, member),
      targetRecord(groupId, member.memberId, group.targetOf(replaced)),
      assignmentRecord(groupId, member),
    );
  }
  if (!hasSameMetadata(member, updated)) records.push(memberRecord(groupId, updated));
  return records;
}

/** What the group subscribes to from now on. */
interface Subscription {
  readonly groupEpoch: number;
  readonly isHomogeneous: boolean;
  readonly resolved: ReadonlyMap<string, ResolvedRegex>;
  /** Whether the member subscribes to something else than before. */
  readonly hasChanged: boolean;
}

function updateSubscription(state: GroupState, update: MemberUpdate, records: GroupRecord[]): Subscription {
  const { group, group: { groupId }, member, updated, nowMs, mayDescribe } = update;
  const known = group.members.get(update.replaced?.memberId ?? member.memberId);
  const subscribed = group.subscribed.after(known === undefined ? [] : [known], updated);
  const resolved = new Map(group.resolvedRegexes);
  let isEpochDue = !isSameSet(member.subscribedTopicNames, updated.subscribedTopicNames);
  const hasOtherRegex = member.subscribedTopicRegex !== updated.subscribedTopicRegex;
  if (
    hasOtherRegex && member.subscribedTopicRegex !== "" && subscribed.subscribersTo(member.subscribedTopicRegex) === 0
  ) {
    records.push(regexTombstone(groupId, member.subscribedTopicRegex));
    resolved.delete(member.subscribedTopicRegex);
  }
  for (const [regex, result] of resolveRegexes(state, nowMs, group, subscribed, mayDescribe)) {
    isEpochDue ||= hasOtherTopics(resolved.get(regex), result);
    resolved.set(regex, result);
    records.push(regexRecord(groupId, regex, result));
  }
  const hasChanged = isEpochDue || hasOtherRegex;
  // While the topics of an expression are not known yet, nothing can be assigned anew.
  isEpochDue ||= hasOtherRegex && (updated.subscribedTopicRegex === "" || resolved.has(updated.subscribedTopicRegex));
  const groupEpoch = updateEpoch(state, group, isEpochDue, () => subscribed.topicNames(resolved), records);
  return { groupEpoch, isHomogeneous: subscribed.isHomogeneous, resolved, hasChanged };
}

/** Begins a new epoch where the members have changed, or the topics. */
function updateEpoch(
  state: GroupState,
  group: ConsumerGroup,
  isDue: boolean,
  topicNames: () => Iterable<string>,
  records: GroupRecord[],
): number {
  if (!isDue && !group.isMetadataStale) return group.groupEpoch;
  const hash = state.metadataHash(topicNames());
  group.isMetadataStale = false;
  if (group.hasPartitionMetadataRecord) records.push(partitionMetadataTombstone(group.groupId));
  if (!isDue && hash === group.metadataHash) return group.groupEpoch;
  records.push(epochRecord(group.groupId, group.groupEpoch + 1, hash));
  return group.groupEpoch + 1;
}

/** What the member shall have, and since which epoch of the group. */
interface Target {
  readonly epoch: number;
  readonly assignment: Assignment;
}

/** Makes a new target assignment where the group's epoch is ahead of the one that there is. */
function updateTarget(
  state: GroupState,
  { group, updated, replaced, nowMs }: MemberUpdate,
  { groupEpoch, isHomogeneous, resolved }: Subscription,
  records: GroupRecord[],
): Target {
  const { groupId } = group;
  if (groupEpoch <= group.assignmentEpoch || !mayAssign(state, group, nowMs)) {
    return { epoch: group.assignmentEpoch, assignment: group.targetOf(updated) };
  }
  const members = group.membersAfter(updated, replaced === null ? [] : [replaced.memberId]);
  const { targets, changed } = makeTargetAssignment({
    assignor: state.assignor(group.preferredAssignor(members.values())),
    members,
    topicNamesOf: (member) => topicNamesOf(member, resolved),
    isHomogeneous,
    targets: group.targets,
    replaced: replaced === null ? undefined : { memberId: updated.memberId, previousMemberId: replaced.memberId },
    image: state.image,
  });
  for (const memberId of changed) records.push(targetRecord(groupId, memberId, targets.get(memberId)!));
  records.push(targetEpochRecord(groupId, groupEpoch, nowMs));
  return { epoch: groupEpoch, assignment: targets.get(updated.memberId)! };
}

/** Whether the assignment interval is over: many changes within it make one assignment. */
function mayAssign(state: GroupState, { groupId, assignmentTimestampMs }: ConsumerGroup, nowMs: number): boolean {
  const intervalMs = state.groupConfig(groupId, "consumer.assignment.interval.ms");
  return assignmentTimestampMs === 0 || intervalMs === 0 || nowMs >= assignmentTimestampMs + intervalMs;
}

function reconcileMember(
  state: GroupState,
  { group, updated, ownedPartitions }: MemberUpdate,
  { resolved, hasChanged }: Subscription,
  target: Target,
): ConsumerMember | Refusal {
  if (!hasChanged && updated.isStable && updated.memberEpoch === target.epoch) return updated;
  const subscribedTopicIds = new Set<Uuid>();
  for (const name of topicNamesOf(updated, resolved)) {
    const topic = state.image.topicByName(name);
    if (topic !== undefined) subscribedTopicIds.add(topic.id);
  }
  return reconcile(updated, {
    targetEpoch: target.epoch,
    target: target.assignment,
    subscribedTopicIds,
    hasSubscriptionChanged: hasChanged,
    ownedPartitions,
    isTaken: (topicId, partition) => group.partitionEpoch(topicId, partition) !== undefined,
  });
}

/** The topics that a member subscribes to, by name or by an expression whose topics are known. */
function topicNamesOf(
  { subscribedTopicNames, subscribedTopicRegex }: ConsumerMember,
  resolved: ReadonlyMap<string, ResolvedRegex>,
): ReadonlySet<string> {
  const matched = resolved.get(subscribedTopicRegex)?.topics;
  if (matched === undefined || matched.size === 0) return subscribedTopicNames;
  return subscribedTopicNames.size === 0 ? matched : new Set([...subscribedTopicNames, ...matched]);
}

function hasOtherAssignment(one: ConsumerMember, other: ConsumerMember): boolean {
  return one !== other && (one.state !== other.state || one.memberEpoch !== other.memberEpoch ||
    one.previousMemberEpoch !== other.previousMemberEpoch || !isSameOwned(one.assigned, other.assigned) ||
    !isSameOwned(one.pendingRevocation, other.pendingRevocation));
}
