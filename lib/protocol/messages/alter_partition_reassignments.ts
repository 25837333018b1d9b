/**
 * AlterPartitionReassignments: starts or cancels moves of partitions between brokers (KIP-455).
 *
 * Version 1 can forbid a change of the replication factor (KIP-860).
 *
 * @module
 */
import {
  array,
  bool,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  nullable,
  prose,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const AlterPartitionReassignmentsRequest = request({
  key: 45,
  name: "AlterPartitionReassignmentsRequest",
  versions: [0, 1],
  flexible: 0,
}, {
  timeoutMs: defaulting(int32, 60000),
  allowReplicationFactorChange: since(1, bool, true),
  topics: array({
    name: string,
    partitions: array({ partitionIndex: int32, replicas: nullable(array(int32)) }),
  }),
});
export type AlterPartitionReassignmentsRequest = Infer<typeof AlterPartitionReassignmentsRequest>;

export const AlterPartitionReassignmentsResponse = response({
  key: 45,
  name: "AlterPartitionReassignmentsResponse",
  versions: [0, 1],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  allowReplicationFactorChange: ignorable(since(1, bool, true)),
  errorCode: int16,
  errorMessage: nullable(prose, ""),
  responses: array({
    name: string,
    partitions: array({ partitionIndex: int32, errorCode: int16, errorMessage: nullable(prose, "") }),
  }),
});
export type AlterPartitionReassignmentsResponse = Infer<typeof AlterPartitionReassignmentsResponse>;
