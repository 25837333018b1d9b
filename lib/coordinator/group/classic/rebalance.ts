/**
 * The transitions of a classic group: see the table in `classic_group.ts`.
 *
 * A rebalance has two phases. First all members join, and who does not in time is left behind; then the leader assigns,
 * and each member fetches its assignment with SyncGroup, again in time.
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { Turn } from "../../turn.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";
import type { ClassicGroup } from "./classic_group.ts";
import type { ClassicMember } from "./classic_member.ts";
import { groupRecord } from "./records.ts";

/** The member id of somebody who has none. */
export const UNKNOWN_MEMBER = "";

/** The members have changed, or what they support: begins a rebalance, or goes on with the one that is under way. */
export function maybeRebalance(state: GroupState, group: ClassicGroup, turn: Turn<GroupRecord>): void {
  if (group.canRebalance) prepareRebalance(state, group, turn);
  else maybeCompleteJoin(state, group, turn);
}

/** Begins a rebalance. */
export function prepareRebalance(state: GroupState, group: ClassicGroup, turn: Turn<GroupRecord>): void {
  if (group.state === "CompletingRebalance") cancelSyncs(state, group, turn);
  state.timers.cancel(syncKey(group));
  const isInitial = group.state === "Empty";
  state.logger.debug?.(`Group ${group.groupId} prepares to rebalance after generation ${group.generationId}`);
  group.transitionTo("PreparingRebalance", turn.nowMs);
  if (isInitial) {
    const delayMs = state.settings.initialRebalanceDelayMs;
    waitForFirstMembers(state, group, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0));
  } else if (group.hasAllJoined) completeJoin(state, group, turn);
  else completeJoinLater(state, group);
}

/**
 * Goes on to the next generation where all have joined. The first members of a group are given time for others to
 * come.
 */
export function maybeCompleteJoin(state: GroupState, group: ClassicGroup, turn: Turn<GroupRecord>): void {
  if (group.state === "PreparingRebalance" && group.hasAllJoined && !group.isInInitialRebalance) {
    completeJoin(state, group, turn);
  }
}

/** The member has shown itself: it has until its session timeout, or for `delayMs`, to do so again. */
export function keepAlive(
  state: GroupState,
  group: ClassicGroup,
  { memberId, sessionTimeoutMs }: Pick<ClassicMember, "memberId" | "sessionTimeoutMs">,
  delayMs = sessionTimeoutMs,
): void {
  state.timers.schedule(memberKey(group, memberId), delayMs, (turn) => expire(state, group, memberId, turn));
}

/** Removes a member, or one that was about to join, without a rebalance yet. Who waits in it is told so. */
export function removeMember(
  state: GroupState,
  group: ClassicGroup,
  memberId: string,
  turn: Turn<GroupRecord>,
  errorCode: ErrorCode = ErrorCode.UNKNOWN_MEMBER_ID,
): void {
  const member = group.members.get(memberId);
  const toldId = errorCode === ErrorCode.UNKNOWN_MEMBER_ID ? UNKNOWN_MEMBER : memberId;
  if (member !== undefined) group.refuse(turn, member, errorCode, toldId);
  group.remove(memberId);
  state.timers.cancel(memberKey(group, memberId));
}

/** The group is gone: nothing of it is timed any more. */
export function cancelClassicTimers(state: GroupState, group: ClassicGroup): void {
  state.timers.cancel(joinKey(group));
  state.timers.cancel(syncKey(group));
  for (const memberId of [...group.members.keys(), ...group.pendingJoins]) {
    state.timers.cancel(memberKey(group, memberId));
  }
}

/** The member has sent SyncGroup; when all have, nobody needs to be waited for. */
export function noteSync(state: GroupState, group: ClassicGroup, memberId: string): void {
  group.pendingSyncs.delete(memberId);
  if (group.pendingSyncs.size === 0) state.timers.cancel(syncKey(group));
}

function waitForFirstMembers(state: GroupState, group: ClassicGroup, delayMs: number, remainingMs: number): void {
  state.timers.schedule(joinKey(group), delayMs, (turn) => {
    if (!isThere(state, group) || group.state !== "PreparingRebalance") return;
    if (!group.hasNewMember || remainingMs === 0) return completeJoin(state, group, turn);
    group.hasNewMember = false;
    const { initialRebalanceDelayMs } = state.settings;
    waitForFirstMembers(
      state,
      group,
      Math.min(initialRebalanceDelayMs, remainingMs),
      Math.max(remainingMs - delayMs, 0),
    );
  });
}

