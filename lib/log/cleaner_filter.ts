/**
 * What cleaning leaves of a batch: all of it, some of its records, its header alone, or nothing.
 *
 * Offsets never change: a batch keeps its base offset and last offset, whatever it loses between them, and with them its sequence numbers.
 *
 * @module
 */
import type { Compressor } from "../ports.ts";
import {
  type Batch,
  type BatchOptions,
  cursorsOf,
  firstOffsetOf,
  RecordBatch,
  RecordBatchBuilder,
  type RecordCursor,
} from "../records/mod.ts";
import type { OffsetMap } from "./cleaner_offset_map.ts";
import type { Pace } from "./cleaner_pace.ts";
import type { CleanedTransactions } from "./cleaner_transactions.ts";

/** Where a producer stands in a log: what it must be known by after a restart. */
export interface ProducerEnd {
  /** The last offset of its last batch of data in the current epoch; -1 where there is none. */
  readonly lastDataOffset: number;
  readonly producerEpoch: number;
}

/** What the filter goes by. */
export interface FilterOptions {
  readonly compressor: Compressor;
  readonly pace: Pace;
  /** The last offset of each key in the dirty part. */
  readonly map: OffsetMap;
  /** The dirty part was looked at up to here; what lies beyond stays. */
  readonly endOffset: number;
  readonly transactions: CleanedTransactions;
  readonly producers: ReadonlyMap<bigint, ProducerEnd>;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
}

/** Decides batch by batch, in the order of offsets. */
export class BatchFilter {
  readonly #options: FilterOptions;

  constructor(options: FilterOptions) {
    this.#options = options;
  }

  /**
   * The bytes that take the place of a batch; its own where nothing is to change, null where nothing is to stay.
   *
   * @param segmentEnd the offset at which the next segment begins: the batch before it stays, were it empty, so that no segment seems to
   *   lack its end
   * @throws {DecodeError} where the batch is damaged
   * @throws {UnsupportedCompressionError}
   */
  async filter(batch: Batch, segmentEnd: number): Promise<Uint8Array | null> {
    if (batch.magic !== 2) return await this.#filterRecords(batch, segmentEnd);
    const isUseless = this.#options.transactions.observe(batch);
    if (batch.recordCount === 0) return this.#emptied(batch, segmentEnd);
    if (!batch.isControl) {
      return isUseless ? this.#emptied(batch, segmentEnd) : await this.#filterRecords(batch, segmentEnd);
    }
    if (!isUseless) return batch.bytes;
    if (batch.hasDeleteHorizon) {
      return this.#options.nowMs < batch.baseTimestamp ? batch.bytes : this.#emptied(batch, segmentEnd);
    }
    return await this.#rebuild(batch, cursorsOf(batch, this.#options.compressor), true);
  }

  /** The header of a batch without its records; null where it need not stay either. */
  #emptied(batch: RecordBatch, segmentEnd: number): Uint8Array | null {
    const isEmpty = batch.recordCount === 0;
    if (this.#isEndOfProducer(batch)) {
      return isEmpty ? batch.bytes : emptied(batch, headerOf(batch), batch.maxTimestamp);
    }
    if (batch.nextOffset !== segmentEnd) return null;
    if (isEmpty && batch.producerId === -1n) return batch.bytes;
    // It must neither keep a transaction's marker here nor have the segment searched, in vain, for records of its time; without any time,
    // the segment would pass for as young as its file.
    const { baseOffset, partitionLeaderEpoch } = batch;
    return emptied(batch, { baseOffset, partitionLeaderEpoch }, 0);
  }

  /** Without its last batch, the sequence number of a producer would be forgotten by a restart that must read the log. */
  #isEndOfProducer(batch: RecordBatch): boolean {
    const end = this.#options.producers.get(batch.producerId);
    if (end === undefined) return false;
    if (end.lastDataOffset >= 0) return batch.lastOffset === end.lastDataOffset;
    return batch.isControl && batch.producerEpoch === end.producerEpoch;
  }

  async #filterRecords(batch: Batch, segmentEnd: number): Promise<Uint8Array | null> {
    const { compressor, pace } = this.#options;
    // The records are read twice rather than kept: as objects they could take a hundred times their bytes.
    const cursors = cursorsOf(batch, compressor);
    let count = 0;
    let retainedCount = 0;
    let hasTombstones = false;
    for (const cursor = cursors(); cursor.next();) {
      count++;
      if (pace.isOverAfter(cursor.keyEnd - cursor.keyStart)) await pace.rest();
      if (!this.#isRetained(batch, cursor)) continue;
      retainedCount++;
      hasTombstones ||= !cursor.hasValue;
    }
    if (retainedCount === 0) return batch.magic === 2 ? this.#emptied(batch, segmentEnd) : null;
    const needsHorizon = hasTombstones && !hasDeleteHorizon(batch);
    if (retainedCount === count && !needsHorizon) return batch.bytes;
    return await this.#rebuild(batch, cursors, needsHorizon);
  }

  #isRetained(batch: Batch, cursor: RecordCursor): boolean {
    const { map, endOffset, nowMs } = this.#options;
    if (batch.magic === 2 && batch.isControl) return true;
    const { offset } = cursor;
    if (offset >= endOffset) return true;
    // The topic was not always compacted, or it would have no record without a key.
    if (!cursor.hasKey || offset < map.get(cursor.bytes, cursor.keyStart, cursor.keyEnd)) return false;
    return cursor.hasValue || !hasDeleteHorizon(batch) || nowMs < batch.baseTimestamp;
  }

  /** With the records that stay. A batch of an old format becomes one of magic 2, which alone has a delete horizon. */
  async #rebuild(batch: Batch, cursors: () => RecordCursor, needsHorizon: boolean): Promise<Uint8Array> {
    const { compressor, nowMs, deleteRetentionMs, pace } = this.#options;
    const oldHorizonMs = hasDeleteHorizon(batch) ? batch.baseTimestamp : undefined;
    const deleteHorizonMs = needsHorizon ? nowMs + deleteRetentionMs : oldHorizonMs;
    const isLogAppendTime = batch.timestampType === "LogAppendTime";
    const builder = new RecordBatchBuilder({
      ...(batch.magic === 2 ? headerOf(batch) : { baseOffset: firstOffsetOf(batch, compressor) }),
      compressionType: batch.compressionType,
      logAppendTimeMs: isLogAppendTime ? batch.maxTimestamp : undefined,
      deleteHorizonMs,
    }, compressor);
    for (const cursor = cursors(); cursor.next();) {
      if (pace.isOverAfter(cursor.keyEnd - cursor.keyStart)) await pace.rest();
      if (this.#isRetained(batch, cursor)) builder.appendRecord(cursor.record(), cursor.offset);
    }
    return builder.build(batch.lastOffset);
  }
}

function emptied({ lastOffset, timestampType }: RecordBatch, header: BatchOptions, maxTimestamp: number): Uint8Array {
  const bytes = new RecordBatchBuilder(header).build(lastOffset);
  new RecordBatch(bytes).setMaxTimestamp(
    timestampType === "LogAppendTime" ? "LogAppendTime" : "CreateTime",
    maxTimestamp,
  );
  return bytes;
}

function headerOf(batch: RecordBatch) {
  const { baseOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence, isTransactional, isControl } =
    batch;
  return { baseOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence, isTransactional, isControl };
}

function hasDeleteHorizon(batch: Batch): batch is RecordBatch {
  return batch.magic === 2 && batch.hasDeleteHorizon;
}
