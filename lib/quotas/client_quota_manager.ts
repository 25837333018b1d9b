/**
 * One quota of clients on a rate: bytes produced, bytes fetched, or the time that requests take.
 *
 * @module
 */
import type { EntityQuotas } from "../metadata/image/quotas_image.ts";
import { type QuotaLimit, QuotaLimits } from "./quota_limits.ts";
import { type QuotaWindows, SampledRate, throttleTimeMs } from "./sampled_rate.ts";
import { Sensors } from "./sensors.ts";

/** Who uses something: the name of its principal, and what it calls itself; "" for nothing. */
export interface QuotaClient {
  readonly user: string;
  readonly clientId: string;
}

export class ClientQuotaManager {
  readonly #key: string;
  readonly #windows: QuotaWindows;
  readonly #maxThrottleMs: number | undefined;
  readonly #sensors: Sensors<SampledRate>;
  #limits: QuotaLimits;

  /**
   * @param key such as `producer_byte_rate`
   * @param maxThrottleMs the longest throttle time, where it is bounded
   */
  constructor(key: string, windows: QuotaWindows, maxThrottleMs?: number) {
    this.#key = key;
    this.#windows = windows;
    this.#maxThrottleMs = maxThrottleMs;
    this.#limits = new QuotaLimits([], key);
    this.#sensors = new Sensors(() => new SampledRate(windows), (sensor, nowMs) => sensor.isForgotten(nowMs));
  }

  /** Whether anybody is bound. */
  get isEnabled(): boolean {
    return !this.#limits.isEmpty;
  }

  /** Takes these quotas from now on. What clients have used so far counts. */
  update(quotas: Iterable<EntityQuotas>): void {
    this.#limits = new QuotaLimits(quotas, this.#key);
    if (this.#limits.isEmpty) this.#sensors.clear();
  }

  /** Records what a client has used. Returns for how long it is to be throttled: 0 for not at all. */
  record({ user, clientId }: QuotaClient, value: number, nowMs: number): number {
    const limit = this.#limits.find(user, clientId);
    if (limit === null) return 0;
    const sensor = this.#sensorOf(limit, nowMs);
    sensor.record(value, nowMs);
    return throttleTimeMs(sensor, limit.bound, nowMs, this.#maxThrottleMs);
  }

  /** Records without asking: what was used after the throttle time was told. */
  recordUnchecked({ user, clientId }: QuotaClient, value: number, nowMs: number): void {
    const limit = this.#limits.find(user, clientId);
    if (limit !== null) this.#sensorOf(limit, nowMs).record(value, nowMs);
  }

  /** Whether a client that is bound has used nothing over all windows. */
  isUnused({ user, clientId }: QuotaClient, nowMs: number): boolean {
    const limit = this.#limits.find(user, clientId);
    return limit === null || this.#sensorOf(limit, nowMs).measure(nowMs) === 0;
  }

  /**
   * The most that a client can use at once without being throttled for that alone: all windows but one, in which nothing
   * was used before. Infinity where it is not bound.
   */
  maxValueInWindow({ user, clientId }: QuotaClient): number {
    const limit = this.#limits.find(user, clientId);
    if (limit === null) return Infinity;
    return limit.bound * (this.#windows.samples - 1) * this.#windows.windowSizeMs / 1000;
  }

  #sensorOf(limit: QuotaLimit, nowMs: number): SampledRate {
    return this.#sensors.get(sensorName(limit), nowMs);
  }
}

/** The name under which the use of a quota is remembered. */
export function sensorName({ user, clientId }: QuotaLimit): string {
  return `${user?.length ?? ""}:${user ?? ""}:${clientId ?? ""}`;
}
