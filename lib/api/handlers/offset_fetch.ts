/**
 * OffsetFetch: the offsets that groups have committed, since version 8 of several groups at once (KIP-709).
 *
 * Where a group has committed nothing, or is not known, -1 is told. Null topics mean all that it has committed. Since
 * version 10 topics are named by id. Since version 9 a member of a consumer group says who it is, and in which epoch.
 *
 * @module
 */
import { ZERO_UUID } from "../../bytes/mod.ts";
import { type Fetcher, topicIdOf } from "../../coordinator/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../protocol/messages/offset_fetch.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isGroupAuthorized, isTopicAuthorized, mayDo } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type GroupRequest = OffsetFetchRequest["groups"][number];
type TopicRequest = NonNullable<GroupRequest["topics"]>[number];
type GroupAnswer = NonNullable<Init<OffsetFetchResponse>["groups"]>[number];
type TopicAnswer = NonNullable<GroupAnswer["topics"]>[number];

/** From this version on an error of the group is told beside the topics; before, as that of every partition. */
const FIRST_VERSION_WITH_GROUP_ERROR = 2;
const FIRST_VERSION_WITH_GROUPS = 8;
const FIRST_VERSION_WITH_TOPIC_IDS = 10;
/** Who tells no epoch is no member, or one of a classic group. */
const NO_EPOCH = -1;

export const offsetFetchApi = api(OffsetFetchRequest, OffsetFetchResponse, handleOffsetFetch);

async function handleOffsetFetch(
  request: OffsetFetchRequest,
  context: RequestContext,
): Promise<Init<OffsetFetchResponse>> {
  if (context.header.apiVersion >= FIRST_VERSION_WITH_GROUPS) {
    const fetched = request.groups.map((group) => fetchGroup(group, group.topics, request.requireStable, context));
    return { groups: await Promise.all(fetched) };
  }
  const topics = request.topics?.map(({ name, partitionIndexes }) => ({ name, topicId: ZERO_UUID, partitionIndexes }));
  const { groupId } = request;
  const fetcher = { groupId, memberId: null, memberEpoch: NO_EPOCH };
  const { groupId: _, ...answer } = await fetchGroup(fetcher, topics ?? null, request.requireStable, context);
  return { ...answer, topics: answer.topics!.map(({ name, partitions }) => ({ name: name!, partitions })) };
}

async function fetchGroup(
  fetcher: Fetcher,
  asked: readonly Omit<TopicRequest, "unknownTaggedFields">[] | null,
  requireStable: boolean,
  context: RequestContext,
): Promise<GroupAnswer> {
  const { groupId } = fetcher;
  const { apiVersion } = context.header;
  const usesIds = apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS;
  const topics = asked?.map((topic) => usesIds ? { ...topic, name: nameOf(topic, context) } : withId(topic, context));
  const named = topics?.filter(isNamed);
  const known = named?.filter(({ name }) => isTopicAuthorized(context, AclOperation.DESCRIBE, name));
  const refused = named?.filter((topic) => !known!.includes(topic)) ?? [];
  const result = isGroupAuthorized(context, AclOperation.DESCRIBE, groupId)
    ? await context.groups.fetchOffsets(fetcher, known ?? null, requireStable)
    : ErrorCode.GROUP_AUTHORIZATION_FAILED;
  if (typeof result === "number") {
    if (apiVersion >= FIRST_VERSION_WITH_GROUP_ERROR) return { groupId, topics: [], errorCode: result };
    return { groupId, topics: topics!.map((topic) => failed(topic, result)) };
  }
  const unknown = topics?.filter((topic) => !isNamed(topic)) ?? [];
  const fetched = result.map(({ name, partitions }) => ({
    name,
    topicId: topicIdOf(context.metadata, name),
    partitions,
  }));
  // What belongs to a topic that is gone has no id to be told by.
  const told = usesIds ? fetched.filter(({ topicId }) => topicId !== ZERO_UUID) : fetched;
  // Where all are asked for, those are told that the client may see.
  const visible = told.filter(({ name }) => mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, name));
  return {
    groupId,
    topics: [
      ...visible,
      ...unknown.map((topic) => failed(topic, ErrorCode.UNKNOWN_TOPIC_ID)),
      ...refused.map((topic) => failed(topic, ErrorCode.TOPIC_AUTHORIZATION_FAILED)),
    ],
  };
}

type NamedTopic = Omit<TopicRequest, "unknownTaggedFields" | "name"> & { readonly name: string | null };

function nameOf({ topicId }: Pick<TopicRequest, "topicId">, { metadata }: RequestContext): string | null {
  return metadata.image.topicById(topicId)?.name ?? null;
}

function withId(topic: NamedTopic, { metadata }: RequestContext): NamedTopic {
  return { ...topic, topicId: topicIdOf(metadata, topic.name!) };
}

function isNamed(topic: NamedTopic): topic is NamedTopic & { readonly name: string } {
  return topic.name !== null;
}

function failed({ name, topicId, partitionIndexes }: NamedTopic, errorCode: ErrorCode): TopicAnswer {
  return {
    name: name ?? "",
    topicId,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, committedOffset: -1n, errorCode })),
  };
}
