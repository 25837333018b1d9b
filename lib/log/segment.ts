/**
 * A segment: a stretch of a partition's log in one `.log` file, with its indexes.
 *
 * The last segment of a log is active: its indexes are in memory, and reach their files when the log rolls to the next
 * or stops. The indexes of the others are loaded when a reader needs them, and made anew where they are missing or
 * damaged.
 *
 * @module
 */
import { BATCH_HEADER_BYTES, batchHeaderAt, CorruptBatchError } from "../records/mod.ts";
import { DiskError } from "../ports.ts";
import type { ReadLimits } from "./batch_extent.ts";
import { readFileSync, writeFileSync } from "./checkpoint_files.ts";
import type { LogContext } from "./log_context.ts";
import {
  DELETED_SUFFIX,
  LOG_SUFFIX,
  type LogFolder,
  OFFSET_INDEX_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from "./log_folder.ts";
import type { LogConfig } from "./partition_log.ts";
import { SegmentIndexes } from "./segment_indexes.ts";
import { type FoundExtent, type PositionedBatch, readExtent, scanBatches, WRONG_CHECKSUM } from "./segment_reader.ts";
import { type MaxTimestamp, TIME_INDEX_ENTRY_BYTES, timeIndexEntryAt } from "./time_index.ts";
import { TransactionIndex } from "./transaction_index.ts";

/** An offset is kept relative to the segment's first one, as an int32. */
export const MAX_RELATIVE_OFFSET = 2 ** 31 - 1;
/** Places at which readers stopped, so that one that comes back for more needs no index. */
const REMEMBERED_PLACES = 8;
/** For indexes that are made anew when a reader needs them, whatever the topic's setting was when they were lost. */
const DEFAULT_INDEX_INTERVAL_BYTES = 4096;

/** The segment was deleted, or replaced by a cleaned one, while it was being read: those that the log has now are to be asked. */
export class SegmentGoneError extends Error {
  override name = "SegmentGoneError";
}

/** What a segment keeps of an appended batch. */
export interface AppendedBatch {
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  readonly sizeInBytes: number;
}

/** What an append would add, to decide whether it still fits. */
export interface RollParameters {
  readonly sizeInBytes: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  readonly nowMs: number;
}

/** One segment. Its methods throw or reject with a {@linkcode DiskError} where the disk fails. */
export class Segment {
  readonly baseOffset: number;
  readonly transactions: TransactionIndex;
  /** True once its files are renamed to be removed. */
  isDeleted = false;
  /** True once a failed append could not be undone: what the file ends with is not known. */
  isDamaged = false;
  readonly #context: LogContext;
  readonly #folder: LogFolder;
  #size: number;
  /** Of the active segment; null for another, and before they are needed. */
  #activeIndexes: SegmentIndexes | null = null;
  /** Of a closed segment, once it is known. */
  #maxTimestamp: MaxTimestamp | null = null;
  /** Null before it is known. */
  #firstTimestamp: number | null = null;
  readonly #createdMs: number;
  /** What its files have behind their names while it is moving in, else nothing. */
  #swapSuffix: string;
  #rollJitterMs = 0;
  readonly #places = new Map<number, number>();

  /** A segment whose file is there with `size` bytes. */
  constructor(
    context: LogContext,
    folder: LogFolder,
    baseOffset: number,
    size: number,
    transactions = new TransactionIndex(),
    swapSuffix = "",
  ) {
    this.#context = context;
    this.#folder = folder;
    this.baseOffset = baseOffset;
    this.#size = size;
    this.transactions = transactions;
    this.#createdMs = context.clock.now();
    this.#swapSuffix = swapSuffix;
  }

  /** Makes the file of a new active segment, empty. */
  static create(context: LogContext, folder: LogFolder, baseOffset: number, config: LogConfig): Segment {
    const file = context.files.create(folder.fileOf(baseOffset, LOG_SUFFIX));
    if (file.sizeSync() > 0) file.truncateSync(0);
    const segment = new Segment(context, folder, baseOffset, 0);
    segment.activate(SegmentIndexes.empty(baseOffset), config);
    return segment;
  }

  /** Bytes of the `.log` file. */
  get size(): number {
    return this.#size;
  }

  /** The greatest timestamp of the first batch, from which `segment.ms` counts; -1 where it has none. */
  get firstTimestamp(): number {
    return this.#firstTimestamp ??= this.#readFirstTimestamp();
  }

  /** Makes it the active segment. */
  activate(indexes: SegmentIndexes, config: LogConfig): void {
    this.#activeIndexes = indexes;
    this.#rollJitterMs = drawJitterMs(this.#context, config);
    this.#context.indexes.drop(this);
  }

  /** The path of one of its files. */
  path(suffix: string): string {
    return this.#folder.fileOf(this.baseOffset, suffix) + this.#swapSuffix;
  }

  /**
   * Appends batches that lie one after the other in `bytes`.
   *
   * @throws {DiskError} with nothing appended
   */
  append(bytes: Uint8Array, batches: readonly AppendedBatch[], indexIntervalBytes: number): void {
    const indexes = this.#active();
    this.#write(bytes);
    if (this.#size === 0) this.#firstTimestamp = batches[0].maxTimestamp;
    let position = this.#size;
    for (const { lastOffset, maxTimestamp, sizeInBytes } of batches) {
      indexes.add(lastOffset, maxTimestamp, position, indexIntervalBytes);
      position += sizeInBytes;
    }
    this.#size = position;
  }

  /**
   * Cuts off what another process has written behind the end, and returns how many bytes that was. Where the disk has
   * failed that is 0: what is written next will find out.
   */
  cutForeignBytes(): number {
    return attempt(0, () => {
      const file = this.#context.files.open(this.path(LOG_SUFFIX));
      const count = file.sizeSync() - this.#size;
      if (count > 0) file.truncateSync(this.#size);
      return Math.max(0, count);
    });
  }

  /** Cuts the file to its first `size` bytes, before the segment is used. */
  truncateTo(size: number): void {
    this.#context.files.open(this.path(LOG_SUFFIX)).truncateSync(size);
    this.#size = size;
  }

  /**
   * True where the append must go to the next segment (`segment.bytes`, `segment.ms`, `segment.index.bytes`, or offsets
   * too far apart).
   */
  shouldRoll({ sizeInBytes, lastOffset, maxTimestamp, nowMs }: RollParameters, config: LogConfig): boolean {
    if (lastOffset - this.baseOffset > MAX_RELATIVE_OFFSET) return true;
    if (this.#size === 0) return false;
    const waitedMs = this.#waitedMs(maxTimestamp, nowMs);
    return this.#size > config.segmentBytes - sizeInBytes || waitedMs > maxSegmentMs(config) - this.#rollJitterMs ||
      this.#active().isFull(config.segmentIndexBytes);
  }

  /** Writes the index files: when another segment becomes active, or the log stops. */
  writeIndexFiles(): void {
    const indexes = this.#active();
    indexes.seal();
    this.#writeIndexes(indexes);
    this.writeTransactionIndexFile();
  }

  /**
   * Writes the index files of a partition that is deleted. Nobody here reads them any more, but Apache Kafka, which may
   * be given the folder before it is removed, misses them. That the disk is full is no reason to fail.
   */
  leaveIndexFiles(): void {
    attempt(undefined, () => this.writeIndexFiles());
  }

  /** Writes the transaction index file, where there is something to be in it. */
  writeTransactionIndexFile(): void {
    if (this.transactions.entryCount === 0) return;
    writeFileSync(this.#context.disk, this.path(TRANSACTION_INDEX_SUFFIX), this.transactions.bytes);
  }

  /** Ends its time as the active segment: it is not appended to any more. */
  close(): void {
    this.writeIndexFiles();
    const indexes = this.#active();
    this.#maxTimestamp = indexes.maxTimestamp;
    this.#activeIndexes = null;
    this.#context.indexes.put(this, indexes);
  }

  /** The paths of all its files that are there. */
  existingPaths(): string[] {
    const suffixes = [LOG_SUFFIX, OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX];
    return suffixes.map((suffix) => this.path(suffix)).filter((path) => this.#context.disk.statSync(path) !== null);
  }

  /**
   * The batches from the one that contains `offset` on; null where all of them lie before it. Checksums are right.
   *
   * @throws {SegmentGoneError}
   * @throws {CorruptBatchError} which names the file and the position, where what comes first is damaged
   */
  async read(offset: number, limits: ReadLimits): Promise<FoundExtent | null> {
    const size = this.#size;
    const position = this.#places.get(offset) ?? (await this.loadIndexes()).offsets.lookup(offset);
    this.#checkPresence();
    const found = await this.#naming(() =>
      this.#context.files.using(
        this.path(LOG_SUFFIX),
        (file) => readExtent(file, position, size, offset, limits, this.#context.readBuffers),
      )
    );
    // What the cleaner removed meanwhile may have been aborted, and the index that told of it gone with it.
    this.#checkPresence();
    if (found !== null) this.#rememberPlace(found.nextOffset, found.nextPosition);
    return found;
  }

  /**
   * One whole batch after the other, from `position` on. Checksums are not looked at.
   *
   * @throws {SegmentGoneError}
   * @throws {CorruptBatchError} which names the file and the position, at the first that cannot be
   */
  async *scan(position: number): AsyncGenerator<PositionedBatch> {
    const { files } = this.#context;
    const path = this.path(LOG_SUFFIX);
    const size = this.#size;
    const read = (at: number, into: Uint8Array) => {
      this.#checkPresence();
      return files.using(path, (file) => file.read(at, into));
    };
    try {
      yield* scanBatches({ read }, position, size);
    } catch (error) {
      throw error instanceof CorruptBatchError ? error.within(path) : error;
    }
  }

  /** The error of a batch whose checksum is wrong. */
  damageAt(position: number): CorruptBatchError {
    return new CorruptBatchError("batch", WRONG_CHECKSUM, position).within(this.path(LOG_SUFFIX));
  }

  /** The indexes, of the active segment or from their files. */
  async loadIndexes(): Promise<SegmentIndexes> {
    if (this.#activeIndexes !== null) return this.#activeIndexes;
    const cached = this.#context.indexes.get(this);
    if (cached !== undefined) return cached;
    const indexes = this.#loadIndexFiles() ?? await this.#rebuildIndexes();
    if (this.#activeIndexes === null && !this.isDeleted) this.#context.indexes.put(this, indexes);
    return indexes;
  }

  /** The greatest timestamp of its batches, and the last offset of the batch that has it. */
  async loadMaxTimestamp(): Promise<MaxTimestamp> {
    if (this.#activeIndexes !== null) return this.#activeIndexes.maxTimestamp;
    return this.#maxTimestamp ??= this.#lastTimeIndexEntry() ?? (await this.loadIndexes()).maxTimestamp;
  }

  /**
   * The time from which retention counts, in milliseconds since the epoch: where no record has a timestamp, that of the
   * file.
   */
  async loadLargestTimestampMs(): Promise<number> {
    const { timestamp } = await this.loadMaxTimestamp();
    return timestamp >= 0 ? timestamp : this.modifiedMs;
  }

  /** When its file was last written to, in milliseconds since the epoch. */
  get modifiedMs(): number {
    return this.#context.disk.statSync(this.path(LOG_SUFFIX))?.modifiedMs ?? 0;
  }

  /** Renames the files, so that a crash cannot bring them back; returns the paths, for removal. */
  markDeleted(): string[] {
    this.isDeleted = true;
    this.#context.indexes.drop(this);
    return this.existingPaths().map((path) => {
      this.#context.files.close(path);
      this.#context.disk.renameSync(path, path + DELETED_SUFFIX);
      return path + DELETED_SUFFIX;
    });
  }

  /** Gives the files their final names, which must be free, where others had them until now. */
  moveIn(): void {
    for (const path of this.existingPaths()) {
      this.#context.files.close(path);
      this.#context.disk.renameSync(path, path.slice(0, path.length - this.#swapSuffix.length));
    }
    this.#swapSuffix = "";
  }

  /** Another segment may have files of the same names by now. */
  #checkPresence(): void {
    if (this.isDeleted) throw new SegmentGoneError(`The segment ${this.path(LOG_SUFFIX)} is gone`);
  }

  /** Has damage that `read` finds told of with the name of the file. */
  async #naming<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw error instanceof CorruptBatchError ? error.within(this.path(LOG_SUFFIX)) : error;
    }
  }

  #active(): SegmentIndexes {
    if (this.#activeIndexes === null) throw new Error(`Segment ${this.path(LOG_SUFFIX)} is not the active one`);
    return this.#activeIndexes;
  }

  /** How long the segment has been filling: by the records' own time where they have one. */
  #waitedMs(maxTimestamp: number, nowMs: number): number {
    return this.firstTimestamp >= 0 ? maxTimestamp - this.firstTimestamp : nowMs - this.#createdMs;
  }

  #readFirstTimestamp(): number {
    const header = new Uint8Array(BATCH_HEADER_BYTES);
    const length = this.#context.files.open(this.path(LOG_SUFFIX)).readSync(0, header);
    return batchHeaderAt(header.subarray(0, length))?.maxTimestamp ?? -1;
  }

  /**
   * What a failed write leaves behind is cut off: the next append may be shorter, and a crash would find it behind that
   * one.
   */
  #write(bytes: Uint8Array): void {
    const file = this.#context.files.open(this.path(LOG_SUFFIX));
    try {
      file.writeSync(this.#size, bytes);
    } catch (error) {
      this.isDamaged = true;
      file.truncateSync(this.#size);
      this.isDamaged = false;
      throw error;
    }
  }

  #rememberPlace(offset: number, position: number): void {
    this.#places.delete(offset);
    this.#places.set(offset, position);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= REMEMBERED_PLACES) return;
      this.#places.delete(oldest);
    }
  }

  #loadIndexFiles(): SegmentIndexes | null {
    const { disk } = this.#context;
    const offsetIndex = readFileSync(disk, this.path(OFFSET_INDEX_SUFFIX));
    const timeIndex = readFileSync(disk, this.path(TIME_INDEX_SUFFIX));
    if (offsetIndex === null || timeIndex === null) return null;
    return SegmentIndexes.load(this.baseOffset, this.#size, offsetIndex, timeIndex);
  }

  async #rebuildIndexes(): Promise<SegmentIndexes> {
    this.#context.logger.warn(`The indexes of ${this.path(LOG_SUFFIX)} are missing or damaged, and are made anew`);
    const indexes = SegmentIndexes.empty(this.baseOffset);
    for await (const { batch, position } of this.scan(0)) {
      indexes.add(batch.lastOffset, batch.maxTimestamp, position, DEFAULT_INDEX_INTERVAL_BYTES);
    }
    indexes.seal();
    if (!this.isDeleted) this.#tryToWriteIndexes(indexes);
    return indexes;
  }

  /** A reader has what it needs: where the disk has no room, the next run makes them anew. */
  #tryToWriteIndexes(indexes: SegmentIndexes): void {
    try {
      this.#writeIndexes(indexes);
    } catch (error) {
      if (!(error instanceof DiskError && error.kind === "no-space")) throw error;
      this.#context.logger.warn(error.message);
    }
  }

  #writeIndexes(indexes: SegmentIndexes): void {
    writeFileSync(this.#context.disk, this.path(OFFSET_INDEX_SUFFIX), indexes.offsets.bytes);
    writeFileSync(this.#context.disk, this.path(TIME_INDEX_SUFFIX), indexes.times.bytes);
  }

  /** The last entry of the file alone, for retention, which asks each segment; null where there is none. */
  #lastTimeIndexEntry(): MaxTimestamp | null {
    const { disk } = this.#context;
    const size = disk.statSync(this.path(TIME_INDEX_SUFFIX))?.size ?? 0;
    if (size === 0 || size % TIME_INDEX_ENTRY_BYTES !== 0) return null;
    const entry = new Uint8Array(TIME_INDEX_ENTRY_BYTES);
    const file = disk.openSync(this.path(TIME_INDEX_SUFFIX), "read");
    file.readSync(size - TIME_INDEX_ENTRY_BYTES, entry);
    file.close();
    const found = timeIndexEntryAt(new DataView(entry.buffer), 0, this.baseOffset);
    return found.timestamp > 0 ? found : null;
  }
}

/** The cleaner leaves the active segment alone: for what is to be compacted in time, a segment must end in time. */
function maxSegmentMs({ cleanupPolicy, segmentMs, maxCompactionLagMs }: LogConfig): number {
  return cleanupPolicy.has("compact") ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs;
}

/** Spreads the rolling of segments that began together (`segment.jitter.ms`). */
function drawJitterMs({ random }: LogContext, { segmentJitterMs, segmentMs }: LogConfig): number {
  const limit = Math.min(segmentJitterMs, segmentMs);
  if (limit <= 0) return 0;
  const drawn = new DataView(random.fill(new Uint8Array(4)).buffer).getUint32(0);
  return Math.floor((drawn / 2 ** 32) * limit);
}

/** What `work` comes to, or `otherwise` where the disk fails. */
function attempt<T>(otherwise: T, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return otherwise;
  }
}
