/**
 * Compacted logs in tests: keyed records to append, and a cleaner that runs when told.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type CleanerSettings, DEFAULT_CLEANER_SETTINGS, LogCleaner } from "../../lib/log/cleaner.ts";
import type { FileLog } from "../../lib/log/file_log.ts";
import type { LogConfig } from "../../lib/log/partition_log.ts";
import { batchesOf, type BatchOptions, RecordBatch, RecordBatchBuilder, recordsOf } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { append, NOW, type World } from "./support.ts";

/** Each batch of one small record fills a segment. */
export const COMPACTED: Partial<LogConfig> = {
  cleanupPolicy: new Set(["compact"]),
  segmentBytes: 100,
  minCleanableDirtyRatio: 0,
  retentionMs: -1,
};

/** A record by its key and value; null is a tombstone. */
export type Entry = readonly [key: string | null, value: string | null];

/** A batch of records with these keys and values. */
export function keyed(entries: readonly Entry[], options: BatchOptions & { timestamp?: number } = {}): Uint8Array {
  const builder = new RecordBatchBuilder(options, runtimeCompressor);
  const bytes = (text: string | null) => text === null ? null : new TextEncoder().encode(text);
  for (const [key, value] of entries) {
    builder.append({ timestamp: options.timestamp ?? NOW, key: bytes(key), value: bytes(value) });
  }
  return builder.build();
}

/** Appends one batch for each record. */
export async function appendEach(log: FileLog, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) await append(log, keyed([entry]));
}

/** A cleaner of one log, and up to where that is clean. */
export class CleanerOf {
  readonly cleaner: LogCleaner;
  cleanedUpTo: number | undefined;
  readonly #log: FileLog;

  constructor(world: World, log: FileLog, settings: Partial<CleanerSettings> = {}, cleanedUpTo?: number) {
    this.cleanedUpTo = cleanedUpTo;
    this.#log = log;
    const timers = {
      after(_: number, callback: () => void) {
        queueMicrotask(callback);
        return { cancel() {} };
      },
    };
    const logs = {
      all: () => [log],
      cleanedUpTo: () => this.cleanedUpTo,
      setCleanedUpTo: (_: unknown, offset: number) => Promise.resolve(void (this.cleanedUpTo = offset)),
    };
    this.cleaner = new LogCleaner(world.context(), timers, logs, () => ({ ...DEFAULT_CLEANER_SETTINGS, ...settings }));
  }

  /** Cleans the log if that is due. What is not on the device with all its indexes is not touched, so that comes first. */
  async clean(): Promise<boolean> {
    await this.#log.flush();
    return await this.cleaner.cleanDirtiest();
  }
}

/** All batches, by as many reads as it takes. */
export async function batchesIn(log: FileLog, offset = log.logStartOffset): Promise<RecordBatch[]> {
  const found: RecordBatch[] = [];
  while (offset < log.highWatermark) {
    const options = { maxBytes: 1000, atLeastOneBatch: true, isolationLevel: "read-uncommitted" } as const;
    const { errorCode, records } = await log.read(offset, options);
    assertEquals(errorCode, 0);
    const batches = [...batchesOf(records)] as RecordBatch[];
    if (batches.length === 0) break;
    found.push(...batches);
    offset = batches[batches.length - 1].nextOffset;
  }
  return found;
}

/** The offsets, keys and values of all records. */
export async function contentOf(log: FileLog): Promise<[number, string | null, string | null][]> {
  const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);
  const batches = await batchesIn(log);
  return batches.flatMap((batch) =>
    [...recordsOf(batch, runtimeCompressor)].map(({ offset, key, value }) =>
      [offset, text(key), text(value)] as [number, string | null, string | null]
    )
  );
}
