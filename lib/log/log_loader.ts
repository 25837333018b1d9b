/**
 * Opening the folder of a partition: what an earlier run of this broker, or of Apache Kafka, left there.
 *
 * After a clean stop only the tail of the last segment is looked at. After a crash everything from the recovery point
 * on is, see `recovery.ts`.
 *
 * @module
 */
import { DecodeError, type Uuid, ZERO_UUID } from "../bytes/mod.ts";
import type { DiskEntry } from "../ports.ts";
import { CorruptBatchError } from "../records/mod.ts";
import {
  CorruptCheckpointError,
  LEADER_EPOCH_CHECKPOINT,
  parseLeaderEpochCheckpoint,
  parsePartitionMetadata,
  PARTITION_METADATA_FILE,
  readFileSync,
  readTextSync,
} from "./checkpoint_files.ts";
import { finishInterruptedWork } from "./interrupted_swap.ts";
import { LeaderEpochCache } from "./leader_epoch_cache.ts";
import type { LogContext } from "./log_context.ts";
import {
  LOG_SUFFIX,
  type LogFolder,
  OFFSET_INDEX_SUFFIX,
  offsetOfFile,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from "./log_folder.ts";
import type { LogConfig } from "./partition_log.ts";
import { replayProducers } from "./producer_replay.ts";
import { ProducerSnapshotFiles } from "./producer_snapshot_files.ts";
import { ProducerState } from "./producer_state.ts";
import { recoverSegments, syncPartitionFolder } from "./recovery.ts";
import { Segment } from "./segment.ts";
import { isTransactionIndexSound, TransactionIndex } from "./transaction_index.ts";

/** What is known of a partition before its folder is opened. */
export interface LoadOptions {
  readonly config: LogConfig;
  /** True where the last run stopped cleanly: then nothing need be recovered. */
  readonly hadCleanShutdown: boolean;
  /** From here on the log may be torn, unless the last run stopped cleanly. */
  readonly recoveryPoint: number;
  /** The log start offset, where a checkpoint told one. */
  readonly logStartOffset: number;
}

/** A partition as its folder holds it. */
export interface LoadedLog {
  /** In order, at least one; the last one is active. */
  readonly segments: Segment[];
  readonly producers: ProducerState;
  readonly snapshots: ProducerSnapshotFiles;
  readonly epochs: LeaderEpochCache;
  /** All zeros where the folder does not tell. */
  readonly topicId: Uuid;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  /** True where indexes and producers were made anew, and are in memory only. */
  readonly wasRecovered: boolean;
}

/**
 * Opens a folder that is there.
 *
 * @throws {DiskError}
 */
export async function loadLog(context: LogContext, folder: LogFolder, options: LoadOptions): Promise<LoadedLog> {
  await finishInterruptedWork(context, folder);
  const entries = context.disk.listSync(folder.path);
  const snapshots = new ProducerSnapshotFiles(context.disk, context.logger, folder, entries);
  const epochs = new LeaderEpochCache(loadEpochs(context, folder));
  const found = findSegments(context, folder, entries);
  const logStartOffset = Math.max(options.logStartOffset, found.segments[0]?.baseOffset ?? 0);
  const loading = { context, folder, options, snapshots, epochs, logStartOffset };
  const loaded = found.segments.length === 0
    ? await startAnew(loading)
    : await openSegments(loading, found.segments, found.firstUnsound);

  epochs.truncateFromEnd(loaded.logEndOffset);
  epochs.truncateFromStart(options.logStartOffset);
  snapshots.removeAfter(loaded.logEndOffset);
  snapshots.removeStray(new Set(loaded.segments.map((segment) => segment.baseOffset)), loaded.logEndOffset);
  return { ...loaded, snapshots, epochs, topicId: loadTopicId(context, folder), logStartOffset };
}

interface Loading {
  readonly context: LogContext;
  readonly folder: LogFolder;
  readonly options: LoadOptions;
  readonly snapshots: ProducerSnapshotFiles;
  readonly epochs: LeaderEpochCache;
  readonly logStartOffset: number;
}

type OpenedSegments = Pick<LoadedLog, "segments" | "producers" | "logEndOffset" | "wasRecovered">;

async function startAnew({ context, folder, options, logStartOffset }: Loading): Promise<OpenedSegments> {
  const segment = Segment.create(context, folder, logStartOffset, options.config);
  await syncPartitionFolder(context, folder);
  const producers = new ProducerState(logStartOffset);
  return { segments: [segment], producers, logEndOffset: logStartOffset, wasRecovered: true };
}

/**
 * @param firstUnsound the index of the first segment with a damaged file that only recovery can make anew; Infinity for
 * none
 */
async function openSegments(loading: Loading, segments: Segment[], firstUnsound: number): Promise<OpenedSegments> {
  const { hadCleanShutdown, logStartOffset } = loading.options;
  // What lies before the log start offset was deleted, or about to be: a crash may have left some of it, with gaps at
  // which recovery would take the log for torn.
  const recoveryPoint = Math.max(loading.options.recoveryPoint, logStartOffset + 1);
  // Where a segment begins right at the recovery point, the one before may have been closed since, and its index files
  // be torn.
  const firstUnsafe = hadCleanShutdown ? Infinity : Math.max(0, floorIndex(segments, recoveryPoint - 1));
  const first = Math.min(firstUnsafe, firstUnsound);
  const opened = first === Infinity
    ? await openClean(loading, segments) ?? await openTorn(loading, segments, segments.length - 1)
    : await openTorn(loading, segments, first);
  if (opened.logEndOffset >= loading.logStartOffset) return opened;
  // The checkpoint says that records were deleted up to a point that the log no longer reaches: all of it is to be
  // gone.
  loading.context.logger.warn(`${loading.folder.path} ends before its log start offset, and begins anew there`);
  for (const segment of opened.segments) {
    for (const path of segment.markDeleted()) loading.context.disk.removeSync(path);
  }
  return startAnew(loading);
}

/** Null where the last segment is torn in spite of the clean stop. */
async function openClean(loading: Loading, segments: Segment[]): Promise<OpenedSegments | null> {
  const { context, options, snapshots } = loading;
  const active = segments[segments.length - 1];
  let logEndOffset = active.baseOffset;
  try {
    const indexes = await active.loadIndexes();
    for await (const { batch, position } of active.scan(indexes.offsets.lastPosition)) {
      indexes.add(batch.lastOffset, batch.maxTimestamp, position, options.config.indexIntervalBytes);
      logEndOffset = batch.nextOffset;
    }
    active.activate(indexes, options.config);
  } catch (error) {
    if (!(error instanceof CorruptBatchError)) throw error;
    return null;
  }
  // A log that was stopped cleanly and has no snapshot has no producers; Apache Kafka takes it so, too.
  const fallback = new ProducerState(snapshots.offsets.length === 0 ? logEndOffset : segments[0].baseOffset);
  const producers = snapshots.load(logEndOffset, expirationOf(context)) ?? fallback;
  await replay(producers, loading, segments, logEndOffset);
  return { segments, producers, logEndOffset, wasRecovered: false };
}

async function openTorn(loading: Loading, segments: Segment[], first: number): Promise<OpenedSegments> {
  const { context, folder, options, snapshots, epochs } = loading;
  const start = segments[first].baseOffset;
  // Also from records that were deleted, where they are still there: without its last batch, what a producer sends next
  // would be out of order.
  const producers = snapshots.load(start, expirationOf(context)) ?? new ProducerState(segments[0].baseOffset);
  await replay(producers, loading, segments, start);
  snapshots.removeAfter(start);
  epochs.truncateFromEnd(start);
  const recoveryPoint = options.hadCleanShutdown ? Infinity : options.recoveryPoint;
  const state = { context, folder, config: options.config, producers, epochs, snapshots, recoveryPoint };
  const recovered = await recoverSegments(segments.slice(first), state);
  const logEndOffset = producers.endOffset;
  return { segments: [...segments.slice(0, first), ...recovered], producers, logEndOffset, wasRecovered: true };
}

/**
 * What is damaged in segments that need no recovery is left to their readers: cutting the log there would cost all that
 * follows.
 */
async function replay(
  producers: ProducerState,
  { context, folder }: Loading,
  segments: readonly Segment[],
  endOffset: number,
): Promise<void> {
  try {
    await replayProducers(producers, segments, endOffset, context.compressor);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { message } = error;
    context.logger.warn(
      `${folder.path} is damaged after offset ${producers.endOffset}, its producers are not known: ${message}`,
    );
    producers.endOffset = endOffset;
  }
}

/** The index of the segment that contains the offset; -1 where it lies before the first. */
export function floorIndex(segments: readonly Segment[], offset: number): number {
  let low = -1;
  let high = segments.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (segments[middle].baseOffset <= offset) low = middle;
    else high = middle;
  }
  return low;
}

