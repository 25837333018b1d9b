/**
 * How long members of a group may be silent, and how long they may take: a timer for each.
 *
 * Keys are of the group's id and the member's: a line break keeps them apart, since a client may put spaces into either.
 *
 * @module
 */
import type { Turn } from "../../turn.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";

/** What is timed of a member. A second timer of a kind takes the first one's place. */
export type MemberTimer = "session" | "rebalance" | "rejoin" | "sync";

/** A member of a group, by ids. */
export interface MemberName {
  readonly groupId: string;
  readonly memberId: string;
}

/** Calls `decide` after `delayMs`, in a turn of its own, unless it is cancelled or scheduled anew. */
export function scheduleMemberTimer(
  state: GroupState,
  timer: MemberTimer,
  member: MemberName,
  delayMs: number,
  decide: (turn: Turn<GroupRecord>) => void,
): void {
  state.timers.schedule(keyOf(timer, member), delayMs, decide);
}

export function cancelMemberTimer(state: GroupState, timer: MemberTimer, member: MemberName): void {
  state.timers.cancel(keyOf(timer, member));
}

/** The member is gone: nothing of it is timed any more. */
export function cancelMemberTimers(state: GroupState, member: MemberName): void {
  for (const timer of ["session", "rebalance", "rejoin", "sync"] as const) cancelMemberTimer(state, timer, member);
}

function keyOf(timer: MemberTimer, { groupId, memberId }: MemberName): string {
  return `${timer} ${groupId}\n${memberId}`;
}
