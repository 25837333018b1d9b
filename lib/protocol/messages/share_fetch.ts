/**
 * ShareFetch: acquires records for a member of a share group, and acknowledges earlier ones (KIP-932).
 *
 * Version 2 can renew acquisition locks (KIP-1222), and take the limit of records strictly (KIP-1206).
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
  int64,
  int8,
  nullable,
  prose,
  records,
  request,
  response,
  since,
  string,
  struct,
  uuid,
} from "../schema.ts";

export const ShareFetchRequest = request({ key: 78, name: "ShareFetchRequest", versions: [1, 2], flexible: 1 }, {
  groupId: nullable(string),
  memberId: nullable(string, ""),
  shareSessionEpoch: int32,
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: defaulting(int32, 0x7fffffff),
  maxRecords: int32,
  batchSize: int32,
  shareAcquireMode: ignorable(since(2, int8)),
  isRenewAck: since(2, bool),
  topics: array({
    topicId: uuid,
    partitions: array({
      partitionIndex: int32,
      acknowledgementBatches: array({ firstOffset: int64, lastOffset: int64, acknowledgeTypes: array(int8) }),
    }),
  }),
  forgottenTopicsData: array({ topicId: uuid, partitions: array(int32) }),
});
export type ShareFetchRequest = Infer<typeof ShareFetchRequest>;

export const ShareFetchResponse = response({ key: 78, name: "ShareFetchResponse", versions: [1, 2], flexible: 1 }, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose),
  acquisitionLockTimeoutMs: int32,
  responses: array({
    topicId: uuid,
    partitions: array({
      partitionIndex: int32,
      errorCode: int16,
      errorMessage: nullable(prose),
      acknowledgeErrorCode: int16,
      acknowledgeErrorMessage: nullable(prose),
      currentLeader: struct({ leaderId: int32, leaderEpoch: int32 }),
      records: records,
      acquiredRecords: array({ firstOffset: int64, lastOffset: int64, deliveryCount: int16 }),
    }),
  }),
  nodeEndpoints: array({ nodeId: int32, host: string, port: int32, rack: nullable(string) }),
});
export type ShareFetchResponse = Infer<typeof ShareFetchResponse>;
