/**
 * Time and chance, from Deno.
 *
 * @module
 */
import type { Clock, Random, Stopwatch, Timers } from "../ports.ts";

export const systemClock: Clock = { now: () => Date.now() };

export const systemStopwatch: Stopwatch = { read: () => performance.now() };

/** The longest delay that `setTimeout` knows. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const systemTimers: Timers = {
  after(delayMs, callback) {
    let id: ReturnType<typeof setTimeout>;
    const arm = (remainingMs: number) => {
      const stepMs = Math.min(Math.max(0, remainingMs), MAX_TIMEOUT_MS);
      id = setTimeout(() => remainingMs > stepMs ? arm(remainingMs - stepMs) : callback(), stepMs);
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(id) };
  },
};

export const systemRandom: Random = {
  fill: (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
};
