/**
 * Work that is done now and then, or later, beside what clients ask for: in slices of a few milliseconds, so that
 * nobody waits for it.
 *
 * @module
 */
import type { Clock, Logger, Timer, Timers } from "../ports.ts";
import { type Disk, DiskError } from "../ports.ts";

/** How long background work may hold the loop in one go. */
const SLICE_MS = 4;

/** The world that background work sees. */
export interface BackgroundPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** Periodic tasks and delayed removals, until it is stopped. */
export class Background {
  readonly #ports: BackgroundPorts;
  readonly #pending = new Set<Timer>();
  #isStopped = false;
  /** Files and folders to be removed now, and whether somebody is at it. */
  readonly #removable: string[] = [];
  #isRemoving = false;

  constructor(ports: BackgroundPorts) {
    this.#ports = ports;
  }

  /** Runs `task` every `intervalMs` milliseconds, counted from the end of the run before. */
  every(intervalMs: number, task: () => Promise<void>): void {
    this.#after(intervalMs, () => task().then(() => this.every(intervalMs, task)));
  }

  /** Does `work` for each item, one after the other, and lets others have their turn in between. */
  async forEach<T>(
    items: Iterable<T>,
    work: (item: T) => Promise<unknown> | void,
    sliceMs: number = SLICE_MS,
  ): Promise<void> {
    const { clock } = this.#ports;
    let sliceEndMs = clock.now() + sliceMs;
    for (const item of items) {
      if (this.#isStopped) return;
      await work(item);
      if (clock.now() < sliceEndMs) continue;
      await this.#pause();
      sliceEndMs = clock.now() + sliceMs;
    }
  }

  /**
   * Removes files, or folders with all that they contain, in `delayMs` milliseconds. What a stop leaves, the next start
   * removes.
   */
  removeLater(paths: readonly string[], delayMs: number): void {
    if (paths.length === 0) return;
    this.#after(delayMs, async () => {
      this.#removable.push(...paths);
      if (!this.#isRemoving) await this.#removeAll();
    });
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#pending) timer.cancel();
    this.#pending.clear();
  }

  async #removeAll(): Promise<void> {
    this.#isRemoving = true;
    for (let path = this.#removable.shift(); path !== undefined; path = this.#removable.shift()) {
      try {
        await this.#remove(path);
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        this.#ports.logger.warn(`${error.message}. The next start will try again`);
      }
    }
    this.#isRemoving = false;
  }

  /** A large file takes milliseconds to remove, a folder may have thousands. */
  async #remove(path: string): Promise<void> {
    const { disk } = this.#ports;
    if (disk.statSync(path)?.isFolder) {
      await this.forEach(disk.listSync(path), ({ name }) => disk.removeSync(`${path}/${name}`));
      if (this.#isStopped) return;
    }
    disk.removeSync(path);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#ports.timers.after(0, resolve));
  }

  #after(delayMs: number, run: () => Promise<void>): void {
    if (this.#isStopped) return;
    const timer = this.#ports.timers.after(delayMs, () => {
      this.#pending.delete(timer);
      run();
    });
    this.#pending.add(timer);
  }
}
