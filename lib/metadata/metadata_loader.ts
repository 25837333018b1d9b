/**
 * Reading the metadata log: the newest snapshot, and what was appended since.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import { FileLog } from "../log/file_log.ts";
import { createLogContext } from "../log/log_context.ts";
import type { LogConfig } from "../log/partition_log.ts";
import type { Clock, Compressor, Disk, Logger, Random } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { batchesOf, RecordBatch } from "../records/mod.ts";
import { decodeBatch } from "./batch.ts";
import { MetadataImage } from "./image/image.ts";
import { decodeSnapshot, type Quorum, type Snapshot, withControlRecord } from "./snapshot.ts";
import {
  listSnapshots,
  readSnapshotFile,
  removeUnfinishedSnapshots,
  snapshotFileName,
  type SnapshotId,
} from "./snapshot_files.ts";
import { TransactionBuffer } from "./transaction_buffer.ts";

/** What reading needs. */
export interface LoaderOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly compressor: Compressor;
  /** The folder `__cluster_metadata-0`, which must be there. */
  readonly folder: string;
  readonly segmentBytes: number;
}

/** The log as it was found. */
export interface LoadedMetadata {
  readonly log: FileLog;
  readonly image: MetadataImage;
  /** Null where neither snapshot nor log says: a static quorum. */
  readonly quorum: Quorum | null;
  /** The greatest epoch that the log or a snapshot knows; 0 for none. */
  readonly epoch: number;
  /** True where the voters stand in the log, or in a snapshot of it, and not just in the one that formatting wrote. */
  readonly hasLoggedVoters: boolean;
  /** True where a crash has cut a transaction short. */
  readonly hasOpenTransaction: boolean;
  /** Oldest first. */
  readonly snapshots: readonly SnapshotId[];
  /** Bytes of the log that the newest snapshot does not stand for. */
  readonly bytesSinceSnapshot: number;
  /** When the last record was appended, in milliseconds since the epoch; 0 for none. */
  readonly lastTimestamp: number;
}

/** Bytes that are read at once. */
const READ_BYTES = 1024 * 1024;

/**
 * Opens the log and adds it up.
 *
 * @throws {Error} where it is damaged, or has records that this version does not know
 * @throws {DiskError}
 */
export async function loadMetadata(options: LoaderOptions): Promise<LoadedMetadata> {
  const { disk, folder } = options;
  removeUnfinishedSnapshots(disk, folder);
  const snapshots = listSnapshots(disk, folder);
  const newest = newestReadable(options, snapshots);
  const log = await openLog(options, newest?.id.endOffset ?? 0);
  const loading = new Loading(options, newest?.snapshot ?? null);
  const startOffset = newest?.id.endOffset ?? 0;
  if (log.logStartOffset > startOffset) {
    throw new Error(
      `Cannot read the metadata log in ${folder}: it begins at offset ${log.logStartOffset}, and no sound snapshot ` +
        "stands for what came before",
    );
  }
  await loading.readLog(log, startOffset);
  return { ...loading.result(newest?.id ?? null), log, snapshots };
}

/**
 * The log as configured by the broker, not by a topic. Retention is by snapshots: the log itself keeps everything
 * from its start offset on.
 */
function configOf(segmentBytes: number): LogConfig {
  return {
    segmentBytes,
    segmentMs: 7 * 86_400_000,
    segmentJitterMs: 0,
    segmentIndexBytes: 10 * 1024 * 1024,
    indexIntervalBytes: 4096,
    maxMessageBytes: 2 ** 31 - 1,
    retentionBytes: -1,
    retentionMs: -1,
    cleanupPolicy: new Set(["delete"]),
    minCleanableDirtyRatio: 0.5,
    minCompactionLagMs: 0,
    maxCompactionLagMs: Number.MAX_SAFE_INTEGER,
    deleteRetentionMs: 86_400_000,
    compressionType: "producer",
    compressionLevel: undefined,
    messageTimestampType: "CreateTime",
    messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
    messageTimestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
    flushMessages: Number.MAX_SAFE_INTEGER,
    flushMs: Number.MAX_SAFE_INTEGER,
    fileDeleteDelayMs: 0,
  };
}

/** One log of small records needs little memory, and is always flushed. */
const LOG_SETTINGS = { flushOnAck: true, maxOpenFiles: 4, tailCacheBytes: 256 * 1024, indexCacheBytes: 256 * 1024 };

