/**
 * All partitions of a broker: opened at the start from its log directories, made and deleted as the metadata says,
 * looked after in the background, and closed so that the next start is quick.
 *
 * @module
 */
import type { BufferPool, Uuid } from "../bytes/mod.ts";
import { DiskError, type Logger, type Timers } from "../ports.ts";
import { Background } from "./background.ts";
import { folderNameOf } from "./checkpoint_files.ts";
import { type CleanerLogs, type CleanerSettings, DEFAULT_CLEANER_SETTINGS, LogCleaner } from "./cleaner.ts";
import type { CleanableLog } from "./cleaner_log.ts";
import { FileLog } from "./file_log.ts";
import { asideFolderName, type AsideReason, kindOfFolder } from "./folder_names.ts";
import { createLogContext, type LogContext, type LogPorts, type LogSettings } from "./log_context.ts";
import { LogDirectory, type LogDirectoryLocks } from "./log_directory.ts";
import type { LogConfig, TopicPartition } from "./partition_log.ts";

/** The folder of the metadata log, which has its own keeper. */
const METADATA_FOLDER = "__cluster_metadata-0";
/** Somebody waits for logs that are made, and on a busy machine each pause is long. */
const CREATION_SLICE_MS = 16;
/** How many logs are opened, and closed, at the same time. */
const CONCURRENT_LOGS = 16;

/** What {@linkcode LogManager.open} needs. */
export interface LogManagerOptions extends LogPorts, LogSettings {
  readonly timers: Timers;
  /** The directories, which must be there, and the id that each has in its `meta.properties`. */
  readonly logDirs: readonly { readonly path: string; readonly id: Uuid }[];
  /** From `lockLogDirectories`; given back when the manager is closed. */
  readonly locks: LogDirectoryLocks;
  /** The configuration of a topic; the broker's defaults for one that the metadata does not know. */
  readonly configFor: (topic: string) => LogConfig;
  /**
   * Whether the metadata knows no such partition, or another one of that name: asked where one lies in two directories.
   */
  readonly isStray?: (log: FileLog) => boolean;
  /** `log.retention.check.interval.ms`. Default 5 minutes. */
  readonly retentionCheckIntervalMs?: number;
  /** `log.flush.offset.checkpoint.interval.ms`. Default a minute. */
  readonly checkpointIntervalMs?: number;
  /** `producer.id.expiration.check.interval.ms`. Default 10 minutes. */
  readonly producerIdExpirationCheckIntervalMs?: number;
  /** False leaves compacted topics as they are (`log.cleaner.enable`). Default true. */
  readonly isCleanerEnabled?: boolean;
  /** Where the cleaner tells what it does; where it is not told, where the logs do. */
  readonly cleanerLogger?: Logger;
  /** The cleaner's settings as they are now. Default Apache Kafka's. */
  readonly cleanerSettings?: () => CleanerSettings;
  /** Told of a directory whose device has failed. */
  readonly onDirectoryOffline?: (id: Uuid) => void;
  /** How often topics are looked at that have a `flush.ms`; of use only without `flushOnAck`. Default a second. */
  readonly flushCheckIntervalMs?: number;
}

/** A log directory, for DescribeLogDirs and the metadata. */
export interface LogDirectoryInfo {
  readonly id: Uuid;
  readonly path: string;
  /** Of its volume, in bytes; -1 where it is not known. */
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** True once its device has failed. */
  readonly isOffline: boolean;
  readonly logs: readonly FileLog[];
}

/** What a new log is made with. */
export interface NewLog {
  readonly topicId: Uuid;
  readonly config: LogConfig;
  readonly leaderEpoch: number;
  /** The log directory to lie in; the one with the fewest partitions where it is not told, or not there. */
  readonly directoryId?: Uuid;
}

