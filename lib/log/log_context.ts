/**
 * What all logs of a broker share: the ports, and the bounds on handles and memory.
 *
 * @module
 */
import { BufferPool } from "../bytes/mod.ts";
import type { Clock, Compressor, Disk, DiskError, Logger, Random } from "../ports.ts";
import { FilePool } from "./file_pool.ts";
import { Flusher, type SyncWatch } from "./flusher.ts";
import { IndexCache } from "./index_cache.ts";
import { SLACK_BYTES } from "./segment_reader.ts";
import { TailCache } from "./tail_cache.ts";

/** The part of the world that logs see. */
export interface LogPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly compressor: Compressor;
  readonly logger: Logger;
}

/** The settings of the broker that hold for all its logs. */
export interface LogSettings {
  /**
   * False lets the high watermark move as soon as the page cache has the records (`barnabas.flush.on.ack`). Default
   * true.
   */
  readonly flushOnAck?: boolean;
  /** Forget an idempotent producer that was silent this long (`producer.id.expiration.ms`). Default a day. */
  readonly producerIdExpirationMs?: number;
  /** Files that are open at the same time; each may take two handles. Default 256. */
  readonly maxOpenFiles?: number;
  /** Bytes of recent records of all partitions that stay in memory. Default 24 MiB. */
  readonly tailCacheBytes?: number;
  /** Bytes of indexes of closed segments that stay in memory. Default 8 MiB. */
  readonly indexCacheBytes?: number;
  /** Told of each sync of a log, where somebody watches. */
  readonly onSync?: SyncWatch;
  /** Told when the device failed a log, in addition to what its callers are told. */
  readonly onStorageError?: (folder: string, error: DiskError) => void;
  /** Removes files after a while (`file.delete.delay.ms`). At once by default. */
  readonly removeLater?: (paths: readonly string[], delayMs: number) => void;
  /**
   * Resolves when the log start offsets of all logs would survive a power cut. By default they are told by what is left
   * of the logs.
   */
  readonly persistLogStartOffsets?: () => Promise<void>;
}

/** Shared by all logs that were made with it. */
export interface LogContext extends LogPorts {
  readonly flushOnAck: boolean;
  readonly producerIdExpirationMs: number;
  readonly files: FilePool;
  readonly tails: TailCache;
  /** The memory that cold reads fill. Whoever has sent what was read may give it back. */
  readonly readBuffers: BufferPool;
  readonly indexes: IndexCache;
  readonly flusher: Flusher;
  readonly onStorageError: (folder: string, error: DiskError) => void;
  readonly removeLater: (paths: readonly string[], delayMs: number) => void;
  readonly persistLogStartOffsets: () => Promise<void>;
}

/** What consumers ask for at a time by default (`max.partition.fetch.bytes`), and what is read beyond it. */
const READ_BUFFER_BYTES = (1 << 20) + SLACK_BYTES;
const MAX_FREE_READ_BYTES = 8 * READ_BUFFER_BYTES;

/** A context of its own caches. */
export function createLogContext(ports: LogPorts, settings: LogSettings = {}): LogContext {
  const { disk, clock, random, compressor, logger } = ports;
  return {
    disk,
    clock,
    random,
    compressor,
    logger,
    flushOnAck: settings.flushOnAck ?? true,
    producerIdExpirationMs: settings.producerIdExpirationMs ?? 86_400_000,
    files: new FilePool(disk, settings.maxOpenFiles ?? 256),
    tails: new TailCache(settings.tailCacheBytes ?? 24 << 20),
    readBuffers: new BufferPool(READ_BUFFER_BYTES, MAX_FREE_READ_BYTES),
    indexes: new IndexCache(settings.indexCacheBytes ?? 8 << 20),
    flusher: new Flusher(settings.onSync),
    onStorageError: settings.onStorageError ?? (() => {}),
    removeLater: settings.removeLater ?? ((paths) => paths.forEach((path) => disk.removeSync(path))),
    persistLogStartOffsets: settings.persistLogStartOffsets ?? (() => Promise.resolve()),
  };
}
