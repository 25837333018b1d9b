/**
 * Records of `__transaction_state` (KIP-98).
 *
 * @module
 */
import {
  array,
  coordinatorKey,
  coordinatorValue,
  type Infer,
  int16,
  int32,
  int64,
  int8,
  nullable,
  since,
  string,
  tagged,
} from "../schema.ts";

/** Names a transactional id. */
export const TransactionLogKey = coordinatorKey(
  { key: 0, name: "TransactionLogKey", versions: [0, 0], flexible: null },
  {
    transactionalId: string,
  },
);
export type TransactionLogKey = Infer<typeof TransactionLogKey>;

/** Its producer, the state of its transaction and the partitions in it; version 1 is flexible (KIP-890). */
export const TransactionLogValue = coordinatorValue({
  key: 0,
  name: "TransactionLogValue",
  versions: [0, 1],
  flexible: 1,
}, {
  producerId: int64,
  previousProducerId: tagged(0, since(1, int64, -1n)),
  nextProducerId: tagged(1, since(1, int64, -1n)),
  producerEpoch: int16,
  nextProducerEpoch: tagged(3, since(1, int16, -1)),
  transactionTimeoutMs: int32,
  transactionStatus: int8,
  transactionPartitions: nullable(array({ topic: string, partitionIds: array(int32) }), []),
  transactionLastUpdateTimestampMs: int64,
  transactionStartTimestampMs: int64,
  clientTransactionVersion: tagged(2, since(1, int16)),
});
export type TransactionLogValue = Infer<typeof TransactionLogValue>;
