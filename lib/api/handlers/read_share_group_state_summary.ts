/**
 * ReadShareGroupStateSummary: tells where share partitions stand (KIP-932).
 *
 * @module
 */
import {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from "../../protocol/messages/read_share_group_state_summary.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { answerByPartition } from "../share_states.ts";

export const readShareGroupStateSummaryApi = api(
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
  handleReadShareGroupStateSummary,
);

function handleReadShareGroupStateSummary(
  request: ReadShareGroupStateSummaryRequest,
  context: RequestContext,
) {
  return answerByPartition(request, context, (shareCoordinator, key) => shareCoordinator.summarize(key));
}
