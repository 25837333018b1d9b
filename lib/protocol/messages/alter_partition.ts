/**
 * AlterPartition: a partition leader asks the controller to change the in-sync replicas (KIP-497).
 *
 * Version 2 names topics by id, 3 has the epochs of the brokers (KIP-903).
 *
 * @module
 */
import {
  array,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  request,
  response,
  since,
  until,
  uuid,
} from "../schema.ts";

const brokerState = { brokerId: int32, brokerEpoch: defaulting(int64, -1n) };

export const AlterPartitionRequest = request(
  { key: 56, name: "AlterPartitionRequest", versions: [2, 3], flexible: 2 },
  {
    brokerId: int32,
    brokerEpoch: defaulting(int64, -1n),
    topics: array({
      topicId: ignorable(uuid),
      partitions: array({
        partitionIndex: int32,
        leaderEpoch: int32,
        newIsr: until(2, array(int32)),
        newIsrWithEpochs: since(3, array(brokerState)),
        leaderRecoveryState: int8,
        partitionEpoch: int32,
      }),
    }),
  },
);
export type AlterPartitionRequest = Infer<typeof AlterPartitionRequest>;

export const AlterPartitionResponse = response({
  key: 56,
  name: "AlterPartitionResponse",
  versions: [2, 3],
  flexible: 2,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  topics: array({
    topicId: ignorable(uuid),
    partitions: array({
      partitionIndex: int32,
      errorCode: int16,
      leaderId: int32,
      leaderEpoch: int32,
      isr: array(int32),
      leaderRecoveryState: ignorable(int8),
      partitionEpoch: int32,
    }),
  }),
});
export type AlterPartitionResponse = Infer<typeof AlterPartitionResponse>;
