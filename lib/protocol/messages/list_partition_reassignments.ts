/**
 * ListPartitionReassignments: the moves of partitions that go on (KIP-455).
 *
 * @module
 */
import { array, defaulting, type Infer, int16, int32, nullable, prose, request, response, string } from "../schema.ts";

export const ListPartitionReassignmentsRequest = request({
  key: 46,
  name: "ListPartitionReassignmentsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  timeoutMs: defaulting(int32, 60000),
  topics: nullable(array({ name: string, partitionIndexes: array(int32) })),
});
export type ListPartitionReassignmentsRequest = Infer<typeof ListPartitionReassignmentsRequest>;

export const ListPartitionReassignmentsResponse = response({
  key: 46,
  name: "ListPartitionReassignmentsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose, ""),
  topics: array({
    name: string,
    partitions: array({
      partitionIndex: int32,
      replicas: array(int32),
      addingReplicas: array(int32),
      removingReplicas: array(int32),
    }),
  }),
});
export type ListPartitionReassignmentsResponse = Infer<typeof ListPartitionReassignmentsResponse>;
