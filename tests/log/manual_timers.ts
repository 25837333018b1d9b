/**
 * Time that passes when a test says so.
 *
 * @module
 */
import type { Timers } from "../../lib/ports.ts";
import { settled } from "./faulty_disk.ts";

/** Timers that run when told, on the clock of a world. */
export class ManualTimers implements Timers {
  #pending: { atMs: number; callback: () => void }[] = [];

  constructor(readonly clock: { nowMs: number }) {}

  after(delayMs: number, callback: () => void) {
    const entry = { atMs: this.clock.nowMs + delayMs, callback };
    this.#pending.push(entry);
    return { cancel: () => void (this.#pending = this.#pending.filter((other) => other !== entry)) };
  }

  /** How many callbacks are to come. */
  get count(): number {
    return this.#pending.length;
  }

  /** Prevents all that is to come. */
  cancelAll(): void {
    this.#pending = [];
  }

  /** Moves the clock on, running what is due on the way. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs + ms;
    for (;;) {
      await settled();
      const due = this.#pending.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#pending = this.#pending.filter((entry) => entry !== due);
      this.clock.nowMs = Math.max(this.clock.nowMs, due.atMs);
      due.callback();
    }
    this.clock.nowMs = untilMs;
  }
}
