/**
 * ShareGroupHeartbeat: a member joins, shows that it is there, learns which partitions it reads, and leaves.
 *
 * A heartbeat goes through these steps, each of which may write records; nothing is written where it is refused.
 *
 * 1. The member: who it is, and what it subscribes to.
 * 2. The group epoch: bumped where that has changed, or the topics, or partitions have come that may be given.
 * 3. The target assignment: made anew for a new epoch, no more often than the group's configs say.
 * 4. The member gets what its target says.
 * 5. Partitions that no member of the group has read are made known to the share coordinator, and given once they are.
 *
 * @module
 */
import type { Uuid } from "../../../bytes/mod.ts";
import { ErrorCode } from "../../../protocol/error_code.ts";
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from "../../../protocol/messages/share_group_heartbeat.ts";
import type { Init } from "../../../protocol/schema.ts";
import type { Turn } from "../../turn.ts";
import { groupOfType, Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import {
  type Assignment,
  isSameAssignment,
  makeTargetAssignment,
  NO_PARTITIONS,
  topicPartitionsOf,
} from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import { assignmentRecord, groupRecord, memberRecord, targetEpochRecord, targetRecord } from "./records.ts";
import { keepAlive, removeMember } from "./sessions.ts";
import { ShareGroup } from "./share_group.ts";
import {
  hasSameMetadata,
  hasSameSubscription,
  JOIN_EPOCH,
  LEAVE_EPOCH,
  type ShareMember,
  unknownShareMember,
} from "./share_member.ts";
import { simpleAssignor } from "./simple_assignor.ts";
import {
  initializedPartitions,
  initializingRecord,
  type StateTopic,
  type TopicPartitionsToInitialize,
  uninitialized,
} from "./state_partitions.ts";

/** A heartbeat that {@linkcode heartbeatComplaint} finds nothing wrong with, and who sends it. */
export interface ShareHeartbeat {
  readonly request: ShareGroupHeartbeatRequest;
  readonly clientId: string;
  /** As Java prints an address. */
  readonly clientHost: string;
}

/** The answer, and what the share coordinator is to make. */
export interface ShareHeartbeatResult {
  readonly response: Init<ShareGroupHeartbeatResponse>;
  /** Null for nothing. */
  readonly toInitialize: TopicPartitionsToInitialize | null;
}

/** What is wrong with a heartbeat, in the words of Apache Kafka, or null. */
export function heartbeatComplaint(
  { memberId, groupId, rackId, memberEpoch, subscribedTopicNames }: ShareGroupHeartbeatRequest,
): string | null {
  if (memberId.trim() === "") return "MemberId can't be empty.";
  if (groupId.trim() === "") return "GroupId can't be empty.";
  if (rackId?.trim() === "") return "RackId can't be empty.";
  if (memberEpoch < LEAVE_EPOCH) return "MemberEpoch is invalid.";
  const lacksTopics = subscribedTopicNames === null || subscribedTopicNames.length === 0;
  return memberEpoch === JOIN_EPOCH && lacksTopics ? "SubscribedTopicNames must be set in first request." : null;
}

/** Takes a heartbeat. Errors: GROUP_ID_NOT_FOUND, GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH. */
export function shareHeartbeat(
  state: GroupState,
  turn: Turn<GroupRecord>,
  heartbeat: ShareHeartbeat,
): ShareHeartbeatResult | Refusal {
  const { request } = heartbeat;
  if (request.memberEpoch === LEAVE_EPOCH) return leave(state, turn, request);
  const group = groupFor(state, request);
  if (group instanceof Refusal) return group;
  const member = memberFor(group, request);
  if (member instanceof Refusal) return member;
  return beat(state, turn, group, member, heartbeat);
}

function leave(
  state: GroupState,
  turn: Turn<GroupRecord>,
  { groupId, memberId, memberEpoch }: ShareGroupHeartbeatRequest,
): ShareHeartbeatResult | Refusal {
  const group = groupOfType(state, groupId, ShareGroup, "share");
  if (group instanceof Refusal) return group;
  if (!group.members.has(memberId)) return unknownMember(groupId, memberId);
  removeMember(state, turn, group, memberId);
  return { response: { memberId, memberEpoch }, toInitialize: null };
}

/** The group; one that is not there is made by the records that its first member leads to. */
function groupFor(state: GroupState, request: ShareGroupHeartbeatRequest): ShareGroup | Refusal {
  const { groupId, memberId, memberEpoch } = request;
  if (!state.groups.has(groupId)) {
    if (memberEpoch === JOIN_EPOCH) return new ShareGroup(groupId);
    return new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, `Share group ${groupId} not found.`);
  }
  const group = groupOfType(state, groupId, ShareGroup, "share");
  const maxSize = state.settings.shareMaxSize;
  if (group instanceof ShareGroup && group.members.size >= maxSize && !group.members.has(memberId)) {
    return new Refusal(
      ErrorCode.GROUP_MAX_SIZE_REACHED,
      `The share group has reached its maximum capacity of ${maxSize} members.`,
    );
  }
  return group;
}

