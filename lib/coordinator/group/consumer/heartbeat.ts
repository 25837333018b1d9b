/**
 * ConsumerGroupHeartbeat: joins a consumer group, stays in it, and leaves it (KIP-848).
 *
 * The epoch of a member says what it wants: 0 to join, -1 to leave, -2 to leave and be back, where it is static; and
 * else in which epoch it takes itself to be.
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "../../../protocol/messages/consumer_group_heartbeat.ts";
import type { Init } from "../../../protocol/schema.ts";
import type { Turn } from "../../turn.ts";
import { ClassicGroup } from "../classic/classic_group.ts";
import { groupOfType, Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import { topicPartitionsOf } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import { ConsumerGroup } from "./consumer_group.ts";
import {
  ConsumerMember,
  isSameOwned,
  isSubset,
  LEAVE_GROUP_EPOCH,
  NOTHING_OWNED,
  ownedSince,
  STATIC_LEAVE_EPOCH,
  withoutEpochs,
} from "./consumer_member.ts";
import { keepAlive, limitRevocation, removeMembers } from "./membership.ts";
import { endClassicGroup, upgradeOf } from "./migration.ts";
import { assignmentRecord } from "./records.ts";
import type { MayDescribe } from "./regular_expressions.ts";
import { updateMember } from "./update.ts";

/** A ConsumerGroupHeartbeat, and who sends it. */
export interface ConsumerHeartbeat {
  readonly request: ConsumerGroupHeartbeatRequest;
  readonly apiVersion: number;
  readonly clientId: string;
  /** As Java prints an address. */
  readonly clientHost: string;
  readonly mayDescribe: MayDescribe;
}

/** The answer to a heartbeat. */
export type ConsumerHeartbeatAnswer = Init<ConsumerGroupHeartbeatResponse>;

/** The first version whose members make their own ids (KIP-1082). */
const FIRST_VERSION_WITH_OWN_IDS = 1;

/** What is wrong with a heartbeat, whatever its group. Errors: INVALID_REQUEST, UNSUPPORTED_ASSIGNOR. */
export function heartbeatComplaint(
  { memberId, groupId, memberEpoch, instanceId, rackId, ...request }: ConsumerGroupHeartbeatRequest,
  apiVersion: number,
  assignors: readonly string[],
): Refusal | null {
  const invalid = (message: string) => new Refusal(ErrorCode.INVALID_REQUEST, message);
  const needsId = apiVersion >= FIRST_VERSION_WITH_OWN_IDS || memberEpoch > 0 || memberEpoch === LEAVE_GROUP_EPOCH;
  if (needsId && isBlank(memberId)) return invalid("MemberId can't be empty.");
  if (isBlank(groupId)) return invalid("GroupId can't be empty.");
  if (instanceId !== null && isBlank(instanceId)) return invalid("InstanceId can't be empty.");
  if (rackId !== null && isBlank(rackId)) return invalid("RackId can't be empty.");
  if (memberEpoch === 0) {
    if (request.rebalanceTimeoutMs === -1) return invalid("RebalanceTimeoutMs must be provided in first request.");
    if (request.topicPartitions?.length !== 0) return invalid("TopicPartitions must be empty when (re-)joining.");
    if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null) {
      return invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
    }
  } else if (memberEpoch === STATIC_LEAVE_EPOCH) {
    if (instanceId === null) return invalid("InstanceId can't be null.");
  } else if (memberEpoch < STATIC_LEAVE_EPOCH) return invalid("MemberEpoch is invalid.");
  const { serverAssignor } = request;
  if (serverAssignor === null || assignors.includes(serverAssignor)) return null;
  return new Refusal(
    ErrorCode.UNSUPPORTED_ASSIGNOR,
    `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${assignors.join(", ")}.`,
  );
}

