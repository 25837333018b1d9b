/**
 * DeleteTopics: deletes topics with all that is in them (KIP-4), by name, or since version 6 by id (KIP-516).
 *
 * With `delete.topic.enable=false` every topic of the request is refused: with TOPIC_DELETION_DISABLED, which versions
 * before 3 do not know and get INVALID_REQUEST for.
 *
 * @module
 */
import { ZERO_UUID } from "../../bytes/mod.ts";
import type { DeleteTopicResult, TopicReference } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../protocol/messages/delete_topics.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, CLUSTER_NAME, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import { isTopicAuthorized, mayDo, TOPIC_REFUSED } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

const FIRST_VERSION_WITH_TOPIC_IDS = 6;
const FIRST_VERSION_WITH_DELETION_DISABLED = 3;
/** The first version that can be refused with THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const FIRST_STRICT_VERSION = 5;

export const deleteTopicsApi = api(DeleteTopicsRequest, DeleteTopicsResponse, handleDeleteTopics);

async function handleDeleteTopics(
  request: DeleteTopicsRequest,
  context: RequestContext,
): Promise<Init<DeleteTopicsResponse>> {
  const topics = references(request, context.header.apiVersion);
  if (!context.settings.get("delete.topic.enable")) {
    const errorCode = context.header.apiVersion >= FIRST_VERSION_WITH_DELETION_DISABLED
      ? ErrorCode.TOPIC_DELETION_DISABLED
      : ErrorCode.INVALID_REQUEST;
    return { responses: topics.map((topic) => ({ ...topic, errorCode, errorMessage: "Topic deletion is disabled." })) };
  }
  const refused = topics.flatMap((topic) => refuse(topic, context));
  const allowed = refused.length === 0 ? topics : topics.filter((topic) => refuse(topic, context).length === 0);
  const quota = context.throttle?.mutationQuota(context.header.apiVersion >= FIRST_STRICT_VERSION);
  return { responses: [...await context.metadata.deleteTopics(allowed, quota), ...refused] };
}

/** The refusal of a topic that the client may not delete; nothing where it may. The name of one that it may not see is not told. */
function refuse({ name, topicId }: TopicReference, context: RequestContext): DeleteTopicResult[] {
  if (mayDo(context, AclOperation.DELETE, ResourceType.CLUSTER, CLUSTER_NAME)) return [];
  const { image } = context.metadata;
  const known = name ?? image.topicById(topicId)?.name;
  if (known === undefined) return [];
  const isVisible = mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, known);
  // Who may describe it may know that it is not there.
  if (isVisible && image.topicByName(known) === undefined) return [];
  if (isTopicAuthorized(context, AclOperation.DELETE, known)) return [];
  return [{ name: isVisible ? known : name, topicId, ...TOPIC_REFUSED }];
}

function references({ topics, topicNames }: DeleteTopicsRequest, apiVersion: number): readonly TopicReference[] {
  if (apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS) return topics;
  return topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}
