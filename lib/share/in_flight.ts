/**
 * The records of a share partition that are in flight: runs of offsets with one state each, in the order of their offsets.
 *
 * A run is as long as what is known of its offsets is the same, and is split where that changes. Offsets between two runs
 * hold no records: the log had none when it was read.
 *
 * @module
 */
import type { RecordState } from "./record_state.ts";

/** The offsets that were first acquired together; `first` and `last` are inclusive. */
export interface AcquiredBatch {
  readonly first: number;
  readonly last: number;
}

/** A change of state that is being written, and may be undone. One object for all that is written together. */
export interface Transition {
  readonly memberId: string;
}

/** What a change of state changes. */
export interface Delivery {
  readonly state: RecordState;
  /** How often the records were delivered. */
  readonly deliveryCount: number;
  /** Who has the records; null unless they are acquired. */
  readonly memberId: string | null;
}

/** A run of offsets, `first` and `last` inclusive. */
export interface Run extends AcquiredBatch {
  readonly batch: AcquiredBatch;
  delivery: Delivery;
  /** When the lock of an acquired run expires, in milliseconds; Infinity where there is none. */
  lockExpiresAtMs: number;
  /** What is being written of it, with what it was before; null for nothing. */
  pending: { readonly transition: Transition; readonly before: Delivery } | null;
}

/** A batch of offsets, none of which is acquired by anybody yet. */
export function newRun(batch: AcquiredBatch, delivery: Delivery, lockExpiresAtMs = Infinity): Run {
  return { first: batch.first, last: batch.last, batch, delivery, lockExpiresAtMs, pending: null };
}

/** Runs by offset. */
export class InFlightRecords implements Iterable<Run> {
  #runs: Run[] = [];

  [Symbol.iterator](): Iterator<Run> {
    return this.#runs[Symbol.iterator]();
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** The run with the lowest offsets. */
  get firstRun(): Run | undefined {
    return this.#runs[0];
  }

  /** The last run that begins at the offset or before; the first run of all where none does. */
  lastRunFrom(offset: number): Run {
    const index = this.#indexFrom(offset);
    const run = this.#runs[index];
    return run !== undefined && run.first <= offset ? run : this.#runs[Math.max(0, index - 1)];
  }

  /** Adds a run behind all others. */
  append(run: Run): void {
    this.#runs.push(run);
  }

  /** The runs that share offsets with the range, as they are. */
  overlapping(first: number, last: number): Run[] {
    const from = this.#indexFrom(first);
    const to = this.#indexFrom(last + 1);
    const crosses = to < this.#runs.length && this.#runs[to].first <= last;
    return this.#runs.slice(from, crosses ? to + 1 : to);
  }

  /** The runs of exactly the range: those that reach beyond it are split. */
  cut(first: number, last: number): Run[] {
    this.#splitBefore(first);
    this.#splitBefore(last + 1);
    return this.overlapping(first, last);
  }

  /** Forgets all offsets before this one. */
  dropBefore(offset: number): void {
    this.#splitBefore(offset);
    this.#runs = this.#runs.slice(this.#indexFrom(offset));
  }

  /** Makes a run begin at the offset, where one crosses it. */
  #splitBefore(offset: number): void {
    const index = this.#indexFrom(offset);
    const run = this.#runs[index];
    if (run === undefined || run.first >= offset) return;
    this.#runs.splice(index, 1, { ...run, last: offset - 1 }, { ...run, first: offset });
  }

  /** The index of the first run that ends at the offset or later. */
  #indexFrom(offset: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle].last < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
