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
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const alterPartitionReassignmentsApi = api(
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  onCluster(AclOperation.ALTER, handleAlterPartitionReassignments, refuse),
);

function refuse(
  error: { errorCode: ErrorCode; errorMessage: string },
  { topics }: AlterPartitionReassignmentsRequest,
): Init<AlterPartitionReassignmentsResponse> {
  const responses = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, ...error })),
  }));
  return { ...error, responses };
}

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
