/**
 * AssignReplicasToDirs: a broker tells the controller in which log directory each replica lies (KIP-858).
 *
 * @module
 */
import { array, defaulting, type Infer, int16, int32, int64, request, response, uuid } from "../schema.ts";

export const AssignReplicasToDirsRequest = request({
  key: 73,
  name: "AssignReplicasToDirsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  brokerId: int32,
  brokerEpoch: defaulting(int64, -1n),
  directories: array({
    id: uuid,
    topics: array({
      topicId: uuid,
      partitions: array({ partitionIndex: int32 }),
    }),
  }),
});
export type AssignReplicasToDirsRequest = Infer<typeof AssignReplicasToDirsRequest>;

export const AssignReplicasToDirsResponse = response({
  key: 73,
  name: "AssignReplicasToDirsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  directories: array({
    id: uuid,
    topics: array({
      topicId: uuid,
      partitions: array({ partitionIndex: int32, errorCode: int16 }),
    }),
  }),
});
export type AssignReplicasToDirsResponse = Infer<typeof AssignReplicasToDirsResponse>;
