/**
 * The transaction index of a segment: the transactions that were aborted in it, so that readers of committed records
 * can leave them out (KIP-98).
 *
 * The file is a row of 34-byte entries: version (int16, 0), producer id, first offset of the transaction, offset of the
 * abort marker, and the last stable offset at that time (all int64). It exists only where something was aborted.
 *
 * @module
 */
import { GrowingEntries } from "./index_entries.ts";

const ENTRY_BYTES = 34;
const PRODUCER_ID_AT = 2;
const FIRST_OFFSET_AT = 10;
const LAST_OFFSET_AT = 18;
const LAST_STABLE_OFFSET_AT = 26;

/** A transaction that ended with an abort marker. */
export interface AbortedTxn {
  readonly producerId: bigint;
  readonly firstOffset: number;
  /** The offset of the marker. */
  readonly lastOffset: number;
  /**
   * The last stable offset as soon as this transaction had ended: none that ends later in the log touches what lies
   * before.
   */
  readonly lastStableOffset: number;
}

/** In memory, in the very form of the file. */
export class TransactionIndex {
  readonly #entries: GrowingEntries;

  /** @param content of the file, which is taken over; it must be {@linkcode isTransactionIndexSound} */
  constructor(content?: Uint8Array) {
    this.#entries = new GrowingEntries(ENTRY_BYTES, content);
  }

  /** The content of the file. */
  get bytes(): Uint8Array {
    return this.#entries.bytes;
  }

  get entryCount(): number {
    return this.#entries.count;
  }

  append({ producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTxn): void {
    const at = this.#entries.add();
    const view = this.#entries.view;
    view.setInt16(at, 0);
    view.setBigInt64(at + PRODUCER_ID_AT, producerId);
    view.setBigInt64(at + FIRST_OFFSET_AT, BigInt(firstOffset));
    view.setBigInt64(at + LAST_OFFSET_AT, BigInt(lastOffset));
    view.setBigInt64(at + LAST_STABLE_OFFSET_AT, BigInt(lastStableOffset));
  }

  /**
   * Adds to `found` the transactions with records from `startOffset` up to `endOffset`.
   *
   * @returns true where no later segment can know of another one
   */
  collect(startOffset: number, endOffset: number, found: AbortedTxn[]): boolean {
    for (let at = 0; at < this.bytes.length; at += ENTRY_BYTES) {
      const entry = entryAt(this.#entries.view, at);
      if (entry.lastOffset >= startOffset && entry.firstOffset < endOffset) found.push(entry);
      if (entry.lastStableOffset >= endOffset) return true;
    }
    return false;
  }
}

/** True where the bytes can be the transaction index of the segment that starts at `baseOffset`. */
export function isTransactionIndexSound(bytes: Uint8Array, baseOffset: number): boolean {
  if (bytes.length % ENTRY_BYTES !== 0) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let lastOffset = baseOffset - 1;
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    const entry = entryAt(view, at);
    if (view.getInt16(at) !== 0 || entry.lastOffset <= lastOffset || entry.firstOffset > entry.lastOffset) return false;
    lastOffset = entry.lastOffset;
  }
  return true;
}

function entryAt(view: DataView, at: number): AbortedTxn {
  return {
    producerId: view.getBigInt64(at + PRODUCER_ID_AT),
    firstOffset: Number(view.getBigInt64(at + FIRST_OFFSET_AT)),
    lastOffset: Number(view.getBigInt64(at + LAST_OFFSET_AT)),
    lastStableOffset: Number(view.getBigInt64(at + LAST_STABLE_OFFSET_AT)),
  };
}
