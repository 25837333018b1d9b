/**
 * Logs in tests: a topic's configuration with Kafka's defaults, a world in memory whose clock stands still, batches to
 * append.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { createLogContext, type LogContext, type LogSettings } from "../../lib/log/log_context.ts";
import type { AppendOrigin, AppendResult, LogConfig, PartitionLog } from "../../lib/log/partition_log.ts";
import { FileLog } from "../../lib/log/file_log.ts";
import type { Disk } from "../../lib/ports.ts";
import { batchesOf, type BatchOptions, RecordBatchBuilder, recordsOf } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { MemoryDisk } from "../../lib/shell/memory_disk.ts";

/** The time at which every test begins. */
export const NOW = 1_700_000_000_000;
export const HOUR = 3_600_000;

/** The id of every topic here. */
export const TOPIC_ID = "Ab-cdefghijklmnopqrstA";

/** Kafka's defaults. */
export const CONFIG: LogConfig = {
  segmentBytes: 2 ** 30,
  segmentMs: 7 * 24 * HOUR,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 2 ** 20,
  indexIntervalBytes: 4096,
  maxMessageBytes: 2 ** 20,
  retentionBytes: -1,
  retentionMs: 7 * 24 * HOUR,
  cleanupPolicy: new Set(["delete"]),
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
  deleteRetentionMs: 86_400_000,
  compressionType: "producer",
  compressionLevel: undefined,
  messageTimestampType: "CreateTime",
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: HOUR,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  fileDeleteDelayMs: 60_000,
};

/** A disk, a clock that is set by hand, and what the log told of. */
export class World {
  readonly clock = { nowMs: NOW, now: () => this.clock.nowMs };
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  readonly disk: Disk;
  #drawn = 0;

  constructor(disk?: Disk) {
    this.disk = disk ?? new MemoryDisk(this.clock);
    this.disk.makeFolderSync("/data");
  }

  readonly logger = {
    info: (line: string) => void this.infos.push(line),
    error: (line: string) => void this.warnings.push(line),
    warn: (line: string) => void this.warnings.push(line),
  };

  /** Numbers that look random and are the same in each run. */
  readonly random = {
    fill: (bytes: Uint8Array) => bytes.map((_, index) => (++this.#drawn * 2654435761 + index * 40503) >>> 8),
  };

  context(settings: LogSettings = {}): LogContext {
    const { disk, clock, random, logger } = this;
    return createLogContext({ disk, clock, random, logger, compressor: runtimeCompressor }, settings);
  }

  /** A new log of partition 0 of topic `t`. */
  create(config: Partial<LogConfig> = {}, settings: LogSettings = {}): FileLog {
    const topicPartition = { topic: "t", partition: 0 };
    return FileLog.create(this.context(settings), "/data/t-0", topicPartition, TOPIC_ID, { ...CONFIG, ...config }, 0);
  }

  /** The same log, by another run of the broker; after a crash unless told otherwise. */
  open(
    { config = {}, settings = {}, hadCleanShutdown = false, recoveryPoint = 0, logStartOffset = 0 }: {
      config?: Partial<LogConfig>;
      settings?: LogSettings;
      hadCleanShutdown?: boolean;
      recoveryPoint?: number;
      logStartOffset?: number;
    } = {},
  ): Promise<FileLog> {
    return FileLog.open(this.context(settings), "/data/t-0", { topic: "t", partition: 0 }, {
      config: { ...CONFIG, ...config },
      hadCleanShutdown,
      recoveryPoint,
      logStartOffset,
    });
  }

  /** The names in the log's folder. */
  names(): string[] {
    return this.disk.listSync("/data/t-0").map(({ name }) => name);
  }
}

/** A batch of records with these values. */
export function batchOf(
  values: readonly (string | Uint8Array)[],
  options: BatchOptions & { timestamp?: number } = {},
): Uint8Array {
  const builder = new RecordBatchBuilder(options, runtimeCompressor);
  for (const value of values) {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    builder.append({ timestamp: options.timestamp ?? NOW, key: null, value: bytes });
  }
  return builder.build();
}

/** Appends and waits until it is on the disk; it must be accepted. */
export async function append(
  log: PartitionLog,
  records: Uint8Array,
  origin: AppendOrigin = "client",
): Promise<AppendResult> {
  const result = await log.append(records, { origin, acks: "durable" });
  assertEquals(result.errorMessage, null);
  return result;
}

/** The offsets and values of the records in whole batches. */
export function recordsIn(bytes: Uint8Array): [offset: number, value: string][] {
  const found: [number, string][] = [];
  for (const batch of batchesOf(bytes)) {
    for (const { offset, value } of recordsOf(batch, runtimeCompressor)) {
      found.push([offset, new TextDecoder().decode(value ?? new Uint8Array(0))]);
    }
  }
  return found;
}

/** All records from `offset` on, by as many reads as it takes. */
export async function readAll(
  log: PartitionLog,
  offset = log.logStartOffset,
  maxBytes = 100_000,
): Promise<[offset: number, value: string][]> {
  const found: [number, string][] = [];
  while (offset < log.highWatermark) {
    const result = await log.read(offset, { maxBytes, atLeastOneBatch: true, isolationLevel: "read-uncommitted" });
    assertEquals(result.errorCode, 0);
    const records = recordsIn(result.records);
    if (records.length === 0) break;
    found.push(...records.filter(([at]) => at >= offset));
    offset = records[records.length - 1][0] + 1;
  }
  return found;
}
