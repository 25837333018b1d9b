/**
 * The snapshots of the producers in a partition's folder: one at the start of each segment but the first, and one at
 * the end of the log after a clean stop. Recovery begins at one of them instead of at the start of the log.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import type { Disk, DiskEntry, Logger } from "../ports.ts";
import { readFileSync, writeFileSync } from "./checkpoint_files.ts";
import { type LogFolder, offsetOfFile, SNAPSHOT_SUFFIX } from "./log_folder.ts";
import { decodeProducerSnapshot, encodeProducerSnapshot } from "./producer_snapshot.ts";
import { isExpired, ProducerState } from "./producer_state.ts";

/** Which producers to leave out when a snapshot is loaded. */
export interface Expiration {
  readonly nowMs: number;
  readonly expirationMs: number;
}

/** The snapshot files of one folder. */
export class ProducerSnapshotFiles {
  readonly #disk: Disk;
  readonly #logger: Logger;
  readonly #folder: LogFolder;
  /** Rising. */
  #offsets: number[];

  /** @param entries of the folder */
  constructor(disk: Disk, logger: Logger, folder: LogFolder, entries: readonly DiskEntry[]) {
    this.#disk = disk;
    this.#logger = logger;
    this.#folder = folder;
    const offsets = entries.map(({ name }) => offsetOfFile(name, SNAPSHOT_SUFFIX));
    this.#offsets = offsets.filter((offset) => offset !== null).sort((a, b) => a - b);
  }

  /** Rising. */
  get offsets(): readonly number[] {
    return this.#offsets;
  }

  path(offset: number): string {
    return this.#folder.fileOf(offset, SNAPSHOT_SUFFIX);
  }

  /**
   * The state in the latest sound snapshot at `maxOffset` or before; null where there is none. Damaged ones are
   * removed.
   */
  load(maxOffset: number, { nowMs, expirationMs }: Expiration): ProducerState | null {
    for (const offset of this.#offsets.filter((offset) => offset <= maxOffset).reverse()) {
      const bytes = readFileSync(this.#disk, this.path(offset));
      try {
        const entries = decodeProducerSnapshot(bytes ?? new Uint8Array(0));
        return new ProducerState(offset, entries.filter((entry) => !isExpired(entry, nowMs, expirationMs)));
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.#logger.warn(`Removed the damaged producer snapshot ${this.path(offset)}: ${error.message}`);
        this.#remove([offset]);
      }
    }
    return null;
  }

  /** Writes a snapshot of the state at its end, unless there is one. Returns its path where it did. */
  write(state: ProducerState): string | null {
    const offset = state.endOffset;
    if (offset === 0 || this.#offsets.includes(offset)) return null;
    writeFileSync(this.#disk, this.path(offset), encodeProducerSnapshot(state.entries));
    this.#offsets = [...this.#offsets, offset].sort((a, b) => a - b);
    return this.path(offset);
  }

  /**
   * Removes those that a restart has no use for: all that belong to no segment, but for the one at the end of the log.
   */
  removeStray(baseOffsets: ReadonlySet<number>, logEndOffset: number): void {
    this.#remove(this.#offsets.filter((offset) => !baseOffsets.has(offset) && offset !== logEndOffset));
  }

  /** Removes those at `offset` and before. */
  removeUpTo(offset: number): void {
    this.#remove(this.#offsets.filter((known) => known <= offset));
  }

  /** Removes those of segments that have become part of another one. */
  removeAll(offsets: readonly number[]): void {
    this.#remove(this.#offsets.filter((offset) => offsets.includes(offset)));
  }

  /** Removes those after `offset`. */
  removeAfter(offset: number): void {
    this.#remove(this.#offsets.filter((known) => known > offset));
  }

  #remove(offsets: readonly number[]): void {
    for (const offset of offsets) this.#disk.removeSync(this.path(offset));
    this.#offsets = this.#offsets.filter((offset) => !offsets.includes(offset));
  }
}
