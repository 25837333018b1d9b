/**
 * ElectLeaders: elects the preferred leaders of partitions (KIP-183).
 *
 * Version 1 has the election type, for unclean ones too (KIP-460), 2 is flexible.
 *
 * @module
 */
import {
  array,
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

export const ElectLeadersRequest = request({ key: 43, name: "ElectLeadersRequest", versions: [0, 2], flexible: 2 }, {
  electionType: since(1, int8),
  topicPartitions: nullable(array({ topic: string, partitions: array(int32) }), []),
  timeoutMs: defaulting(int32, 60000),
});
export type ElectLeadersRequest = Infer<typeof ElectLeadersRequest>;

export const ElectLeadersResponse = response({ key: 43, name: "ElectLeadersResponse", versions: [0, 2], flexible: 2 }, {
  throttleTimeMs: int32,
  errorCode: since(1, int16),
  replicaElectionResults: array({
    topic: string,
    partitionResult: array({ partitionId: int32, errorCode: int16, errorMessage: nullable(prose, "") }),
  }),
});
export type ElectLeadersResponse = Infer<typeof ElectLeadersResponse>;
