/**
 * Bringing the state of the producers up to date from what the log holds: its batches are taken as they are.
 *
 * @module
 */
import type { Compressor } from "../ports.ts";
import { ControlRecordType } from "../protocol/records/producer.ts";
import {
  type Batch,
  controlRecordTypeOf,
  coordinatorEpochOf,
  CorruptBatchError,
  type RecordBatch,
  recordsOf,
} from "../records/mod.ts";
import type { ProducerState, TransactionMarker } from "./producer_state.ts";
import type { Segment } from "./segment.ts";
import type { AbortedTxn } from "./transaction_index.ts";

/**
 * What the marker in a control batch of a producer says.
 *
 * @throws {DecodeError} where the batch is no marker
 */
export function markerOf(batch: RecordBatch, compressor: Compressor): TransactionMarker {
  const [record] = recordsOf(batch, compressor);
  if (record === undefined) throw new CorruptBatchError("records", "A transaction marker has no record", 0);
  return {
    isAbort: controlRecordTypeOf(record) === ControlRecordType.ABORT,
    coordinatorEpoch: coordinatorEpochOf(record),
  };
}

/** Takes note of a batch that the log holds; returns the transactions that it aborts. */
export function replayBatch(producers: ProducerState, batch: Batch, compressor: Compressor): AbortedTxn[] {
  let aborted: AbortedTxn[] = [];
  // The cleaner leaves markers without their record: they ended transactions of which nothing is left.
  const isEmptied = batch.isControl && batch.recordCount === 0;
  if (batch.magic === 2 && batch.producerId !== -1n && !isEmptied) {
    const update = producers.stage();
    if (batch.isControl) update.addMarker(batch, markerOf(batch, compressor), true);
    else update.addData(batch, true, false);
    aborted = producers.apply(update);
  }
  producers.endOffset = batch.nextOffset;
  return aborted;
}

/** Brings the state from its end to `endOffset`. */
export async function replayProducers(
  producers: ProducerState,
  segments: readonly Segment[],
  endOffset: number,
  compressor: Compressor,
): Promise<void> {
  for (const [index, segment] of segments.entries()) {
    const segmentEnd = segments[index + 1]?.baseOffset ?? Infinity;
    if (segmentEnd <= producers.endOffset) continue;
    if (segment.baseOffset >= endOffset) break;
    const position = (await segment.loadIndexes()).offsets.lookup(producers.endOffset);
    for await (const { batch } of segment.scan(position)) {
      if (batch.lastOffset >= endOffset) break;
      if (batch.lastOffset >= producers.endOffset) replayBatch(producers, batch, compressor);
    }
  }
  producers.endOffset = endOffset;
}
