/**
 * Chance, all of it from one seed.
 *
 * @module
 */
import type { Random } from "../../lib/ports.ts";

/** A stream of numbers that a seed decides. */
export class Draw implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    // Neighbouring seeds begin alike; a few steps part them.
    for (let step = 0; step < 4; step++) this.#next();
  }

  /** A stream of its own, so that one part's appetite for chance does not shift what the others get. */
  fork(): Draw {
    return new Draw(this.#next());
  }

  /** From 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  /** From `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** A time in milliseconds, not whole, from `least` to below `most`. */
  time(least: number, most: number): number {
    return least + (this.#next() / 2 ** 32) * (most - least);
  }

  chance(probability: number): boolean {
    return this.#next() / 2 ** 32 < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  fill(bytes: Uint8Array): Uint8Array {
    for (let index = 0; index < bytes.length; index++) bytes[index] = this.below(256);
    return bytes;
  }

  /** Mulberry32: 32 bits of state are plenty for a world that lives a few seconds. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