/** Answers a heartbeat, which is sound in itself. */
export function consumerHeartbeat(
  state: GroupState,
  turn: Turn<GroupRecord>,
  heartbeat: ConsumerHeartbeat,
): ConsumerHeartbeatAnswer | Refusal {
  const { memberEpoch } = heartbeat.request;
  if (memberEpoch === LEAVE_GROUP_EPOCH || memberEpoch === STATIC_LEAVE_EPOCH) return leave(state, turn, heartbeat);
  const found = findGroup(state, heartbeat.request);
  if (found instanceof Refusal) return found;
  const memberId = heartbeat.request.memberId || state.newUuid();
  const resolved = findMember(found.group, memberId, heartbeat.request);
  if (resolved instanceof Refusal) return resolved;
  const result = updateMember(state, {
    ...resolved,
    group: found.group,
    nowMs: turn.nowMs,
    updated: withRequest(resolved.member, heartbeat),
    ownedPartitions: heartbeat.request.topicPartitions,
    mayDescribe: heartbeat.mayDescribe,
  });
  if (result instanceof Refusal) return result;
  const { groupId } = found.group;
  if (found.classic !== null) {
    endClassicGroup(turn, found.classic);
    for (const member of found.group.members.values()) keepAlive(state, groupId, member);
  }
  turn.write(...found.records, ...result.records);
  keepAlive(state, groupId, result.member);
  if (result.hasNewAssignment) limitRevocation(state, groupId, result.member);
  return answer(state, heartbeat.request, groupId, resolved.member, result.member);
}

/** The group of a heartbeat, and what is to be written to have it. */
interface FoundGroup {
  readonly group: ConsumerGroup;
  readonly records: readonly GroupRecord[];
  /** The classic group with members that it is made of. */
  readonly classic: ClassicGroup | null;
}

/** Errors: GROUP_ID_NOT_FOUND, GROUP_MAX_SIZE_REACHED. */
function findGroup(
  state: GroupState,
  { groupId, memberId, memberEpoch }: ConsumerGroupHeartbeatRequest,
): FoundGroup | Refusal {
  const found = findOrMakeGroup(state, groupId, memberEpoch === 0);
  if (found instanceof Refusal) return found;
  const { members } = found.group;
  const { consumerMaxSize } = state.settings;
  if (members.size < consumerMaxSize || members.has(memberId)) return found;
  return new Refusal(
    ErrorCode.GROUP_MAX_SIZE_REACHED,
    `The consumer group has reached its maximum capacity of ${consumerMaxSize} members.`,
  );
}

function findOrMakeGroup(state: GroupState, groupId: string, isJoining: boolean): FoundGroup | Refusal {
  const known = state.groups.get(groupId);
  if (known instanceof ConsumerGroup) return { group: known, records: [], classic: null };
  if (known === undefined && isJoining) return { group: new ConsumerGroup(groupId), records: [], classic: null };
  if (known === undefined) {
    return new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, `Consumer group ${groupId} not found.`);
  }
  if (!(known instanceof ClassicGroup) || !isJoining) {
    return new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, `Group ${groupId} is not a consumer group.`);
  }
  if (known.isEmpty) return { group: new ConsumerGroup(groupId), records: known.tombstones(), classic: null };
  const upgrade = upgradeOf(state, known);
  return upgrade instanceof Refusal ? upgrade : { ...upgrade, classic: known };
}

/** A member as the group has it, or new; and in whose place it comes. */
export interface FoundMember {
  readonly member: ConsumerMember;
  readonly replaced: ConsumerMember | null;
}

/** Errors: UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, UNRELEASED_INSTANCE_ID, FENCED_INSTANCE_ID. */
function findMember(
  group: ConsumerGroup,
  memberId: string,
  { memberEpoch, instanceId, topicPartitions }: ConsumerGroupHeartbeatRequest,
): FoundMember | Refusal {
  const isJoining = memberEpoch === 0;
  const found = instanceId === null
    ? findDynamicMember(group, memberId, isJoining)
    : findStaticMember(group, memberId, instanceId, isJoining, false);
  if (found instanceof Refusal || isJoining) return found;
  const { memberEpoch: known, previousMemberEpoch, assigned } = found.member;
  const fenced = (how: string) =>
    new Refusal(
      ErrorCode.FENCED_MEMBER_EPOCH,
      `The consumer group member has a ${how} member epoch (${memberEpoch}) than the one known by the group ` +
        `coordinator (${known}). The member must abandon all its partitions and rejoin.`,
    );
  if (memberEpoch > known) return fenced("greater");
  // The answer that had the new epoch may be lost.
  const hasMissedAnswer = memberEpoch === previousMemberEpoch && isSubset(topicPartitions, assigned);
  return memberEpoch === known || hasMissedAnswer ? found : fenced("smaller");
}

/** Error: UNKNOWN_MEMBER_ID. */
export function findDynamicMember(group: ConsumerGroup, memberId: string, isJoining: boolean): FoundMember | Refusal {
  const member = group.members.get(memberId);
  if (member !== undefined) return { member, replaced: null };
  if (isJoining) return { member: new ConsumerMember({ memberId }), replaced: null };
  return new Refusal(
    ErrorCode.UNKNOWN_MEMBER_ID,
    `Member ${memberId} is not a member of group ${group.groupId}.`,
  );
}

