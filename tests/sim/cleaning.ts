/**
 * What the log cleaner may have taken of a partition: of each key everything but the last record, and that one only
 * where it is a tombstone and old enough.
 *
 * @module
 */
import type { SimRecord } from "./records.ts";

/** The bounds that a topic's configuration has set for cleaning, each the least that it ever was. */
export interface CleaningBounds {
  /** `delete.retention.ms` */
  readonly deleteRetentionMs: number;
  /** `min.compaction.lag.ms` */
  readonly compactionLagMs: number;
}

/** What is to be judged. */
export interface CleanedPartition {
  /** All records that may be in it, by id. */
  readonly sent: ReadonlyMap<string, { readonly record: SimRecord }>;
  /** The last offset at which each of them is known to have been, by id. */
  readonly offsets: ReadonlyMap<string, number>;
  /** What is left, by offset. */
  readonly whole: ReadonlyMap<number, string>;
  readonly bounds: CleaningBounds;
  /** The latest that the broker's clock can have shown. */
  readonly nowMs: number;
}

/** Judges what is missing. */
export class CleaningRules {
  readonly #partition: CleanedPartition;
  /** All records that were sent with a key. */
  readonly #byKey = new Map<string, SimRecord[]>();
  /** The offset of the last record that is left of a key. */
  readonly #lastOffsets = new Map<string, number>();

  constructor(partition: CleanedPartition) {
    this.#partition = partition;
    for (const { record } of partition.sent.values()) {
      const sameKey = this.#byKey.get(record.key);
      if (sameKey === undefined) this.#byKey.set(record.key, [record]);
      else sameKey.push(record);
    }
    for (const [offset, id] of partition.whole) this.#lastOffsets.set(partition.sent.get(id)!.record.key, offset);
  }

  /** Whether the record that was at `offset` may be gone. */
  mayBeGone(offset: number, id: string): boolean {
    const { record } = this.#partition.sent.get(id)!;
    if (this.#mayBeGoneByItself(record)) return true;
    const later = this.#byKey.get(record.key)!.filter((other) => this.#mayStandBehind(other, offset));
    const isLastLeft = (this.#lastOffsets.get(record.key) ?? -1) > offset;
    return later.some((other) => this.#isOldEnough(other) && (isLastLeft || this.#mayBeGoneByItself(other)));
  }

  #mayBeGoneByItself(record: SimRecord): boolean {
    const { bounds, nowMs } = this.#partition;
    return record.isTombstone && this.#isOldEnough(record) && record.timestamp + bounds.deleteRetentionMs <= nowMs;
  }

  /** Whether the cleaner may have looked at it, and left out what it obsoletes. */
  #isOldEnough({ timestamp }: SimRecord): boolean {
    const { bounds, nowMs } = this.#partition;
    return timestamp + bounds.compactionLagMs <= nowMs;
  }

  /** A record that nobody was told of may be anywhere, or nowhere. */
  #mayStandBehind({ id }: SimRecord, offset: number): boolean {
    return (this.#partition.offsets.get(id) ?? Infinity) > offset;
  }
}
