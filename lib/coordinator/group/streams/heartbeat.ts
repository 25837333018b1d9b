/**
 * StreamsGroupHeartbeat: a member joins, says that it is there and what it has, learns what it should have, and leaves.
 *
 * A heartbeat goes through these steps, each of which may write records; nothing is written where it is refused.
 *
 * 1. The member: who it is, and whether its epoch is one that it can have.
 * 2. The topology: the first member brings it; it is held against the topics that there are, anew when these change.
 * 3. The group epoch: bumped where the member, the topics or the configs have changed.
 * 4. The target assignment: made anew for a new epoch.
 * 5. The member is reconciled with its target.
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from "../../../protocol/messages/streams_group_heartbeat.ts";
import type { Init } from "../../../protocol/schema.ts";
import type { Turn } from "../../turn.ts";
import { ClassicGroup } from "../classic/mod.ts";
import { groupOfType, Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import type { GroupRecord } from "../records.ts";
import { endpointsOf } from "./endpoints.ts";
import { isSameMetadata, JOIN_EPOCH, LEAVE_EPOCH, MemberState, StreamsMember } from "./member.ts";
import { FENCED, reconcile, type Target } from "./reconcile.ts";
import { currentAssignmentRecord, groupRecord, memberRecord, topologyRecord } from "./records.ts";
import { endRevocation, keepAlive, limitRevocation, removeMember } from "./sessions.ts";
import { StreamsGroup } from "./streams_group.ts";
import { assignmentConfigs, awaitFirstMembers, targetFor } from "./target_assignment.ts";
import {
  hasTask,
  isSameAssignment,
  listOf,
  type TaskAssignment,
  type TaskIds,
  type Tasks,
  tasksFrom,
} from "./tasks.ts";
import { type ConfiguredTopology, configureTopology, type InternalTopic } from "./topology/configured_topology.ts";
import { Topology, topologyValue } from "./topology/topology.ts";
import { HeartbeatStatus, InvalidTopologyError, type Status } from "./topology/topology_problem.ts";

/** A heartbeat that {@linkcode heartbeatComplaint} finds nothing wrong with, and who sends it. */
export interface StreamsHeartbeat {
  readonly request: StreamsGroupHeartbeatRequest;
  readonly clientId: string;
  /** As Java prints an address. */
  readonly clientHost: string;
}

/** The answer, and the topics that the group needs and that are not there. */
export interface StreamsHeartbeatResult {
  readonly response: Init<StreamsGroupHeartbeatResponse>;
  readonly topicsToCreate: readonly InternalTopic[];
}

/** Everything about one heartbeat. */
interface Beat extends StreamsHeartbeat {
  readonly state: GroupState;
  readonly nowMs: number;
  readonly group: StreamsGroup;
  /** What is to be written where the heartbeat is not refused. */
  readonly records: GroupRecord[];
  readonly statuses: Status[];
}

/**
 * Takes a heartbeat.
 *
 * Errors: GROUP_ID_NOT_FOUND, GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, INVALID_REQUEST,
 * STREAMS_INVALID_TOPOLOGY.
 */
export function streamsHeartbeat(
  state: GroupState,
  turn: Turn<GroupRecord>,
  heartbeat: StreamsHeartbeat,
): StreamsHeartbeatResult | Refusal {
  if (heartbeat.request.memberEpoch === LEAVE_EPOCH) return leave(state, turn, heartbeat.request);
  const records: GroupRecord[] = [];
  const group = groupFor(state, heartbeat.request, records);
  if (group instanceof Refusal) return group;
  const result = beat({ ...heartbeat, state, nowMs: turn.nowMs, group, records, statuses: [] });
  if (!(result instanceof Refusal)) turn.write(...records);
  return result;
}

function leave(
  state: GroupState,
  turn: Turn<GroupRecord>,
  { groupId, memberId, memberEpoch, shutdownApplication }: StreamsGroupHeartbeatRequest,
): StreamsHeartbeatResult | Refusal {
  const group = groupOfType(state, groupId, StreamsGroup, "streams");
  if (group instanceof Refusal) return group;
  if (shutdownApplication) group.shutdownRequestedBy ??= memberId;
  if (!group.members.has(memberId)) return unknownMember(groupId, memberId);
  removeMember(state, turn, group, memberId);
  return { response: { memberId, memberEpoch, status: [] }, topicsToCreate: [] };
}

