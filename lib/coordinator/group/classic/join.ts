/**
 * JoinGroup: a member enters a classic group, or its next generation (KIP-62; member ids KIP-394; static members
 * KIP-345).
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { JoinGroupRequest } from "../../../protocol/messages/join_group.ts";
import type { Reply, Turn } from "../../turn.ts";
import { joinConsumerGroup } from "../consumer/classic_protocol.ts";
import { ConsumerGroup } from "../consumer/consumer_group.ts";
import type { MayDescribe } from "../consumer/regular_expressions.ts";
import type { GroupType } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";
import { ClassicGroup } from "./classic_group.ts";
import { ClassicMember, type JoinAnswer } from "./classic_member.ts";
import { keepAlive, maybeCompleteJoin, maybeRebalance, prepareRebalance, UNKNOWN_MEMBER } from "./rebalance.ts";
import { groupRecord, newGroupRecord } from "./records.ts";

/** A JoinGroup, and who sends it. */
export interface Join {
  readonly request: JoinGroupRequest;
  readonly clientId: string;
  readonly clientHost: string;
  /** New members must ask again with the id that they get first (KIP-394). */
  readonly requiresKnownMemberId: boolean;
  /** The leader can be told that it need not assign (KIP-814). */
  readonly canSkipAssignment: boolean;
  /** In a consumer group the join has expressions of other members matched where that is due. */
  readonly mayDescribe: MayDescribe;
}

/** The types of groups that become classic groups when they are empty and somebody joins by the classic protocol. */
const CONVERTIBLE: readonly GroupType[] = ["consumer", "streams"];

/**
 * How long a new member may wait for its first generation. It cannot send heartbeats, since it does not know its id
 * yet.
 */
const NEW_MEMBER_TIMEOUT_MS = 5 * 60_000;

/** Everything about one join. */
interface Joining extends Join {
  readonly state: GroupState;
  readonly group: ClassicGroup;
  readonly turn: Turn<GroupRecord>;
  readonly reply: Reply<JoinAnswer>;
}

/** Lets a member join. The answer comes when the next generation begins, which may be at once or after a timeout. */
export function join(state: GroupState, turn: Turn<GroupRecord>, reply: Reply<JoinAnswer>, join: Join): void {
  const { groupId, memberId } = join.request;
  const refuse = (errorCode: ErrorCode, toldId = memberId) => turn.answer(reply, { errorCode, memberId: toldId });
  const known = state.groups.get(groupId);
  if (known instanceof ConsumerGroup && !known.isEmpty) return joinConsumerGroup(state, turn, reply, known, join);
  // An application that goes back to the classic protocol finds the offsets that it has committed before.
  const isGone = known !== undefined && CONVERTIBLE.includes(known.type) && known.isEmpty;
  const isNewGroup = known === undefined || isGone;
  if (isNewGroup && memberId !== UNKNOWN_MEMBER) return refuse(ErrorCode.UNKNOWN_MEMBER_ID);
  const group = isNewGroup ? new ClassicGroup(groupId, turn.nowMs) : known;
  if (!(group instanceof ClassicGroup)) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, UNKNOWN_MEMBER);
  const tombstones = isGone ? known.tombstones() : [];
  turn.write(...tombstones);
  if (isNewGroup) state.groups.set(groupId, group);
  if (!hasRoomFor(group, memberId, state.settings.maxSize)) {
    group.remove(memberId);
    refuse(ErrorCode.GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER);
  } else if (!group.accepts(join.request.protocolType, join.request.protocols)) {
    refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  } else {
    const joining: Joining = { ...join, state, group, turn, reply };
    if (memberId === UNKNOWN_MEMBER) joinNewMember(joining);
    else joinKnownMember(joining);
  }
  if (isNewGroup && turn.records.length === tombstones.length) turn.write(newGroupRecord(group));
}

/**
 * While members are joining, those count that have; so a group that has become too large keeps those who come
 * first.
 */
function hasRoomFor(group: ClassicGroup, memberId: string, maxSize: number): boolean {
  const member = group.members.get(memberId);
  if (group.state === "Empty") return true;
  if (group.state === "PreparingRebalance") return member?.awaitingJoin != null || group.joinedCount < maxSize;
  return member !== undefined || group.members.size < maxSize;
}

