/**
 * FetchSnapshot: a part of a snapshot of the metadata log (KIP-630).
 *
 * Version 1 has the directory id and endpoints (KIP-853).
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
  nullable,
  records,
  request,
  response,
  since,
  string,
  struct,
  tagged,
  uint16,
  uuid,
} from "../schema.ts";

const snapshotId = { endOffset: int64, epoch: int32 };

export const FetchSnapshotRequest = request({ key: 59, name: "FetchSnapshotRequest", versions: [0, 1], flexible: 0 }, {
  clusterId: tagged(0, nullable(string)),
  replicaId: defaulting(int32, -1),
  maxBytes: defaulting(int32, 0x7fffffff),
  topics: array({
    name: string,
    partitions: array({
      partition: int32,
      currentLeaderEpoch: int32,
      snapshotId: struct(snapshotId),
      position: int64,
      replicaDirectoryId: ignorable(tagged(0, since(1, uuid))),
    }),
  }),
});
export type FetchSnapshotRequest = Infer<typeof FetchSnapshotRequest>;

export const FetchSnapshotResponse = response(
  { key: 59, name: "FetchSnapshotResponse", versions: [0, 1], flexible: 0 },
  {
    throttleTimeMs: ignorable(int32),
    errorCode: int16,
    topics: array({
      name: string,
      partitions: array({
        index: int32,
        errorCode: int16,
        snapshotId: struct(snapshotId),
        currentLeader: tagged(0, struct({ leaderId: int32, leaderEpoch: int32 })),
        size: int64,
        position: int64,
        unalignedRecords: records,
      }),
    }),
    nodeEndpoints: tagged(0, since(1, array({ nodeId: int32, host: string, port: uint16 }))),
  },
);
export type FetchSnapshotResponse = Infer<typeof FetchSnapshotResponse>;
