/**
 * A partition's log in files, in the very form of Apache Kafka's.
 *
 * An append decides, writes and updates what is in memory before the call returns; only its answer waits for the
 * device. A read is served from the tail in memory, or from the file without holding up anybody.
 *
 * @module
 */
import type { MaybePromise } from "../at_once.ts";
import type { Uuid } from "../bytes/mod.ts";
import { DiskError } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { RecordBatch } from "../records/mod.ts";
import { appendResult, failedRead, NO_RECORDS, refusedAppend, storageFailure } from "./answers.ts";
import { type AppendPlan, type AppendRefusal, checkProducers, planAppend } from "./append_plan.ts";
import type { ReadLimits } from "./batch_extent.ts";
import {
  formatLeaderEpochCheckpoint,
  formatPartitionMetadata,
  LEADER_EPOCH_CHECKPOINT,
  PARTITION_METADATA_FILE,
  syncFile,
  writeFileSync,
} from "./checkpoint_files.ts";
import type { ProducerEnd } from "./cleaner_filter.ts";
import type { CleanableLog } from "./cleaner_log.ts";
import type { CleanedSegment } from "./cleaner_segment.ts";
import { LeaderEpochCache } from "./leader_epoch_cache.ts";
import type { LogContext } from "./log_context.ts";
import { LOG_SUFFIX, LogFolder } from "./log_folder.ts";
import { type LoadedLog, loadLog, type LoadOptions } from "./log_loader.ts";
import { LogProgress } from "./log_progress.ts";
import { LogReader } from "./log_reader.ts";
import { LogSegments } from "./log_segments.ts";
import { LogSync } from "./log_sync.ts";
import type {
  AbortedTransaction,
  AppendAcks,
  AppendOrigin,
  AppendResult,
  IsolationLevel,
  LogConfig,
  PartitionLog,
  ProducerSummary,
  ReadOptions,
  ReadResult,
  RefusedBatch,
  TimestampOffset,
  TopicPartition,
} from "./partition_log.ts";
import type { BatchMetadata, ProducerFailure } from "./producer_entry.ts";
import { ProducerRecall } from "./producer_recall.ts";
import { ProducerSnapshotFiles } from "./producer_snapshot_files.ts";
import { ProducerState, type ProducerUpdate } from "./producer_state.ts";
import { countDeletable } from "./retention.ts";
import { Segment, SegmentGoneError } from "./segment.ts";
import type { Tail } from "./tail_cache.ts";
import { findMaxTimestamp, findTimestamp } from "./timestamp_search.ts";
import type { AbortedTxn } from "./transaction_index.ts";

/** A partition in a folder. */
export class FileLog implements PartitionLog, CleanableLog {
  readonly topicPartition: TopicPartition;
  readonly topicId: Uuid;
  readonly context: LogContext;
  readonly folder: LogFolder;
  readonly #snapshots: ProducerSnapshotFiles;
  readonly #producers: ProducerState;
  readonly #recall: ProducerRecall;
  readonly #epochs: LeaderEpochCache;
  readonly #progress: LogProgress;
  readonly #sync: LogSync;
  readonly #tail: Tail;
  readonly #segments: LogSegments;
  readonly #reader: LogReader;
  #config: LogConfig;
  #logEndOffset: number;
  #leaderEpoch: number;
  /** Why nothing is appended or read any more; null while all is well. */
  #failure: string | null = null;
  /** True where the files of the active segment's indexes, or the snapshot of the producers, are behind. */
  #isChanged: boolean;
  #lastFlushMs: number;
  /** True while cleaned segments take the place of others. */
  #isSwapping = false;
  /** True while the last thing that was told of the disk was bad. */
  #hasWarned = false;

