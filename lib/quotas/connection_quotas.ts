/**
 * How fast connections may come (KIP-612).
 *
 * | limit                                              | a connection beyond it                                    |
 * | -------------------------------------------------- | --------------------------------------------------------- |
 * | `max.connection.creation.rate`, for a listener too | waits, and with it those that come after it               |
 * | `connection_creation_rate` of an address           | is closed after a while, unread, and counts nowhere else  |
 *
 * The address of a client is throttled by keeping its connection open and not looking at it: a client that is refused at
 * once would come again at once.
 *
 * @module
 */
import type { EntityQuotas } from "../metadata/image/quotas_image.ts";
import { canonicalAddress } from "./address.ts";
import { type QuotaWindows, SampledRate, throttleTimeMs } from "./sampled_rate.ts";
import { Sensors } from "./sensors.ts";

const IP = "ip";
const CONNECTION_CREATION_RATE = "connection_creation_rate";

/** The limits by the settings, in connections per second. */
export interface ConnectionRateLimits {
  readonly broker: number;
  readonly listener: number;
}

export class ConnectionQuotas {
  readonly #windows: QuotaWindows;
  readonly #ofBroker: SampledRate;
  readonly #ofListeners = new Map<string, SampledRate>();
  readonly #ofAddresses: Sensors<SampledRate>;
  #bounds = new Map<string, number>();
  #defaultBound = Infinity;

  /** @param windows those of client quotas; a throttle time is no longer than one of them */
  constructor(windows: QuotaWindows) {
    this.#windows = windows;
    this.#ofBroker = new SampledRate(windows);
    this.#ofAddresses = new Sensors(() => new SampledRate(windows), (rate, nowMs) => rate.isForgotten(nowMs));
  }

  /** Takes these quotas from now on. */
  update(quotas: Iterable<EntityQuotas>): void {
    this.#bounds = new Map();
    this.#defaultBound = Infinity;
    for (const { entity: [{ entityType, entityName }], values } of quotas) {
      const bound = values.get(CONNECTION_CREATION_RATE);
      if (entityType !== IP || bound === undefined) continue;
      if (entityName === null) this.#defaultBound = bound;
      else this.#bounds.set(canonicalAddress(entityName), bound);
    }
    if (this.#bounds.size === 0 && this.#defaultBound === Infinity) this.#ofAddresses.clear();
  }

  /** Counts a connection that has come. Returns for how long it is to wait before it is served: 0 for not at all. */
  record(listenerName: string, limits: ConnectionRateLimits, nowMs: number): number {
    const ofListener = this.#ofListener(listenerName);
    this.#ofBroker.record(1, nowMs);
    ofListener.record(1, nowMs);
    return Math.max(
      this.#throttleTimeMs(this.#ofBroker, limits.broker, nowMs),
      this.#throttleTimeMs(ofListener, limits.listener, nowMs),
    );
  }

  /**
   * Counts a connection for the address that it comes from. Returns 0 where it may be served, else after how long it is to
   * be closed; then it does not count for the broker and the listener either.
   */
  recordAddress(host: string, listenerName: string, nowMs: number): number {
    const address = canonicalAddress(host);
    const bound = this.#bounds.get(address) ?? this.#defaultBound;
    if (bound === Infinity) return 0;
    const rate = this.#ofAddresses.get(address, nowMs);
    rate.record(1, nowMs);
    const throttleMs = this.#throttleTimeMs(rate, bound, nowMs);
    if (throttleMs > 0) {
      for (const counted of [rate, this.#ofBroker, this.#ofListener(listenerName)]) counted.record(-1, nowMs);
    }
    return throttleMs;
  }

  #ofListener(name: string): SampledRate {
    const known = this.#ofListeners.get(name);
    if (known !== undefined) return known;
    const rate = new SampledRate(this.#windows);
    this.#ofListeners.set(name, rate);
    return rate;
  }

  #throttleTimeMs(rate: SampledRate, bound: number, nowMs: number): number {
    return throttleTimeMs(rate, bound, nowMs, this.#windows.windowSizeMs);
  }
}