function findSegments(
  context: LogContext,
  folder: LogFolder,
  entries: readonly DiskEntry[],
): { segments: Segment[]; firstUnsound: number } {
  const names = new Set(entries.map((entry) => entry.name));
  removeOrphans(context, folder, names);
  const baseOffsets = [...names].map((name) => offsetOfFile(name, LOG_SUFFIX)).filter((offset) => offset !== null);
  let firstUnsound = Infinity;
  const segments = baseOffsets.sort((a, b) => a - b).map((baseOffset, index) => {
    const size = context.disk.statSync(folder.fileOf(baseOffset, LOG_SUFFIX))?.size ?? 0;
    const transactionIndexPath = folder.fileOf(baseOffset, TRANSACTION_INDEX_SUFFIX);
    const isAborting = names.has(transactionIndexPath.slice(folder.path.length + 1));
    const content = isAborting ? readFileSync(context.disk, transactionIndexPath) : null;
    const isSound = content === null || isTransactionIndexSound(content, baseOffset);
    if (!isSound) {
      context.logger.warn(`Recovering from ${transactionIndexPath} on, which is damaged`);
      firstUnsound = Math.min(firstUnsound, index);
    }
    const transactions = content === null || !isSound ? undefined : new TransactionIndex(content);
    return new Segment(context, folder, baseOffset, size, transactions);
  });
  return { segments, firstUnsound };
}

