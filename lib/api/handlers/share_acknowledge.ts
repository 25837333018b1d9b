/**
 * ShareAcknowledge: takes a member's word on records that it has acquired (KIP-932, renewed locks KIP-1222).
 *
 * It is answered when what the member says is on the disk. The last request of a session gives back what the member has
 * said nothing of.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from "../../protocol/messages/share_acknowledge.ts";
import type { Init } from "../../protocol/schema.ts";
import { FINAL_EPOCH, INITIAL_EPOCH } from "../../share/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { acknowledgeAll, memberError } from "../share_acknowledgements.ts";
import { shareLeader, shareTopics } from "../share_answers.ts";

export const shareAcknowledgeApi = api(ShareAcknowledgeRequest, ShareAcknowledgeResponse, handleShareAcknowledge);

async function handleShareAcknowledge(
  request: ShareAcknowledgeRequest,
  context: RequestContext,
): Promise<Init<ShareAcknowledgeResponse>> {
  const error = memberError(context, request);
  if (error !== null) return error;
  const { shareSessionEpoch: epoch } = request;
  const [groupId, memberId] = [request.groupId!, request.memberId!];
  const { sharePartitions } = context;
  if (epoch === INITIAL_EPOCH) return { errorCode: ErrorCode.INVALID_SHARE_SESSION_EPOCH };
  const session = sharePartitions.sessions.find(groupId, memberId, epoch);
  if (typeof session === "number") return { errorCode: session };
  const results = await acknowledgeAll({ ...request, groupId, memberId }, context);
  if (epoch === FINAL_EPOCH) sharePartitions.sessions.end(session);
  const answers = results.map(({ topicId, partition: partitionIndex, errorCode, errorMessage }) => ({
    topicId,
    partition: { partitionIndex, errorCode, errorMessage, ...shareLeader(errorCode, topicId, partitionIndex, context) },
  }));
  const { topics, nodeEndpoints } = shareTopics(answers, context);
  return {
    acquisitionLockTimeoutMs: sharePartitions.settingsOf(groupId).recordLockDurationMs,
    responses: topics,
    nodeEndpoints,
  };
}
