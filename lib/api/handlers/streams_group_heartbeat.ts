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
import { api } from "../api.ts";
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
  const complaint = heartbeatComplaint(request, (topic) => context.metadata.checkTopicName(topic));
  if (complaint !== null) return refused(complaint);
  const result = await decide(request, context);
  if (result instanceof Refusal) return refused(result);
  const { response, topicsToCreate } = result;
  if (topicsToCreate.length === 0) return response;
  const failures = await createTopics(topicsToCreate, context);
  if (failures.length > 0) return withFailures(response, failures);
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

/** Creates internal topics; tells those that could not be created, and why. */
async function createTopics(topics: readonly InternalTopic[], { metadata }: RequestContext): Promise<string[]> {
  if (topics.length === 0) return [];
  const results = await metadata.createTopics({
    topics: topics.map(({ name, partitions, replicationFactor, topicConfigs }) => ({
      name,
      numPartitions: partitions,
      replicationFactor: replicationFactor === 0 ? -1 : replicationFactor,
      assignments: [],
      configs: topicConfigs.map(({ key, value }) => ({ name: key, value })),
    })),
    validateOnly: false,
  });
  return results
    // Another member of the group has come first.
    .filter(({ errorCode }) => errorCode !== ErrorCode.NONE && errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS)
    .map(({ name, errorMessage }) => `${name} (${errorMessage})`);
}

function withFailures(
  response: Init<StreamsGroupHeartbeatResponse>,
  failures: readonly string[],
): Init<StreamsGroupHeartbeatResponse> {
  const named = failures.slice(0, NAMED_FAILURES).join(", ");
  const more = failures.length > NAMED_FAILURES ? ` and ${failures.length - NAMED_FAILURES} more` : "";
  return {
    ...response,
    status: response.status!.map((status) =>
      status.statusCode === HeartbeatStatus.MISSING_INTERNAL_TOPICS
        ? { ...status, statusDetail: `${status.statusDetail}; Creation failed: ${named}${more}.` }
        : status
    ),
  };
}
