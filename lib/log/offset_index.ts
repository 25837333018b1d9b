/**
 * The offset index of a segment: a sparse map from offset to position in the `.log` file.
 *
 * The file is a row of 8-byte entries, relative offset (int32) and position (int32), both rising. An entry names the
 * last offset of a batch and where that batch starts.
 *
 * @module
 */
import { GrowingEntries } from "./index_entries.ts";

const ENTRY_BYTES = 8;

/** In memory, in the very form of the file. */
export class OffsetIndex {
  readonly #baseOffset: number;
  readonly #entries: GrowingEntries;

  /** @param content of the file, which is taken over; it must be {@linkcode isOffsetIndexSound} */
  constructor(baseOffset: number, content?: Uint8Array) {
    this.#baseOffset = baseOffset;
    this.#entries = new GrowingEntries(ENTRY_BYTES, content);
  }

  /** The content of the file. */
  get bytes(): Uint8Array {
    return this.#entries.bytes;
  }

  get entryCount(): number {
    return this.#entries.count;
  }

  /** The position of the last entry; 0 where there is none. */
  get lastPosition(): number {
    return this.entryCount === 0 ? 0 : this.#position(this.entryCount - 1);
  }

  /** True where a file of `maxBytes` has no room for another entry. */
  isFull(maxBytes: number): boolean {
    return (this.entryCount + 1) * ENTRY_BYTES > maxBytes;
  }

  /** Adds the batch that ends with `lastOffset` and starts at `position`. */
  append(lastOffset: number, position: number): void {
    const at = this.#entries.add();
    this.#entries.view.setInt32(at, lastOffset - this.#baseOffset);
    this.#entries.view.setInt32(at + 4, position);
  }

  /** A position at or before the batch that contains `offset`, the nearest that is known. */
  lookup(offset: number): number {
    const relative = offset - this.#baseOffset;
    const slot = this.#entries.lastSlotWhere((at) => this.#entries.view.getInt32(at) <= relative);
    return slot === -1 ? 0 : this.#position(slot);
  }

  /** The position of the last entry that is not beyond `position`; 0 where there is none. A batch starts there. */
  positionUpTo(position: number): number {
    const slot = this.#entries.lastSlotWhere((at) => this.#entries.view.getInt32(at + 4) <= position);
    return slot === -1 ? 0 : this.#position(slot);
  }

  #position(slot: number): number {
    return this.#entries.view.getInt32(slot * ENTRY_BYTES + 4);
  }
}

/**
 * True where the bytes can be the offset index of a segment with `segmentBytes` bytes: whole entries, rising, within
 * it.
 */
export function isOffsetIndexSound(bytes: Uint8Array, segmentBytes: number): boolean {
  if (bytes.length % ENTRY_BYTES !== 0) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let lastOffset = -1;
  let lastPosition = -1;
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    const offset = view.getInt32(at);
    const position = view.getInt32(at + 4);
    if (offset <= lastOffset || position <= lastPosition || position >= segmentBytes) return false;
    lastOffset = offset;
    lastPosition = position;
  }
  return true;
}