/** The group; one that is not there is made by the records that its first member leads to. */
function groupFor(
  state: GroupState,
  { groupId, memberId, memberEpoch }: StreamsGroupHeartbeatRequest,
  records: GroupRecord[],
): StreamsGroup | Refusal {
  const isJoining = memberEpoch === JOIN_EPOCH;
  const known = state.groups.get(groupId);
  if (known === undefined) {
    if (isJoining) return new StreamsGroup(groupId);
    return new Refusal(ErrorCode.GROUP_ID_NOT_FOUND, `Streams group ${groupId} not found.`);
  }
  // An application that has moved to the new protocol finds the offsets that it has committed before.
  if (isJoining && known instanceof ClassicGroup && known.isEmpty) {
    records.push(...known.tombstones());
    return new StreamsGroup(groupId);
  }
  const group = groupOfType(state, groupId, StreamsGroup, "streams");
  const maxSize = state.settings.streamsMaxSize;
  const isNew = isJoining && group instanceof StreamsGroup && !group.members.has(memberId);
  if (isNew && group.members.size >= maxSize) {
    return new Refusal(
      ErrorCode.GROUP_MAX_SIZE_REACHED,
      `The streams group has reached its maximum capacity of ${maxSize} members.`,
    );
  }
  return group;
}

function beat(heartbeat: Beat): StreamsHeartbeatResult | Refusal {
  const { state, group, request, records, statuses } = heartbeat;
  const { groupId } = group;
  const known = memberFor(heartbeat);
  if (known instanceof Refusal) return known;
  const member = withRequest(known, heartbeat);
  const hasChanged = !isSameMetadata(known, member);
  if (hasChanged) records.push(memberRecord(groupId, member.memberId, member));
  const topology = topologyFor(heartbeat);
  if (topology instanceof Refusal) return topology;
  if (group.topology !== null && member.topologyEpoch < group.topology.epoch) {
    statuses.push(stale(member, group.topology));
  }
  const checked = check(heartbeat, topology);
  if (checked instanceof Refusal) return checked;
  const { configured } = checked;

  const groupEpoch = bumpEpoch(heartbeat, checked, hasChanged);
  if (group.isEmpty) awaitFirstMembers(state, groupId);
  const input = {
    group,
    groupEpoch,
    member,
    topology: configured,
    assignmentConfigs: assignmentConfigs(state, groupId),
  };
  const { target, records: targetRecords, delay } = targetFor(state, input, heartbeat.nowMs);
  records.push(...targetRecords);
  if (delay !== null) statuses.push(delay);
  const reconciled = reconcileMember(heartbeat, member, target);
  if (reconciled instanceof Refusal) return reconciled;

  keepAlive(state, groupId, member.memberId);
  if (request.shutdownApplication) group.shutdownRequestedBy ??= member.memberId;
  if (configured.problem !== null) statuses.push(configured.problem);
  if (group.shutdownRequestedBy !== null) statuses.push(shutdown(group.shutdownRequestedBy));
  return { response: answer(heartbeat, known, reconciled, configured), topicsToCreate: configured.topicsToCreate };
}

/** The member that sends the heartbeat, where its epoch is one that it can have. */
function memberFor({ group, request }: Beat): StreamsMember | Refusal {
  const { memberId, memberEpoch } = request;
  const known = group.members.get(memberId);
  if (memberEpoch === JOIN_EPOCH) return known ?? StreamsMember.unknown(memberId);
  if (known === undefined) return unknownMember(group.groupId, memberId);
  if (memberEpoch === known.memberEpoch) return known;
  // The answer that told it the new epoch may have been lost.
  const isLate = memberEpoch < known.memberEpoch && memberEpoch === known.previousMemberEpoch &&
    isWithin(request.activeTasks, known.assigned.active) && isWithin(request.standbyTasks, known.assigned.standby) &&
    isWithin(request.warmupTasks, known.assigned.warmup);
  if (isLate) return known;
  return new Refusal(
    ErrorCode.FENCED_MEMBER_EPOCH,
    `The streams group member has a ${memberEpoch > known.memberEpoch ? "greater" : "smaller"} member epoch ` +
      `(${memberEpoch}) than the one known by the group coordinator (${known.memberEpoch}). ` +
      "The member must abandon all its partitions and rejoin.",
  );
}

