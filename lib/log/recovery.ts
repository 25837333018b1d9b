/**
 * Recovery after a crash: from the recovery point on, batch by batch. What is whole and has the right checksum stays,
 * the torn tail is cut, and indexes, leader epochs and producers are made anew from what stayed.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import { CorruptBatchError } from "../records/mod.ts";
import { LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA_FILE, syncFile } from "./checkpoint_files.ts";
import type { LeaderEpochCache } from "./leader_epoch_cache.ts";
import type { LogContext } from "./log_context.ts";
import { LOG_SUFFIX, type LogFolder, TRANSACTION_INDEX_SUFFIX } from "./log_folder.ts";
import type { LogConfig } from "./partition_log.ts";
import { replayBatch } from "./producer_replay.ts";
import type { ProducerSnapshotFiles } from "./producer_snapshot_files.ts";
import type { ProducerState } from "./producer_state.ts";
import { MAX_RELATIVE_OFFSET, Segment } from "./segment.ts";
import { SegmentIndexes } from "./segment_indexes.ts";
import type { PositionedBatch } from "./segment_reader.ts";

/** What recovery works on. Producers and epochs must stand at the start of the first segment that is recovered. */
export interface RecoveryState {
  readonly context: LogContext;
  readonly folder: LogFolder;
  readonly config: LogConfig;
  readonly producers: ProducerState;
  readonly epochs: LeaderEpochCache;
  readonly snapshots: ProducerSnapshotFiles;
  /** All before it is on the device. */
  readonly recoveryPoint: number;
}

/**
 * Recovers segments, the last of which becomes active. Those after a torn one are removed, since nothing must follow
 * what is lost. What stays would survive a power cut when this resolves.
 */
export async function recoverSegments(segments: readonly Segment[], state: RecoveryState): Promise<Segment[]> {
  const recovered: Segment[] = [];
  let isTorn = false;
  for (const damaged of segments) {
    isTorn ||= recovered.length > 0 && isAfterLoss(damaged, state);
    if (isTorn) {
      removeFiles(damaged, state);
      continue;
    }
    state.producers.endOffset = damaged.baseOffset;
    state.snapshots.write(state.producers);
    recovered.at(-1)?.close();
    const { segment, cutBytes } = await recoverSegment(damaged, state);
    recovered.push(segment);
    isTorn = cutBytes > 0;
    if (isTorn) warnOfCut(segment, cutBytes, state);
  }
  await syncAll(recovered, state);
  return recovered;
}

/**
 * True where the segment before ends too early: a power cut took whole batches from its end. In a compacted topic they
 * may have been cleaned away, and then nothing is lost.
 */
function isAfterLoss({ baseOffset }: Segment, { producers, recoveryPoint, config }: RecoveryState): boolean {
  return baseOffset > producers.endOffset && baseOffset > recoveryPoint && !config.cleanupPolicy.has("compact");
}

async function syncAll(recovered: readonly Segment[], { context, folder, snapshots }: RecoveryState): Promise<void> {
  const snapshotPaths = snapshots.offsets.map((offset) => snapshots.path(offset));
  const paths = [...recovered.flatMap((segment) => segment.existingPaths()), ...snapshotPaths];
  for (const path of paths) await syncFile(context.disk, path);
  await syncPartitionFolder(context, folder);
}

/**
 * Resolves when the names in the folder and the files beside the segments would survive a power cut: the run that was
 * killed may have made the folder, and not have come to sync anything of it.
 */
export async function syncPartitionFolder({ disk }: LogContext, folder: LogFolder): Promise<void> {
  for (const name of [PARTITION_METADATA_FILE, LEADER_EPOCH_CHECKPOINT]) {
    if (disk.statSync(folder.file(name)) !== null) await syncFile(disk, folder.file(name));
  }
  await disk.syncFolder(folder.path);
}

async function recoverSegment(
  damaged: Segment,
  state: RecoveryState,
): Promise<{ segment: Segment; cutBytes: number }> {
  const { context, folder, config } = state;
  const indexes = SegmentIndexes.empty(damaged.baseOffset);
  const segment = new Segment(context, folder, damaged.baseOffset, damaged.size);
  context.disk.removeSync(segment.path(TRANSACTION_INDEX_SUFFIX));
  let validBytes = 0;
  try {
    for await (const found of segment.scan(0)) {
      checkBatch(found, segment, state.producers.endOffset);
      takeNote(found, segment, indexes, state);
      validBytes = found.position + found.batch.sizeInBytes;
    }
  } catch (error) {
    // A wrong length, checksum or marker: nothing from there on can be trusted.
    if (!(error instanceof DecodeError)) throw error;
  }
  const cutBytes = segment.size - validBytes;
  if (cutBytes > 0) segment.truncateTo(validBytes);
  segment.activate(indexes, config);
  return { segment, cutBytes };
}

function checkBatch({ batch, position }: PositionedBatch, segment: Segment, endOffset: number): void {
  if (!batch.checksumOk()) throw new CorruptBatchError("batch", "The checksum is wrong", position);
  // The checksum leaves out the base offset: a power cut can take the page that has it, and leave the rest of the batch.
  if ((batch.magic === 2 ? batch.baseOffset : batch.lastOffset) < endOffset) {
    throw new CorruptBatchError("batch", `Offset ${batch.lastOffset} stands after offset ${endOffset - 1}`, position);
  }
  const relativeOffset = batch.lastOffset - segment.baseOffset;
  if (relativeOffset < 0 || relativeOffset > MAX_RELATIVE_OFFSET) {
    throw new CorruptBatchError("batch", `Offset ${batch.lastOffset} does not belong to this segment`, position);
  }
}

function takeNote(found: PositionedBatch, segment: Segment, indexes: SegmentIndexes, state: RecoveryState): void {
  const { batch, position } = found;
  const { producers, epochs, context, config } = state;
  for (const aborted of replayBatch(producers, batch, context.compressor)) segment.transactions.append(aborted);
  indexes.add(batch.lastOffset, batch.maxTimestamp, position, config.indexIntervalBytes);
  if (batch.magic === 2 && batch.partitionLeaderEpoch > epochs.latestEpoch) {
    epochs.assign(batch.partitionLeaderEpoch, batch.baseOffset);
  }
}

function warnOfCut(segment: Segment, cutBytes: number, { context, producers }: RecoveryState): void {
  const path = segment.path(LOG_SUFFIX);
  context.logger.warn(
    `Recovered ${path}: it is whole up to offset ${producers.endOffset}, and ${cutBytes} torn bytes were cut off`,
  );
}

function removeFiles(segment: Segment, { context }: RecoveryState): void {
  context.logger.warn(`Removed ${segment.path(LOG_SUFFIX)}: what comes before it is torn`);
  for (const path of segment.markDeleted()) context.disk.removeSync(path);
}