/** Index files without their segment are left over from a deletion. */
function removeOrphans(context: LogContext, folder: LogFolder, names: ReadonlySet<string>): void {
  for (const suffix of [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]) {
    for (const name of names) {
      const isOrphan = offsetOfFile(name, suffix) !== null && !names.has(name.slice(0, -suffix.length) + LOG_SUFFIX);
      if (isOrphan) context.disk.removeSync(folder.file(name));
    }
  }
}

function loadEpochs(context: LogContext, folder: LogFolder) {
  const text = readTextSync(context.disk, folder.file(LEADER_EPOCH_CHECKPOINT));
  return text === null
    ? []
    : parsed(context, folder, LEADER_EPOCH_CHECKPOINT, () => parseLeaderEpochCheckpoint(text)) ?? [];
}

function loadTopicId(context: LogContext, folder: LogFolder): Uuid {
  const text = readTextSync(context.disk, folder.file(PARTITION_METADATA_FILE));
  if (text === null) return ZERO_UUID;
  return parsed(context, folder, PARTITION_METADATA_FILE, () => parsePartitionMetadata(text)) ?? ZERO_UUID;
}

function parsed<T>(context: LogContext, folder: LogFolder, name: string, parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CorruptCheckpointError)) throw error;
    context.logger.warn(`Ignored the damaged file ${folder.file(name)}: ${error.message}`);
    return null;
  }
}

function expirationOf({ clock, producerIdExpirationMs }: LogContext) {
  return { nowMs: clock.now(), expirationMs: producerIdExpirationMs };
}
