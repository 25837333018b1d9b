/**
 * The log cleaner: keeps of each key of a compacted log the last record, and forgets the others (`cleanup.policy=compact`).
 *
 * In: the logs, and up to where each was cleaned before. It looks which one is dirtiest (`cleaner_schedule.ts`), cleans it in slices of a few
 * milliseconds (`cleaner_run.ts`), and rests for `log.cleaner.backoff.ms` when none is due. A log that cannot be read is told of and left
 * alone until the next start; the others go on. A device that fails to write takes its log directory offline, as an append does.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import { DiskError, type Timers } from "../ports.ts";
import { UnsupportedCompressionError } from "../records/mod.ts";
import { folderNameOf } from "./checkpoint_files.ts";
import { type CleanableLog, reading, UnreadableLogError } from "./cleaner_log.ts";
import { CleaningStopped, Pace } from "./cleaner_pace.ts";
import { cleanLog } from "./cleaner_run.ts";
import { chooseDirtiest, type DirtyLog, measureDirt } from "./cleaner_schedule.ts";
import type { LogContext } from "./log_context.ts";
import { SegmentGoneError } from "./segment.ts";

/** The settings of the cleaner, which may change while it runs. */
export interface CleanerSettings {
  /** `log.cleaner.backoff.ms` */
  readonly backoffMs: number;
  /** `log.cleaner.dedupe.buffer.size`: the most bytes that the keys of the log being cleaned may take. */
  readonly dedupeBufferBytes: number;
  /** `log.cleaner.io.max.bytes.per.second`, read and written. */
  readonly maxBytesPerSecond: number;
}

/** Apache Kafka's defaults. */
export const DEFAULT_CLEANER_SETTINGS: CleanerSettings = {
  backoffMs: 15_000,
  dedupeBufferBytes: 128 << 20,
  maxBytesPerSecond: Infinity,
};

/** The logs that may have to be cleaned. */
export interface CleanerLogs {
  /** All logs that are there now. */
  all(): Iterable<CleanableLog>;
  /** Up to where a log was cleaned; undefined where it never was. */
  cleanedUpTo(log: CleanableLog): number | undefined;
  /** Resolves when it would survive a power cut that a log is clean up to there. */
  setCleanedUpTo(log: CleanableLog, offset: number): Promise<void>;
}

/** One for all logs of a broker. */
export class LogCleaner {
  readonly #context: LogContext;
  readonly #logs: CleanerLogs;
  readonly #settings: () => CleanerSettings;
  readonly #pace: Pace;
  readonly #uncleanable = new WeakSet<CleanableLog>();
  #running: Promise<void> = Promise.resolve();

  constructor(context: LogContext, timers: Timers, logs: CleanerLogs, settings: () => CleanerSettings) {
    this.#context = context;
    this.#logs = logs;
    this.#settings = settings;
    this.#pace = new Pace(context.clock, timers, () => settings().maxBytesPerSecond);
  }

  /** Cleans whatever is due, from now on. */
  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the cleaner does nothing any more; what is under way is given up. */
  async stop(): Promise<void> {
    this.#pace.stop();
    await this.#running;
  }

  /** Cleans the dirtiest of the logs that are due; resolves to false where none is, or it could not be cleaned. */
  async cleanDirtiest(): Promise<boolean> {
    try {
      const dirtiest = chooseDirtiest(await this.#measureAll());
      return dirtiest !== null && await this.#clean(dirtiest);
    } catch (error) {
      if (error instanceof CleaningStopped) return false;
      throw error;
    }
  }

  async #run(): Promise<void> {
    while (!this.#pace.isStopped) {
      await this.#pace.sleep(this.#settings().backoffMs);
      while (await this.cleanDirtiest());
    }
  }

  async #measureAll(): Promise<DirtyLog[]> {
    const dirtyLogs: DirtyLog[] = [];
    for (const log of this.#logs.all()) {
      if (this.#pace.isOver) await this.#pace.rest();
      if (!log.config.cleanupPolicy.has("compact") || log.isEnded || this.#uncleanable.has(log)) continue;
      await this.#attempt(log, async () => {
        const nowMs = this.#context.clock.now();
        dirtyLogs.push(await reading(() => measureDirt(log, this.#logs.cleanedUpTo(log), nowMs)));
      });
    }
    return dirtyLogs;
  }

  #clean(dirty: DirtyLog): Promise<boolean> {
    const { log } = dirty;
    return this.#attempt(log, async () => {
      const startMs = this.#context.clock.now();
      const options = { pace: this.#pace, maxMapBytes: this.#settings().dedupeBufferBytes };
      const { endOffset, bytesBefore, bytesAfter } = await cleanLog(dirty, options);
      await this.#logs.setCleanedUpTo(log, endOffset);
      this.#context.logger.info(
        `Cleaned ${folderNameOf(log.topicPartition)} up to offset ${endOffset}: ` +
          `${bytesBefore} bytes became ${bytesAfter} in ${this.#context.clock.now() - startMs} ms`,
      );
    });
  }

  /** Resolves to false where the log has gone meanwhile, or must be left alone from now on. */
  async #attempt(log: CleanableLog, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof CleaningStopped && this.#pace.isStopped) throw error;
      if (log.isEnded || error instanceof CleaningStopped || error instanceof SegmentGoneError) return false;
      if (!isTrouble(error)) throw error;
      this.#giveUp(log, error);
      return false;
    }
  }

  #giveUp(log: CleanableLog, error: Error): void {
    const name = folderNameOf(log.topicPartition);
    if (error instanceof DiskError) {
      if (error.kind !== "no-space") return log.failDevice(error);
      this.#context.logger.warn(`Cannot clean ${name} now: ${error.message}. It will be tried again`);
      return;
    }
    this.#uncleanable.add(log);
    this.#context.logger.error(`${name} is not compacted any more, until the next start: ${error.message}`);
  }
}

function isTrouble(error: unknown): error is Error {
  return error instanceof DiskError || error instanceof UnreadableLogError || error instanceof DecodeError ||
    error instanceof UnsupportedCompressionError;
}