/**
 * A static member may come in the place of itself when it has said that it would be back, or where one of them speaks
 * the classic protocol, which has no such word.
 *
 * Errors: UNKNOWN_MEMBER_ID, UNRELEASED_INSTANCE_ID, FENCED_INSTANCE_ID.
 */
export function findStaticMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string,
  isJoining: boolean,
  usesClassicProtocol: boolean,
): FoundMember | Refusal {
  const known = group.staticMember(instanceId);
  const who = `Static member ${memberId} with instance id ${instanceId}`;
  if (!isJoining) {
    if (known === undefined) {
      return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
    }
    if (known.memberId === memberId) return { member: known, replaced: null };
    return new Refusal(ErrorCode.FENCED_INSTANCE_ID, `${who} was fenced by member ${known.memberId}.`);
  }
  if (known === undefined) return findDynamicMember(group, memberId, true);
  // Apache Kafka refuses it, though it is the very same member: it has missed the answer, or was fenced.
  if (known.memberId === memberId && known.memberEpoch !== STATIC_LEAVE_EPOCH) return { member: known, replaced: null };
  const hasLeft = known.memberEpoch === STATIC_LEAVE_EPOCH;
  if (!usesClassicProtocol && !known.usesClassicProtocol && !hasLeft) {
    return new Refusal(
      ErrorCode.UNRELEASED_INSTANCE_ID,
      `${who} cannot join the group because the instance id is owned by ${known.memberId} member.`,
    );
  }
  return { member: known.with({ memberId, memberEpoch: 0, previousMemberEpoch: 0 }), replaced: known };
}

/** The member with what it says of itself; what it leaves out is as it was. */
function withRequest(member: ConsumerMember, { request, clientId, clientHost }: ConsumerHeartbeat): ConsumerMember {
  const { instanceId, rackId, rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, serverAssignor } =
    request;
  return member.with({
    instanceId: instanceId ?? member.instanceId,
    rackId: rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    subscribedTopicNames: subscribedTopicNames === null ? member.subscribedTopicNames : new Set(subscribedTopicNames),
    subscribedTopicRegex: subscribedTopicRegex ?? member.subscribedTopicRegex,
    serverAssignor: serverAssignor ?? member.serverAssignor,
    clientId,
    clientHost,
    classic: null,
  });
}

/** The assignment is told when it is new, and to a member that says all of itself: it may have missed an answer. */
function answer(
  state: GroupState,
  request: ConsumerGroupHeartbeatRequest,
  groupId: string,
  before: ConsumerMember,
  { memberId, memberEpoch, assigned }: ConsumerMember,
): ConsumerHeartbeatAnswer {
  const isFull = request.rebalanceTimeoutMs !== -1 && request.topicPartitions !== null &&
    (request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null);
  const isTold = request.memberEpoch === 0 || isFull || !isSameOwned(before.assigned, assigned);
  return {
    memberId,
    memberEpoch,
    heartbeatIntervalMs: state.groupConfig(groupId, "consumer.heartbeat.interval.ms"),
    assignment: isTold ? { topicPartitions: topicPartitionsOf(withoutEpochs(assigned)) } : null,
  };
}

/** Errors: GROUP_ID_NOT_FOUND, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
function leave(
  state: GroupState,
  turn: Turn<GroupRecord>,
  { request: { groupId, memberId, memberEpoch, instanceId } }: ConsumerHeartbeat,
): ConsumerHeartbeatAnswer | Refusal {
  const group = groupOfType(state, groupId, ConsumerGroup, "consumer");
  if (group instanceof Refusal) return group;
  const found = instanceId === null
    ? findDynamicMember(group, memberId, false)
    : findStaticMember(group, memberId, instanceId, false, false);
  if (found instanceof Refusal) return found;
  if (memberEpoch === STATIC_LEAVE_EPOCH) turn.write(assignmentRecord(groupId, leftForNow(found.member)));
  else removeMembers(state, turn, group, [found.member]);
  return { memberId, memberEpoch };
}

/** Nobody else gets its partitions until its session ends. */
function leftForNow(member: ConsumerMember): ConsumerMember {
  return member.with({
    memberEpoch: STATIC_LEAVE_EPOCH,
    pendingRevocation: NOTHING_OWNED,
    assigned: ownedSince(0, withoutEpochs(member.assigned)),
  });
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
