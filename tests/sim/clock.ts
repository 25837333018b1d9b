/**
 * Time that passes only when everybody waits: a queue of events, and a clock that jumps from one to the next.
 *
 * Between two events all promises are drained, so that nothing but the queue decides the order of things.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Clock, Timer, Timers } from "../../lib/ports.ts";

/** When the simulated worlds begin, by the clock on their wall. */
const EPOCH_MS = 1_750_000_000_000;

interface Event {
  readonly atMs: number;
  /** Decides between events of the same time. */
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** The clock, the timers and the loop of one world. */
export class SimLoop implements Clock, Timers {
  readonly #queue: Event[] = [];
  #elapsedMs = 0;
  #order = 0;
  #eventCount = 0;
  #wallOffsetMs = 0;
  #leastWallOffsetMs = 0;
  #mostWallOffsetMs = 0;

  /** Milliseconds since the world began: a clock that never jumps. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** How many events have run. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** How far somebody has set the clock on the wall from the true time. */
  get wallOffsetMs(): number {
    return this.#wallOffsetMs;
  }

  set wallOffsetMs(offsetMs: number) {
    this.#wallOffsetMs = offsetMs;
    this.#leastWallOffsetMs = Math.min(this.#leastWallOffsetMs, offsetMs);
    this.#mostWallOffsetMs = Math.max(this.#mostWallOffsetMs, offsetMs);
  }

  /** Sets the clock on the wall to the latest that it has shown: what waits for a time has it behind itself, or soon. */
  settleWall(): void {
    this.#wallOffsetMs = this.#mostWallOffsetMs;
  }

  /** The time of day, as the machine believes it. */
  now(): number {
    return Math.floor(EPOCH_MS + this.#elapsedMs + this.#wallOffsetMs);
  }

  /** The time of day, as it truly is. */
  trueNow(): number {
    return Math.floor(EPOCH_MS + this.#elapsedMs);
  }

  /**
   * The latest time of day that the machine can have believed in, beside a time that it took itself: what is not so old by
   * this clock never seemed to be.
   */
  latestNow(): number {
    return this.trueNow() + this.#mostWallOffsetMs - this.#leastWallOffsetMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const event: Event = {
      atMs: this.#elapsedMs + Math.max(0, delayMs),
      order: this.#order++,
      run: callback,
      isCancelled: false,
    };
    this.#push(event);
    return { cancel: () => void (event.isCancelled = true) };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /**
   * Runs events until `isOver` is true.
   *
   * @throws {Error} where nothing is left that could happen
   */
  async run(isOver: () => boolean): Promise<void> {
    await drained();
    while (!isOver()) {
      const event = this.#pop();
      if (event === null) throw new Error("Nothing can happen any more: somebody waits for what never comes");
      if (event.isCancelled) continue;
      this.#elapsedMs = event.atMs;
      this.#eventCount++;
      event.run();
      await drained();
    }
  }

  #push(event: Event): void {
    const queue = this.#queue;
    let index = queue.length;
    queue.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, queue[parent])) break;
      queue[index] = queue[parent];
      index = parent;
    }
    queue[index] = event;
  }

  #pop(): Event | null {
    const queue = this.#queue;
    const first = queue[0];
    const last = queue.pop();
    if (last === undefined) return null;
    if (queue.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && isBefore(queue[child + 1], queue[child])) child++;
      if (!isBefore(queue[child], last)) break;
      queue[index] = queue[child];
      index = child;
    }
    queue[index] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/**
 * Resolves when no promise has anything left to do: the runtime drains them all before it turns to the next immediate.
 */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => resolve()));
}
