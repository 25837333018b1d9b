/**
 * Listeners that are told that something has moved.
 *
 * @module
 */
export class Watchers {
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` whenever something has moved, until `stop` is called. */
  watch(listener: () => void): { stop(): void } {
    this.#listeners.add(listener);
    return { stop: () => void this.#listeners.delete(listener) };
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
