/**
 * StreamsGroupHeartbeat: a member of a Kafka Streams application joins its group, shows that it is there, learns its
 * tasks, and leaves (KIP-1071). See `coordinator/group/streams/heartbeat.ts`.
 *
 * Internal topics that the application needs are created before the answer, which has the tasks already. (Apache Kafka
 * creates them after it, so that an application waits for its second heartbeat.) Where that fails, the answer says so.
 *
 * @module
 */
import {
  heartbeatComplaint,
  HeartbeatStatus,
  type InternalTopic,
  JOIN_EPOCH,
  streamsHeartbeat,
  type StreamsHeartbeatResult,
} from "../../coordinator/group/streams/mod.ts";
import { Refusal } from "../../coordinator/group/group.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from "../../protocol/messages/streams_group_heartbeat.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, CLUSTER_NAME, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { GROUP_REFUSED, isGroupAuthorized, isTopicAuthorized, mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const streamsGroupHeartbeatApi = api(
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
  handleStreamsGroupHeartbeat,
);

/** Whether streams groups are switched on: by `streams.version`, and by `group.coordinator.rebalance.protocols`. */
export function servesStreamsGroups({ metadata, settings }: RequestContext): boolean {
  return (metadata.image.features.get("streams.version") ?? 0) > 0 &&
    settings.get("group.coordinator.rebalance.protocols").includes("streams");
}

/** How many topics that could not be created are named. */
const NAMED_FAILURES = 3;

async function handleStreamsGroupHeartbeat(
  request: StreamsGroupHeartbeatRequest,
  context: RequestContext,
): Promise<Init<StreamsGroupHeartbeatResponse>> {
  if (!servesStreamsGroups(context)) return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
  if (!isGroupAuthorized(context, AclOperation.READ, request.groupId)) return GROUP_REFUSED;
  const complaint = heartbeatComplaint(request, {
    nameComplaint: (topic) => context.metadata.checkTopicName(topic),
    mayDescribe: (topic) => isTopicAuthorized(context, AclOperation.DESCRIBE, topic),
  });
  if (complaint !== null) return refused(complaint);
  const result = await decide(request, context);
  if (result instanceof Refusal) return refused(result);
  const { response, topicsToCreate } = result;
  if (topicsToCreate.length === 0) return response;
  const forbidden = mayDo(context, AclOperation.CREATE, ResourceType.CLUSTER, CLUSTER_NAME)
    ? []
    : topicsToCreate.filter(({ name }) => !isTopicAuthorized(context, AclOperation.CREATE, name));
  if (forbidden.length > 0) {
    const names = forbidden.map(({ name }) => name).join(", ");
    return withReason(response, `Unauthorized to CREATE on topics ${names}.`);
  }
  const failures = await createTopics(topicsToCreate, context);
  if (failures.length > 0) return withReason(response, `Creation failed: ${failures}.`);
  const again = await decide(asNext(request, response), context);
  return again instanceof Refusal ? response : withTasks(again.response, response);
}

function decide(
  request: StreamsGroupHeartbeatRequest,
  { groups, header, connection }: RequestContext,
): Promise<StreamsHeartbeatResult | Refusal> {
  const heartbeat = { request, clientId: header.clientId ?? "", clientHost: `/${connection.remote.host}` };
  return groups.decide<StreamsHeartbeatResult | Refusal>(
    request.groupId,
    (state, turn) => streamsHeartbeat(state, turn, heartbeat),
    (errorCode) => new Refusal(errorCode),
  );
}

/** The heartbeat that the member would send next. One that joins joins again, and so is told all. */
function asNext(
  request: StreamsGroupHeartbeatRequest,
  { memberEpoch }: Init<StreamsGroupHeartbeatResponse>,
): StreamsGroupHeartbeatRequest {
  return request.memberEpoch === JOIN_EPOCH ? request : { ...request, memberEpoch: memberEpoch! };
}

/** An answer with the tasks that an earlier one told, where it tells none. */
function withTasks(
  response: Init<StreamsGroupHeartbeatResponse>,
  { activeTasks, standbyTasks, warmupTasks }: Init<StreamsGroupHeartbeatResponse>,
): Init<StreamsGroupHeartbeatResponse> {
  return response.activeTasks == null ? { ...response, activeTasks, standbyTasks, warmupTasks } : response;
}

function refused({ errorCode, errorMessage }: Refusal): Init<StreamsGroupHeartbeatResponse> {
  return { errorCode, errorMessage };
}

/** Creates internal topics; tells some of those that could not be created, and why. Empty where all could. */
async function createTopics(
  topics: readonly InternalTopic[],
  { metadata, throttle }: RequestContext,
): Promise<string> {
  const newTopics = topics.map(({ name, partitions, replicationFactor, topicConfigs }) => ({
    name,
    numPartitions: partitions,
    replicationFactor: replicationFactor === 0 ? -1 : replicationFactor,
    assignments: [],
    configs: topicConfigs.map(({ key, value }) => ({ name: key, value })),
  }));
  const results = await metadata.createTopics(
    { topics: newTopics, validateOnly: false },
    throttle?.mutationQuota(true),
  );
  // Another member of the group may have come first.
  const failed = results.filter(({ errorCode }) =>
    errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS
  );
  const named = failed.slice(0, NAMED_FAILURES).map(({ name, errorMessage }) => `${name} (${errorMessage})`).join(", ");
  return failed.length > NAMED_FAILURES ? `${named} and ${failed.length - NAMED_FAILURES} more` : named;
}

/** An answer that also tells why internal topics are missing still. */
function withReason(
  response: Init<StreamsGroupHeartbeatResponse>,
  reason: string,
): Init<StreamsGroupHeartbeatResponse> {
  return {
    ...response,
    status: response.status!.map((status) =>
      status.statusCode === HeartbeatStatus.MISSING_INTERNAL_TOPICS
        ? { ...status, statusDetail: `${status.statusDetail}; ${reason}` }
        : status
    ),
  };
}
