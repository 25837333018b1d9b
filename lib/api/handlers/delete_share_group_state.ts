/**
 * DeleteShareGroupState: forgets share partitions (KIP-932).
 *
 * @module
 */
import {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from "../../protocol/messages/delete_share_group_state.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { answerByPartition } from "../share_states.ts";

export const deleteShareGroupStateApi = api(
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
  handleDeleteShareGroupState,
);

function handleDeleteShareGroupState(request: DeleteShareGroupStateRequest, context: RequestContext) {
  return answerByPartition(request, context, (shareCoordinator, key) => shareCoordinator.delete(key));
}