function joinNewMember(joining: Joining): void {
  const { state, group, turn, reply, request, clientId } = joining;
  const { groupInstanceId } = request;
  const memberId = state.newMemberId(groupInstanceId ?? clientId);
  if (groupInstanceId !== null) {
    const known = group.staticMemberId(groupInstanceId);
    if (known === undefined) addMember(joining, memberId);
    else rejoinStaticMember(joining, group.members.get(known)!, memberId);
  } else if (joining.requiresKnownMemberId) {
    group.pendingJoins.add(memberId);
    keepAlive(state, group, { memberId, sessionTimeoutMs: request.sessionTimeoutMs });
    turn.answer(reply, { errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId });
  } else addMember(joining, memberId);
}

function joinKnownMember(joining: Joining): void {
  const { state, group, turn, reply, request } = joining;
  const { memberId, groupInstanceId, protocols } = request;
  if (group.pendingJoins.has(memberId)) return addMember(joining, memberId);
  const errorCode = group.checkMember(memberId, groupInstanceId);
  if (errorCode !== ErrorCode.NONE) return turn.answer(reply, { errorCode, memberId });
  const member = group.members.get(memberId)!;
  const isLeader = group.leaderId === memberId;
  const hasSameProtocols = member.matches(protocols);
  // A leader that joins a stable group wants to assign anew; a member that has missed the answer, to have it again.
  const wantsRebalance = group.state === "PreparingRebalance" || !hasSameProtocols ||
    (group.state === "Stable" && isLeader);
  if (wantsRebalance) {
    updateMember(joining, member);
    maybeRebalance(state, group, turn);
  } else {
    const members = isLeader ? group.memberAnswers : [];
    turn.answer(reply, { errorCode: ErrorCode.NONE, ...group.generationAnswer, memberId, members });
  }
}

function addMember(joining: Joining, memberId: string): void {
  const { state, group, turn, reply, request, clientId, clientHost } = joining;
  const member = new ClassicMember({ ...request, memberId, clientId, clientHost, ...timeouts(request) });
  member.isNew = true;
  member.awaitingJoin = reply;
  if (group.members.size === 0) group.protocolType = request.protocolType;
  if (group.isInInitialRebalance) group.hasNewMember = true;
  group.add(member);
  keepAlive(state, group, member, NEW_MEMBER_TIMEOUT_MS);
  maybeRebalance(state, group, turn);
}

/** What a member says of itself takes effect, and it waits for the next generation. */
function updateMember({ turn, reply, request }: Joining, member: ClassicMember): void {
  // It has asked before, by a connection that it has given up.
  if (member.awaitingJoin !== null) {
    turn.answer(member.awaitingJoin, { errorCode: ErrorCode.REBALANCE_IN_PROGRESS, memberId: member.memberId });
  }
  member.protocols = request.protocols;
  Object.assign(member, timeouts(request));
  member.awaitingJoin = reply;
}

/**
 * A static member is back after a restart. Where nothing changes for the others, there is no rebalance: it gets the
 * assignment that it had (KIP-345).
 */
function rejoinStaticMember(joining: Joining, old: ClassicMember, memberId: string): void {
  const { state, group, turn } = joining;
  const formerLeader = group.leaderId;
  // Whoever else goes by this name is shut out.
  group.refuse(turn, old, ErrorCode.FENCED_INSTANCE_ID, old.memberId);
  const member = group.replaceStatic(old, memberId);
  updateMember(joining, member);
  keepAlive(state, group, member);
  if (group.state === "Stable" && group.selectProtocol() === group.protocolName) {
    keepAssignment(joining, member, formerLeader);
  } else if (group.state === "PreparingRebalance") maybeCompleteJoin(state, group, turn);
  else prepareRebalance(state, group, turn);
}

function keepAssignment(
  { group, turn, canSkipAssignment }: Joining,
  member: ClassicMember,
  formerLeader: string | null,
) {
  const { memberId } = member;
  const assignments = new Map(Array.from(group.members, ([id, { assignment }]) => [id, assignment]));
  turn.write(groupRecord(group, assignments));
  const isLeader = group.leaderId === memberId;
  turn.answer(member.awaitingJoin!, {
    errorCode: ErrorCode.NONE,
    ...group.generationAnswer,
    // An old client would assign if it were told that it leads: it is shown the id that it had.
    leader: (canSkipAssignment ? group.leaderId : formerLeader) ?? "",
    memberId,
    members: canSkipAssignment && isLeader ? group.memberAnswers : [],
    skipAssignment: canSkipAssignment && isLeader,
  });
  member.awaitingJoin = null;
}

/** Version 0 has one timeout for both. */
function timeouts({ sessionTimeoutMs, rebalanceTimeoutMs }: JoinGroupRequest) {
  return { sessionTimeoutMs, rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs };
}
