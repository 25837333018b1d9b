/**
 * A rate over the last few windows of time, as Apache Kafka measures it (its `Rate` over a `WindowedSum`).
 *
 * What is recorded goes into samples, each of which takes what comes within one window of its start. A sample counts
 * until all windows have passed since its last event. The rate is the sum of the samples by the time since the oldest of
 * them, which is taken to be one window less than all at least: so the first request of a client does not look fast.
 *
 * @module
 */

/** Over which time a quota is measured. */
export interface QuotaWindows {
  /** How many samples there are: `quota.window.num`. */
  readonly samples: number;
  /** The length of one: `quota.window.size.seconds`. */
  readonly windowSizeMs: number;
}

/** Fields of a sample, in one array: sensors are many. */
const FIELDS = 3;
const START_MS = 0;
const LAST_EVENT_MS = 1;
const SUM = 2;

export class SampledRate {
  readonly #windows: QuotaWindows;
  /** One more than the windows, since the oldest may have begun before the time that is looked at. */
  readonly #samples: Float64Array;
  /** How many samples are in use. */
  #count = 0;
  #current = 0;
  #lastEventMs = -Infinity;

  constructor(windows: QuotaWindows) {
    this.#windows = windows;
    this.#samples = new Float64Array((windows.samples + 1) * FIELDS);
  }

  /** Adds what was used; a negative value takes back what was recorded. */
  record(value: number, nowMs: number): void {
    this.#forgetFuture(nowMs);
    this.#lastEventMs = nowMs;
    if (this.#count === 0) {
      this.#count = 1;
      this.#current = 0;
      this.#reset(0, nowMs);
    } else if (nowMs - this.#samples[this.#current * FIELDS + START_MS] >= this.#windows.windowSizeMs) {
      this.#current = (this.#current + 1) % (this.#windows.samples + 1);
      this.#count = Math.max(this.#count, this.#current + 1);
      this.#reset(this.#current, nowMs);
    }
    this.#samples[this.#current * FIELDS + SUM] += value;
    this.#samples[this.#current * FIELDS + LAST_EVENT_MS] = nowMs;
  }

  /** What was used per second. */
  measure(nowMs: number): number {
    this.#forgetFuture(nowMs);
    this.#purge(nowMs);
    let sum = 0;
    for (let index = 0; index < this.#count; index++) sum += this.#samples[index * FIELDS + SUM];
    return sum / (this.windowSizeMs(nowMs) / 1000);
  }

  /** The time over which the rate is measured. */
  windowSizeMs(nowMs: number): number {
    this.#purge(nowMs);
    let oldestMs = nowMs;
    for (let index = 0; index < this.#count; index++) {
      oldestMs = Math.min(oldestMs, this.#samples[index * FIELDS + START_MS]);
    }
    const elapsedMs = nowMs - oldestMs;
    const missing = this.#windows.samples - 1 - Math.floor(elapsedMs / this.#windows.windowSizeMs);
    return Math.max(1, elapsedMs + Math.max(0, missing) * this.#windows.windowSizeMs);
  }

  /** Whether nothing that was recorded counts any more, so that a new one would measure the same. */
  isForgotten(nowMs: number): boolean {
    return nowMs < this.#lastEventMs || nowMs - this.#lastEventMs >= this.#totalMs;
  }

  get #totalMs(): number {
    return this.#windows.samples * this.#windows.windowSizeMs;
  }

  /** Somebody may set the clock back. What was recorded in a future that has not come cannot be told from the present. */
  #forgetFuture(nowMs: number): void {
    if (nowMs < this.#lastEventMs) this.#count = 0;
  }

  #purge(nowMs: number): void {
    for (let index = 0; index < this.#count; index++) {
      if (nowMs - this.#samples[index * FIELDS + LAST_EVENT_MS] >= this.#totalMs) this.#reset(index, nowMs);
    }
  }

  #reset(index: number, nowMs: number): void {
    this.#samples[index * FIELDS + START_MS] = nowMs;
    this.#samples[index * FIELDS + LAST_EVENT_MS] = nowMs;
    this.#samples[index * FIELDS + SUM] = 0;
  }
}

/**
 * How long nothing may be used until the rate is back at its bound: with a rate `r`, a bound `b` and a window `w`, the
 * `x` of `r * w / (w + x) = b`. 0 where the rate is not above it.
 *
 * @param bound per second
 * @param maxMs the longest time that is given, where there is one
 */
export function throttleTimeMs(rate: SampledRate, bound: number, nowMs: number, maxMs = MAX_THROTTLE_MS): number {
  const observed = rate.measure(nowMs);
  if (observed <= bound) return 0;
  return Math.min(Math.round((observed - bound) / bound * rate.windowSizeMs(nowMs)), maxMs);
}

/** What fits into the field of the responses. */
const MAX_THROTTLE_MS = 2 ** 31 - 1;
