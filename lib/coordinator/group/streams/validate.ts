/**
 * What is wrong with a StreamsGroupHeartbeat before any group is looked at, in Apache Kafka's words.
 *
 * Static members, offsets of tasks, warm-up tasks and regular expressions stand in the protocol, and Apache Kafka 4.3
 * supports none of them.
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { StreamsGroupHeartbeatRequest } from "../../../protocol/messages/streams_group_heartbeat.ts";
import { isInternalTopic } from "../../internal_topics.ts";
import { Refusal } from "../group.ts";
import { JOIN_EPOCH } from "./member.ts";
import type { RequestedTopology } from "./topology/topology.ts";

/** The epoch with which a static member leaves for a while; no member may tell a lower one. */
const LEAVE_STATIC_EPOCH = -2;

/** What is to be known of topics. */
export interface TopicRules {
  /** What is wrong with the name of a topic, or null. */
  readonly nameComplaint: (topic: string) => string | null;
  /** Whether the client may know of the topic. */
  readonly mayDescribe: (topic: string) => boolean;
}

/** Null where nothing is wrong. */
export function heartbeatComplaint(request: StreamsGroupHeartbeatRequest, rules: TopicRules): Refusal | null {
  const topics = request.topology === null ? [] : topicsOf(request.topology);
  const nameComplaint = namesComplaint(topics, rules);
  if (nameComplaint !== null) return new Refusal(ErrorCode.STREAMS_INVALID_TOPOLOGY, nameComplaint);
  if (!topics.every(rules.mayDescribe)) return new Refusal(ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  const message = unsupported(request) ?? incomplete(request) ?? joining(request);
  if (message !== null) return new Refusal(ErrorCode.INVALID_REQUEST, message);
  const changelog = request.topology === null ? null : changelogComplaint(request.topology);
  if (changelog !== null) return new Refusal(ErrorCode.STREAMS_INVALID_TOPOLOGY, changelog);
  const mismatch = contradiction(request);
  return mismatch === null ? null : new Refusal(ErrorCode.INVALID_REQUEST, mismatch);
}

/** All topics of a topology, each once. */
function topicsOf({ subtopologies }: RequestedTopology): string[] {
  const topics = subtopologies.flatMap((each) => [
    ...each.sourceTopics,
    ...each.repartitionSinkTopics,
    ...each.repartitionSourceTopics.map(({ name }) => name),
    ...each.stateChangelogTopics.map(({ name }) => name),
  ]);
  return [...new Set(topics)];
}

function namesComplaint(topics: readonly string[], { nameComplaint }: TopicRules): string | null {
  const internal = topics.filter(isInternalTopic);
  if (internal.length > 0) {
    return `Use of Kafka internal topics ${internal.join(",")} in a Kafka Streams topology is prohibited.`;
  }
  const invalid = topics.filter((topic) => nameComplaint(topic) !== null);
  return invalid.length > 0 ? `Topic names ${invalid.join(",")} are not valid topic names.` : null;
}

function unsupported(request: StreamsGroupHeartbeatRequest): string | null {
  if (request.instanceId !== null) return "Static membership is not yet supported.";
  if (request.taskOffsets !== null) return "TaskOffsets are not supported yet.";
  if (request.taskEndOffsets !== null) return "TaskEndOffsets are not supported yet.";
  if (request.warmupTasks !== null && request.warmupTasks.length > 0) return "WarmupTasks are not supported yet.";
  const usesExpressions = request.topology?.subtopologies.some(({ sourceTopicRegex }) => sourceTopicRegex.length > 0);
  return usesExpressions ? "Regular expressions for source topics are not supported yet." : null;
}

function incomplete({ memberId, groupId, rackId, memberEpoch }: StreamsGroupHeartbeatRequest): string | null {
  if (memberId.trim() === "") return "MemberId can't be empty.";
  if (groupId.trim() === "") return "GroupId can't be empty.";
  if (rackId?.trim() === "") return "RackId can't be empty.";
  if (memberEpoch === LEAVE_STATIC_EPOCH) return "InstanceId can't be null.";
  if (memberEpoch < LEAVE_STATIC_EPOCH) {
    return `MemberEpoch is ${memberEpoch}, but must be greater than or equal to -2.`;
  }
  return null;
}

function joining(request: StreamsGroupHeartbeatRequest): string | null {
  if (request.memberEpoch !== JOIN_EPOCH) return null;
  if (request.rebalanceTimeoutMs === -1) return "RebalanceTimeoutMs must be provided in first request.";
  if (request.activeTasks?.length !== 0) return "ActiveTasks must be empty when (re-)joining.";
  if (request.standbyTasks?.length !== 0) return "StandbyTasks must be empty when (re-)joining.";
  if (request.warmupTasks?.length !== 0) return "WarmupTasks must be empty when (re-)joining.";
  return request.topology === null ? "Topology must be non-null when (re-)joining." : null;
}

function changelogComplaint({ subtopologies }: RequestedTopology): string | null {
  const wrong = subtopologies.flatMap((each) => each.stateChangelogTopics).find(({ partitions }) => partitions !== 0);
  return wrong === undefined
    ? null
    : `Changelog topic ${wrong.name} must have an undefined partition count, but it is set to ${wrong.partitions}.`;
}

function contradiction(request: StreamsGroupHeartbeatRequest): string | null {
  const tasks = [request.activeTasks, request.standbyTasks, request.warmupTasks];
  if (tasks.some((list) => list !== null) && tasks.some((list) => list === null)) {
    return "If one task-type is non-null, all must be non-null.";
  }
  if (request.memberEpoch !== JOIN_EPOCH && request.topology !== null) {
    return "Topology can only be provided when (re-)joining.";
  }
  return null;
}
