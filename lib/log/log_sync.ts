/**
 * What of one log the device has: the records, which acks and readers wait for, and the files around them, which only
 * recovery asks for.
 *
 * @module
 */
import { DiskError } from "../ports.ts";
import {
  formatLeaderEpochCheckpoint,
  LEADER_EPOCH_CHECKPOINT,
  PARTITION_METADATA_FILE,
  replaceFile,
  syncFile,
} from "./checkpoint_files.ts";
import type { FlushJob } from "./flusher.ts";
import type { LeaderEpochCache } from "./leader_epoch_cache.ts";
import type { LogContext } from "./log_context.ts";
import { LOG_SUFFIX, type LogFolder } from "./log_folder.ts";
import type { Segment } from "./segment.ts";

/** The log as its synchronization sees it. */
export interface SyncedLog {
  logEndOffset(): number;
  activeSegment(): Segment;
  readonly epochs: LeaderEpochCache;
  /** All records before `offset` would survive a power cut. */
  onSynced(offset: number): void;
  /** The device failed: what it has is not known. */
  onSyncFailure(error: DiskError): void;
}

/** Files that a closed segment leaves to be synced, after its records. */
interface ClosedSegment {
  readonly segment: Segment;
  readonly snapshotPath: string | null;
}

/** The synchronization of one log. */
export class LogSync {
  readonly #context: LogContext;
  readonly #folder: LogFolder;
  readonly #log: SyncedLog;
  readonly #records: FlushJob = { run: () => this.#guard(() => this.#syncRecords()) };
  readonly #surroundings: FlushJob = { run: () => this.#guard(() => this.#syncSurroundings()) };
  /** Closed segments with records that may not be on the device. */
  #unsyncedSegments = new Set<Segment>();
  /** Closed segments with other files that may not be, in order. */
  #unsealed: ClosedSegment[] = [];
  /** True where a file of the folder, or the folder itself, has a name that may not be on the device. */
  #hasNewNames: boolean;
  /** True where this run has made the folder, which must be on the device before any record. */
  #isNewFolder: boolean;
  #syncedOffset: number;
  #isStopped = false;

  /** @param isNewFolder where the folder was made by this run */
  constructor(
    context: LogContext,
    folder: LogFolder,
    log: SyncedLog,
    syncedOffset: number,
    isNewFolder: boolean,
  ) {
    this.#context = context;
    this.#folder = folder;
    this.#log = log;
    this.#syncedOffset = syncedOffset;
    this.#hasNewNames = isNewFolder;
    this.#isNewFolder = isNewFolder;
  }

  /** All records before it are on the device. */
  get syncedOffset(): number {
    return this.#syncedOffset;
  }

  /**
   * Recovery may begin here: the records before it, and the other files of the segments before its own, are on the
   * device.
   */
  get recoveryPoint(): number {
    return Math.min(this.#syncedOffset, this.#unsealed[0]?.segment.baseOffset ?? Infinity);
  }

  /** Has the records that were appended so far brought to the device. */
  request(): void {
    this.#context.flusher.request(this.#records);
  }

  /** Has the leader epochs brought to the device, and what else there is but records. */
  requestSurroundings(): void {
    this.#context.flusher.request(this.#surroundings);
  }

  /** The log has rolled: the segment is complete, its other files are written, and a new one has begun. */
  rolled(segment: Segment, snapshotPath: string | null): void {
    this.#hasNewNames = true;
    this.#unsyncedSegments.add(segment);
    this.#unsealed.push({ segment, snapshotPath });
    this.request();
    this.requestSurroundings();
  }

  /** A file was removed that must not be there again after a power cut, once more is acknowledged. */
  namesChanged(): void {
    this.#hasNewNames = true;
  }

  /** The segment is about to be removed. */
  forget(segment: Segment): void {
    this.#unsyncedSegments.delete(segment);
    this.#unsealed = this.#unsealed.filter((closed) => closed.segment !== segment);
  }

  /** Resolves when all that was done up to now is on the device, or the device has failed. */
  async flush(): Promise<void> {
    const { flusher } = this.#context;
    const hasRecords = this.#syncedOffset < this.#log.logEndOffset() || this.#hasNewNames;
    if (hasRecords) await flusher.run(this.#records);
    if (this.#unsealed.length > 0 || this.#log.epochs.isDirty) await flusher.run(this.#surroundings);
  }

  /** Ends all syncs: the log is closed or gone. */
  stop(): void {
    this.#isStopped = true;
  }

  async #syncRecords(): Promise<void> {
    const { files, disk } = this.#context;
    const target = this.#log.logEndOffset();
    const segments = [...this.#unsyncedSegments, this.#log.activeSegment()];
    this.#unsyncedSegments.clear();
    const syncs = segments.map((segment) => files.using(segment.path(LOG_SUFFIX), (file) => file.sync()));
    if (this.#hasNewNames) syncs.push(disk.syncFolder(this.#folder.path));
    if (this.#isNewFolder) syncs.push(...this.#syncNewFolder());
    this.#hasNewNames = false;
    this.#isNewFolder = false;
    await Promise.all(syncs);
    // Another sync of this log may have failed meanwhile: what the device has is not known then.
    if (this.#isStopped) return;
    this.#syncedOffset = Math.max(this.#syncedOffset, target);
    this.#log.onSynced(target);
  }

  /** A folder without its topic id would be taken for a stray one. */
  #syncNewFolder(): Promise<void>[] {
    const { disk } = this.#context;
    const names = [PARTITION_METADATA_FILE, LEADER_EPOCH_CHECKPOINT];
    const parent = this.#folder.path.slice(0, this.#folder.path.lastIndexOf("/"));
    return [disk.syncFolder(parent), ...names.map((name) => syncFile(disk, this.#folder.file(name)))];
  }

  async #syncSurroundings(): Promise<void> {
    const closed = [...this.#unsealed];
    const { disk } = this.#context;
    const { epochs } = this.#log;
    if (epochs.isDirty) await this.#writeEpochs();
    if (closed.length === 0) return;
    for (const one of closed) {
      for (const path of [...one.segment.existingPaths(), one.snapshotPath]) {
        // Retention may delete a segment between one of its files and the next.
        if (path !== null && this.#unsealed.includes(one)) await syncFile(disk, path);
      }
    }
    await disk.syncFolder(this.#folder.path);
    this.#unsealed = this.#unsealed.filter((one) => !closed.includes(one));
  }

  /** On a full disk they wait for the next change: recovery finds them in the records, too. */
  async #writeEpochs(): Promise<void> {
    const { disk, logger } = this.#context;
    const { epochs } = this.#log;
    const path = this.#folder.file(LEADER_EPOCH_CHECKPOINT);
    try {
      await replaceFile(disk, path, formatLeaderEpochCheckpoint(epochs.takeForWriting()), () => !this.#isStopped);
    } catch (error) {
      if (!(error instanceof DiskError && error.kind === "no-space")) throw error;
      epochs.keepForWriting();
      logger.warn(error.message);
    }
  }

  async #guard(run: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return;
    try {
      await run();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      // The folder may have been renamed or removed meanwhile.
      if (!this.#isStopped) this.#log.onSyncFailure(error);
    }
  }
}
