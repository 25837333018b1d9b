/**
 * The quota on changes of metadata (KIP-599): how many partitions a client may create and delete per second.
 *
 * A strict one refuses all further changes once its tokens are used up, with THROTTLING_QUOTA_EXCEEDED, which clients know
 * since certain versions of the requests. A permissive one, for the versions before, lets everything through. Either one
 * throttles the client until there are tokens again.
 *
 * @module
 */
import type { MutationQuota } from "../metadata/decide/decision.ts";
import type { EntityQuotas } from "../metadata/image/quotas_image.ts";
import { type QuotaClient, sensorName } from "./client_quota_manager.ts";
import { QuotaLimits } from "./quota_limits.ts";
import type { QuotaWindows } from "./sampled_rate.ts";
import { Sensors } from "./sensors.ts";
import { TokenBucket } from "./token_bucket.ts";

/** The quota of one request. */
export interface ControllerMutationQuota extends MutationQuota {
  /** For how long the client is to be throttled, from now on. */
  throttleTimeMs(nowMs: number): number;
}

interface Bucket {
  readonly tokens: TokenBucket;
  /** The rate by which it was filled last. */
  rate: number;
}

export class ControllerMutationQuotaManager {
  readonly #key: string;
  readonly #buckets: Sensors<Bucket>;
  #limits: QuotaLimits;

  constructor(key: string, windows: QuotaWindows) {
    this.#key = key;
    this.#limits = new QuotaLimits([], key);
    this.#buckets = new Sensors(
      () => ({ tokens: new TokenBucket(windows), rate: 0 }),
      ({ tokens, rate }, nowMs) => tokens.isFull(rate, nowMs),
    );
  }

  get isEnabled(): boolean {
    return !this.#limits.isEmpty;
  }

  /** Takes these quotas from now on. What clients have used so far counts. */
  update(quotas: Iterable<EntityQuotas>): void {
    this.#limits = new QuotaLimits(quotas, this.#key);
    if (this.#limits.isEmpty) this.#buckets.clear();
  }

  /**
   * The quota of a request; null where the client is not bound.
   *
   * @param isStrict whether the request is of a version that can be refused
   * @param now tells the time of each change
   */
  quotaFor({ user, clientId }: QuotaClient, isStrict: boolean, now: () => number): ControllerMutationQuota | null {
    const limit = this.#limits.find(user, clientId);
    if (limit === null) return null;
    const bucket = this.#buckets.get(sensorName(limit), now());
    bucket.rate = limit.bound;
    return new BucketQuota(bucket.tokens, limit.bound, isStrict, now);
  }
}

class BucketQuota implements ControllerMutationQuota {
  readonly #tokens: TokenBucket;
  readonly #rate: number;
  readonly #isStrict: boolean;
  readonly #now: () => number;
  #throttleMs = 0;
  #throttledAtMs = 0;

  constructor(tokens: TokenBucket, rate: number, isStrict: boolean, now: () => number) {
    this.#tokens = tokens;
    this.#rate = rate;
    this.#isStrict = isStrict;
    this.#now = now;
  }

  take(changes: number): boolean {
    const nowMs = this.#now();
    if (!this.#isStrict) this.#tokens.take(changes, this.#rate, nowMs);
    const left = this.#tokens.measure(this.#rate, nowMs);
    if (left < 0) {
      this.#throttleMs = Math.min(Math.round(-left / this.#rate * 1000), MAX_THROTTLE_MS);
      this.#throttledAtMs = nowMs;
      return !this.#isStrict;
    }
    if (this.#isStrict) this.#tokens.take(changes, this.#rate, nowMs);
    return true;
  }

  /** What has passed while the request waited for its records is not waited for again. */
  throttleTimeMs(nowMs: number): number {
    return Math.max(0, this.#throttleMs - Math.max(0, nowMs - this.#throttledAtMs));
  }
}

/** What fits into the field of the responses. */
const MAX_THROTTLE_MS = 2 ** 31 - 1;
