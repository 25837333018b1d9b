/**
 * A segment that the cleaner writes, until it takes the place of others.
 *
 * Its files end in `.cleaned` while they are written, in `.swap` once they are whole and safe, and lose that when it is on the device that
 * the segments before them are out of the way; a crash at any point leaves what Apache Kafka and `interrupted_swap.ts` know how to finish, or
 * to undo.
 *
 * @module
 */
import type { DiskFile } from "../ports.ts";
import { batchHeaderAt } from "../records/mod.ts";
import { syncFile, writeFileSync } from "./checkpoint_files.ts";
import type { LogContext } from "./log_context.ts";
import {
  CLEANED_SUFFIX,
  LOG_SUFFIX,
  type LogFolder,
  OFFSET_INDEX_SUFFIX,
  SWAP_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from "./log_folder.ts";
import { Segment } from "./segment.ts";
import { SegmentIndexes } from "./segment_indexes.ts";
import { type AbortedTxn, TransactionIndex } from "./transaction_index.ts";

/** Batches are written this many bytes at a time. */
const BUFFER_BYTES = 256 << 10;

/** One segment in the making. Its methods throw or reject with a {@linkcode DiskError} where the disk fails. */
export class CleanedSegment {
  readonly baseOffset: number;
  readonly #context: LogContext;
  readonly #folder: LogFolder;
  readonly #indexIntervalBytes: number;
  readonly #file: DiskFile;
  readonly #indexes: SegmentIndexes;
  readonly #transactions = new TransactionIndex();
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #bufferedBytes = 0;
  #size = 0;

  constructor(context: LogContext, folder: LogFolder, baseOffset: number, indexIntervalBytes: number) {
    this.#context = context;
    this.#folder = folder;
    this.baseOffset = baseOffset;
    this.#indexIntervalBytes = indexIntervalBytes;
    this.#indexes = SegmentIndexes.empty(baseOffset);
    this.#file = context.disk.openSync(this.#path(LOG_SUFFIX + CLEANED_SUFFIX), "truncate");
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends one batch. */
  append(bytes: Uint8Array): void {
    const { lastOffset, maxTimestamp } = batchHeaderAt(bytes)!;
    this.#indexes.add(lastOffset, maxTimestamp, this.#size, this.#indexIntervalBytes);
    if (this.#bufferedBytes + bytes.length > BUFFER_BYTES) this.#writeBuffer();
    if (bytes.length > BUFFER_BYTES) {
      this.#file.writeSync(this.#size, bytes);
    } else {
      this.#buffer.set(bytes, this.#bufferedBytes);
      this.#bufferedBytes += bytes.length;
    }
    this.#size += bytes.length;
  }

  /** Takes note of an aborted transaction whose marker is in this segment. */
  addAborted(txn: AbortedTxn): void {
    this.#transactions.append(txn);
  }

  /** Completes the files; resolves when their content would survive a power cut. */
  async seal(): Promise<void> {
    const { disk } = this.#context;
    this.#writeBuffer();
    this.#indexes.seal();
    const contents: [suffix: string, bytes: Uint8Array][] = [
      [OFFSET_INDEX_SUFFIX, this.#indexes.offsets.bytes],
      [TIME_INDEX_SUFFIX, this.#indexes.times.bytes],
    ];
    if (this.#transactions.entryCount > 0) contents.push([TRANSACTION_INDEX_SUFFIX, this.#transactions.bytes]);
    for (const [suffix, bytes] of contents) writeFileSync(disk, this.#path(suffix + CLEANED_SUFFIX), bytes);
    await Promise.all([
      this.#file.sync(),
      ...contents.map(([suffix]) => syncFile(disk, this.#path(suffix + CLEANED_SUFFIX))),
    ]);
    this.#file.close();
  }

  /** Ends the use of the file, whatever is in it. */
  close(): void {
    this.#file.close();
  }

  /** Removes the files. */
  discard(): void {
    this.#file.close();
    // The records last: as long as that file is there, a start takes none of the others for good.
    for (const suffix of [...INDEX_SUFFIXES, LOG_SUFFIX]) {
      this.#context.disk.removeSync(this.#path(suffix + SWAP_SUFFIX));
      this.#context.disk.removeSync(this.#path(suffix + CLEANED_SUFFIX));
    }
  }

  /** From now on, a start of the broker completes what was begun. The records come last, for the same reason. */
  markWhole(): void {
    for (const suffix of [...INDEX_SUFFIXES, LOG_SUFFIX]) this.#rename(suffix + CLEANED_SUFFIX, suffix + SWAP_SUFFIX);
  }

  /** The segment, with its files as {@linkcode markWhole} has left them; it is to be {@linkcode Segment.moveIn}. */
  segment(): Segment {
    return new Segment(this.#context, this.#folder, this.baseOffset, this.#size, this.#transactions, SWAP_SUFFIX);
  }

  #rename(from: string, to: string): void {
    const { disk } = this.#context;
    if (disk.statSync(this.#path(from)) !== null) disk.renameSync(this.#path(from), this.#path(to));
  }

  #writeBuffer(): void {
    if (this.#bufferedBytes === 0) return;
    this.#file.writeSync(this.#size - this.#bufferedBytes, this.#buffer.subarray(0, this.#bufferedBytes));
    this.#bufferedBytes = 0;
  }

  #path(suffix: string): string {
    return this.#folder.fileOf(this.baseOffset, suffix);
  }
}

const INDEX_SUFFIXES = [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX];