/** The member with what it says of itself; what it leaves out stays. */
function withRequest(known: StreamsMember, { request, clientId, clientHost }: Beat): StreamsMember {
  const { rackId, rebalanceTimeoutMs, topology, processId, clientTags, userEndpoint } = request;
  return known.with({
    clientId,
    clientHost,
    rackId: rackId ?? known.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? known.rebalanceTimeoutMs : rebalanceTimeoutMs,
    topologyEpoch: topology?.epoch ?? known.topologyEpoch,
    processId: processId ?? known.processId,
    clientTags: clientTags === null ? known.clientTags : new Map(clientTags.map(({ key, value }) => [key, value])),
    userEndpoint: userEndpoint === null ? known.userEndpoint : { host: userEndpoint.host, port: userEndpoint.port },
  });
}

/** The topology of the group, which its first member brings. */
function topologyFor({ group, request, records }: Beat): Topology | Refusal {
  const { topology: known, groupId } = group;
  if (request.topology === null) {
    return known ?? new Refusal(ErrorCode.UNKNOWN_SERVER_ERROR, `No topology is known of group ${groupId}.`);
  }
  const value = topologyValue(request.topology);
  if (value.epoch < 0) {
    return new Refusal(ErrorCode.STREAMS_INVALID_TOPOLOGY_EPOCH, `Topology epoch ${value.epoch} is negative.`);
  }
  const topology = new Topology(value);
  if (known === null) {
    records.push(topologyRecord(groupId, value));
    return topology;
  }
  if (known.epoch > topology.epoch || known.equals(topology)) return known;
  return new Refusal(ErrorCode.INVALID_REQUEST, "Topology updates are not supported yet.");
}

/** A topology held against the topics. */
interface Checked {
  readonly configured: ConfiguredTopology;
  readonly metadataHash: bigint;
}

function check({ state, group, request }: Beat, topology: Topology): Checked | Refusal {
  let { configured, metadataHash: hash } = group;
  if (configured === null || group.isMetadataStale) {
    const { image } = state;
    hash = state.metadataHash(topology.requiredTopics);
    if (configured === null || hash !== group.metadataHash) {
      const found = configure(topology, (topic) => image.topicByName(topic)?.partitions.size);
      if (found instanceof Refusal) return found;
      group.configured = configured = found;
    }
    group.isMetadataStale = false;
  }
  const invalid = configured.problem !== null ? null : [request.activeTasks, request.standbyTasks, request.warmupTasks]
    .map((tasks) => invalidTasks(configured, tasks ?? [])).find((complaint) => complaint !== null);
  return invalid == null ? { configured, metadataHash: hash } : new Refusal(ErrorCode.INVALID_REQUEST, invalid);
}

function configure(topology: Topology, partitionCount: (topic: string) => number | undefined) {
  try {
    return configureTopology(topology, partitionCount);
  } catch (error) {
    if (error instanceof InvalidTopologyError) return new Refusal(error.errorCode, error.message);
    throw error;
  }
}

/** What is wrong with tasks that a member says to have; null where nothing is. */
function invalidTasks({ subtopologies }: ConfiguredTopology, tasks: readonly TaskIds[]): string | null {
  for (const { subtopologyId, partitions } of tasks) {
    const subtopology = subtopologies?.get(subtopologyId);
    if (subtopology === undefined) return `Subtopology ${subtopologyId} does not exist in the topology.`;
    const { numberOfTasks } = subtopology;
    const wrong = partitions.find((partition) => partition < 0 || partition >= numberOfTasks);
    if (wrong !== undefined) {
      return `Task ${wrong} for subtopology ${subtopologyId} is invalid. ` +
        `Number of tasks for this subtopology: ${numberOfTasks}`;
    }
  }
  return null;
}

/** The epoch of the group from now on. */
function bumpEpoch({ state, group, records }: Beat, checked: Checked, hasMemberChanged: boolean): number {
  const { groupId, groupEpoch } = group;
  const { configured, metadataHash } = checked;
  const configs = assignmentConfigs(state, groupId);
  const validatedTopologyEpoch = configured.problem === null ? configured.epoch : -1;
  const isSame = !hasMemberChanged && metadataHash === group.metadataHash &&
    validatedTopologyEpoch === group.validatedTopologyEpoch && isSameConfigs(configs, group.assignmentConfigs);
  if (isSame) return groupEpoch;
  const epoch = groupEpoch + 1;
  records.push(groupRecord(groupId, { epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs: configs }));
  return epoch;
}

