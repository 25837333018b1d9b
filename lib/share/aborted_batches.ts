/**
 * Finds what a share group that reads committed records must not be given.
 *
 * @module
 */
import type { AbortedTransaction } from "../log/mod.ts";
import type { Compressor } from "../ports.ts";
import { ControlRecordType } from "../protocol/records/producer.ts";
import { type Batch, controlRecordTypeOf, type RecordBatch, recordsOf } from "../records/mod.ts";

/**
 * The batches of aborted transactions.
 *
 * @throws {DecodeError} where a control batch is damaged
 */
export function abortedBatches(
  batches: readonly Batch[],
  abortedTransactions: readonly AbortedTransaction[],
  compressor: Compressor,
): RecordBatch[] {
  const toBegin = [...abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborted = new Set<bigint>();
  const found: RecordBatch[] = [];
  for (const batch of batches) {
    if (batch.magic !== 2 || batch.producerId === NO_PRODUCER_ID) continue;
    while (toBegin.length > 0 && toBegin[0].firstOffset <= batch.lastOffset) aborted.add(toBegin.shift()!.producerId);
    if (isAbortMarker(batch, compressor)) aborted.delete(batch.producerId);
    else if (batch.isTransactional && !batch.isControl && aborted.has(batch.producerId)) found.push(batch);
  }
  return found;
}

const NO_PRODUCER_ID = -1n;

function isAbortMarker(batch: RecordBatch, compressor: Compressor): boolean {
  if (!batch.isControl) return false;
  const [marker] = recordsOf(batch, compressor);
  return marker !== undefined && controlRecordTypeOf(marker) === ControlRecordType.ABORT;
}
