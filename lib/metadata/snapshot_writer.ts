/**
 * When snapshots of the metadata log are written, and what they make superfluous (KIP-630).
 *
 * @module
 */
import type { FileLog } from "../log/file_log.ts";
import type { Clock, Disk, Logger, Timers } from "../ports.ts";
import type { MetadataImage } from "./image/image.ts";
import { type Quorum, snapshotBatches } from "./snapshot.ts";
import { removeSnapshotFile, snapshotFileName, type SnapshotId, writeSnapshotFile } from "./snapshot_files.ts";

/** How much of the log is kept before a snapshot takes its place. */
export interface SnapshotSettings {
  /** `metadata.log.max.record.bytes.between.snapshots` */
  readonly maxBytesBetweenSnapshots: number;
  /** `metadata.max.retention.bytes`: of the log and its snapshots together; -1 for no limit. */
  readonly retentionBytes: number;
  /** `metadata.max.retention.ms`; -1 for no limit. */
  readonly retentionMs: number;
}

/** What the writer needs of the world. */
export interface SnapshotPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly folder: string;
}

/** What a snapshot is made of: the image, and what is to be said of the log that adds up to it. */
export interface SnapshotSource {
  readonly image: MetadataImage;
  readonly quorum: Quorum;
  readonly endOffset: number;
  readonly epoch: number;
  readonly lastTimestamp: number;
}

/** Writes snapshots in the background, one at a time. */
export class SnapshotWriter {
  readonly #ports: SnapshotPorts;
  readonly #log: FileLog;
  readonly #settings: SnapshotSettings;
  readonly #ids: SnapshotId[];
  #bytesSinceSnapshot: number;
  #running: Promise<void> | null = null;

  /**
   * @param ids the snapshots that are there, oldest first
   * @param bytesSinceSnapshot bytes of the log that the newest does not stand for
   */
  constructor(
    ports: SnapshotPorts,
    log: FileLog,
    settings: SnapshotSettings,
    ids: readonly SnapshotId[],
    bytesSinceSnapshot: number,
  ) {
    this.#ports = ports;
    this.#log = log;
    this.#settings = settings;
    this.#ids = [...ids];
    this.#bytesSinceSnapshot = bytesSinceSnapshot;
  }

  /** Counts bytes that were appended to the log. */
  noteAppend(bytes: number): void {
    this.#bytesSinceSnapshot += bytes;
  }

  /** Begins a snapshot where enough was appended since the last one. The records are taken from the image at once. */
  maybeStart(source: SnapshotSource): void {
    if (this.#running !== null || this.#bytesSinceSnapshot < this.#settings.maxBytesBetweenSnapshots) return;
    const before = this.#bytesSinceSnapshot;
    this.#bytesSinceSnapshot = 0;
    this.#running = this.#write({ ...source, records: [...source.image.records()] })
      .catch((error) => {
        // The log still has everything; the next append tries again.
        this.#bytesSinceSnapshot += before;
        this.#ports.logger.warn(`Cannot write a snapshot of the metadata: ${(error as Error).message}`);
      })
      .finally(() => this.#running = null);
  }

  /** Resolves when no snapshot is being written. */
  async close(): Promise<void> {
    await this.#running;
  }

  async #write(source: SnapshotSource & { records: Parameters<typeof snapshotBatches>[0]["records"] }): Promise<void> {
    const { disk, timers, clock, folder } = this.#ports;
    const { endOffset, epoch, quorum, lastTimestamp, records } = source;
    const batches = snapshotBatches({
      quorum,
      records,
      epoch,
      lastContainedLogTimestamp: lastTimestamp,
      nowMs: clock.now(),
    });
    const pause = () => new Promise<void>((resolve) => timers.after(0, resolve));
    await writeSnapshotFile(disk, folder, { endOffset, epoch }, batches, pause);
    this.#ports.logger.debug?.(`Wrote the snapshot ${folder}/${snapshotFileName({ endOffset, epoch })}`);
    this.#ids.push({ endOffset, epoch });
    await this.#prune();
  }

  /**
   * Removes the oldest snapshots, and the log that came before the next ones, as long as there is too much or it is
   * too old.
   */
  async #prune(): Promise<void> {
    const { disk, folder, clock } = this.#ports;
    while (this.#ids.length > 1 && (this.#isTooMuch() || this.#isTooOld(this.#ids[0]))) {
      const [oldest, next] = this.#ids;
      await this.#log.deleteRecordsBefore(next.endOffset);
      await this.#log.applyRetention(clock.now());
      removeSnapshotFile(disk, folder, oldest);
      this.#ids.shift();
    }
  }

  #isTooMuch(): boolean {
    const { retentionBytes } = this.#settings;
    const size = this.#ids.reduce((sum, id) => sum + (this.#stat(id)?.size ?? 0), this.#log.sizeInBytes);
    return retentionBytes >= 0 && size > retentionBytes;
  }

  #isTooOld(id: SnapshotId): boolean {
    const { retentionMs } = this.#settings;
    const modifiedMs = this.#stat(id)?.modifiedMs ?? Infinity;
    return retentionMs >= 0 && this.#ports.clock.now() - modifiedMs > retentionMs;
  }

  #stat(id: SnapshotId) {
    return this.#ports.disk.statSync(`${this.#ports.folder}/${snapshotFileName(id)}`);
  }
}
