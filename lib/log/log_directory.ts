/**
 * A log directory, one of `log.dirs`: its lock, its checkpoint files and its marker of a clean stop.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { Disk, Logger } from "../ports.ts";
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
} from "./checkpoint_files.ts";
import type { FileLog } from "./file_log.ts";
import type { TopicPartition } from "./partition_log.ts";

const LOCK_FILE = ".lock";

/** The locks of all log directories, so that no other broker uses them. */
export interface LogDirectoryLocks {
  release(): void;
}

/**
 * Locks log directories, against other processes and against Apache Kafka. To be done before anything in them is looked at.
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
  #recoveryPoints: ReadonlyMap<string, number> = new Map();
  #logStartOffsets: ReadonlyMap<string, number> = new Map();
  /** Kept for the partitions that are still there. */
  #cleanerOffsets = new Map<string, number>();
  /** What each checkpoint file says now, where this run wrote it. */
  readonly #written = new Map<string, string>();
  #writing: Promise<void> | null = null;
  #isWriteWanted = false;

  constructor(disk: Disk, logger: Logger, path: string, id: Uuid) {
    this.#disk = disk;
    this.#logger = logger;
    this.path = path;
    this.id = id;
  }

  /**
   * Reads the checkpoints, and takes the marker of a clean stop away: should this run crash, the next must know. Resolves to whether it
   * was there.
   *
   * @throws {DiskError}
   */
  async load(): Promise<boolean> {
    this.#recoveryPoints = this.#readCheckpoint(RECOVERY_POINT_CHECKPOINT);
    this.#logStartOffsets = this.#readCheckpoint(LOG_START_OFFSET_CHECKPOINT);
    this.#cleanerOffsets = this.#readCheckpoint(CLEANER_OFFSET_CHECKPOINT);
    if (!hadCleanShutdown(this.#disk, this.path)) return false;
    this.#disk.removeSync(`${this.path}/${CLEAN_SHUTDOWN_FILE}`);
    await this.#disk.syncFolder(this.path);
    return true;
  }

  /** What the checkpoints of the last run say of a partition. */
  checkpointed(topicPartition: TopicPartition): CheckpointedOffsets {
    const name = folderNameOf(topicPartition);
    return {
      recoveryPoint: this.#recoveryPoints.get(name) ?? 0,
      logStartOffset: this.#logStartOffsets.get(name) ?? 0,
    };
  }

  /** Leaves the marker of a clean stop. */
  async markCleanShutdown(brokerEpoch: bigint): Promise<void> {
    await replaceFile(this.#disk, `${this.path}/${CLEAN_SHUTDOWN_FILE}`, formatCleanShutdown(brokerEpoch));
  }

  /** Takes a log out: no checkpoint must tell of it, should the partition be made anew. */
  forget(log: FileLog): void {
    this.logs.delete(log);
    this.#cleanerOffsets.delete(folderNameOf(log.topicPartition));
  }

  /**
   * Writes the checkpoints of the logs, where they have changed; resolves when what holds at the time of the call would survive a power
   * cut.
   *
   * @throws {DiskError} the old files stay
   */
  writeCheckpoints(): Promise<void> {
    this.#isWriteWanted = true;
    return this.#writing ??= this.#writeWhileWanted().finally(() => this.#writing = null);
  }

  async #writeWhileWanted(): Promise<void> {
    while (this.#isWriteWanted && !this.isOffline) {
      this.#isWriteWanted = false;
      for (const [name, content] of this.#checkpoints()) {
        if (this.#written.get(name) === content) continue;
        await replaceFile(this.#disk, `${this.path}/${name}`, content);
        this.#written.set(name, content);
      }
    }
  }

  #checkpoints(): [name: string, content: string][] {
    const logs = [...this.logs];
    const cleanerOffset = (log: FileLog) => this.#cleanerOffsets.get(folderNameOf(log.topicPartition)) ?? -1;
    const moved = logs.filter((log) => log.logStartOffset > log.firstSegmentOffset);
    const format = (logs: readonly FileLog[], offsetOf: (log: FileLog) => number) =>
      formatOffsetCheckpoint(logs.map((log) => [log.topicPartition, offsetOf(log)] as const));
    return [
      [RECOVERY_POINT_CHECKPOINT, format(logs, (log) => log.recoveryPoint)],
      [LOG_START_OFFSET_CHECKPOINT, format(moved, (log) => log.logStartOffset)],
      [HIGH_WATERMARK_CHECKPOINT, format(logs, (log) => log.highWatermark)],
      [CLEANER_OFFSET_CHECKPOINT, format(logs.filter((log) => cleanerOffset(log) >= 0), cleanerOffset)],
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
