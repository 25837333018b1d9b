/**
 * How members stay in a consumer group, and how they go.
 *
 * A timer finds its group and member anew when it goes off: both may have been replaced by then, or the group may be of
 * the classic protocol again.
 *
 * @module
 */
import type { Turn } from "../../turn.ts";
import type { GroupState } from "../group_state.ts";
import { cancelMemberTimer, cancelMemberTimers, scheduleMemberTimer } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import { ConsumerGroup } from "./consumer_group.ts";
import { type ConsumerMember, MemberState } from "./consumer_member.ts";
import { canDowngradeWithout, downgrade } from "./migration.ts";
import { epochRecord, memberTombstones, regexTombstone } from "./records.ts";

/** The member has shown itself: it has until its session timeout to do so again. */
export function keepAlive(state: GroupState, groupId: string, { memberId, classic }: ConsumerMember): void {
  const timeoutMs = classic?.sessionTimeoutMs ?? state.groupConfig(groupId, "consumer.session.timeout.ms");
  scheduleMemberTimer(state, "session", { groupId, memberId }, timeoutMs, (turn) => {
    remove(state, turn, groupId, memberId);
  });
}

/** A member that has partitions to give up has its rebalance timeout for it; any other one need not hurry. */
export function limitRevocation(state: GroupState, groupId: string, member: ConsumerMember): void {
  const { memberId, memberEpoch, rebalanceTimeoutMs } = member;
  const name = { groupId, memberId };
  if (member.state !== MemberState.UNREVOKED_PARTITIONS) return cancelMemberTimer(state, "rebalance", name);
  scheduleMemberTimer(state, "rebalance", name, rebalanceTimeoutMs, (turn) => {
    const known = memberNamed(state, groupId, memberId)?.member;
    if (known?.memberEpoch === memberEpoch) remove(state, turn, groupId, memberId);
  });
}

/** A member of the classic protocol must do something, `rejoin` or `sync`, within its rebalance timeout. */
export function limitClassic(
  state: GroupState,
  groupId: string,
  timer: "rejoin" | "sync",
  { memberId, rebalanceTimeoutMs }: Pick<ConsumerMember, "memberId" | "rebalanceTimeoutMs">,
): void {
  scheduleMemberTimer(state, timer, { groupId, memberId }, rebalanceTimeoutMs, (turn) => {
    remove(state, turn, groupId, memberId);
  });
}

/** Begins what is timed of a member, after its log is replayed. */
export function startTimers(state: GroupState, { groupId }: ConsumerGroup, member: ConsumerMember): void {
  keepAlive(state, groupId, member);
  if (!member.usesClassicProtocol) limitRevocation(state, groupId, member);
}

/**
 * Takes members out. Where all that are left speak the classic protocol, the group goes back to it; else the others
 * get their partitions, in a new epoch.
 */
export function removeMembers(
  state: GroupState,
  turn: Turn<GroupRecord>,
  group: ConsumerGroup,
  members: readonly ConsumerMember[],
): void {
  if (members.length === 0) return;
  const { groupId } = group;
  if (canDowngradeWithout(state, group, members)) {
    downgrade(state, turn, group, { gone: new Set(members.map(({ memberId }) => memberId)), isRebalancing: true });
  } else {
    for (const { memberId } of members) turn.write(...memberTombstones(groupId, memberId));
    const subscribed = group.subscribed.after(members, null);
    const regexes = new Set(members.map(({ subscribedTopicRegex }) => subscribedTopicRegex));
    for (const regex of regexes) {
      if (regex !== "" && subscribed.subscribersTo(regex) === 0) turn.write(regexTombstone(groupId, regex));
    }
    const hash = state.metadataHash(subscribed.topicNames(group.resolvedRegexes));
    turn.write(epochRecord(groupId, group.groupEpoch + 1, hash));
  }
  for (const { memberId } of members) cancelMemberTimers(state, { groupId, memberId });
}

function remove(state: GroupState, turn: Turn<GroupRecord>, groupId: string, memberId: string): void {
  const found = memberNamed(state, groupId, memberId);
  if (found !== undefined) removeMembers(state, turn, found.group, [found.member]);
}

function memberNamed(state: GroupState, groupId: string, memberId: string) {
  const group = state.groups.get(groupId);
  const member = group instanceof ConsumerGroup ? group.members.get(memberId) : undefined;
  return member === undefined ? undefined : { group: group as ConsumerGroup, member };
}
