/**
 * DescribeGroups, ListGroups and DeleteGroups.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import type { DescribeGroupsResponse } from "../../protocol/messages/describe_groups.ts";
import type { ListGroupsResponse } from "../../protocol/messages/list_groups.ts";
import type { Init } from "../../protocol/schema.ts";
import type { Turn } from "../turn.ts";
import { ClassicGroup } from "./classic/classic_group.ts";
import { NO_ASSIGNMENT } from "./classic/classic_member.ts";
import { groupOfType, Refusal } from "./group.ts";
import type { GroupState } from "./group_state.ts";
import { type GroupRecord, offsetTombstone } from "./records.ts";

/** A group as DescribeGroups tells it. */
export type DescribedGroup = NonNullable<Init<DescribeGroupsResponse>["groups"]>[number];
/** A group as ListGroups tells it. */
export type ListedGroup = NonNullable<Init<ListGroupsResponse>["groups"]>[number];

/**
 * A classic group's state and members. What members tell the leader is shown of a stable one.
 *
 * Error: GROUP_ID_NOT_FOUND where there is no such group, or it is of another type.
 */
export function describeGroup(state: GroupState, groupId: string): DescribedGroup | Refusal {
  const group = groupOfType(state, groupId, ClassicGroup, "classic");
  if (group instanceof Refusal) return group;
  const isStable = group.state === "Stable";
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? "",
    protocolData: (isStable ? group.protocolName : null) ?? "",
    members: Array.from(group.members.values(), (member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? member.metadataFor(group.protocolName ?? "") : NO_ASSIGNMENT,
      memberAssignment: member.assignment,
    })),
  };
}

/** The groups of a shard. */
export function listGroups(state: GroupState): ListedGroup[] {
  return Array.from(state.groups.values(), ({ groupId, protocolType, state: groupState, type }) => ({
    groupId,
    protocolType: protocolType ?? "",
    groupState,
    groupType: type,
  }));
}

/** Deletes a group that has no members, and its offsets. Errors: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
export function deleteGroup(state: GroupState, turn: Turn<GroupRecord>, groupId: string): ErrorCode {
  const group = state.groups.get(groupId);
  if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND;
  const errorCode = group.deleteError();
  if (errorCode !== ErrorCode.NONE) return errorCode;
  for (const { topic, partition } of state.offsets.of(groupId)) turn.write(offsetTombstone(groupId, topic, partition));
  // Transactions must not bring it back when they end.
  for (const { topic, partition } of state.offsets.pendingOf(groupId)) {
    turn.write(offsetTombstone(groupId, topic, partition));
  }
  turn.write(...group.tombstones());
  return ErrorCode.NONE;
}