function completeJoinLater(state: GroupState, group: ClassicGroup): void {
  state.timers.schedule(joinKey(group), group.rebalanceTimeoutMs, (turn) => {
    if (isThere(state, group) && group.state === "PreparingRebalance") completeJoin(state, group, turn);
  });
}

/**
 * Begins the next generation with those who have joined. Static members may come later, until their session ends
 * (KIP-345).
 */
function completeJoin(state: GroupState, group: ClassicGroup, turn: Turn<GroupRecord>): void {
  state.timers.cancel(joinKey(group));
  for (const member of [...group.members.values()]) {
    if (member.awaitingJoin === null && member.groupInstanceId === null) {
      removeMember(state, group, member.memberId, turn);
    }
  }
  if (group.members.size > 0 && !group.electJoinedLeader()) return completeJoinLater(state, group);
  group.hasNewMember = false;
  group.beginGeneration(turn.nowMs);
  if (group.members.size === 0) turn.write(groupRecord(group, new Map()));
  else tellGeneration(state, group, turn);
}

function tellGeneration(state: GroupState, group: ClassicGroup, turn: Turn<GroupRecord>): void {
  for (const member of group.members.values()) {
    const { memberId, awaitingJoin } = member;
    if (awaitingJoin !== null) {
      const members = memberId === group.leaderId ? group.memberAnswers : [];
      turn.answer(awaitingJoin, { errorCode: ErrorCode.NONE, ...group.generationAnswer, memberId, members });
    }
    member.awaitingJoin = null;
    member.isNew = false;
    group.pendingSyncs.add(memberId);
    keepAlive(state, group, member);
  }
  const { generationId } = group;
  state.timers.schedule(syncKey(group), group.rebalanceTimeoutMs, (syncTurn) => {
    expireSyncs(state, group, generationId, syncTurn);
  });
}

/** The assignment that members wait for will not come. */
function cancelSyncs(state: GroupState, group: ClassicGroup, turn: Turn<GroupRecord>): void {
  for (const member of group.members.values()) {
    if (member.awaitingSync === null) continue;
    turn.answer(member.awaitingSync, { errorCode: ErrorCode.REBALANCE_IN_PROGRESS });
    member.awaitingSync = null;
    keepAlive(state, group, member);
  }
}

/** Members that have joined and send no SyncGroup keep the others from working. */
function expireSyncs(state: GroupState, group: ClassicGroup, generationId: number, turn: Turn<GroupRecord>): void {
  const isAssigning = group.state === "CompletingRebalance" || group.state === "Stable";
  if (!isThere(state, group) || !isAssigning || generationId !== group.generationId || group.pendingSyncs.size === 0) {
    return;
  }
  for (const memberId of [...group.pendingSyncs]) removeMember(state, group, memberId, turn);
  prepareRebalance(state, group, turn);
}

/** The member's session has ended. */
function expire(state: GroupState, group: ClassicGroup, memberId: string, turn: Turn<GroupRecord>): void {
  if (!isThere(state, group)) return;
  const member = group.members.get(memberId);
  if (member?.isWaiting) return;
  if (member === undefined && !group.pendingJoins.has(memberId)) return;
  removeMember(state, group, memberId, turn);
  if (member !== undefined && group.state !== "PreparingRebalance") prepareRebalance(state, group, turn);
  else maybeCompleteJoin(state, group, turn);
}

/** Whether the group has neither been deleted nor become one of another protocol. */
function isThere(state: GroupState, group: ClassicGroup): boolean {
  return state.groups.get(group.groupId) === group;
}

function joinKey({ groupId }: ClassicGroup): string {
  return `join ${groupId}`;
}

function syncKey({ groupId }: ClassicGroup): string {
  return `sync ${groupId}`;
}

/** The line break keeps the two apart: a client may put spaces into either. */
function memberKey({ groupId }: ClassicGroup, memberId: string): string {
  return `member ${groupId}\n${memberId}`;
}
