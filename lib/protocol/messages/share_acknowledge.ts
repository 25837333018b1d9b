/**
 * ShareAcknowledge: acknowledges records that a member of a share group has acquired (KIP-932).
 *
 * Version 2 can renew acquisition locks (KIP-1222).
 *
 * @module
 */
import {
  array,
  bool,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  nullable,
  prose,
  request,
  response,
  since,
  string,
  struct,
  uuid,
} from "../schema.ts";

export const ShareAcknowledgeRequest = request({
  key: 79,
  name: "ShareAcknowledgeRequest",
  versions: [1, 2],
  flexible: 1,
}, {
  groupId: nullable(string),
  memberId: nullable(string, ""),
  shareSessionEpoch: int32,
  isRenewAck: since(2, bool),
  topics: array({
    topicId: uuid,
    partitions: array({
      partitionIndex: int32,
      acknowledgementBatches: array({ firstOffset: int64, lastOffset: int64, acknowledgeTypes: array(int8) }),
    }),
  }),
});
export type ShareAcknowledgeRequest = Infer<typeof ShareAcknowledgeRequest>;

export const ShareAcknowledgeResponse = response({
  key: 79,
  name: "ShareAcknowledgeResponse",
  versions: [1, 2],
  flexible: 1,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullable(prose),
  acquisitionLockTimeoutMs: ignorable(since(2, int32)),
  responses: array({
    topicId: uuid,
    partitions: array({
      partitionIndex: int32,
      errorCode: int16,
      errorMessage: nullable(prose),
      currentLeader: struct({ leaderId: int32, leaderEpoch: int32 }),
    }),
  }),
  nodeEndpoints: array({ nodeId: int32, host: string, port: int32, rack: nullable(string) }),
});
export type ShareAcknowledgeResponse = Infer<typeof ShareAcknowledgeResponse>;
