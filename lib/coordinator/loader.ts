/**
 * Loads a shard: replays its partition from the beginning, transactions included.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import type { PartitionLog } from "../log/mod.ts";
import type { Compressor } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { ControlRecordType } from "../protocol/records/producer.ts";
import { type Batch, batchesOf, controlRecordTypeOf, recordsOf } from "../records/mod.ts";
import type { CoordinatorKind, CoordinatorState } from "./runtime.ts";

/** How much is read at a time. */
const READ_BYTES = 1024 * 1024;

/**
 * Replays all that is committed in `log`. Records of types that this broker does not know are passed over: a newer one
 * wrote them, and they stay in the log for it.
 *
 * @throws {Error} where the log cannot be read
 * @throws {DecodeError} where a record is damaged, or of a version that is not known
 */
export async function loadShard<R extends { readonly name: string }, S extends CoordinatorState<R>>(
  log: PartitionLog,
  kind: CoordinatorKind<R, S>,
  state: S,
  { compressor }: { readonly compressor: Compressor },
): Promise<void> {
  let offset = log.logStartOffset;
  while (offset < log.highWatermark) {
    const read = await log.read(offset, {
      maxBytes: READ_BYTES,
      atLeastOneBatch: true,
      isolationLevel: "read-uncommitted",
    });
    if (read.errorCode !== ErrorCode.NONE) throw new Error(`it cannot be read at offset ${offset}`);
    const from = offset;
    for (const batch of batchesOf(read.records)) {
      try {
        replayBatch(batch, from, kind, state, compressor);
      } catch (error) {
        throw error instanceof DecodeError ? error.within(`the batch that ends at offset ${batch.lastOffset}`) : error;
      }
      offset = batch.lastOffset + 1;
    }
    if (offset === from) return;
  }
}

function replayBatch<R extends { readonly name: string }, S extends CoordinatorState<R>>(
  batch: Batch,
  fromOffset: number,
  kind: CoordinatorKind<R, S>,
  state: S,
  compressor: Compressor,
): void {
  if (batch.magic === 2 && batch.isControl) {
    for (const record of recordsOf(batch, compressor)) {
      const type = controlRecordTypeOf(record);
      if (type === ControlRecordType.COMMIT) state.endTransaction(batch.producerId, true);
      if (type === ControlRecordType.ABORT) state.endTransaction(batch.producerId, false);
    }
    return;
  }
  const producerId = batch.magic === 2 && batch.isTransactional ? batch.producerId : undefined;
  for (const { offset, key, value } of recordsOf(batch, compressor)) {
    if (key === null || offset < fromOffset) continue;
    const record = kind.decode({ key, value });
    if (record.name !== null) state.replay(record, producerId, offset);
  }
}
