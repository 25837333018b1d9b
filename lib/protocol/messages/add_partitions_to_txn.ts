/**
 * AddPartitionsToTxn: adds partitions to a transaction (KIP-98).
 *
 * Version 3 is flexible. Since version 4 brokers send several transactions at once, and may only verify; clients stay
 * with the fields of version 3 (KIP-890).
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
  request,
  response,
  since,
  string,
  until,
} from "../schema.ts";

const topic = { name: string, partitions: array(int32) };

const transaction = {
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  verifyOnly: bool,
  topics: array(topic),
};

export const AddPartitionsToTxnRequest = request({
  key: 24,
  name: "AddPartitionsToTxnRequest",
  versions: [0, 5],
  flexible: 3,
}, {
  transactions: since(4, array(transaction)),
  v3AndBelowTransactionalId: until(3, string),
  v3AndBelowProducerId: until(3, int64),
  v3AndBelowProducerEpoch: until(3, int16),
  v3AndBelowTopics: until(3, array(topic)),
});
export type AddPartitionsToTxnRequest = Infer<typeof AddPartitionsToTxnRequest>;

const topicResult = {
  name: string,
  resultsByPartition: array({ partitionIndex: int32, partitionErrorCode: int16 }),
};

const result = { transactionalId: string, topicResults: array(topicResult) };

export const AddPartitionsToTxnResponse = response({
  key: 24,
  name: "AddPartitionsToTxnResponse",
  versions: [0, 5],
  flexible: 3,
}, {
  throttleTimeMs: int32,
  errorCode: ignorable(since(4, int16)),
  resultsByTransaction: since(4, array(result)),
  resultsByTopicV3AndBelow: until(3, array(topicResult)),
});
export type AddPartitionsToTxnResponse = Infer<typeof AddPartitionsToTxnResponse>;
