/**
 * What the indexes of a segment share: a growing row of entries of one size, held in the very form of their file.
 *
 * @module
 */

const INITIAL_ENTRIES = 16;

/** Entries of `entryBytes` bytes, one after the other. */
export class GrowingEntries {
  readonly #entryBytes: number;
  #buffer: Uint8Array;
  #view: DataView;
  #length: number;

  /** @param content taken over as the first entries, of which it must hold a whole number */
  constructor(entryBytes: number, content: Uint8Array = new Uint8Array(0)) {
    this.#entryBytes = entryBytes;
    this.#buffer = content;
    this.#view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    this.#length = content.length;
  }

  /** All entries, as a view. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** For reading and writing the fields of an entry; anew after each `add`. */
  get view(): DataView {
    return this.#view;
  }

  get count(): number {
    return this.#length / this.#entryBytes;
  }

  /** Adds an entry, and returns where in `view` its fields are to be written. */
  add(): number {
    const at = this.#length;
    if (at + this.#entryBytes > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#buffer.length * 2, INITIAL_ENTRIES * this.#entryBytes));
      larger.set(this.bytes);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = at + this.#entryBytes;
    return at;
  }

  /**
   * The last entry for which `holds` says true, given where it starts; -1 where there is none. True ones must precede
   * false ones.
   */
  lastSlotWhere(holds: (at: number) => boolean): number {
    let low = -1;
    let high = this.count;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (holds(middle * this.#entryBytes)) low = middle;
      else high = middle;
    }
    return low;
  }
}
