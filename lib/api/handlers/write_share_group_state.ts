/**
 * WriteShareGroupState: keeps what became of the records of share partitions (KIP-932).
 *
 * @module
 */
import {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from "../../protocol/messages/write_share_group_state.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";
import { answerByPartition } from "../share_states.ts";

export const writeShareGroupStateApi = api(
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
  handleWriteShareGroupState,
);

function handleWriteShareGroupState(request: WriteShareGroupStateRequest, context: RequestContext) {
  return answerByPartition(request, context, (shareCoordinator, key, written) => shareCoordinator.write(key, written));
}
