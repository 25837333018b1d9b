/**
 * The time index of a segment: a sparse map from timestamp to offset.
 *
 * The file is a row of 12-byte entries, timestamp (int64, milliseconds) and relative offset (int32), timestamps rising.
 * An entry (t, o) says that no record up to the batch that ends with o is younger than t.
 *
 * @module
 */
import { GrowingEntries } from "./index_entries.ts";

/** Bytes of an entry of the file. */
export const TIME_INDEX_ENTRY_BYTES = 12;

/**
 * The greatest timestamp of a part of a log, and the last offset of the batch that holds it; -1 where nothing has a
 * timestamp.
 */
export interface MaxTimestamp {
  readonly timestamp: number;
  readonly offset: number;
}

/** In memory, in the very form of the file. */
export class TimeIndex {
  readonly #baseOffset: number;
  readonly #entries: GrowingEntries;

  /** @param content of the file, which is taken over; it must be {@linkcode isTimeIndexSound} */
  constructor(baseOffset: number, content?: Uint8Array) {
    this.#baseOffset = baseOffset;
    this.#entries = new GrowingEntries(TIME_INDEX_ENTRY_BYTES, content);
  }

  /** The content of the file. */
  get bytes(): Uint8Array {
    return this.#entries.bytes;
  }

  get entryCount(): number {
    return this.#entries.count;
  }

  /** Timestamp -1 and the base offset where there is none. */
  get lastEntry(): MaxTimestamp {
    return this.#entry(this.entryCount - 1);
  }

  /**
   * True where a file of `maxBytes` has room for one more entry only: that one is reserved for the end of the segment.
   */
  isFull(maxBytes: number): boolean {
    return (this.entryCount + 2) * TIME_INDEX_ENTRY_BYTES > maxBytes;
  }

  /** Adds an entry, unless the timestamp is that of the last one or older. */
  maybeAppend({ timestamp, offset }: MaxTimestamp): void {
    if (timestamp <= this.lastEntry.timestamp) return;
    const at = this.#entries.add();
    this.#entries.view.setBigInt64(at, BigInt(timestamp));
    this.#entries.view.setInt32(at + 8, offset - this.#baseOffset);
  }

  /** The last entry that is not younger than `timestamp`: all records up to its offset are that old or older. */
  lookup(timestamp: number): MaxTimestamp {
    return this.#entry(this.#entries.lastSlotWhere((at) => Number(this.#entries.view.getBigInt64(at)) <= timestamp));
  }

  #entry(slot: number): MaxTimestamp {
    if (slot === -1) return { timestamp: -1, offset: this.#baseOffset };
    return timeIndexEntryAt(this.#entries.view, slot * TIME_INDEX_ENTRY_BYTES, this.#baseOffset);
  }
}

/** The entry whose bytes start at `at`. */
export function timeIndexEntryAt(view: DataView, at: number, baseOffset: number): MaxTimestamp {
  return { timestamp: Number(view.getBigInt64(at)), offset: baseOffset + view.getInt32(at + 8) };
}

/** True where the bytes can be a time index: whole entries, timestamps rising, offsets not falling. */
export function isTimeIndexSound(bytes: Uint8Array): boolean {
  if (bytes.length % TIME_INDEX_ENTRY_BYTES !== 0) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let last: MaxTimestamp = { timestamp: -1, offset: 0 };
  for (let at = 0; at < bytes.length; at += TIME_INDEX_ENTRY_BYTES) {
    const entry = timeIndexEntryAt(view, at, 0);
    if (entry.timestamp <= last.timestamp || entry.offset < last.offset) return false;
    last = entry;
  }
  return true;
}
