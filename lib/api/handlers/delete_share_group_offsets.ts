/**
 * DeleteShareGroupOffsets: has a share group without members forget topics (KIP-932).
 *
 * @module
 */
import { Refusal } from "../../coordinator/group/group.ts";
import { beginDeletingOffsets, endDeletingOffsets } from "../../coordinator/group/share/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from "../../protocol/messages/delete_share_group_offsets.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { GROUP_REFUSED, isGroupAuthorized, separateTopics, TOPIC_AUTHORIZATION_FAILED } from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { deleteStates, servesShareGroups } from "../share_groups.ts";

export const deleteShareGroupOffsetsApi = api(
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
  handleDeleteShareGroupOffsets,
);

async function handleDeleteShareGroupOffsets(
  { groupId, topics }: DeleteShareGroupOffsetsRequest,
  context: RequestContext,
): Promise<Init<DeleteShareGroupOffsetsResponse>> {
  if (!servesShareGroups(context)) return { errorCode: ErrorCode.UNSUPPORTED_VERSION };
  if (!isGroupAuthorized(context, AclOperation.DELETE, groupId)) return GROUP_REFUSED;
  if (groupId === "") return { errorCode: ErrorCode.INVALID_GROUP_ID };
  const names = topics.map(({ topicName }) => topicName);
  const { allowed, refused } = separateTopics(names, AclOperation.READ, context, (topicName) => topicName);
  const begun = await context.groups.decide<ReturnType<typeof beginDeletingOffsets>>(
    groupId,
    (state, turn) => beginDeletingOffsets(state, turn, groupId, allowed),
    (errorCode) => new Refusal(errorCode),
  );
  if (begun instanceof Refusal) return { errorCode: begun.errorCode, errorMessage: begun.errorMessage };
  const { toDelete, failed } = begun;
  const results = await deleteStates(groupId, toDelete, context);
  const forgotten = [...results].filter(([, errorCode]) => errorCode === ErrorCode.NONE).map(([topicId]) => topicId);
  if (forgotten.length > 0) {
    // Where the group cannot note it, the next one who asks deletes them again.
    await context.groups.decide<void>(
      groupId,
      (state, turn) => endDeletingOffsets(state, turn, groupId, forgotten),
      () => undefined,
    );
  }
  const deleted = Array.from(results, ([topicId, errorCode]) => {
    return { topicId, topicName: toDelete.get(topicId)!.name, errorCode };
  });
  const refusals = refused.map((topicName) => ({ topicName, ...TOPIC_AUTHORIZATION_FAILED }));
  return { responses: [...deleted, ...failed, ...refusals] };
}
