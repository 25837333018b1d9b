/**
 * StreamsGroupDescribe: a group's state, topology, members and tasks.
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { StreamsGroupDescribeResponse } from "../../../protocol/messages/streams_group_describe.ts";
import type { Init } from "../../../protocol/schema.ts";
import { groupOfType, Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import type { StreamsMember } from "./member.ts";
import { StreamsGroup } from "./streams_group.ts";
import { listOf, NO_ASSIGNMENT, type TaskAssignment } from "./tasks.ts";
import { describeConfiguredTopology } from "./topology/configured_topology.ts";

/** A group as StreamsGroupDescribe tells it. */
export type DescribedStreamsGroup = NonNullable<Init<StreamsGroupDescribeResponse>["groups"]>[number];
type DescribedMember = NonNullable<DescribedStreamsGroup["members"]>[number];

/** Describes a group. Error: GROUP_ID_NOT_FOUND. */
export function describeStreamsGroup(state: GroupState, groupId: string): DescribedStreamsGroup {
  const group = groupOfType(state, groupId, StreamsGroup, "streams");
  if (group instanceof Refusal) return { groupId, errorCode: group.errorCode, errorMessage: group.errorMessage };
  const { topology, configured, members, targets } = group;
  const isReady = configured !== null && configured.problem === null;
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    topology: isReady ? describeConfiguredTopology(configured) : topology?.describe() ?? null,
    members: Array.from(members.values(), (member) => describeMember(member, targets.get(member.memberId))),
  };
}

function describeMember(member: StreamsMember, target: TaskAssignment = NO_ASSIGNMENT): DescribedMember {
  return {
    memberId: member.memberId,
    memberEpoch: member.memberEpoch,
    instanceId: member.instanceId,
    rackId: member.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    topologyEpoch: member.topologyEpoch,
    processId: member.processId,
    userEndpoint: member.userEndpoint,
    clientTags: Array.from(member.clientTags, ([key, value]) => ({ key, value })),
    assignment: describeTasks(member.assigned),
    targetAssignment: describeTasks(target),
  };
}

function describeTasks({ active, standby, warmup }: TaskAssignment) {
  return { activeTasks: listOf(active), standbyTasks: listOf(standby), warmupTasks: listOf(warmup) };
}
