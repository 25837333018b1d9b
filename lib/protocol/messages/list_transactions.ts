/**
 * ListTransactions: the transactions that a broker coordinates (KIP-664).
 *
 * Version 1 filters by duration (KIP-994), 2 by a pattern of transactional ids (KIP-1152).
 *
 * @module
 */
import { array, type Infer, int16, int32, int64, nullable, request, response, since, string } from "../schema.ts";

export const ListTransactionsRequest = request({
  key: 66,
  name: "ListTransactionsRequest",
  versions: [0, 2],
  flexible: 0,
}, {
  stateFilters: array(string),
  producerIdFilters: array(int64),
  durationFilter: since(1, int64, -1n),
  transactionalIdPattern: since(2, nullable(string)),
});
export type ListTransactionsRequest = Infer<typeof ListTransactionsRequest>;

export const ListTransactionsResponse = response({
  key: 66,
  name: "ListTransactionsResponse",
  versions: [0, 2],
  flexible: 0,
}, {
  throttleTimeMs: int32,
  errorCode: int16,
  unknownStateFilters: array(string),
  transactionStates: array({ transactionalId: string, producerId: int64, transactionState: string }),
});
export type ListTransactionsResponse = Infer<typeof ListTransactionsResponse>;
