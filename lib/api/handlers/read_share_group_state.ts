/**
 * ReadShareGroupState: tells what became of the records of share partitions (KIP-932).
 *
 * @module
 */
import {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from "../../protocol/messages/read_share_group_state.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { answerByPartition } from "../share_states.ts";

export const readShareGroupStateApi = api(
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
  handleReadShareGroupState,
);

function handleReadShareGroupState(request: ReadShareGroupStateRequest, context: RequestContext) {
  return answerByPartition(
    request,
    context,
    (shareCoordinator, key, { leaderEpoch }) => shareCoordinator.read(key, leaderEpoch),
  );
}
