/**
 * Makes the target assignment of a streams group: which tasks each member should have.
 *
 * @module
 */
import type { Turn } from "../../turn.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";
import { assignSticky } from "./assignor/sticky.ts";
import { inHashOrder } from "./java_collections.ts";
import type { StreamsMember } from "./member.ts";
import type { Target } from "./reconcile.ts";
import { type StreamsGroupRecord, targetEpochRecord, targetRecord } from "./records.ts";
import { streamsGroup } from "./sessions.ts";
import type { StreamsGroup } from "./streams_group.ts";
import { isSameAssignment, NO_ASSIGNMENT, type TaskAssignment } from "./tasks.ts";
import type { ConfiguredTopology } from "./topology/configured_topology.ts";
import { HeartbeatStatus, type Status } from "./topology/topology_problem.ts";

/** The config that tells how many standby tasks there are for each stateful one, as the group's record names it. */
const STANDBY_REPLICAS = "num.standby.replicas";

/** What a target is made for. */
export interface TargetInput {
  readonly group: StreamsGroup;
  /** The epoch of the group from now on. */
  readonly groupEpoch: number;
  /** The member that asks, as it is from now on. */
  readonly member: StreamsMember;
  readonly topology: ConfiguredTopology;
  readonly assignmentConfigs: ReadonlyMap<string, string>;
}

/** The target of the member that asks. */
export interface TargetResult {
  readonly target: Target;
  /** Where a new one is made: those that have changed, and the epoch. */
  readonly records: readonly StreamsGroupRecord[];
  /** Why none is made though one is due; null where that is not so. */
  readonly delay: Status | null;
}

/** By what tasks are assigned. */
export function assignmentConfigs(state: GroupState, groupId: string): ReadonlyMap<string, string> {
  return new Map([[STANDBY_REPLICAS, String(state.groupConfig(groupId, "streams.num.standby.replicas"))]]);
}

/** The first member of an empty group has come: others have some time to come too, before tasks are assigned. */
export function awaitFirstMembers(state: GroupState, groupId: string): void {
  const delayMs = state.groupConfig(groupId, "streams.initial.rebalance.delay.ms");
  if (delayMs === 0 || isAwaitingFirstMembers(state, groupId)) return;
  state.timers.schedule(initialDelayKey(groupId), delayMs, (turn) => assignAfterDelay(state, groupId, turn));
}

/** The target of a member, made anew where the group has changed and may be assigned already. */
export function targetFor(state: GroupState, input: TargetInput, nowMs: number): TargetResult {
  const { group, groupEpoch, member } = input;
  const { groupId, assignmentEpoch } = group;
  if (isAwaitingFirstMembers(state, groupId)) {
    const target = { epoch: assignmentEpoch, assignment: NO_ASSIGNMENT };
    return { target, records: [], delay: delayed("initial rebalance delay") };
  }
  const last = { epoch: assignmentEpoch, assignment: group.targets.get(member.memberId) ?? NO_ASSIGNMENT };
  if (assignmentEpoch >= groupEpoch) return { target: last, records: [], delay: null };
  if (isTooEarly(state, group, nowMs)) return { target: last, records: [], delay: delayed("assignment interval") };
  const members = new Map(group.members).set(member.memberId, member);
  const { targets, records } = makeTargets({ ...input, members }, nowMs);
  return { target: { epoch: groupEpoch, assignment: targets.get(member.memberId)! }, records, delay: null };
}

/** No other member has come in time, or all that would: tasks are assigned. */
function assignAfterDelay(state: GroupState, groupId: string, turn: Turn<GroupRecord>): void {
  const group = streamsGroup(state, groupId);
  if (group === undefined || group.isEmpty || group.groupEpoch <= group.assignmentEpoch) return;
  // Where nobody has looked at the topics since, the next heartbeat does.
  if (group.configured === null || isTooEarly(state, group, turn.nowMs)) return;
  const { groupEpoch, members, configured: topology, assignmentConfigs } = group;
  turn.write(...makeTargets({ group, groupEpoch, members, topology, assignmentConfigs }, turn.nowMs).records);
}

interface AllTargetsInput extends Omit<TargetInput, "member"> {
  readonly members: ReadonlyMap<string, StreamsMember>;
}

function makeTargets(
  { group, groupEpoch, members, topology, assignmentConfigs }: AllTargetsInput,
  nowMs: number,
): { targets: ReadonlyMap<string, TaskAssignment>; records: StreamsGroupRecord[] } {
  const assignable = Array.from(members.values(), ({ memberId, processId }) => ({
    memberId,
    processId,
    assignment: group.targets.get(memberId) ?? NO_ASSIGNMENT,
  }));
  const targets = topology.problem === null
    ? assignSticky(assignable, subtopologiesOf(topology), Number(assignmentConfigs.get(STANDBY_REPLICAS) ?? 0))
    : new Map(assignable.map(({ memberId }) => [memberId, NO_ASSIGNMENT]));
  const changed = inHashOrder(members.keys()).filter((memberId) => {
    const known = group.targets.get(memberId);
    return known === undefined || !isSameAssignment(known, targets.get(memberId)!);
  });
  const { groupId } = group;
  return {
    targets,
    records: [
      ...changed.map((memberId) => targetRecord(groupId, memberId, targets.get(memberId)!)),
      targetEpochRecord(groupId, groupEpoch, nowMs),
    ],
  };
}

function subtopologiesOf({ subtopologies }: ConfiguredTopology) {
  return Array.from(subtopologies!.values(), ({ subtopologyId, numberOfTasks, stateChangelogTopics }) => ({
    subtopologyId,
    numberOfTasks,
    isStateful: stateChangelogTopics.length > 0,
  }));
}

/** Many changes in a short time make one assignment. */
function isTooEarly(state: GroupState, { groupId, assignmentTimestampMs }: StreamsGroup, nowMs: number): boolean {
  const intervalMs = state.groupConfig(groupId, "streams.assignment.interval.ms");
  return assignmentTimestampMs !== 0 && intervalMs !== 0 && nowMs < assignmentTimestampMs + intervalMs;
}

function isAwaitingFirstMembers(state: GroupState, groupId: string): boolean {
  return state.timers.isScheduled(initialDelayKey(groupId));
}

function initialDelayKey(groupId: string): string {
  return `initial streams rebalance ${groupId}`;
}

function delayed(setting: string): Status {
  return {
    statusCode: HeartbeatStatus.ASSIGNMENT_DELAYED,
    statusDetail: `Assignment delayed due to the configured ${setting}.`,
  };
}
