/**
 * What one request uses of the quotas of its client, and for how long its connection is muted for that (KIP-219): the
 * response goes out at once and tells the time, and nothing more is read until it has passed.
 *
 * @module
 */
import type { Clock, Stopwatch } from "../ports.ts";
import type { QuotaClient } from "./client_quota_manager.ts";
import type { ControllerMutationQuota } from "./controller_mutation_quota_manager.ts";
import type { QuotaManagers } from "./quota_managers.ts";

/** Time is counted in percent of the one thread that there is. */
const PERCENT = 100;
const MS_PER_SECOND = 1000;

export class RequestThrottle {
  readonly #managers: QuotaManagers;
  readonly #client: QuotaClient;
  readonly #requestBytes: number;
  readonly #clock: Clock;
  readonly #stopwatch: Stopwatch;
  #throttleTimeMs = 0;
  #mutationQuota: ControllerMutationQuota | null = null;
  /** What work has taken that is not recorded yet. */
  #workMs = 0;
  #isTimeRecorded = false;

  constructor(
    managers: QuotaManagers,
    client: QuotaClient,
    requestBytes: number,
    { clock, stopwatch }: { clock: Clock; stopwatch: Stopwatch },
  ) {
    this.#managers = managers;
    this.#client = client;
    this.#requestBytes = requestBytes;
    this.#clock = clock;
    this.#stopwatch = stopwatch;
  }

  /** The longest that any quota asks for so far; 0 for none. */
  get throttleTimeMs(): number {
    return this.#throttleTimeMs;
  }

  /** Does a piece of the work of the request, and counts the time that it takes. */
  work<T>(piece: () => T): T {
    const beganMs = this.#stopwatch.read();
    const result = piece();
    this.#workMs += this.#stopwatch.read() - beganMs;
    return result;
  }

  /** The bytes of the request count as produced. */
  recordProduced(): void {
    this.#throttleFor(this.#managers.produce.record(this.#client, this.#requestBytes, this.#clock.now()));
  }

  /** The most bytes that a fetch is to be answered with; more would always be throttled. */
  get maxFetchBytes(): number {
    return this.#managers.fetch.maxValueInWindow(this.#client);
  }

  /**
   * The bytes that a fetch would be answered with. Returns false where the client has used up a quota, and is to get none
   * of them: they do not count then.
   *
   * A batch that is larger than what comes in all windows is always beyond the quota. Apache Kafka never gives it out, and
   * the consumer never gets on. Here it is given to a client that has had nothing lately, which then waits the longer.
   */
  admitsFetched(bytes: number): boolean {
    this.#recordTime();
    const mayBeLarge = this.#throttleTimeMs === 0 && this.#managers.fetch.isUnused(this.#client, this.#clock.now());
    this.recordFetched(bytes);
    if (this.#throttleTimeMs === 0 || mayBeLarge) return true;
    this.#managers.fetch.recordUnchecked(this.#client, -bytes, this.#clock.now());
    return false;
  }

  /** The bytes that a fetch is answered with, whatever the quota. */
  recordFetched(bytes: number): void {
    this.#throttleFor(this.#managers.fetch.record(this.#client, bytes, this.#clock.now()));
  }

  /**
   * The quota on the changes of metadata that the request makes; null for none.
   *
   * @param isStrict whether the request is of a version that can be refused with THROTTLING_QUOTA_EXCEEDED
   */
  mutationQuota(isStrict: boolean): ControllerMutationQuota | null {
    const now = () => this.#clock.now();
    this.#mutationQuota = this.#managers.controllerMutation.quotaFor(this.#client, isStrict, now);
    return this.#mutationQuota;
  }

  /**
   * The handler is done: what is left to do is to write its response. Where the time of the request counts, it is
   * recorded.
   */
  handled(isTimeExempt: boolean): void {
    if (!isTimeExempt) this.#recordTime();
    if (this.#mutationQuota !== null) this.#throttleFor(this.#mutationQuota.throttleTimeMs(this.#clock.now()));
  }

  /** The response is written. What that took counts for the next request. */
  responded(): void {
    if (!this.#isTimeRecorded) return;
    this.#managers.request.recordUnchecked(this.#client, this.#takeWork(), this.#clock.now());
  }

  #recordTime(): void {
    if (this.#isTimeRecorded) return;
    this.#isTimeRecorded = true;
    this.#throttleFor(this.#managers.request.record(this.#client, this.#takeWork(), this.#clock.now()));
  }

  #takeWork(): number {
    const percent = this.#workMs / MS_PER_SECOND * PERCENT;
    this.#workMs = 0;
    return percent;
  }

  #throttleFor(throttleTimeMs: number): void {
    this.#throttleTimeMs = Math.max(this.#throttleTimeMs, throttleTimeMs);
  }
}
