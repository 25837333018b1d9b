/**
 * The small text files that a log directory and a partition's folder hold beside the segments: parsing, formatting, and
 * replacing one so that a power cut leaves either the old or the new content.
 *
 * Most have Kafka's checkpoint form: a line with the version (0), a line with the count of entries, and a line for
 * each.
 *
 * @module
 */
import { isUuid, utf8, type Uuid } from "../bytes/mod.ts";
import { type Disk, DiskError } from "../ports.ts";
import type { TopicPartition } from "./partition_log.ts";

/** In each log directory: up to where each partition need not be recovered after a crash. */
export const RECOVERY_POINT_CHECKPOINT = "recovery-point-offset-checkpoint";
/** In each log directory: the log start offset of each partition that has lost part of its first segment. */
export const LOG_START_OFFSET_CHECKPOINT = "log-start-offset-checkpoint";
/** In each log directory: the high watermark of each partition. */
export const HIGH_WATERMARK_CHECKPOINT = "replication-offset-checkpoint";
/** In each log directory: up to where each compacted partition is clean. */
export const CLEANER_OFFSET_CHECKPOINT = "cleaner-offset-checkpoint";
/** In each log directory, and only after a clean stop: nothing need be recovered. */
export const CLEAN_SHUTDOWN_FILE = ".kafka_cleanshutdown";
/** In each partition's folder: where each leader epoch began. */
export const LEADER_EPOCH_CHECKPOINT = "leader-epoch-checkpoint";
/** In each partition's folder: the topic's id. */
export const PARTITION_METADATA_FILE = "partition.metadata";

/** A leader epoch and the first offset that was appended in it. */
export interface EpochEntry {
  readonly epoch: number;
  readonly startOffset: number;
}

/** A file of this folder does not say what it should. The message names what is wrong; the caller knows the path. */
export class CorruptCheckpointError extends Error {
  override name = "CorruptCheckpointError";
}

/** The name of a partition's folder, which also serves as the key of a `Map`. */
export function folderNameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/**
 * The offsets of an offset checkpoint by the partition's folder name. A file that Kafka made and has not filled yet is
 * empty.
 *
 * @throws {CorruptCheckpointError}
 */
export function parseOffsetCheckpoint(text: string): Map<string, number> {
  const offsets = new Map<string, number>();
  if (text === "") return offsets;
  for (const line of linesOf(text)) {
    const [topic, partition, offset, ...rest] = line.split(" ");
    if (rest.length > 0) throw new CorruptCheckpointError(`"${line}" is not a topic, a partition and an offset`);
    offsets.set(folderNameOf({ topic, partition: numberOf(partition, line) }), numberOf(offset, line));
  }
  return offsets;
}

/** Undoes {@linkcode parseOffsetCheckpoint}. */
export function formatOffsetCheckpoint(entries: readonly (readonly [TopicPartition, number])[]): string {
  return format(entries.map(([{ topic, partition }, offset]) => `${topic} ${partition} ${offset}`));
}

/** @throws {CorruptCheckpointError} */
export function parseLeaderEpochCheckpoint(text: string): EpochEntry[] {
  return linesOf(text).map((line) => {
    const [epoch, startOffset, ...rest] = line.split(" ");
    if (rest.length > 0) throw new CorruptCheckpointError(`"${line}" is not an epoch and an offset`);
    return { epoch: numberOf(epoch, line), startOffset: numberOf(startOffset, line) };
  });
}

/** Undoes {@linkcode parseLeaderEpochCheckpoint}. */
export function formatLeaderEpochCheckpoint(entries: readonly EpochEntry[]): string {
  return format(entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`));
}

/**
 * The topic id in a `partition.metadata` file.
 *
 * @throws {CorruptCheckpointError}
 */
export function parsePartitionMetadata(text: string): Uuid {
  const id = /^version: 0\r?\ntopic_id: (\S+)\s*$/.exec(text)?.[1];
  if (id === undefined || !isUuid(id)) {
    throw new CorruptCheckpointError('it must have the lines "version: 0" and "topic_id: " with 22 characters');
  }
  return id;
}

/** Undoes {@linkcode parsePartitionMetadata}. Kafka ends it without a line break. */
export function formatPartitionMetadata(topicId: Uuid): string {
  return `version: 0\ntopic_id: ${topicId}`;
}

/**
 * The content of the file that tells of a clean stop. Kafka's controller compares the broker epoch with the one that it
 * knows, to see whether a replica could have lost data meanwhile (KIP-966).
 */
export function formatCleanShutdown(brokerEpoch: bigint): string {
  return `{"version":0,"brokerEpoch":${brokerEpoch}}`;
}

/** The whole of a file as text; null where there is none. */
export function readTextSync(disk: Disk, path: string): string | null {
  const bytes = readFileSync(disk, path);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/** The whole of a file; null where there is none. For small files. */
export function readFileSync(disk: Disk, path: string): Uint8Array | null {
  try {
    const file = disk.openSync(path, "read");
    try {
      const bytes = new Uint8Array(file.sizeSync());
      return bytes.subarray(0, file.readSync(0, bytes));
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof DiskError && error.kind === "not-found") return null;
    throw error;
  }
}

/** Writes a file anew. It may be torn by a power cut until it is synced. */
export function writeFileSync(disk: Disk, path: string, content: string | Uint8Array): void {
  const file = disk.openSync(path, "truncate");
  try {
    file.writeSync(0, typeof content === "string" ? utf8(content) : content);
  } finally {
    file.close();
  }
}

/** Resolves when the content of a file that is there would survive a power cut. */
export async function syncFile(disk: Disk, path: string): Promise<void> {
  const file = disk.openSync(path, "write");
  try {
    await file.sync();
  } finally {
    file.close();
  }
}

/**
 * Replaces a file: when this resolves the new content would survive a power cut, and until then the old one.
 *
 * @param isWanted asked when the new content is ready: false leaves the old one, as when the folder was renamed
 *   meanwhile
 */
export async function replaceFile(
  disk: Disk,
  path: string,
  content: string | Uint8Array,
  isWanted: () => boolean = () => true,
): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = disk.openSync(temporary, "truncate");
  try {
    file.writeSync(0, typeof content === "string" ? utf8(content) : content);
    await file.sync();
  } finally {
    file.close();
  }
  if (!isWanted()) return;
  disk.renameSync(temporary, path);
  await disk.syncFolder(path.slice(0, path.lastIndexOf("/")));
}

function linesOf(text: string): string[] {
  const [version, count, ...lines] = text.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "");
  if (version !== "0") throw new CorruptCheckpointError(`its version must be 0, is "${version ?? ""}"`);
  if (numberOf(count, count) !== lines.length) {
    throw new CorruptCheckpointError(`it must have ${count} entries, has ${lines.length}`);
  }
  return lines;
}

function format(lines: readonly string[]): string {
  return ["0", String(lines.length), ...lines].join("\n") + "\n";
}

function numberOf(digits: string | undefined, line: string | undefined): number {
  const value = Number(digits);
  if (digits === undefined || !/^-?\d+$/.test(digits) || !Number.isSafeInteger(value)) {
    throw new CorruptCheckpointError(`"${line ?? ""}" has no number where one must be`);
  }
  return value;
}
