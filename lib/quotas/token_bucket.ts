/**
 * A bucket of tokens (KIP-599): it fills by so many a second, and holds what comes in all windows of a quota. Whoever takes
 * more than there are leaves a debt, which must be filled up before anybody can take again. So one large burst costs as
 * much time as many small ones, which a sampled rate does not give.
 *
 * @module
 */
import type { QuotaWindows } from "./sampled_rate.ts";

export class TokenBucket {
  readonly #windows: QuotaWindows;
  #tokens = 0;
  /** A new bucket is full: it has filled since ever. */
  #updatedMs = -Infinity;

  constructor(windows: QuotaWindows) {
    this.#windows = windows;
  }

  /**
   * How many tokens there are; below zero for a debt.
   *
   * @param refillRate tokens per second; it may be another one each time
   */
  measure(refillRate: number, nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#updatedMs);
    this.#tokens = Math.min(this.#burst(refillRate), this.#tokens + refillRate * elapsedMs / 1000);
    this.#updatedMs = nowMs;
    return this.#tokens;
  }

  /** Takes tokens, also those that are not there. */
  take(count: number, refillRate: number, nowMs: number): void {
    this.measure(refillRate, nowMs);
    this.#tokens -= count;
  }

  /** Whether it is as full as a new one. */
  isFull(refillRate: number, nowMs: number): boolean {
    return this.measure(refillRate, nowMs) >= this.#burst(refillRate);
  }

  #burst(refillRate: number): number {
    return this.#windows.samples * this.#windows.windowSizeMs / 1000 * refillRate;
  }
}
