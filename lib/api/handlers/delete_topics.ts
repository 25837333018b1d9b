/**
 * DeleteTopics: deletes topics with all that is in them (KIP-4), by name, or since version 6 by id (KIP-516).
 *
 * With `delete.topic.enable=false` every topic of the request is refused: with TOPIC_DELETION_DISABLED, which versions
 * before 3 do not know and get INVALID_REQUEST for.
 *
 * @module
 */
import { ZERO_UUID } from "../../bytes/mod.ts";
import type { TopicReference } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../protocol/messages/delete_topics.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

const FIRST_VERSION_WITH_TOPIC_IDS = 6;
const FIRST_VERSION_WITH_DELETION_DISABLED = 3;

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
  return { responses: await context.metadata.deleteTopics(topics) };
}

function references({ topics, topicNames }: DeleteTopicsRequest, apiVersion: number): readonly TopicReference[] {
  if (apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS) return topics;
  return topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}
