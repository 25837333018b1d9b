/**
 * Fetch: reads record batches of partitions, for consumers and replicas.
 *
 * Version 4 has the isolation level (KIP-98), 5 the log start offset (KIP-107), 7 incremental sessions (KIP-227), 9
 * the leader epoch (KIP-320), 10 allows zstd (KIP-110), 11 has racks (KIP-392), 12 is flexible and serves Raft
 * (KIP-595), 13 names topics by id (KIP-516), 15 moves the replica into a tagged field with its epoch (KIP-903), 16
 * tells who leads now (KIP-951), 17 has the directory of a replica (KIP-853), and 18 its high watermark (KIP-1166).
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
  nullable,
  records,
  request,
  response,
  since,
  string,
  struct,
  tagged,
  until,
  uuid,
} from "../schema.ts";

const replicaState = { replicaId: defaulting(int32, -1), replicaEpoch: defaulting(int64, -1n) };

const forgottenTopic = {
  topic: ignorable(until(12, string)),
  topicId: ignorable(since(13, uuid)),
  partitions: array(int32),
};

export const FetchRequest = request({ key: 1, name: "FetchRequest", versions: [4, 18], flexible: 12 }, {
  clusterId: ignorable(tagged(0, since(12, nullable(string)))),
  replicaId: until(14, int32, -1),
  replicaState: tagged(1, since(15, struct(replicaState))),
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: ignorable(defaulting(int32, 0x7fffffff)),
  isolationLevel: ignorable(int8),
  sessionId: ignorable(since(7, int32)),
  sessionEpoch: ignorable(since(7, int32, -1)),
  topics: array({
    topic: ignorable(until(12, string)),
    topicId: ignorable(since(13, uuid)),
    partitions: array({
      partition: int32,
      currentLeaderEpoch: ignorable(since(9, int32, -1)),
      fetchOffset: int64,
      lastFetchedEpoch: since(12, int32, -1),
      logStartOffset: ignorable(since(5, int64, -1n)),
      partitionMaxBytes: int32,
      replicaDirectoryId: ignorable(tagged(0, since(17, uuid))),
      highWatermark: ignorable(tagged(1, since(18, int64, 0x7fffffffffffffffn))),
    }),
  }),
  forgottenTopicsData: since(7, array(forgottenTopic)),
  rackId: ignorable(since(11, string)),
});
export type FetchRequest = Infer<typeof FetchRequest>;

const epochEndOffset = { epoch: defaulting(int32, -1), endOffset: defaulting(int64, -1n) };

const leaderIdAndEpoch = { leaderId: defaulting(int32, -1), leaderEpoch: defaulting(int32, -1) };

const snapshotId = { endOffset: defaulting(int64, -1n), epoch: defaulting(int32, -1) };

const nodeEndpoint = { nodeId: int32, host: string, port: int32, rack: nullable(string) };

export const FetchResponse = response({ key: 1, name: "FetchResponse", versions: [4, 18], flexible: 12 }, {
  throttleTimeMs: ignorable(int32),
  errorCode: ignorable(since(7, int16)),
  sessionId: since(7, int32),
  responses: array({
    topic: ignorable(until(12, string)),
    topicId: ignorable(since(13, uuid)),
    partitions: array({
      partitionIndex: int32,
      errorCode: int16,
      highWatermark: int64,
      lastStableOffset: ignorable(defaulting(int64, -1n)),
      logStartOffset: ignorable(since(5, int64, -1n)),
      divergingEpoch: tagged(0, since(12, struct(epochEndOffset))),
      currentLeader: tagged(1, since(12, struct(leaderIdAndEpoch))),
      snapshotId: tagged(2, since(12, struct(snapshotId))),
      abortedTransactions: ignorable(nullable(array({ producerId: int64, firstOffset: int64 }), [])),
      preferredReadReplica: since(11, int32, -1),
      records: nullable(records),
    }),
  }),
  nodeEndpoints: tagged(0, since(16, array(nodeEndpoint))),
});
export type FetchResponse = Infer<typeof FetchResponse>;
