/**
 * Group commit: what many appends wrote reaches the device in one sync.
 *
 * While a log is being synced, further appends to it gather, and the next sync covers them all. Several logs are synced
 * side by side, so that the file system puts them into one commit of its journal.
 *
 * @module
 */

/** Something that can be brought to the device. It must not reject: it deals with its own failures. */
export interface FlushJob {
  run(): Promise<void>;
}

/** Told that a sync has begun; what is returned is called when it is over. */
export type SyncWatch = () => () => void;

/** How many logs are synced at the same time: beyond that, threads wait for each other. */
const CONCURRENT_SYNCS = 16;

/** Runs flush jobs, each at most once at a time. */
export class Flusher {
  readonly #waiting = new Set<FlushJob>();
  readonly #running = new Set<FlushJob>();
  /** Told when the next run of their job is over. */
  readonly #listeners = new Map<FlushJob, (() => void)[]>();
  readonly #watch: SyncWatch | undefined;
  #isStarting = false;

  constructor(watch?: SyncWatch) {
    this.#watch = watch;
  }

  /** Has `job` run, once more if it is running now: so that it covers all that was done up to this call. */
  request(job: FlushJob): void {
    this.#waiting.add(job);
    if (this.#isStarting) return;
    // Not at once: what else this turn of the event loop appends is to be part of it.
    this.#isStarting = true;
    Promise.resolve().then(() => {
      this.#isStarting = false;
      this.#start();
    });
  }

  /** As {@linkcode request}; resolves when that run is over. */
  run(job: FlushJob): Promise<void> {
    this.request(job);
    return new Promise((resolve) => {
      const listeners = this.#listeners.get(job);
      if (listeners === undefined) this.#listeners.set(job, [resolve]);
      else listeners.push(resolve);
    });
  }

  #start(): void {
    for (const job of this.#waiting) {
      if (this.#running.size >= CONCURRENT_SYNCS) return;
      if (this.#running.has(job)) continue;
      this.#waiting.delete(job);
      this.#running.add(job);
      const listeners = this.#listeners.get(job) ?? [];
      this.#listeners.delete(job);
      const ended = this.#watch?.();
      job.run().then(() => {
        ended?.();
        this.#finish(job, listeners);
      });
    }
  }

  #finish(job: FlushJob, listeners: readonly (() => void)[]): void {
    this.#running.delete(job);
    this.#start();
    for (const listener of listeners) listener();
  }
}