/** The member that sends the heartbeat, where its epoch is one that it can have. */
function memberFor(group: ShareGroup, request: ShareGroupHeartbeatRequest): ShareMember | Refusal {
  const { memberId, memberEpoch } = request;
  const known = group.members.get(memberId);
  if (memberEpoch === JOIN_EPOCH) return known ?? unknownShareMember(memberId);
  if (known === undefined) return unknownMember(group.groupId, memberId);
  const { memberEpoch: epoch, previousMemberEpoch: previous } = known;
  // The answer that told it the new epoch may have been lost.
  if (memberEpoch === epoch || (memberEpoch < epoch && memberEpoch === previous)) return known;
  const rejoin = "The member must abandon all its partitions and rejoin.";
  const message = memberEpoch > epoch
    ? `The share group member has a greater member epoch (${memberEpoch}) than the one known by the group ` +
      `coordinator (${epoch}). ${rejoin}`
    : `The share group member has a smaller member epoch (${memberEpoch}) than the one known by the group ` +
      `coordinator (${epoch}), and it does not match the previous member epoch (${previous}). ${rejoin}`;
  return new Refusal(ErrorCode.FENCED_MEMBER_EPOCH, message);
}

function unknownMember(groupId: string, memberId: string): Refusal {
  return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`);
}

function beat(
  state: GroupState,
  turn: Turn<GroupRecord>,
  group: ShareGroup,
  known: ShareMember,
  { request, clientId, clientHost }: ShareHeartbeat,
): ShareHeartbeatResult {
  const { groupId } = group;
  const { rackId, subscribedTopicNames } = request;
  const member: ShareMember = {
    ...known,
    rackId: rackId ?? known.rackId,
    subscribedTopicNames: subscribedTopicNames === null ? known.subscribedTopicNames : new Set(subscribedTopicNames),
    clientId,
    clientHost,
  };
  if (!hasSameMetadata(known, member)) turn.write(memberRecord(groupId, member));
  const topicNames = group.topicNamesWith(member.memberId, member);
  const { groupEpoch, isBumped } = bumpEpoch(state, turn, group, topicNames, !hasSameSubscription(known, member));
  const target = targetFor(state, turn, group, member, groupEpoch);
  const reconciled = reconcile(state, member, target, isBumped);
  if (reconciled !== member) turn.write(assignmentRecord(groupId, reconciled));
  keepAlive(state, groupId, member.memberId);
  const toInitialize = partitionsToInitialize(state, turn, group, topicNames, groupEpoch);
  const isTold = request.memberEpoch === JOIN_EPOCH || subscribedTopicNames !== null ||
    !isSameAssignment(known.assigned, reconciled.assigned);
  const response = {
    memberId: member.memberId,
    memberEpoch: reconciled.memberEpoch,
    heartbeatIntervalMs: state.groupConfig(groupId, "share.heartbeat.interval.ms"),
    assignment: isTold ? { topicPartitions: topicPartitionsOf(reconciled.assigned) } : null,
  };
  return { response, toInitialize };
}

/** The epoch of the group from now on. */
function bumpEpoch(
  state: GroupState,
  turn: Turn<GroupRecord>,
  group: ShareGroup,
  topicNames: ReadonlySet<string>,
  hasSubscriptionChanged: boolean,
): { groupEpoch: number; isBumped: boolean } {
  const { groupId, groupEpoch } = group;
  const hasNews = hasSubscriptionChanged || (group.assignmentEpoch >= groupEpoch && hasUnassigned(group));
  if (!hasNews && !group.isMetadataStale) return { groupEpoch, isBumped: false };
  const metadataHash = state.metadataHash(topicNames);
  group.isMetadataStale = false;
  if (!hasNews && metadataHash === group.metadataHash) return { groupEpoch, isBumped: false };
  turn.write(groupRecord(groupId, groupEpoch + 1, metadataHash));
  return { groupEpoch: groupEpoch + 1, isBumped: true };
}

/** Whether partitions may be given that no member has. */
function hasUnassigned(group: ShareGroup): boolean {
  if (group.isEmpty) return false;
  for (const [topicId, { name, partitions }] of group.statePartitions.initialized) {
    if (!group.isSubscribedTo(name)) continue;
    const assigned = new Set<number>();
    for (const target of group.targets.values()) {
      for (const partition of target.get(topicId) ?? []) assigned.add(partition);
    }
    if (assigned.size !== partitions.size || [...partitions].some((partition) => !assigned.has(partition))) return true;
  }
  return false;
}

interface Target {
  readonly epoch: number;
  readonly assignment: Assignment;
}

function targetFor(
  state: GroupState,
  turn: Turn<GroupRecord>,
  group: ShareGroup,
  member: ShareMember,
  groupEpoch: number,
): Target {
  const { groupId, assignmentEpoch, assignmentTimestampMs, targets } = group;
  const intervalMs = state.groupConfig(groupId, "share.assignment.interval.ms");
  const isTooEarly = turn.nowMs - assignmentTimestampMs < intervalMs;
  if (assignmentEpoch >= groupEpoch || isTooEarly) {
    return { epoch: assignmentEpoch, assignment: targets.get(member.memberId) ?? NO_PARTITIONS };
  }
  const made = makeTargetAssignment({
    assignor: simpleAssignor(initializedPartitions(group)),
    members: new Map([...group.members, [member.memberId, member]]),
    topicNamesOf: ({ subscribedTopicNames }: ShareMember) => subscribedTopicNames,
    isHomogeneous: group.isHomogeneousWith(member),
    targets,
    image: state.image,
  });
  for (const memberId of made.changed) turn.write(targetRecord(groupId, memberId, made.targets.get(memberId)!));
  turn.write(targetEpochRecord(groupId, groupEpoch, turn.nowMs));
  return { epoch: groupEpoch, assignment: made.targets.get(member.memberId) ?? NO_PARTITIONS };
}

/** The member with what its target says, as far as it still subscribes to it. */
function reconcile(state: GroupState, member: ShareMember, target: Target, isBumped: boolean): ShareMember {
  const isNewEpoch = target.epoch !== member.memberEpoch;
  if (!isNewEpoch && !isBumped) return member;
  const assigned = new Map<Uuid, ReadonlySet<number>>();
  for (const [topicId, partitions] of target.assignment) {
    const name = state.image.topicById(topicId)?.name;
    if (name !== undefined && member.subscribedTopicNames.has(name)) assigned.set(topicId, partitions);
  }
  if (!isNewEpoch) return isSameAssignment(member.assigned, assigned) ? member : { ...member, assigned };
  return { ...member, assigned, memberEpoch: target.epoch, previousMemberEpoch: member.memberEpoch };
}

/** What the share coordinator has not made of the topics of the group; asked for once, and again after a while. */
function partitionsToInitialize(
  state: GroupState,
  turn: Turn<GroupRecord>,
  group: ShareGroup,
  topicNames: ReadonlySet<string>,
  groupEpoch: number,
): TopicPartitionsToInitialize | null {
  const retryMs = state.settings.shareInitializeRetryIntervalMs;
  const topics = uninitialized(state, group, topicNames, { nowMs: turn.nowMs, retryMs });
  if (topics.size === 0) return null;
  turn.write(initializingRecord(group, topics));
  return { stateEpoch: groupEpoch, partitions: fromTheirReset(topics) };
}

/** They begin where the configs of the group say, when they are first read. */
const UNINITIALIZED_START_OFFSET = -1n;

function fromTheirReset(topics: ReadonlyMap<Uuid, StateTopic>): TopicPartitionsToInitialize["partitions"] {
  return Array.from(topics).flatMap(([topicId, { partitions }]) =>
    Array.from(partitions, (partition) => ({ topicId, partition, startOffset: UNINITIALIZED_START_OFFSET }))
  );
}
