/**
 * Metadata transactions (KIP-868): records that take effect together, though they stand in more than one batch.
 *
 * ```
 * outside ──Begin──▶ inside ──End──▶ outside, and what was held back takes effect
 *                    inside ──Abort─▶ outside, and what was held back never happened
 * ```
 *
 * @module
 */
import type { MetadataRecord } from "../protocol/records/logs.ts";

/** Holds back what an open transaction has not finished. */
export class TransactionBuffer {
  #held: MetadataRecord[] | null = null;

  /** True inside a transaction. */
  get isOpen(): boolean {
    return this.#held !== null;
  }

  /**
   * Takes the next record, and gives those that take effect now.
   *
   * @throws {Error} where a transaction begins inside another, or ends outside of one
   */
  push(record: MetadataRecord): readonly MetadataRecord[] {
    switch (record.name) {
      case "BeginTransactionRecord":
        if (this.#held !== null) throw new Error("The metadata log begins a transaction inside another");
        this.#held = [];
        return [];
      case "EndTransactionRecord":
        return this.#finish("ends");
      case "AbortTransactionRecord":
        this.#finish("aborts");
        return [];
      default:
        if (this.#held === null) return [record];
        this.#held.push(record);
        return [];
    }
  }

  #finish(verb: string): readonly MetadataRecord[] {
    const held = this.#held;
    if (held === null) throw new Error(`The metadata log ${verb} a transaction that it has not begun`);
    this.#held = null;
    return held;
  }
}
