/**
 * The snapshots of the metadata log as files beside its segments: `<end offset>-<epoch>.checkpoint`.
 *
 * @module
 */
import { readFileSync } from "../log/checkpoint_files.ts";
import type { Disk } from "../ports.ts";

/** Which part of the log a snapshot stands for: all before `endOffset`, whose last batch has `epoch`. */
export interface SnapshotId {
  readonly endOffset: number;
  readonly epoch: number;
}

const SUFFIX = ".checkpoint";
/** What a snapshot is called until it is whole. */
const PART_SUFFIX = ".part";
const NAME = /^(\d{20})-(\d{10})\.checkpoint$/;
/** What a crash can leave of a snapshot: Apache Kafka's unfinished files, and ours. */
const UNFINISHED = /^\d{20}-\d{10}.*\.checkpoint\.(part|tmp)$/;

/** The name of a snapshot's file. */
export function snapshotFileName({ endOffset, epoch }: SnapshotId): string {
  return `${String(endOffset).padStart(20, "0")}-${String(epoch).padStart(10, "0")}${SUFFIX}`;
}

/** The snapshots in a folder, oldest first. */
export function listSnapshots(disk: Disk, folder: string): SnapshotId[] {
  const ids: SnapshotId[] = [];
  for (const { name } of disk.listSync(folder)) {
    const match = NAME.exec(name);
    if (match !== null) ids.push({ endOffset: Number(match[1]), epoch: Number(match[2]) });
  }
  return ids.sort((a, b) => a.endOffset - b.endOffset || a.epoch - b.epoch);
}

/** The bytes of a snapshot, and when it was written, in milliseconds since the epoch. */
export function readSnapshotFile(disk: Disk, folder: string, id: SnapshotId): Uint8Array {
  return readFileSync(disk, `${folder}/${snapshotFileName(id)}`)!;
}

/**
 * Writes a snapshot aside, chunk by chunk, and puts it in its place when it is whole and on the device.
 *
 * @param chunks pulled one at a time, with `pause` awaited between them
 */
export async function writeSnapshotFile(
  disk: Disk,
  folder: string,
  id: SnapshotId,
  chunks: Iterable<Uint8Array>,
  pause: () => Promise<void>,
): Promise<number> {
  const path = `${folder}/${snapshotFileName(id)}`;
  const file = disk.openSync(path + PART_SUFFIX, "truncate");
  let size = 0;
  try {
    for (const chunk of chunks) {
      file.writeSync(size, chunk);
      size += chunk.length;
      await pause();
    }
    await file.sync();
  } finally {
    file.close();
  }
  disk.renameSync(path + PART_SUFFIX, path);
  await disk.syncFolder(folder);
  return size;
}

/** Removes a snapshot. */
export function removeSnapshotFile(disk: Disk, folder: string, id: SnapshotId): void {
  disk.removeSync(`${folder}/${snapshotFileName(id)}`);
}

/** Removes what a crash has left of unfinished snapshots. */
export function removeUnfinishedSnapshots(disk: Disk, folder: string): void {
  for (const { name } of disk.listSync(folder)) {
    if (UNFINISHED.test(name)) disk.removeSync(`${folder}/${name}`);
  }
}
