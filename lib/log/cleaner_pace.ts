/**
 * The pace of the log cleaner: a few milliseconds of work, then everybody else's turn; and no more bytes in a second than it may have.
 *
 * @module
 */
import type { Clock, Timer, Timers } from "../ports.ts";

/** How long the cleaner may hold the loop in one go. */
const SLICE_MS = 3;
/** A record counts as this many bytes besides those of its key, which is hashed. */
const RECORD_BYTES = 64;
/** Bytes between two looks at the clock: a fraction of a slice. */
const BYTES_PER_LOOK = 4096;

/** The broker is about to stop, or the log is gone: what is under way is given up. */
export class CleaningStopped extends Error {
  override name = "CleaningStopped";
}

/** Rests between slices of work. */
export class Pace {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #maxBytesPerSecond: () => number;
  #sliceEndMs = 0;
  /** Bytes that were read and written, and not yet rested for. */
  #debtBytes = 0;
  #resting: { timer: Timer; wake: () => void } | null = null;
  /** Since the last look at the clock. */
  #unwatchedBytes = 0;
  #isStopped = false;

  constructor(clock: Clock, timers: Timers, maxBytesPerSecond: () => number) {
    this.#clock = clock;
    this.#timers = timers;
    this.#maxBytesPerSecond = maxBytesPerSecond;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** True where the slice is over: {@linkcode rest} is due. A clock that was set back ends it, too. */
  get isOver(): boolean {
    const nowMs = this.#clock.now();
    return nowMs >= this.#sliceEndMs || nowMs < this.#sliceEndMs - SLICE_MS || this.#isStopped;
  }

  /** As {@linkcode isOver}, asked after each record, of whose key `keyBytes` were looked at; looks at the clock now and then. */
  isOverAfter(keyBytes: number): boolean {
    this.#unwatchedBytes += RECORD_BYTES + keyBytes;
    if (this.#unwatchedBytes < BYTES_PER_LOOK) return false;
    this.#unwatchedBytes = 0;
    return this.isOver;
  }

  /** Counts bytes against the throughput that is allowed. */
  spend(bytes: number): void {
    this.#debtBytes += bytes;
  }

  /**
   * Lets others have their turn, and begins a new slice.
   *
   * @throws {CleaningStopped}
   */
  async rest(): Promise<void> {
    const owedMs = (this.#debtBytes / this.#maxBytesPerSecond()) * 1000;
    // A timer has no finer grain: less is owed on.
    const waitMs = owedMs >= 1 ? owedMs : 0;
    if (waitMs > 0) this.#debtBytes = 0;
    await this.sleep(waitMs);
    if (this.#isStopped) throw new CleaningStopped();
    this.#sliceEndMs = this.#clock.now() + SLICE_MS;
  }

  /** Waits, though not beyond {@linkcode stop}. */
  sleep(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#resting = null;
        resolve();
      };
      this.#resting = { timer: this.#timers.after(ms, wake), wake };
    });
  }

  /** Ends all waiting, for good. */
  stop(): void {
    this.#isStopped = true;
    this.#resting?.timer.cancel();
    this.#resting?.wake();
  }
}