async function openLog(options: LoaderOptions, snapshotOffset: number): Promise<FileLog> {
  const { folder, segmentBytes } = options;
  const context = createLogContext(options, LOG_SETTINGS);
  const open = (logStartOffset: number) =>
    FileLog.open(context, folder, { topic: "__cluster_metadata", partition: 0 }, {
      config: configOf(segmentBytes),
      // Checking what a snapshot does not stand for takes no longer than reading it, which must be done anyway.
      hadCleanShutdown: false,
      // A snapshot is written when what it stands for is on the device.
      recoveryPoint: snapshotOffset,
      logStartOffset,
    });
  const log = await open(0);
  if (log.logEndOffset >= snapshotOffset) return log;
  await log.close();
  return open(snapshotOffset);
}

/** The newest snapshot that can be read; null where there is none. */
function newestReadable(
  { disk, folder, compressor, logger }: LoaderOptions,
  ids: readonly SnapshotId[],
): { id: SnapshotId; snapshot: Snapshot } | null {
  for (const id of ids.toReversed()) {
    try {
      return { id, snapshot: decodeSnapshot(readSnapshotFile(disk, folder, id), compressor) };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      logger.warn(`Passed over the damaged snapshot ${folder}/${snapshotFileName(id)}: ${error.message}`);
    }
  }
  return null;
}

/** The state of reading, from a snapshot on. */
class Loading {
  readonly #options: LoaderOptions;
  readonly #image = new MetadataImage();
  readonly #transaction = new TransactionBuffer();
  #quorum: Quorum | null;
  #hasLoggedVoters = false;
  #epoch = 0;
  #bytes = 0;
  #lastTimestamp: number;

  constructor(options: LoaderOptions, snapshot: Snapshot | null) {
    this.#options = options;
    for (const record of snapshot?.records ?? []) this.#image.replay(record);
    this.#quorum = snapshot?.quorum ?? null;
    this.#lastTimestamp = snapshot?.lastContainedLogTimestamp ?? 0;
  }

  async readLog(log: FileLog, startOffset: number): Promise<void> {
    let offset = startOffset;
    while (offset < log.logEndOffset) {
      const { errorCode, records } = await log.read(offset, {
        maxBytes: READ_BYTES,
        atLeastOneBatch: true,
        isolationLevel: "read-uncommitted",
      });
      if (errorCode !== ErrorCode.NONE || records.length === 0) this.#fail(`offset ${offset} cannot be read`);
      for (const batch of batchesOf(records)) {
        if (!(batch instanceof RecordBatch)) {
          return this.#fail(`after offset ${offset} stands a batch of an old format`);
        }
        if (batch.nextOffset <= offset) continue;
        this.#apply(batch, offset);
        offset = batch.nextOffset;
      }
    }
  }

  result(newest: SnapshotId | null): Omit<LoadedMetadata, "log" | "snapshots"> {
    const isLogged = newest !== null && newest.endOffset > 0 && this.#quorum?.voters !== null;
    return {
      image: this.#image,
      quorum: this.#quorum,
      epoch: Math.max(this.#epoch, newest?.epoch ?? 0),
      hasLoggedVoters: this.#hasLoggedVoters || isLogged,
      hasOpenTransaction: this.#transaction.isOpen,
      bytesSinceSnapshot: this.#bytes,
      lastTimestamp: this.#lastTimestamp,
    };
  }

  /** Applies the records of a batch from `offset` on. */
  #apply(batch: RecordBatch, offset: number): void {
    if (!batch.checksumOk()) this.#fail(`the batch at offset ${batch.baseOffset} has a wrong checksum`);
    this.#epoch = Math.max(this.#epoch, batch.partitionLeaderEpoch);
    this.#bytes += batch.sizeInBytes;
    this.#lastTimestamp = batch.maxTimestamp;
    try {
      const entries = decodeBatch(batch, this.#options.compressor);
      if (entries.isControl) {
        for (const record of entries.records) {
          this.#quorum = withControlRecord(this.#quorum, record);
          if (record.name === "KRAFT_VOTERS") this.#hasLoggedVoters = true;
        }
        return;
      }
      for (const record of entries.records.slice(Math.max(0, offset - batch.baseOffset))) {
        for (const effective of this.#transaction.push(record)) this.#image.replay(effective);
      }
    } catch (error) {
      this.#fail((error as Error).message, error);
    }
  }

  #fail(reason: string, cause?: unknown): never {
    throw new Error(`Cannot read the metadata log in ${this.#options.folder}: ${reason}`, { cause });
  }
}
