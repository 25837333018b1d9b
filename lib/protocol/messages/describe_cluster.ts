/**
 * DescribeCluster: id, controller and brokers of the cluster (KIP-700).
 *
 * Version 1 can ask for the controllers (KIP-919), 2 for fenced brokers too (KIP-1073).
 *
 * @module
 */
import {
  array,
  bool,
  defaulting,
  type Infer,
  int16,
  int32,
  int8,
  nullable,
  prose,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const DescribeClusterRequest = request({
  key: 60,
  name: "DescribeClusterRequest",
  versions: [0, 2],
  flexible: 0,
}, {
  includeClusterAuthorizedOperations: bool,
  endpointType: since(1, int8, 1),
  includeFencedBrokers: since(2, bool),
});
export type DescribeClusterRequest = Infer<typeof DescribeClusterRequest>;

export const DescribeClusterResponse = response({
  key: 60,
  name: "DescribeClusterResponse",
  versions: [0, 2],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose),
  endpointType: since(1, int8, 1),
  clusterId: string,
  controllerId: defaulting(int32, -1),
  brokers: array({
    brokerId: int32,
    host: string,
    port: int32,
    rack: nullable(string),
    isFenced: since(2, bool),
  }),
  clusterAuthorizedOperations: defaulting(int32, -0x80000000),
});
export type DescribeClusterResponse = Infer<typeof DescribeClusterResponse>;
