/**
 * A log directory, one of `log.dirs`: its lock, its checkpoint files and its marker of a clean stop.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import { type Disk, DiskError, type Logger } from "../ports.ts";
import {
  CLEAN_SHUTDOWN_FILE,
  CLEANER_OFFSET_CHECKPOINT,
  CorruptCheckpointError,
  folderNameOf,
  formatCleanShutdown,
  formatOffsetCheckpoint,
  HIGH_WATERMARK_CHECKPOINT,
  LOG_START_OFFSET_CHECKPOINT,
  parseOffsetCheckpoint,
  readTextSync,
  RECOVERY_POINT_CHECKPOINT,
  replaceFile,
  writeFileSync,
} from "./checkpoint_files.ts";
import type { FileLog } from "./file_log.ts";
import type { TopicPartition } from "./partition_log.ts";

const LOCK_FILE = ".lock";

/** The locks of all log directories, so that no other broker uses them. */
export interface LogDirectoryLocks {
  release(): void;
}

/**
 * Locks log directories, against other processes and against Apache Kafka. To be done before anything in them is looked
 * at.
 *
 * @throws {DiskError} where one is locked or cannot be written; none is locked then
 */
export function lockLogDirectories(disk: Disk, paths: readonly string[]): LogDirectoryLocks {
  const locks: LogDirectoryLocks[] = [];
  const release = () => locks.splice(0).forEach((lock) => lock.release());
  try {
    for (const path of paths) locks.push(disk.lockSync(`${path}/${LOCK_FILE}`));
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

/** True where the last run stopped cleanly. The marker stays: it is the log manager that takes it away. */
export function hadCleanShutdown(disk: Disk, path: string): boolean {
  return disk.statSync(`${path}/${CLEAN_SHUTDOWN_FILE}`) !== null;
}

/** What a log directory's checkpoints said of a partition. */
export interface CheckpointedOffsets {
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
}

/** One log directory. */
export class LogDirectory {
  readonly path: string;
  readonly id: Uuid;
  /** The logs that lie in it. */
  readonly logs = new Set<FileLog>();
  /** True once its device has failed: what lies in it is not served any more. */
  isOffline = false;
  readonly #disk: Disk;
  readonly #logger: Logger;
  /** As the checkpoint files have them, or may have them. */
  #recoveryPoints: ReadonlyMap<string, number> = new Map();
  #logStartOffsets: ReadonlyMap<string, number> = new Map();
  /** Kept for the partitions that are still there. */
  #cleanerOffsets = new Map<string, number>();
  /** What each checkpoint file says now, where this run wrote it. */
  readonly #written = new Map<string, string>();
  /** How many logs were taken out. */
  #forgotten = 0;
  #writing: Promise<void> | null = null;
  #isWriteWanted = false;

  constructor(disk: Disk, logger: Logger, path: string, id: Uuid) {
    this.#disk = disk;
    this.#logger = logger;
    this.path = path;
    this.id = id;
  }

  /**
   * Reads the checkpoints, and takes the marker of a clean stop away: should this run crash, the next must know.
   * Resolves to whether it was there.
   *
   * @throws {DiskError}
   */
  async load(): Promise<boolean> {
    this.#recoveryPoints = this.#readCheckpoint(RECOVERY_POINT_CHECKPOINT);
    this.#logStartOffsets = this.#readCheckpoint(LOG_START_OFFSET_CHECKPOINT);
    this.#cleanerOffsets = this.#readCheckpoint(CLEANER_OFFSET_CHECKPOINT);
    const wasClean = hadCleanShutdown(this.#disk, this.path);
    if (wasClean) this.#disk.removeSync(`${this.path}/${CLEAN_SHUTDOWN_FILE}`);
    // Also after a crash: a run that was killed may have made folders whose names only the page cache has.
    await this.#disk.syncFolder(this.path);
    return wasClean;
  }

  /** What the checkpoints of the last run say of a partition. */
  checkpointed(topicPartition: TopicPartition): CheckpointedOffsets {
    const name = folderNameOf(topicPartition);
    return {
      recoveryPoint: this.#recoveryPoints.get(name) ?? 0,
      logStartOffset: this.#logStartOffsets.get(name) ?? 0,
    };
  }

  /** Up to where a partition was cleaned; undefined where it never was. */
  cleanerOffset(topicPartition: TopicPartition): number | undefined {
    return this.#cleanerOffsets.get(folderNameOf(topicPartition));
  }

  /** Takes note that a partition is clean up to there; the next checkpoints tell of it. */
  setCleanerOffset(topicPartition: TopicPartition, offset: number): void {
    this.#cleanerOffsets.set(folderNameOf(topicPartition), offset);
  }

  /** Leaves the marker of a clean stop. */
  async markCleanShutdown(brokerEpoch: bigint): Promise<void> {
    await replaceFile(this.#disk, `${this.path}/${CLEAN_SHUTDOWN_FILE}`, formatCleanShutdown(brokerEpoch));
  }

  /**
   * To be called before a partition is made: no checkpoint may tell of an earlier one of that name. Its log start offset
   * would hide the records of the new one, or cost them; its recovery point is gone at once.
   *
   * @throws {DiskError} where the disk had no room, or no time, to forget the log start offset
   */
  clear(topicPartition: TopicPartition): void {
    const name = folderNameOf(topicPartition);
    if (this.#recoveryPoints.has(name)) this.#rewriteRecoveryPoints();
    if (!this.#logStartOffsets.has(name)) return;
    this.forgetStale().catch(() => {});
    const path = `${this.path}/${LOG_START_OFFSET_CHECKPOINT}`;
    throw new DiskError("no-space", path, `${path} tells of an earlier ${name}, and cannot be written yet`);
  }

  /**
   * Writes the checkpoints anew where they tell of partitions that are gone: after a run that did not come to it. On a full
   * disk that is put off.
   *
   * @throws {DiskError}
   */
  async forgetStale(): Promise<void> {
    const names = new Set(Array.from(this.logs, (log) => folderNameOf(log.topicPartition)));
    if ([...this.#logStartOffsets.keys()].every((name) => names.has(name))) return;
    try {
      await this.writeCheckpoints();
    } catch (error) {
      if (!(error instanceof DiskError && error.kind === "no-space")) throw error;
      this.#logger.warn(error.message);
    }
  }

  /** Takes a log out. The checkpoints tell of it until they are written the next time, or until {@linkcode clear}. */
  forget(log: FileLog): void {
    this.logs.delete(log);
    this.#cleanerOffsets.delete(folderNameOf(log.topicPartition));
    this.#forgotten++;
  }

  /**
   * Writes the checkpoints of the logs, where they have changed; resolves when what holds at the time of the call would
   * survive a power cut.
   *
   * @throws {DiskError} the old files stay
   */
  writeCheckpoints(): Promise<void> {
    this.#isWriteWanted = true;
    return this.#writing ??= this.#writeWhileWanted();
  }

  async #writeWhileWanted(): Promise<void> {
    // Not before the promise of this is noted.
    await null;
    try {
      while (this.#isWriteWanted && !this.isOffline) {
        this.#isWriteWanted = false;
        await this.#write();
      }
    } finally {
      // In the turn in which nothing more was wanted: who wants something right after must not be given this.
      this.#writing = null;
    }
  }

  async #write(): Promise<void> {
    for (const [name, content] of this.#checkpoints()) {
      if (this.#written.get(name) === content) continue;
      const forgotten = this.#forgotten;
      this.#noteWriting(name, content);
      await replaceFile(this.#disk, `${this.path}/${name}`, content, () => this.#forgotten === forgotten);
      // What was written meanwhile must not be taken back: the caller of `forget` asks for the rest.
      if (this.#forgotten !== forgotten) return;
      this.#noteWritten(name, content);
    }
  }

  /** Until it is written, and where that is given up, the file may tell of what it told of before, or of the new. */
  #noteWriting(name: string, content: string): void {
    this.#written.delete(name);
    const next = parseOffsetCheckpoint(content);
    if (name === LOG_START_OFFSET_CHECKPOINT) this.#logStartOffsets = new Map([...this.#logStartOffsets, ...next]);
    if (name === RECOVERY_POINT_CHECKPOINT) this.#recoveryPoints = new Map([...this.#recoveryPoints, ...next]);
  }

  #noteWritten(name: string, content: string): void {
    this.#written.set(name, content);
    if (name === LOG_START_OFFSET_CHECKPOINT) this.#logStartOffsets = parseOffsetCheckpoint(content);
    if (name === RECOVERY_POINT_CHECKPOINT) this.#recoveryPoints = parseOffsetCheckpoint(content);
  }

  /**
   * The recovery point of a partition that was deleted must be gone before there is another one of its name, or a crash
   * would leave that one torn. So this does not wait for the device: where a power cut tears the file, it counts as
   * missing, and all is recovered.
   */
  #rewriteRecoveryPoints(): void {
    const path = `${this.path}/${RECOVERY_POINT_CHECKPOINT}`;
    const content = formatRecoveryPoints([...this.logs]);
    this.#written.delete(RECOVERY_POINT_CHECKPOINT);
    try {
      writeFileSync(this.#disk, `${path}.new`, content);
      this.#disk.renameSync(`${path}.new`, path);
      this.#recoveryPoints = parseOffsetCheckpoint(content);
    } catch (error) {
      if (!(error instanceof DiskError && error.kind === "no-space")) throw error;
      // On a full disk it goes: a crash would then take longer to recover from, and lose nothing.
      for (const name of [path, `${path}.new`]) this.#disk.removeSync(name);
      this.#recoveryPoints = new Map();
    }
  }

  #checkpoints(): [name: string, content: string][] {
    const logs = [...this.logs];
    const cleanerOffset = (log: FileLog) => this.#cleanerOffsets.get(folderNameOf(log.topicPartition)) ?? -1;
    // Apache Kafka leaves out logs that begin with their first segment. A power cut may bring segments before it back.
    const moved = logs.filter((log) => log.comingLogStartOffset > 0);
    const cleaned = logs.filter((log) => cleanerOffset(log) >= 0);
    return [
      [RECOVERY_POINT_CHECKPOINT, formatRecoveryPoints(logs)],
      [LOG_START_OFFSET_CHECKPOINT, formatOffsets(moved, (log) => log.comingLogStartOffset)],
      [HIGH_WATERMARK_CHECKPOINT, formatOffsets(logs, (log) => log.highWatermark)],
      [CLEANER_OFFSET_CHECKPOINT, formatOffsets(cleaned, cleanerOffset)],
    ];
  }

  #readCheckpoint(name: string): Map<string, number> {
    const path = `${this.path}/${name}`;
    try {
      return parseOffsetCheckpoint(readTextSync(this.#disk, path) ?? "");
    } catch (error) {
      if (!(error instanceof CorruptCheckpointError)) throw error;
      this.#logger.warn(`Ignored the damaged file ${path}: ${error.message}`);
      return new Map();
    }
  }
}

function formatRecoveryPoints(logs: readonly FileLog[]): string {
  return formatOffsets(logs, (log) => log.recoveryPoint);
}

function formatOffsets(logs: readonly FileLog[], offsetOf: (log: FileLog) => number): string {
  return formatOffsetCheckpoint(logs.map((log) => [log.topicPartition, offsetOf(log)] as const));
}
