/**
 * AlterPartitionReassignments: moves partitions between brokers, or with null ends moves that go on (KIP-455).
 *
 * One node can move nothing to another: what it can do is complete when it is answered. Since version 1 a change of the
 * replication factor can be forbidden (KIP-860).
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from "../../protocol/messages/alter_partition_reassignments.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const alterPartitionReassignmentsApi = api(
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  handleAlterPartitionReassignments,
);

async function handleAlterPartitionReassignments(
  request: AlterPartitionReassignmentsRequest,
  context: RequestContext,
): Promise<Init<AlterPartitionReassignmentsResponse>> {
  return {
    allowReplicationFactorChange: request.allowReplicationFactorChange,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    responses: await context.metadata.alterPartitionReassignments(request),
  };
}
