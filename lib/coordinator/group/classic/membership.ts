/**
 * SyncGroup, Heartbeat and LeaveGroup: what members of a classic group do once they have joined.
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { HeartbeatRequest } from "../../../protocol/messages/heartbeat.ts";
import type { LeaveGroupRequest, LeaveGroupResponse } from "../../../protocol/messages/leave_group.ts";
import type { SyncGroupRequest } from "../../../protocol/messages/sync_group.ts";
import type { Init } from "../../../protocol/schema.ts";
import type { Reply, Turn } from "../../turn.ts";
import { heartbeatConsumerGroup, leaveConsumerGroup, syncConsumerGroup } from "../consumer/classic_protocol.ts";
import { ConsumerGroup } from "../consumer/consumer_group.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";
import type { ClassicGroup } from "./classic_group.ts";
import { NO_ASSIGNMENT, type SyncAnswer } from "./classic_member.ts";
import { keepAlive, maybeCompleteJoin, noteSync, prepareRebalance, removeMember, UNKNOWN_MEMBER } from "./rebalance.ts";
import { groupRecord } from "./records.ts";

type MemberIdentity = LeaveGroupRequest["members"][number];
/** What became of each member that was to leave. */
export type LeaveAnswer = NonNullable<Init<LeaveGroupResponse>["members"]>;

/** Gives a member its assignment, when the leader has sent it; the leader's SyncGroup has them all. */
export function sync(
  state: GroupState,
  turn: Turn<GroupRecord>,
  reply: Reply<SyncAnswer>,
  request: SyncGroupRequest,
): void {
  const { groupId, memberId } = request;
  const known = state.groups.get(groupId);
  if (known instanceof ConsumerGroup) return turn.answer(reply, syncConsumerGroup(state, known, request));
  const group = state.classicGroup(groupId);
  const errorCode = group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : syncError(group, request);
  if (errorCode !== ErrorCode.NONE) return turn.answer(reply, { errorCode });
  const member = group!.members.get(memberId)!;
  noteSync(state, group!, memberId);
  if (group!.state === "Stable") return turn.answer(reply, assignmentAnswer(group!, member.assignment));
  // It has asked before, by a connection that it has given up.
  if (member.awaitingSync !== null) turn.answer(member.awaitingSync, { errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
  member.awaitingSync = reply;
  if (group!.leaderId === memberId) assign(state, group!, turn, request);
}

/** Keeps a member alive, and tells it when it should join again. */
export function heartbeat(state: GroupState, request: HeartbeatRequest): ErrorCode {
  const { groupId, generationId, memberId, groupInstanceId } = request;
  const known = state.groups.get(groupId);
  if (known instanceof ConsumerGroup) return heartbeatConsumerGroup(state, known, request);
  const group = state.classicGroup(groupId);
  if (group === undefined) return ErrorCode.UNKNOWN_MEMBER_ID;
  const errorCode = group.checkMember(memberId, groupInstanceId);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION;
  keepAlive(state, group, group.members.get(memberId)!);
  return group.state === "PreparingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

/** Takes members out of the group. */
export function leave(
  state: GroupState,
  turn: Turn<GroupRecord>,
  groupId: string,
  members: readonly MemberIdentity[],
): LeaveAnswer {
  const known = state.groups.get(groupId);
  if (known instanceof ConsumerGroup) return leaveConsumerGroup(state, turn, known, members);
  const group = state.classicGroup(groupId);
  const results = members.map(({ memberId, groupInstanceId, ...rest }) => ({
    memberId,
    groupInstanceId,
    errorCode: group === undefined
      ? ErrorCode.UNKNOWN_MEMBER_ID
      : leaveOne(state, group, turn, { memberId, groupInstanceId, ...rest }),
  }));
  if (group === undefined || results.every(({ errorCode }) => errorCode !== ErrorCode.NONE)) return results;
  if (group.state === "Stable" || group.state === "CompletingRebalance") prepareRebalance(state, group, turn);
  else maybeCompleteJoin(state, group, turn);
  return results;
}

function syncError(group: ClassicGroup, request: SyncGroupRequest): ErrorCode {
  const errorCode = group.checkMember(request.memberId, request.groupInstanceId);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  if (request.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION;
  const { protocolType, protocolName } = request;
  const isInconsistent = (protocolType !== null && protocolType !== group.protocolType) ||
    (protocolName !== null && protocolName !== group.protocolName);
  if (isInconsistent) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  return group.state === "PreparingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

/** Writes the leader's assignment; the group is stable when the record is replayed. Who is not in it gets nothing. */
function assign(state: GroupState, group: ClassicGroup, turn: Turn<GroupRecord>, request: SyncGroupRequest): void {
  const assignments = new Map(request.assignments.map(({ memberId, assignment }) => [memberId, assignment]));
  turn.write(groupRecord(group, assignments));
  for (const member of group.members.values()) {
    if (member.awaitingSync === null) continue;
    turn.answer(member.awaitingSync, assignmentAnswer(group, assignments.get(member.memberId) ?? NO_ASSIGNMENT));
    member.awaitingSync = null;
    keepAlive(state, group, member);
  }
}

function assignmentAnswer({ protocolType, protocolName }: ClassicGroup, assignment: Uint8Array): SyncAnswer {
  return { errorCode: ErrorCode.NONE, protocolType, protocolName, assignment };
}

function leaveOne(
  state: GroupState,
  group: ClassicGroup,
  turn: Turn<GroupRecord>,
  { memberId, groupInstanceId }: MemberIdentity,
): ErrorCode {
  // An administrator removes a static member by its instance id alone.
  const isByInstance = memberId === UNKNOWN_MEMBER && groupInstanceId !== null;
  const leavingId = isByInstance ? group.staticMemberId(groupInstanceId) ?? memberId : memberId;
  const errorCode = group.pendingJoins.has(leavingId) ? ErrorCode.NONE : group.checkMember(leavingId, groupInstanceId);
  if (errorCode === ErrorCode.NONE) removeMember(state, group, leavingId, turn);
  return errorCode;
}