function reconcileMember({ state, group, request, records }: Beat, member: StreamsMember, target: Target) {
  const { groupId } = group;
  const reconciled = reconcile(member, target, reported(request), group.owners);
  if (reconciled === FENCED) {
    return new Refusal(
      ErrorCode.FENCED_MEMBER_EPOCH,
      "The streams group member is in a unknown state. The member must abandon all its tasks and rejoin.",
    );
  }
  if (reconciled === member) return member;
  records.push(currentAssignmentRecord(groupId, reconciled));
  if (reconciled.state === MemberState.UNREVOKED_TASKS) limitRevocation(state, groupId, reconciled);
  else endRevocation(state, groupId, member.memberId);
  return reconciled;
}

/** @param known the member before this heartbeat */
function answer(
  { state, group, request, statuses }: Beat,
  known: StreamsMember,
  member: StreamsMember,
  configured: ConfiguredTopology,
): Init<StreamsGroupHeartbeatResponse> {
  const { groupId, members } = group;
  const { memberId, memberEpoch, assigned, userEndpoint } = member;
  const hasChanged = request.memberEpoch === JOIN_EPOCH || !isSameAssignment(known.assigned, assigned);
  if (hasChanged && userEndpoint !== null) group.endpointEpoch++;
  // A member that has other tasks may have missed the answer that told it these: Apache Kafka leaves it without.
  const has = reported(request);
  const isNews = hasChanged || (has !== null && !isSameAssignment(has, assigned));
  const others = [...members.values()].filter((other) => other.memberId !== memberId);
  const partitionCount = (topic: string) => state.image.topicByName(topic)?.partitions.size;
  return {
    memberId,
    memberEpoch,
    heartbeatIntervalMs: state.groupConfig(groupId, "streams.heartbeat.interval.ms"),
    status: statuses,
    activeTasks: isNews ? listOf(assigned.active) : null,
    standbyTasks: isNews ? listOf(assigned.standby) : null,
    warmupTasks: isNews ? listOf(assigned.warmup) : null,
    // The group of a first member begins to count with the next heartbeat.
    endpointInformationEpoch: state.groups.get(groupId) === group ? group.endpointEpoch : 0,
    partitionsByUserEndpoint: group.endpointEpoch === request.endpointInformationEpoch
      ? null
      : endpointsOf([...others, member], configured, partitionCount),
  };
}

/** The tasks that a member says to have; null where it does not say. */
function reported({ activeTasks, standbyTasks, warmupTasks }: StreamsGroupHeartbeatRequest): TaskAssignment | null {
  if (activeTasks === null || standbyTasks === null || warmupTasks === null) return null;
  return { active: tasksFrom(activeTasks), standby: tasksFrom(standbyTasks), warmup: tasksFrom(warmupTasks) };
}

function isWithin(tasks: readonly TaskIds[] | null, assigned: Tasks): boolean {
  return tasks !== null &&
    tasks.every(({ subtopologyId, partitions }) =>
      assigned.has(subtopologyId) && partitions.every((partition) => hasTask(assigned, subtopologyId, partition))
    );
}

function isSameConfigs(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
}

function unknownMember(groupId: string, memberId: string): Refusal {
  return new Refusal(ErrorCode.UNKNOWN_MEMBER_ID, `Member ${memberId} is not a member of group ${groupId}.`);
}

function stale({ topologyEpoch }: StreamsMember, { epoch }: Topology): Status {
  return {
    statusCode: HeartbeatStatus.STALE_TOPOLOGY,
    statusDetail: `The member's topology epoch ${topologyEpoch} is behind the group's topology epoch ${epoch}.`,
  };
}

function shutdown(memberId: string): Status {
  return {
    statusCode: HeartbeatStatus.SHUTDOWN_APPLICATION,
    statusDetail:
      `Streams group member ${memberId} encountered a fatal error and requested a shutdown for the entire application.`,
  };
}
