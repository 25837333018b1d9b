/**
 * EndTxn: commits or aborts a transaction (KIP-98).
 *
 * Version 3 is flexible, 4 may answer TRANSACTION_ABORTABLE, 5 answers the producer's next id and epoch (KIP-890).
 *
 * @module
 */
import { bool, ignorable, type Infer, int16, int32, int64, request, response, since, string } from "../schema.ts";

export const EndTxnRequest = request({ key: 26, name: "EndTxnRequest", versions: [0, 5], flexible: 3 }, {
  transactionalId: string,
  producerId: int64,
  producerEpoch: int16,
  committed: bool,
});
export type EndTxnRequest = Infer<typeof EndTxnRequest>;

export const EndTxnResponse = response({ key: 26, name: "EndTxnResponse", versions: [0, 5], flexible: 3 }, {
  throttleTimeMs: int32,
  errorCode: int16,
  producerId: ignorable(since(5, int64, -1n)),
  producerEpoch: ignorable(since(5, int16, -1)),
});
export type EndTxnResponse = Infer<typeof EndTxnResponse>;