  private constructor(
    context: LogContext,
    folder: LogFolder,
    topicPartition: TopicPartition,
    config: LogConfig,
    loaded: LoadedLog,
    isNew: boolean,
  ) {
    this.context = context;
    this.folder = folder;
    this.topicPartition = topicPartition;
    this.topicId = loaded.topicId;
    this.#config = config;
    this.#snapshots = loaded.snapshots;
    this.#producers = loaded.producers;
    this.#epochs = loaded.epochs;
    this.#segments = new LogSegments(context, folder, loaded.snapshots, loaded.segments, () => this.#sync);
    this.#reader = new LogReader(context, this, this.#segments);
    this.#logEndOffset = loaded.logEndOffset;
    this.#leaderEpoch = Math.max(0, loaded.epochs.latestEpoch);
    this.#progress = new LogProgress(loaded.logStartOffset, loaded.logEndOffset);
    this.#producers.release(loaded.logEndOffset);
    this.#recall = new ProducerRecall(loaded.producers, loaded.logEndOffset, () => this.segments);
    this.#tail = context.tails.tail();
    this.#isChanged = isNew || loaded.wasRecovered;
    this.#lastFlushMs = context.clock.now();
    this.#sync = new LogSync(
      context,
      folder,
      {
        logEndOffset: () => this.#logEndOffset,
        activeSegment: () => this.#segments.active,
        epochs: this.#epochs,
        onSynced: (offset) => this.#onSynced(offset),
        onSyncFailure: (error) => this.failDevice(error),
      },
      loaded.logEndOffset,
      isNew,
    );
  }

  /**
   * Opens the log in a folder that is there, recovering it where that is needed.
   *
   * @throws {DiskError}
   */
  static async open(
    context: LogContext,
    path: string,
    topicPartition: TopicPartition,
    options: LoadOptions,
  ): Promise<FileLog> {
    const folder = new LogFolder(path);
    const loaded = await loadLog(context, folder, options);
    return new FileLog(context, folder, topicPartition, options.config, loaded, false);
  }

  /**
   * Makes a folder and in it an empty log, whose first leader epoch is `leaderEpoch`. The folder survives a power cut
   * together with the first records.
   *
   * @throws {DiskError}
   */
  static create(
    context: LogContext,
    path: string,
    topicPartition: TopicPartition,
    topicId: Uuid,
    config: LogConfig,
    leaderEpoch: number,
  ): FileLog {
    const { disk, logger } = context;
    const folder = new LogFolder(path);
    const epochs = new LeaderEpochCache([{ epoch: leaderEpoch, startOffset: 0 }]);
    disk.makeFolderSync(path);
    writeFileSync(disk, folder.file(PARTITION_METADATA_FILE), formatPartitionMetadata(topicId));
    writeFileSync(disk, folder.file(LEADER_EPOCH_CHECKPOINT), formatLeaderEpochCheckpoint(epochs.entries));
    const loaded: LoadedLog = {
      segments: [Segment.create(context, folder, 0, config)],
      producers: new ProducerState(0),
      snapshots: new ProducerSnapshotFiles(disk, logger, folder, []),
      epochs,
      topicId,
      logStartOffset: 0,
      logEndOffset: 0,
      wasRecovered: false,
    };
    return new FileLog(context, folder, topicPartition, config, loaded, true);
  }

  get logStartOffset(): number {
    return this.#progress.logStartOffset;
  }

  /** What the checkpoint is to tell of it: see {@linkcode LogProgress.comingLogStartOffset}. */
  get comingLogStartOffset(): number {
    return this.#progress.comingLogStartOffset;
  }

  get highWatermark(): number {
    return this.#progress.highWatermark;
  }

  get lastStableOffset(): number {
    const firstUnstable = this.#producers.firstUnstableOffset ?? Infinity;
    return Math.min(Math.max(firstUnstable, this.logStartOffset), this.highWatermark);
  }

  get logEndOffset(): number {
    return this.#logEndOffset;
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  get sizeInBytes(): number {
    return this.#segments.sizeInBytes;
  }

  get segments(): readonly Segment[] {
    return this.#segments.all;
  }

  get isEnded(): boolean {
    return this.#failure !== null;
  }

  get cleanableEndOffset(): number {
    return Math.min(this.lastStableOffset, this.recoveryPoint);
  }

  get config(): LogConfig {
    return this.#config;
  }

  /** Where the files are. */
  get folderPath(): string {
    return this.folder.path;
  }

  /** Recovery after a crash may begin here. */
  get recoveryPoint(): number {
    return this.#sync.recoveryPoint;
  }

  append(
    records: Uint8Array,
    { origin, acks }: { origin: AppendOrigin; acks: AppendAcks },
  ): MaybePromise<AppendResult> {
    if (this.#failure !== null) return this.#refuse(storageFailure(this.#failure));
    const { compressor } = this.context;
    const plan = planAppend(records, origin, {
      topicPartition: this.topicPartition,
      nextOffset: this.#logEndOffset,
      leaderEpoch: this.#leaderEpoch,
      nowMs: this.context.clock.now(),
      config: this.#config,
      compressor,
    });
    if (plan.refusal !== null) return this.#refuse(plan.refusal);
    const checked = checkProducers(plan.batches, origin, this.#producers, compressor);
    if ("failure" in checked) return this.#refuseUnlessRecalled(plan.batches, checked.failure, acks);
    if ("duplicate" in checked) return this.#answer(this.#resultOfDuplicate(checked.duplicate), acks);
    const baseOffset = this.#logEndOffset;
    try {
      this.#write(plan);
    } catch (error) {
      this.#producers.noteRefused(plan.batches);
      return this.#refuse(storageFailure(this.#onWriteFailure(error)));
    }
    this.#takeNote(plan, checked.update);
    const { lastOffset, logAppendTimeMs } = plan;
    return this.#answer(appendResult(this.logStartOffset, { baseOffset, lastOffset, logAppendTimeMs }), acks);
  }

  /** See {@linkcode Segment.cutForeignBytes}. */
  cutForeignBytes(): number {
    return this.#failure === null ? this.#segments.active.cutForeignBytes() : 0;
  }

  read(offset: number, options: ReadOptions): Promise<ReadResult> {
    if (this.#failure !== null) return Promise.resolve(failedRead(ErrorCode.KAFKA_STORAGE_ERROR));
    if (offset < this.logStartOffset || offset > this.#logEndOffset) {
      return Promise.resolve(failedRead(ErrorCode.OFFSET_OUT_OF_RANGE));
    }
    const { maxBytes, atLeastOneBatch, isolationLevel } = options;
    const endOffset = isolationLevel === "read-committed" ? this.lastStableOffset : this.highWatermark;
    if (offset >= endOffset) return Promise.resolve(this.#readResult(NO_RECORDS, offset, offset, isolationLevel));
    const limits = { maxBytes, atLeastOneBatch, endOffset };
    const found = this.#tail.read(offset, limits);
    if (found === null) return this.#readFiles(offset, limits, isolationLevel);
    return Promise.resolve(this.#readResult(found.bytes, offset, found.nextOffset, isolationLevel));
  }

  offsetForTimestamp(timestamp: number): Promise<TimestampOffset> {
    const { compressor } = this.context;
    return this.#reader.search((segments) => findTimestamp(segments, timestamp, this.logStartOffset, compressor));
  }

  offsetOfMaxTimestamp(): Promise<TimestampOffset> {
    return this.#reader.search((segments) => findMaxTimestamp(segments, this.context.compressor));
  }

  endOffsetForEpoch(leaderEpoch: number): { leaderEpoch: number; endOffset: number } {
    return this.#epochs.endOffsetFor(leaderEpoch, this.#logEndOffset);
  }

  epochForOffset(offset: number): number {
    return this.#epochs.epochForOffset(offset);
  }

  async deleteRecordsBefore(offset: number): Promise<{ errorCode: ErrorCode; logStartOffset: number }> {
    if (this.#failure !== null) return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logStartOffset: -1 };
    if (offset < 0 || offset > this.highWatermark) {
      return { errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, logStartOffset: -1 };
    }
    try {
      this.#progress.announceLogStartOffset(offset);
      await this.context.persistLogStartOffsets();
      // Nothing is written where the directory has gone offline meanwhile.
      if (this.#failure !== null) return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logStartOffset: -1 };
      this.#moveLogStart(offset);
      return { errorCode: ErrorCode.NONE, logStartOffset: this.logStartOffset };
    } catch (error) {
      this.#onWriteFailure(error);
      return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logStartOffset: -1 };
    }
  }

  beginLeaderEpoch(leaderEpoch: number): void {
    this.#leaderEpoch = leaderEpoch;
    this.#epochs.assign(leaderEpoch, this.#logEndOffset);
  }

  configure(config: LogConfig): void {
    this.#config = config;
  }

  producers(): ProducerSummary[] {
    return this.#producers.summaries();
  }

  noteRefused(batch: RefusedBatch): void {
    this.#producers.noteRefused([batch]);
  }

  producer(producerId: bigint): ProducerSummary | undefined {
    return this.#producers.summary(producerId);
  }

  watch(listener: () => void): { stop(): void } {
    return this.#progress.watch(listener);
  }

  /**
   * Deletes the segments that the configuration no longer keeps; resolves to their number. Readers are told that the
   * records are gone at once, the files go after `file.delete.delay.ms`.
   */
  async applyRetention(nowMs: number): Promise<number> {
    if (this.#failure !== null || this.#isSwapping) return 0;
    const segments = this.#segments.all;
    const logEndOffset = this.#logEndOffset;
    try {
      const counted = await countDeletable(this, segments, nowMs);
      // Meanwhile others may have deleted or cleaned, or the active segment, being the last, may have grown.
      const isAll = counted === segments.length && this.#logEndOffset === logEndOffset;
      const deletable = segments.slice(0, isAll ? counted : Math.min(counted, segments.length - 1));
      const count = deletable.length;
      if (count === 0 || !this.#mayDelete(deletable)) return 0;
      if (isAll) this.#roll();
      if (!await this.#persistLogStart(this.segments[count].baseOffset)) return await this.#deleteInOrder(deletable);
      if (!this.#mayDelete(deletable)) return 0;
      this.#segments.deleteFirst(count, this.#config);
      return count;
    } catch (error) {
      this.#onWriteFailure(error);
      return 0;
    }
  }

  producerEnds(): Map<bigint, ProducerEnd> {
    const ends = new Map<bigint, ProducerEnd>();
    for (const { producerId, producerEpoch, batches } of this.#producers.entries) {
      ends.set(producerId, { producerEpoch, lastDataOffset: batches.at(-1)?.lastOffset ?? -1 });
    }
    return ends;
  }

  abortedTransactions(startOffset: number, endOffset: number): AbortedTxn[] {
    return this.#segments.abortedTransactions(startOffset, endOffset);
  }

  async replaceSegments(replaced: readonly Segment[], cleaned: CleanedSegment): Promise<boolean> {
    if (!this.#segments.holds(replaced)) return false;
    const next = this.segments[this.segments.indexOf(replaced[0]) + replaced.length];
    cleaned.markWhole();
    this.#isSwapping = true;
    try {
      const { disk } = this.context;
      await disk.syncFolder(this.folder.path);
      if (this.#failure !== null) return false;
      const segment = this.#segments.replace(replaced, cleaned, this.#config);
      this.#tail.dropBefore(next.baseOffset);
      // Were the new name to survive a power cut, and an old one that was taken away, too, batches would be there twice.
      await disk.syncFolder(this.folder.path);
      if (this.#failure !== null) return false;
      segment.moveIn();
      await disk.syncFolder(this.folder.path);
      return true;
    } catch (error) {
      if (error instanceof DiskError && this.#failure === null) this.failDevice(error);
      throw error;
    } finally {
      this.#isSwapping = false;
    }
  }

  /** Forgets producers that have been silent for long. */
  expireProducers(nowMs: number): void {
    this.#producers.expire(nowMs, this.context.producerIdExpirationMs);
  }

  /** Brings to the device what has waited for `flush.ms`: of use only where appends do not wait for the device. */
  flushIfDue(nowMs: number): void {
    const isDue = nowMs - this.#lastFlushMs >= this.#config.flushMs;
    if (isDue && this.#sync.syncedOffset < this.#logEndOffset && this.#failure === null) this.#sync.request();
  }

  /** Resolves when all that was appended up to now is on the device, or the device has failed. */
  flush(): Promise<void> {
    return this.#sync.flush();
  }

  /**
   * Stops: nothing is appended or read any more. Resolves to true where the next start need not recover anything, to false
   * where the disk would not have it so.
   */
  async close(): Promise<boolean> {
    if (this.#failure !== null) return false;
    try {
      // Where nothing was written, the files of the last run say all.
      if (this.#isChanged) await this.#writeClosingFiles();
    } catch (error) {
      this.#onWriteFailure(error);
    }
    this.#end(`The log ${this.folder.path} is closed`);
    return !this.#isChanged;
  }

  /**
   * Renames the folder, from which nothing is appended or read any more: the partition was deleted.
   *
   * @throws {DiskError}
   */
  retire(path: string): void {
    if (this.#isChanged && this.#failure === null) this.#segments.active.leaveIndexFiles();
    this.#end(`The log ${this.folder.path} is deleted`);
    this.context.disk.renameSync(this.folder.path, path);
    this.folder.path = path;
  }

  failDevice(error: DiskError): void {
    this.goOffline(error.message);
    this.context.onStorageError(this.folder.path, error);
  }

  /** The device failed elsewhere: nothing is appended or read any more. */
  goOffline(reason: string): void {
    if (this.#failure === null) this.#end(reason);
  }

  #write({ bytes, batches, lastOffset, maxTimestamp }: AppendPlan): void {
    const addition = { sizeInBytes: bytes.length, lastOffset, maxTimestamp, nowMs: this.context.clock.now() };
    if (this.#segments.active.shouldRoll(addition, this.#config)) this.#roll();
    this.#segments.active.append(bytes, batches, this.#config.indexIntervalBytes);
    this.#hasWarned = false;
  }

  #roll(): void {
    this.#segments.roll(this.#logEndOffset, this.#producers, this.#config);
  }

  /** Brings what is in memory up to date with what was written. */
  #takeNote({ bytes, batches, lastOffset }: AppendPlan, update: ProducerUpdate): void {
    const baseOffset = this.#logEndOffset;
    const { transactions } = this.#segments.active;
    for (const aborted of this.#producers.apply(update)) transactions.append(aborted);
    for (const batch of batches) this.#epochs.assign(batch.partitionLeaderEpoch, batch.baseOffset);
    this.#logEndOffset = this.#producers.endOffset = lastOffset + 1;
    this.#tail.append(bytes, baseOffset, this.#logEndOffset);
    this.#segments.grow(bytes.length);
    this.#isChanged = true;
    if (this.#epochs.isDirty) this.#sync.requestSurroundings();
    const isFlushDue = this.#logEndOffset - this.#sync.syncedOffset >= this.#config.flushMessages;
    if (this.context.flushOnAck || isFlushDue) this.#sync.request();
    if (!this.context.flushOnAck) this.#advance(this.#logEndOffset);
  }

  #answer(result: AppendResult, acks: AppendAcks): MaybePromise<AppendResult> {
    return acks === "durable" ? this.#progress.whenPassed(result) : result;
  }

  #resultOfDuplicate({ lastOffset, offsetDelta, timestamp }: BatchMetadata): AppendResult {
    const logAppendTimeMs = this.#config.messageTimestampType === "LogAppendTime" ? timestamp : -1;
    return appendResult(this.logStartOffset, {
      baseOffset: lastOffset - offsetDelta,
      lastOffset,
      logAppendTimeMs,
      isDuplicate: true,
    });
  }

  /** After a restart a batch may be in the log, and its producer not known to have sent it. */
  async #refuseUnlessRecalled(
    batches: readonly RecordBatch[],
    failure: ProducerFailure,
    acks: AppendAcks,
  ): Promise<AppendResult> {
    const [batch] = batches;
    const isOutOfOrder = failure.errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
    if (!isOutOfOrder || !this.#recall.mayKnow(batch)) return this.#refuse({ ...failure, recordErrors: [] });
    try {
      await this.#recall.run();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return this.#refuse(storageFailure(error.message));
    }
    if (this.#failure !== null) return this.#refuse(storageFailure(this.#failure));
    const duplicate = this.#producers.findDuplicate(batch);
    if (duplicate === undefined) return this.#refuse({ ...failure, recordErrors: [] });
    return this.#answer(this.#resultOfDuplicate(duplicate), acks);
  }

  #refuse(refusal: AppendRefusal): AppendResult {
    return refusedAppend(this.logStartOffset, refusal);
  }

  async #readFiles(offset: number, limits: ReadLimits, isolationLevel: IsolationLevel): Promise<ReadResult> {
    try {
      const found = await this.#reader.read(offset, limits);
      if (typeof found === "number") return failedRead(found);
      if (found === null) return this.#readResult(NO_RECORDS, offset, offset, isolationLevel);
      return this.#readResult(found.bytes, offset, found.nextOffset, isolationLevel);
    } catch (error) {
      // The segments that there are now are to be read, or the offset is gone.
      if (error instanceof SegmentGoneError) return this.read(offset, { ...limits, isolationLevel });
      throw error;
    }
  }

  #readResult(records: Uint8Array, offset: number, nextOffset: number, isolationLevel: IsolationLevel): ReadResult {
    return {
      errorCode: ErrorCode.NONE,
      records,
      highWatermark: this.highWatermark,
      lastStableOffset: this.lastStableOffset,
      logStartOffset: this.logStartOffset,
      abortedTransactions: isolationLevel === "read-committed" ? this.#abortedFor(offset, nextOffset) : null,
    };
  }

  #abortedFor(startOffset: number, endOffset: number): AbortedTransaction[] {
    const found = this.abortedTransactions(startOffset, endOffset);
    return found.map(({ producerId, firstOffset }) => ({ producerId, firstOffset }));
  }

  #mayDelete(segments: readonly Segment[]): boolean {
    return this.#failure === null && !this.#isSwapping && this.#segments.holds(segments);
  }

  /**
   * Before any file goes: a power cut may bring some of those back that have gone and not others, and recovery must
   * know that none of them is part of the log. It begins with the snapshot of the producers at `offset`, which must be
   * there, too. A disk that is full is no reason to keep what could be deleted.
   */
  async #persistLogStart(offset: number): Promise<boolean> {
    await this.#sync.flush();
    this.#progress.announceLogStartOffset(offset);
    try {
      await this.context.persistLogStartOffsets();
      return true;
    } catch (error) {
      if (!(error instanceof DiskError && error.kind === "no-space")) throw error;
      return false;
    } finally {
      this.#moveLogStart(offset);
    }
  }

  /**
   * Where no log start tells of it, segments must go one after the other: should a power cut bring back an earlier one and
   * not a later one, recovery would take the gap for a loss, and what follows it with it.
   */
  async #deleteInOrder(deletable: readonly Segment[]): Promise<number> {
    for (let count = 0; count < deletable.length; count++) {
      if (!this.#mayDelete(deletable.slice(count))) return count;
      this.#segments.deleteFirst(1, this.#config);
      await this.context.disk.syncFolder(this.folder.path);
    }
    return deletable.length;
  }

  #moveLogStart(offset: number): void {
    if (offset <= this.logStartOffset) return;
    this.#epochs.truncateFromStart(offset);
    this.#isChanged = true;
    this.#progress.advanceLogStartOffset(offset);
  }

  #onSynced(offset: number): void {
    this.#lastFlushMs = this.context.clock.now();
    this.#advance(offset);
  }

  #advance(highWatermark: number): void {
    this.#producers.release(highWatermark);
    this.#progress.advanceHighWatermark(highWatermark);
  }

  async #writeClosingFiles(): Promise<void> {
    await this.#sync.flush();
    const { disk } = this.context;
    const { active } = this.#segments;
    active.writeIndexFiles();
    const snapshotPath = this.#snapshots.write(this.#producers);
    const paths = [...active.existingPaths(), ...(snapshotPath === null ? [] : [snapshotPath])];
    await Promise.all(paths.map((path) => syncFile(disk, path)));
    await disk.syncFolder(this.folder.path);
    this.#isChanged = this.#epochs.isDirty;
  }

  /**
   * A full disk is only told of: what it took of a write was undone. Where it could not be, or where the device fails,
   * nobody knows what it has.
   */
  #onWriteFailure(error: unknown): string {
    if (!(error instanceof DiskError)) throw error;
    const isBroken = error.kind === "io" || error.kind === "permission";
    if (this.#failure === null && (isBroken || this.#segments.active.isDamaged)) this.failDevice(error);
    else this.#warn(error.message);
    return error.message;
  }

  /** Once until something works again, lest a full disk be told of with each request. */
  #warn(line: string): void {
    if (!this.#hasWarned) this.context.logger.warn(line);
    this.#hasWarned = true;
  }

  #end(reason: string): void {
    this.#failure = reason;
    this.#sync.stop();
    this.#tail.clear();
    this.#progress.end(refusedAppend(-1, storageFailure(reason)));
    for (const segment of this.segments) this.context.files.close(segment.path(LOG_SUFFIX));
  }
}
