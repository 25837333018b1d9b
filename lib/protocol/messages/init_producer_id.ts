/**
 * InitProducerId: a producer id and epoch, for idempotence and transactions (KIP-98).
 *
 * Version 2 is flexible, 3 lets a producer bump the epoch that it has (KIP-360), 4 may answer PRODUCER_FENCED
 * (KIP-588), 5 TRANSACTION_ABORTABLE (KIP-890). Version 6 (two-phase commit, KIP-939) is not stable and not announced.
 *
 * @module
 */
import {
  bool,
  defaulting,
  ignorable,
  type Infer,
  int16,
  int32,
  int64,
  nullable,
  request,
  response,
  since,
  string,
} from "../schema.ts";

export const InitProducerIdRequest = request({
  key: 22,
  name: "InitProducerIdRequest",
  versions: [0, 6],
  flexible: 2,
  lastStable: 5,
}, {
  transactionalId: nullable(string, ""),
  transactionTimeoutMs: int32,
  producerId: since(3, int64, -1n),
  producerEpoch: since(3, int16, -1),
  enable2Pc: since(6, bool),
  keepPreparedTxn: since(6, bool),
});
export type InitProducerIdRequest = Infer<typeof InitProducerIdRequest>;

export const InitProducerIdResponse = response({
  key: 22,
  name: "InitProducerIdResponse",
  versions: [0, 6],
  flexible: 2,
}, {
  throttleTimeMs: ignorable(int32),
  errorCode: int16,
  producerId: defaulting(int64, -1n),
  producerEpoch: int16,
  ongoingTxnProducerId: since(6, int64, -1n),
  ongoingTxnProducerEpoch: since(6, int16, -1),
});
export type InitProducerIdResponse = Infer<typeof InitProducerIdResponse>;
