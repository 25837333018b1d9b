/**
 * Members of the classic protocol in a consumer group: they join, sync, send heartbeats and leave as they always have,
 * and the coordinator assigns in place of a leader (KIP-848).
 *
 * Such a member's generation is its member epoch. It is told to rejoin whenever there is something for it to give up or
 * to take; so it says what it has, and gets what it shall have, by JoinGroup and SyncGroup.
 *
 * @module
 */
import { DecodeError } from "../../../bytes/mod.ts";
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { HeartbeatRequest } from "../../../protocol/messages/heartbeat.ts";
import type { JoinGroupRequest } from "../../../protocol/messages/join_group.ts";
import type { LeaveGroupRequest } from "../../../protocol/messages/leave_group.ts";
import type { SyncGroupRequest } from "../../../protocol/messages/sync_group.ts";
import {
  type ConsumerProtocolSubscription,
  decodeConsumerProtocolSubscription,
} from "../../../protocol/records/mod.ts";
import type { Reply, Turn } from "../../turn.ts";
import type { JoinAnswer, SyncAnswer } from "../classic/classic_member.ts";
import type { Join } from "../classic/join.ts";
import type { LeaveAnswer } from "../classic/membership.ts";
import { Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import { cancelMemberTimer, partitionsOf, type TopicPartitions } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import type { ConsumerGroup } from "./consumer_group.ts";
import { type ConsumerMember, MemberState, withoutEpochs } from "./consumer_member.ts";
import { findDynamicMember, findStaticMember, type FoundMember } from "./heartbeat.ts";
import { keepAlive, limitClassic, removeMembers } from "./membership.ts";
import { canDowngradeWithReplaced, downgrade, encodeClassicAssignment, versionOf } from "./migration.ts";
import { type MemberUpdate, updateMember } from "./update.ts";

const PROTOCOL_TYPE = "consumer";
const UNKNOWN_MEMBER = "";

/** Lets a member of the classic protocol join a consumer group that is not empty; the answer comes at once. */
export function joinConsumerGroup(
  state: GroupState,
  turn: Turn<GroupRecord>,
  reply: Reply<JoinAnswer>,
  group: ConsumerGroup,
  join: Join,
): void {
  turn.answer(reply, joinAnswer(state, turn, group, join));
}

/** Errors: those of JoinGroup; INCONSISTENT_GROUP_PROTOCOL also where groups may not migrate. */
function joinAnswer(state: GroupState, turn: Turn<GroupRecord>, group: ConsumerGroup, join: Join): JoinAnswer {
  const { request } = join;
  const isUnknown = request.memberId === UNKNOWN_MEMBER;
  const memberId = isUnknown ? state.newUuid() : request.memberId;
  const refuse = (errorCode: ErrorCode): JoinAnswer => ({ errorCode, memberId: request.memberId });
  if (!state.settings.mayMigrate) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  if (group.members.size >= state.settings.consumerMaxSize && !group.members.has(memberId)) {
    return { errorCode: ErrorCode.GROUP_MAX_SIZE_REACHED, memberId: UNKNOWN_MEMBER };
  }
  if (!supports(group, request)) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  if (isUnknown && request.groupInstanceId === null && join.requiresKnownMemberId) {
    return { errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId };
  }
  const subscription = subscriptionOf(request);
  if (subscription === null) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  const found = request.groupInstanceId === null
    ? findDynamicMember(group, memberId, true)
    : findStaticMember(group, memberId, request.groupInstanceId, isUnknown, true);
  if (found instanceof Refusal) return refuse(found.errorCode);
  const update: MemberUpdate = {
    ...found,
    group,
    nowMs: turn.nowMs,
    updated: withJoin(found.member, join, subscription),
    ownedPartitions: ownedPartitionsOf(state, subscription),
    mayDescribe: join.mayDescribe,
  };
  const joined = enter(state, turn, update, found);
  if (joined instanceof Refusal) return refuse(joined.errorCode);
  return {
    errorCode: ErrorCode.NONE,
    memberId,
    generationId: joined.memberEpoch,
    protocolType: PROTOCOL_TYPE,
    protocolName: request.protocols[0].name,
  };
}

/** Takes the member in. Where it was the last one of the consumer protocol, the group goes back to the classic one. */
function enter(
  state: GroupState,
  turn: Turn<GroupRecord>,
  update: MemberUpdate,
  { replaced }: FoundMember,
): ConsumerMember | Refusal {
  const { group, group: { groupId } } = update;
  const result = updateMember(state, update);
  if (result instanceof Refusal) return result;
  const { member } = result;
  cancelMemberTimer(state, "rejoin", { groupId, memberId: member.memberId });
  group.askedToRejoin.delete(member.memberId);
  if (replaced !== null && canDowngradeWithReplaced(state, group, replaced)) {
    const { generationId } = downgrade(state, turn, group, {
      gone: new Set([replaced.memberId]),
      joining: { member, replacedId: replaced.memberId },
      isRebalancing: group.assignmentEpoch < result.groupEpoch,
    });
    return member.with({ memberEpoch: generationId });
  }
  turn.write(...result.records);
  keepAlive(state, groupId, member);
  limitClassic(state, groupId, "sync", member);
  return member;
}

/** Gives a member its assignment. Errors: those of SyncGroup. */
export function syncConsumerGroup(state: GroupState, group: ConsumerGroup, request: SyncGroupRequest): SyncAnswer {
  const member = classicMember(group, request);
  if (typeof member === "number") return { errorCode: member };
  if (request.generationId !== member.memberEpoch) return { errorCode: ErrorCode.ILLEGAL_GENERATION };
  const { protocolType, protocolName } = request;
  const [protocol] = member.classic!.supportedProtocols;
  const isInconsistent = (protocolType !== null && protocolType !== PROTOCOL_TYPE) ||
    (protocolName !== null && protocolName !== protocol.name);
  if (isInconsistent) return { errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL };
  const { groupId } = group;
  if (group.assignmentEpoch > member.memberEpoch && member.state !== MemberState.UNREVOKED_PARTITIONS) {
    askToRejoin(state, group, member);
    return { errorCode: ErrorCode.REBALANCE_IN_PROGRESS };
  }
  cancelMemberTimer(state, "sync", { groupId, memberId: member.memberId });
  keepAlive(state, groupId, member);
  return {
    errorCode: ErrorCode.NONE,
    protocolType,
    protocolName,
    assignment: encodeClassicAssignment(state, withoutEpochs(member.assigned), versionOf(protocol.metadata)),
  };
}

/** Keeps a member alive, and tells it when it should join again. Errors: those of Heartbeat. */
export function heartbeatConsumerGroup(state: GroupState, group: ConsumerGroup, request: HeartbeatRequest): ErrorCode {
  const member = classicMember(group, request);
  if (typeof member === "number") return member;
  if (request.generationId !== member.memberEpoch) return ErrorCode.ILLEGAL_GENERATION;
  keepAlive(state, group.groupId, member);
  const mustRejoin = member.memberEpoch < group.assignmentEpoch || member.state === MemberState.UNREVOKED_PARTITIONS ||
    (member.state === MemberState.UNRELEASED_PARTITIONS && !isWaiting(group, member));
  if (!mustRejoin) return ErrorCode.NONE;
  askToRejoin(state, group, member);
  return ErrorCode.REBALANCE_IN_PROGRESS;
}

/** Takes members of either protocol out of the group. */
export function leaveConsumerGroup(
  state: GroupState,
  turn: Turn<GroupRecord>,
  group: ConsumerGroup,
  members: LeaveGroupRequest["members"],
): LeaveAnswer {
  const leaving = new Set<ConsumerMember>();
  const results = members.map(({ memberId, groupInstanceId }) => {
    const found = findLeaving(group, memberId, groupInstanceId);
    if (!(found instanceof Refusal)) leaving.add(found.member);
    return { memberId, groupInstanceId, errorCode: found instanceof Refusal ? found.errorCode : ErrorCode.NONE };
  });
  removeMembers(state, turn, group, [...leaving]);
  return results;
}

function findLeaving(group: ConsumerGroup, memberId: string, groupInstanceId: string | null): FoundMember | Refusal {
  if (groupInstanceId === null) return findDynamicMember(group, memberId, false);
  // An administrator removes a static member by its instance id alone.
  const id = memberId === UNKNOWN_MEMBER ? group.staticMember(groupInstanceId)?.memberId ?? memberId : memberId;
  return findStaticMember(group, id, groupInstanceId, false, true);
}

/** Its time begins when it is told for the first time, and not anew with each heartbeat. */
function askToRejoin(state: GroupState, { groupId, askedToRejoin }: ConsumerGroup, member: ConsumerMember): void {
  if (askedToRejoin.has(member.memberId)) return;
  askedToRejoin.add(member.memberId);
  limitClassic(state, groupId, "rejoin", member);
}

/** Whether what it lacks is another member's still, so that there is nothing to join again for. */
function isWaiting(group: ConsumerGroup, member: ConsumerMember): boolean {
  for (const [topicId, partitions] of group.targets.get(member.memberId) ?? []) {
    const assigned = partitionsOf(withoutEpochs(member.assigned), topicId);
    for (const partition of partitions) {
      if (!assigned.has(partition) && group.partitionEpoch(topicId, partition) !== undefined) return true;
    }
  }
  return false;
}

function classicMember(
  group: ConsumerGroup,
  { memberId, groupInstanceId }: Pick<SyncGroupRequest, "memberId" | "groupInstanceId">,
): ConsumerMember | ErrorCode {
  const found = groupInstanceId === null
    ? findDynamicMember(group, memberId, false)
    : findStaticMember(group, memberId, groupInstanceId, false, true);
  if (found instanceof Refusal) return found.errorCode;
  return found.member.usesClassicProtocol ? found.member : ErrorCode.UNKNOWN_MEMBER_ID;
}

/** Whether the member supports a protocol that all others of the classic protocol do. */
function supports(group: ConsumerGroup, { protocolType, protocols }: JoinGroupRequest): boolean {
  if (protocolType !== PROTOCOL_TYPE) return false;
  const others = [...group.members.values()].filter(({ usesClassicProtocol }) => usesClassicProtocol);
  return protocols.some(({ name }) =>
    others.every(({ classic }) => classic!.supportedProtocols.some((protocol) => protocol.name === name))
  );
}

/** Null where a client has put something else into its metadata. */
function subscriptionOf({ protocols }: JoinGroupRequest): ConsumerProtocolSubscription | null {
  try {
    return decodeConsumerProtocolSubscription(protocols[0].metadata);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

function withJoin(
  member: ConsumerMember,
  { request, clientId, clientHost }: Join,
  { topics, rackId }: ConsumerProtocolSubscription,
): ConsumerMember {
  const { groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = request;
  return member.with({
    instanceId: groupInstanceId ?? member.instanceId,
    rackId: rackId || member.rackId,
    // Version 0 has one timeout for both.
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    subscribedTopicNames: new Set(topics),
    subscribedTopicRegex: "",
    clientId,
    clientHost,
    classic: { sessionTimeoutMs, supportedProtocols: protocols.map(({ name, metadata }) => ({ name, metadata })) },
  });
}

function ownedPartitionsOf(state: GroupState, { ownedPartitions }: ConsumerProtocolSubscription): TopicPartitions[] {
  return ownedPartitions.flatMap(({ topic, partitions }) => {
    const topicId = state.image.topicByName(topic)?.id;
    return topicId === undefined ? [] : [{ topicId, partitions }];
  });
}
