/**
 * DescribeTransactions: state and partitions of transactions (KIP-664).
 *
 * @module
 */
import { array, type Infer, int16, int32, int64, request, response, string } from "../schema.ts";

export const DescribeTransactionsRequest = request({
  key: 65,
  name: "DescribeTransactionsRequest",
  versions: [0, 0],
  flexible: 0,
}, {
  transactionalIds: array(string),
});
export type DescribeTransactionsRequest = Infer<typeof DescribeTransactionsRequest>;

export const DescribeTransactionsResponse = response({
  key: 65,
  name: "DescribeTransactionsResponse",
  versions: [0, 0],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  transactionStates: array({
    errorCode: int16,
    transactionalId: string,
    transactionState: string,
    transactionTimeoutMs: int32,
    transactionStartTimeMs: int64,
    producerId: int64,
    producerEpoch: int16,
    topics: array({ topic: string, partitions: array(int32) }),
  }),
});
export type DescribeTransactionsResponse = Infer<typeof DescribeTransactionsResponse>;
