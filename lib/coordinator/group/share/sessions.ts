/**
 * How long members may be silent: who is silent for longer is out of the group.
 *
 * @module
 */
import type { Turn } from "../../turn.ts";
import type { GroupState } from "../group_state.ts";
import { cancelMemberTimers, scheduleMemberTimer } from "../modern/mod.ts";
import type { GroupRecord } from "../records.ts";
import { groupRecord, memberTombstones } from "./records.ts";
import { type ShareGroup, shareGroup } from "./share_group.ts";

/** The member has shown itself: it has until its session timeout to do so again. */
export function keepAlive(state: GroupState, groupId: string, memberId: string): void {
  const timeoutMs = state.groupConfig(groupId, "share.session.timeout.ms");
  scheduleMemberTimer(state, "session", { groupId, memberId }, timeoutMs, (turn) => {
    const group = shareGroup(state, groupId);
    if (group?.members.has(memberId)) removeMember(state, turn, group, memberId);
  });
}

/** Takes a member out of the group. Its partitions are handed out again when another one shows itself. */
export function removeMember(state: GroupState, turn: Turn<GroupRecord>, group: ShareGroup, memberId: string): void {
  const { groupId, groupEpoch } = group;
  const metadataHash = state.metadataHash(group.topicNamesWith(memberId, null));
  turn.write(...memberTombstones(groupId, memberId), groupRecord(groupId, groupEpoch + 1, metadataHash));
  cancelMemberTimers(state, { groupId, memberId });
}