/** The keeper of all partitions but the metadata log. */
export class LogManager {
  readonly #options: LogManagerOptions;
  readonly #context: LogContext;
  readonly #background: Background;
  readonly #directories: readonly LogDirectory[];
  readonly #logs = new Map<string, Map<number, FileLog>>();
  /** Logs that are to be made, by the name of their folder. */
  readonly #expected = new Map<string, NewLog>();
  readonly #cleaner: LogCleaner;

  private constructor(options: LogManagerOptions) {
    this.#options = options;
    const { disk, logger, logDirs } = options;
    this.#directories = logDirs.map(({ path, id }) => new LogDirectory(disk, logger, path, id));
    this.#background = new Background(options);
    this.#context = createLogContext(options, {
      ...options,
      removeLater: (paths, delayMs) => this.#background.removeLater(paths, delayMs),
      persistLogStartOffsets: () => this.#writeCheckpoints(),
      onStorageError: (folder, error) => this.#onStorageError(folder, error),
    });
    this.#cleaner = this.#createCleaner();
  }

  /**
   * Opens all partitions that lie in the log directories, and recovers those that a crash may have torn. Where the
   * device fails, the directory is offline from the start, with a warning; the caller gives the locks back where this
   * rejects.
   *
   * @throws {DiskError} where no directory can be read
   * @throws {Error} where a partition lies in two directories
   */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const manager = new LogManager(options);
    try {
      for (const directory of manager.#directories) await manager.#load(directory);
    } catch (error) {
      manager.#background.stop();
      manager.#context.files.closeAll();
      throw error;
    }
    manager.#startTasks();
    return manager;
  }

  /** Where cold reads have their memory from: whoever has sent what was read gives it back. */
  get readBuffers(): BufferPool {
    return this.#context.readBuffers;
  }

  /**
   * Undefined where there is no such partition, where its directory was offline from the start, or where the disk has no
   * room for it. One that is {@linkcode expect}ed is made now.
   */
  get(topic: string, partition: number): FileLog | undefined {
    return this.#find(topic, partition) ?? this.#makeExpected({ topic, partition });
  }

  /**
   * Takes note of a new partition, which takes no time: its log is made when somebody asks for it, or when its turn to be
   * made comes, see {@linkcode createAll}. So thousands can be made while others are served, and whoever is early neither
   * waits nor is refused.
   */
  expect(topicPartition: TopicPartition, newLog: NewLog): void {
    this.#expected.set(folderNameOf(topicPartition), newLog);
  }

  /** Makes the logs that are expected, in slices of some milliseconds. Those that cannot be made are given to `onFailure`. */
  async createAll<P extends TopicPartition>(
    topicPartitions: Iterable<P>,
    onFailure: (topicPartition: P, error: DiskError) => void,
  ): Promise<void> {
    await this.#background.forEach(topicPartitions, (topicPartition) => {
      const expected = this.#expected.get(folderNameOf(topicPartition));
      if (expected === undefined) return;
      try {
        this.create(topicPartition, expected);
      } catch (error) {
        this.#expected.delete(folderNameOf(topicPartition));
        if (!(error instanceof DiskError)) throw error;
        onFailure(topicPartition, error);
      }
    }, CREATION_SLICE_MS);
  }

  /** All partitions, in no order. */
  *all(): Generator<FileLog> {
    for (const partitions of this.#logs.values()) yield* partitions.values();
  }

  /** In the order of `log.dirs`. */
  directories(): LogDirectoryInfo[] {
    return this.#directories.map((directory) => {
      const { id, path, isOffline, logs } = directory;
      const volume = isOffline ? null : this.#options.disk.volumeSync(path);
      const { totalBytes, freeBytes } = volume ?? { totalBytes: -1, freeBytes: -1 };
      return { id, path, totalBytes, freeBytes, isOffline, logs: [...logs] };
    });
  }

  /**
   * Makes the log of a new partition. It survives a power cut together with its first records.
   *
   * @throws {DiskError} also where the log directory that it is to lie in is offline
   * @throws {Error} where there is one
   */
  create(topicPartition: TopicPartition, { topicId, config, leaderEpoch, directoryId }: NewLog): FileLog {
    if (this.#find(topicPartition.topic, topicPartition.partition) !== undefined) {
      throw new Error(`Cannot make ${folderNameOf(topicPartition)}: it is there`);
    }
    const online = this.#directories.filter((directory) => !directory.isOffline);
    if (online.length === 0) throw new DiskError("io", "", "Cannot make a partition: all log directories are offline");
    const assigned = this.#directories.find(({ id }) => id === directoryId);
    if (assigned?.isOffline) {
      // The metadata will go on to look for it there, and the next start would make a second one.
      throw new DiskError(
        "io",
        assigned.path,
        `Cannot make a partition: ${assigned.path}, where it belongs, is offline`,
      );
    }
    const directory = assigned ??
      online.reduce((least, other) => other.logs.size < least.logs.size ? other : least);
    const path = `${directory.path}/${folderNameOf(topicPartition)}`;
    directory.clear(topicPartition);
    const log = FileLog.create(this.#context, path, topicPartition, topicId, config, leaderEpoch);
    this.#add(directory, log);
    this.#expected.delete(folderNameOf(topicPartition));
    return log;
  }

  /**
   * Deletes a partition. It is gone at once, its files after `file.delete.delay.ms`. Resolves when it would not come
   * back after a power cut; does nothing where there is none. Where its directory is offline, or goes offline over it, the
   * start that finds the directory again puts the partition aside.
   */
  async delete(topicPartition: TopicPartition): Promise<void> {
    const log = this.#find(topicPartition.topic, topicPartition.partition);
    if (log === undefined) return;
    const path = await this.#putAside(log, "delete");
    if (path !== null) this.#background.removeLater([path], log.config.fileDeleteDelayMs);
  }

  /**
   * Puts a partition aside that the metadata does not know: its folder gets a name that ends in `-stray`, and stays for
   * somebody to look at. Otherwise as {@linkcode delete}.
   */
  async setAside(topicPartition: TopicPartition): Promise<void> {
    const log = this.#find(topicPartition.topic, topicPartition.partition);
    if (log === undefined) return;
    const path = await this.#putAside(log, "stray");
    if (path !== null) this.#warnOfStray(topicPartition, path);
  }

  /** Applies a topic's changed configuration to all its partitions. */
  configure(topic: string, config: LogConfig): void {
    for (const log of this.#logs.get(topic)?.values() ?? []) log.configure(config);
  }

  /**
   * Stops cleanly: everything is on the device, and the next start need not recover anything. Gives the locks back.
   *
   * @param brokerEpoch of this run, which Apache Kafka's controller asks for (KIP-966)
   */
  async close(brokerEpoch = -1n): Promise<void> {
    this.#background.stop();
    await this.#cleaner.stop();
    const unclean = new Set<FileLog>();
    await concurrently([...this.all()], async (log) => {
      if (!await log.close()) unclean.add(log);
    });
    for (const directory of this.#directories) {
      if (directory.isOffline) continue;
      try {
        await directory.writeCheckpoints();
        if (directory.logs.isDisjointFrom(unclean)) await directory.markCleanShutdown(brokerEpoch);
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        this.#options.logger.warn(`${error.message}. The next start will recover what lies in ${directory.path}`);
      }
    }
    this.#context.files.closeAll();
    this.#options.locks.release();
  }

  async #load(directory: LogDirectory): Promise<void> {
    try {
      const hadCleanShutdown = await directory.load();
      const found = this.#findPartitions(directory);
      await concurrently(found, (topicPartition) => this.#openLog(directory, topicPartition, hadCleanShutdown));
      await directory.forgetStale();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#putOffline(directory, error);
      if (this.#directories.every(({ isOffline }) => isOffline)) throw error;
    }
  }

  #findPartitions({ path }: LogDirectory): TopicPartition[] {
    const found: TopicPartition[] = [];
    for (const { name, isFolder } of this.#options.disk.listSync(path)) {
      if (!isFolder || name === METADATA_FOLDER) continue;
      const folder = kindOfFolder(name);
      if (folder.kind === "partition") found.push(folder.topicPartition);
      else if (folder.kind === "delete") this.#background.removeLater([`${path}/${name}`], 0);
      else this.#options.logger.warn(`Left alone ${path}/${name}, ${WHY_LEFT_ALONE[folder.kind]}`);
    }
    return found;
  }

  async #openLog(directory: LogDirectory, topicPartition: TopicPartition, hadCleanShutdown: boolean): Promise<void> {
    if (directory.isOffline) return;
    const path = `${directory.path}/${folderNameOf(topicPartition)}`;
    const config = this.#options.configFor(topicPartition.topic);
    const options = { config, hadCleanShutdown, ...directory.checkpointed(topicPartition) };
    const log = await FileLog.open(this.#context, path, topicPartition, options);
    if (directory.isOffline) return;
    const twin = this.#find(topicPartition.topic, topicPartition.partition);
    if (twin !== undefined && await this.#setStrayAside(directory, log, twin) === log) return;
    this.#add(directory, log);
  }

  /**
   * A topic that is deleted while the device of one directory has failed may be made anew in another, and the device
   * come back. Resolves to which of the two was put aside; null for none.
   */
  async #setStrayAside(directory: LogDirectory, log: FileLog, twin: FileLog): Promise<FileLog | null> {
    const { isStray = () => false, disk, random } = this.#options;
    if (isStray(twin)) {
      await this.setAside(twin.topicPartition);
      return twin;
    }
    if (!isStray(log)) return null;
    const path = `${directory.path}/${asideFolderName(log.topicPartition, "stray", random)}`;
    log.retire(path);
    await disk.syncFolder(directory.path);
    this.#warnOfStray(log.topicPartition, path);
    return log;
  }

  #warnOfStray(topicPartition: TopicPartition, path: string): void {
    this.#options.logger.warn(
      `The metadata knows no partition ${folderNameOf(topicPartition)}. It is put aside as ${path}`,
    );
  }

  #find(topic: string, partition: number): FileLog | undefined {
    return this.#logs.get(topic)?.get(partition);
  }

  /** Where that fails, it stays expected: whose turn it is to make it deals with the failure. */
  #makeExpected(topicPartition: TopicPartition): FileLog | undefined {
    const expected = this.#expected.size === 0 ? undefined : this.#expected.get(folderNameOf(topicPartition));
    if (expected === undefined) return undefined;
    try {
      return this.create(topicPartition, expected);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return undefined;
    }
  }

  #add(directory: LogDirectory, log: FileLog): void {
    const { topic, partition } = log.topicPartition;
    const twin = this.#find(topic, partition);
    if (twin !== undefined) {
      throw new Error(
        `Cannot use both ${twin.folderPath} and ${log.folderPath}: they are the same partition. Move one away`,
      );
    }
    let partitions = this.#logs.get(topic);
    if (partitions === undefined) this.#logs.set(topic, partitions = new Map());
    partitions.set(partition, log);
    directory.logs.add(log);
  }

  #remove(directory: LogDirectory, log: FileLog): void {
    const { topic, partition } = log.topicPartition;
    const partitions = this.#logs.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) this.#logs.delete(topic);
    directory.forget(log);
  }

  /** Takes a log out and renames its folder; resolves to the new path, to null where its directory is offline. */
  async #putAside(log: FileLog, reason: AsideReason): Promise<string | null> {
    const directory = this.#directories.find((directory) => directory.logs.has(log))!;
    const path = `${directory.path}/${asideFolderName(log.topicPartition, reason, this.#options.random)}`;
    try {
      this.#remove(directory, log);
      if (directory.isOffline) return null;
      log.retire(path);
      await this.#options.disk.syncFolder(directory.path);
      await this.#writeCheckpointsIfRoom(directory);
      return path;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      log.goOffline(error.message);
      this.#putOffline(directory, error);
      return null;
    }
  }

  /** On a full disk the old ones stay until there is room: with what they tell of logs that are gone, see `clear`. */
  async #writeCheckpointsIfRoom(directory: LogDirectory): Promise<void> {
    try {
      await directory.writeCheckpoints();
    } catch (error) {
      if (!(error instanceof DiskError && error.kind === "no-space")) throw error;
      this.#options.logger.warn(error.message);
    }
  }

  #createCleaner(): LogCleaner {
    const directoryOf = ({ topicPartition: { topic, partition } }: CleanableLog) => {
      const log = this.#find(topic, partition);
      return this.#directories.find(({ logs }) => log !== undefined && logs.has(log));
    };
    const logs: CleanerLogs = {
      all: () => [...this.all()],
      cleanedUpTo: (log) => directoryOf(log)?.cleanerOffset(log.topicPartition),
      setCleanedUpTo: async (log, offset) => {
        const directory = directoryOf(log);
        if (directory === undefined || log.isEnded) return;
        directory.setCleanerOffset(log.topicPartition, offset);
        await directory.writeCheckpoints();
      },
    };
    const settings = this.#options.cleanerSettings ?? (() => DEFAULT_CLEANER_SETTINGS);
    const context = { ...this.#context, logger: this.#options.cleanerLogger ?? this.#context.logger };
    return new LogCleaner(context, this.#options.timers, logs, settings);
  }

  #startTasks(): void {
    const { clock, retentionCheckIntervalMs, checkpointIntervalMs } = this.#options;
    const { producerIdExpirationCheckIntervalMs, flushCheckIntervalMs } = this.#options;
    const forEachLog = (work: (log: FileLog, nowMs: number) => Promise<unknown> | void) => () =>
      this.#background.forEach([...this.all()], (log) => work(log, clock.now()));
    this.#background.every(retentionCheckIntervalMs ?? 300_000, forEachLog((log, nowMs) => log.applyRetention(nowMs)));
    this.#background.every(
      producerIdExpirationCheckIntervalMs ?? 600_000,
      forEachLog((log, nowMs) => log.expireProducers(nowMs)),
    );
    if (!this.#context.flushOnAck) {
      this.#background.every(flushCheckIntervalMs ?? 1000, forEachLog((log, nowMs) => log.flushIfDue(nowMs)));
    }
    if (this.#options.isCleanerEnabled ?? true) this.#cleaner.start();
    this.#background.every(checkpointIntervalMs ?? 60_000, async () => {
      try {
        await this.#writeCheckpoints();
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        this.#options.logger.warn(error.message);
      }
    });
  }

  async #writeCheckpoints(): Promise<void> {
    for (const directory of this.#directories) await directory.writeCheckpoints();
  }

  #onStorageError(folder: string, error: DiskError): void {
    const directory = this.#directories.find(({ path }) => folder.startsWith(`${path}/`));
    if (directory !== undefined) this.#putOffline(directory, error);
  }

  /** Where one log's device has failed, the others there must not be trusted to it either. */
  #putOffline(directory: LogDirectory, error: DiskError): void {
    if (directory.isOffline) return;
    directory.isOffline = true;
    this.#options.logger.error(`The log directory ${directory.path} is offline: ${error.message}`);
    for (const log of directory.logs) log.goOffline(error.message);
    this.#options.onDirectoryOffline?.(directory.id);
  }
}

const WHY_LEFT_ALONE = {
  stray: "which was put aside because the metadata knew no such partition",
  future: "which Apache Kafka was moving from another log directory",
  unknown: "which is no partition",
} as const;

/** Does `work` for all items, some at a time. */
async function concurrently<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items.values();
  const worker = async () => {
    for (const item of iterator) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENT_LOGS }, worker));
}
