/**
 * InitializeShareGroupState: makes the state of share partitions, or begins it anew at other offsets (KIP-932).
 *
 * @module
 */
import {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from "../../protocol/messages/initialize_share_group_state.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { answerByPartition } from "../share_states.ts";

export const initializeShareGroupStateApi = api(
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
  handleInitializeShareGroupState,
);

function handleInitializeShareGroupState(
  request: InitializeShareGroupStateRequest,
  context: RequestContext,
) {
  return answerByPartition(request, context, (shareCoordinator, key, to) => shareCoordinator.initialize(key, to));
}
