/**
 * How far a log has come, and who waits for it: appends for their answer, fetches for records.
 *
 * @module
 */
import type { MaybePromise } from "../at_once.ts";
import type { AppendResult } from "./partition_log.ts";

/** An append whose answer waits until the high watermark has passed it. */
interface WaitingAppend {
  readonly result: AppendResult;
  readonly resolve: (result: AppendResult) => void;
}

/** The log start offset and the high watermark of one log. Neither moves back. */
export class LogProgress {
  #logStartOffset: number;
  #coming = 0;
  #highWatermark: number;
  /** In the order of their offsets. */
  #waiting: WaitingAppend[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(logStartOffset: number, highWatermark: number) {
    this.#logStartOffset = logStartOffset;
    this.#highWatermark = highWatermark;
  }

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** What the log start offset is about to be: nobody hears of it until a restart would, too. */
  get comingLogStartOffset(): number {
    return Math.max(this.#coming, this.#logStartOffset);
  }

  get highWatermark(): number {
    return this.#highWatermark;
  }

  /** Gives the result when the high watermark has passed it. */
  whenPassed(result: AppendResult): MaybePromise<AppendResult> {
    if (result.lastOffset < this.#highWatermark) return result;
    return new Promise((resolve) => this.#waiting.push({ result, resolve }));
  }

  advanceHighWatermark(offset: number): void {
    if (offset <= this.#highWatermark) return;
    this.#highWatermark = offset;
    const stillWaiting = this.#waiting.findIndex(({ result }) => result.lastOffset >= offset);
    const passed = this.#waiting.splice(0, stillWaiting === -1 ? this.#waiting.length : stillWaiting);
    for (const { result, resolve } of passed) resolve(result);
    this.notify();
  }

  /** The log start offset is to advance when that is on the device. */
  announceLogStartOffset(offset: number): void {
    this.#coming = Math.max(this.#coming, offset);
  }

  advanceLogStartOffset(offset: number): void {
    if (offset <= this.#logStartOffset) return;
    this.#logStartOffset = offset;
    this.notify();
  }

  /** Nothing moves any more: what waits gets `result`. */
  end(result: AppendResult): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(result);
    this.notify();
  }

  watch(listener: () => void): { stop(): void } {
    // A function of its own, so that the same listener may watch twice.
    const entry = () => listener();
    this.#watchers.add(entry);
    return { stop: () => void this.#watchers.delete(entry) };
  }

  notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
