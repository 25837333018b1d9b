/**
 * The segments of one log: which there are, and how they come and go, on the disk and in memory.
 *
 * The list is replaced, never changed, so that whoever reads or cleans goes on with the segments that it began with, and
 * can tell that the log has others by now.
 *
 * @module
 */
import type { CleanedSegment } from "./cleaner_segment.ts";
import type { LogContext } from "./log_context.ts";
import { LOG_SUFFIX, type LogFolder } from "./log_folder.ts";
import { floorIndex } from "./log_loader.ts";
import type { LogSync } from "./log_sync.ts";
import type { LogConfig } from "./partition_log.ts";
import type { ProducerSnapshotFiles } from "./producer_snapshot_files.ts";
import type { ProducerState } from "./producer_state.ts";
import { Segment } from "./segment.ts";
import type { AbortedTxn } from "./transaction_index.ts";

/** At least one segment, the last one active. */
export class LogSegments {
  readonly #context: LogContext;
  readonly #folder: LogFolder;
  readonly #snapshots: ProducerSnapshotFiles;
  readonly #sync: () => LogSync;
  #all: readonly Segment[];
  #sizeInBytes: number;

  /** @param sync told of what is to be brought to the device */
  constructor(
    context: LogContext,
    folder: LogFolder,
    snapshots: ProducerSnapshotFiles,
    all: readonly Segment[],
    sync: () => LogSync,
  ) {
    this.#context = context;
    this.#folder = folder;
    this.#snapshots = snapshots;
    this.#sync = sync;
    this.#all = all;
    this.#sizeInBytes = all.reduce((sum, segment) => sum + segment.size, 0);
  }

  /** In the order of their offsets. */
  get all(): readonly Segment[] {
    return this.#all;
  }

  get active(): Segment {
    return this.#all[this.#all.length - 1];
  }

  get sizeInBytes(): number {
    return this.#sizeInBytes;
  }

  /** From the one that contains `offset` on. */
  from(offset: number): readonly Segment[] {
    return this.#all.slice(Math.max(0, floorIndex(this.#all, offset)));
  }

  /** True where these segments are still part of the log, one after the other. */
  holds(segments: readonly Segment[]): boolean {
    const first = this.#all.indexOf(segments[0]);
    return first >= 0 && segments.every((segment, index) => this.#all[first + index] === segment);
  }

  /** Takes note of what was appended to the active one. */
  grow(bytes: number): void {
    this.#sizeInBytes += bytes;
  }

  /**
   * Begins a new segment at the end of the log. Where that fails, all stays as it was.
   *
   * @throws {DiskError}
   */
  roll(logEndOffset: number, producers: ProducerState, config: LogConfig): void {
    const closing = this.active;
    const path = this.#folder.fileOf(logEndOffset, LOG_SUFFIX);
    let next: Segment;
    let snapshotPath: string | null = null;
    try {
      next = Segment.create(this.#context, this.#folder, logEndOffset, config);
      snapshotPath = this.#snapshots.write(producers);
      closing.close();
    } catch (error) {
      this.#context.files.close(path);
      // Were it to stay, recovery would take what this segment still gets for a part of the log that is torn.
      closing.isDamaged = true;
      this.#context.disk.removeSync(path);
      closing.isDamaged = false;
      // The next roll would find it there, and take it for one that is on the device.
      if (snapshotPath !== null) this.#snapshots.removeAll([logEndOffset]);
      this.#sync().namesChanged();
      throw error;
    }
    this.#all = [...this.#all, next];
    this.#context.logger.debug?.(`Began the segment ${path}`);
    this.#sync().rolled(closing, snapshotPath);
  }

  /**
   * Deletes the first `count`, from the first on, so that where it fails the rest is without a gap.
   *
   * @throws {DiskError}
   */
  deleteFirst(count: number, { fileDeleteDelayMs }: LogConfig): void {
    for (const segment of this.#all.slice(0, count)) {
      this.#remove(segment, fileDeleteDelayMs);
      this.#all = this.#all.slice(1);
      this.#snapshots.removeUpTo(segment.baseOffset);
    }
  }

  /**
   * Puts a cleaned segment in the place of others, none of which is active. Returns it: it is to be moved in when what
   * this has done is on the device.
   *
   * @throws {DiskError}
   */
  replace(replaced: readonly Segment[], cleaned: CleanedSegment, { fileDeleteDelayMs }: LogConfig): Segment {
    const first = this.#all.indexOf(replaced[0]);
    const rest = this.#all.slice(first + replaced.length);
    for (const segment of replaced) this.#remove(segment, fileDeleteDelayMs);
    const segment = cleaned.segment();
    this.#all = [...this.#all.slice(0, first), segment, ...rest];
    this.#sizeInBytes += segment.size;
    this.#snapshots.removeAll(replaced.slice(1).map(({ baseOffset }) => baseOffset));
    return segment;
  }

  /** Those with records from `startOffset` up to `endOffset`; they may have ended in a later segment than these are in. */
  abortedTransactions(startOffset: number, endOffset: number): AbortedTxn[] {
    const found: AbortedTxn[] = [];
    if (endOffset > startOffset) {
      for (const segment of this.from(startOffset)) {
        if (segment.transactions.collect(startOffset, endOffset, found)) break;
      }
    }
    return found;
  }

  #remove(segment: Segment, deleteDelayMs: number): void {
    this.#context.logger.debug?.(`Removes the segment ${segment.path(LOG_SUFFIX)} (${segment.size} bytes)`);
    const paths = segment.markDeleted();
    this.#sync().forget(segment);
    this.#sizeInBytes -= segment.size;
    this.#context.removeLater(paths, deleteDelayMs);
  }
}
