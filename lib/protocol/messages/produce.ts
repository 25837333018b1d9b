/**
 * Produce: appends record batches to partitions.
 *
 * Version 3 has batches of magic 2 and the transactional id (KIP-98), 7 allows zstd (KIP-110), 8 names the records
 * that were refused (KIP-467), 9 is flexible (KIP-482), 10 tells who leads now (KIP-951), 12 adds partitions to the
 * transaction by itself (KIP-890), and 13 names topics by id (KIP-516).
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
  prose,
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

export const ProduceRequest = request({ key: 0, name: "ProduceRequest", versions: [3, 13], flexible: 9 }, {
  transactionalId: nullable(string),
  acks: int16,
  timeoutMs: int32,
  topicData: array({
    name: ignorable(until(12, string)),
    topicId: ignorable(since(13, uuid)),
    partitionData: array({ index: int32, records: nullable(records) }),
  }),
});
export type ProduceRequest = Infer<typeof ProduceRequest>;

const batchIndexAndErrorMessage = { batchIndex: int32, batchIndexErrorMessage: nullable(prose) };

const leaderIdAndEpoch = { leaderId: defaulting(int32, -1), leaderEpoch: defaulting(int32, -1) };

const nodeEndpoint = { nodeId: int32, host: string, port: int32, rack: nullable(string) };

export const ProduceResponse = response({ key: 0, name: "ProduceResponse", versions: [3, 13], flexible: 9 }, {
  responses: array({
    name: ignorable(until(12, string)),
    topicId: ignorable(since(13, uuid)),
    partitionResponses: array({
      index: int32,
      errorCode: int16,
      baseOffset: int64,
      logAppendTimeMs: ignorable(defaulting(int64, -1n)),
      logStartOffset: ignorable(since(5, int64, -1n)),
      recordErrors: ignorable(since(8, array(batchIndexAndErrorMessage))),
      errorMessage: ignorable(since(8, nullable(prose))),
      currentLeader: tagged(0, since(10, struct(leaderIdAndEpoch))),
    }),
  }),
  throttleTimeMs: ignorable(int32),
  nodeEndpoints: tagged(0, since(10, array(nodeEndpoint))),
});
export type ProduceResponse = Infer<typeof ProduceResponse>;
