/**
 * How long members may be silent, and how long they may take to give tasks up: who takes longer is out of the group.
 *
 * @module
 */
import type { Turn } from "../../turn.ts";
import type { GroupState } from "../group_state.ts";
import { cancelMemberTimer, cancelMemberTimers, scheduleMemberTimer } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import type { StreamsMember } from "./member.ts";
import { currentAssignmentTombstone, groupRecord, memberTombstone, targetTombstone } from "./records.ts";
import type { StreamsGroup } from "./streams_group.ts";

/** The member has shown itself: it has until its session timeout to do so again. */
export function keepAlive(state: GroupState, groupId: string, memberId: string): void {
  const timeoutMs = state.groupConfig(groupId, "streams.session.timeout.ms");
  scheduleMemberTimer(state, "session", { groupId, memberId }, timeoutMs, (turn) => {
    const group = streamsGroup(state, groupId);
    if (group?.members.has(memberId)) removeMember(state, turn, group, memberId);
  });
}

/** The member has until its rebalance timeout to give up what it should not have any more. */
export function limitRevocation(
  state: GroupState,
  groupId: string,
  { memberId, memberEpoch, rebalanceTimeoutMs }: StreamsMember,
): void {
  scheduleMemberTimer(state, "rebalance", { groupId, memberId }, rebalanceTimeoutMs, (turn) => {
    const group = streamsGroup(state, groupId);
    if (group?.members.get(memberId)?.memberEpoch === memberEpoch) removeMember(state, turn, group, memberId);
  });
}

/** The member has given up what it should. */
export function endRevocation(state: GroupState, groupId: string, memberId: string): void {
  cancelMemberTimer(state, "rebalance", { groupId, memberId });
}

/** Takes a member out of the group. Its tasks are handed out again when another one shows itself. */
export function removeMember(
  state: GroupState,
  turn: Turn<GroupRecord>,
  group: StreamsGroup,
  memberId: string,
): void {
  const { groupId, groupEpoch, metadataHash, validatedTopologyEpoch, assignmentConfigs } = group;
  turn.write(
    currentAssignmentTombstone(groupId, memberId),
    targetTombstone(groupId, memberId),
    memberTombstone(groupId, memberId),
    groupRecord(groupId, { epoch: groupEpoch + 1, metadataHash, validatedTopologyEpoch, assignmentConfigs }),
  );
  cancelMemberTimers(state, { groupId, memberId });
}

/** The group of that id, which may have come to be since a timer was set, or be gone. */
export function streamsGroup(state: GroupState, groupId: string): StreamsGroup | undefined {
  const group = state.groups.get(groupId);
  return group?.type === "streams" ? group as StreamsGroup : undefined;
}
