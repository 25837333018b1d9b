/**
 * Waiting for logs, and for what depends on them, to move: what Kafka's purgatory does for fetches.
 *
 * @module
 */
import type { ClientConnection } from "../api/context.ts";
import type { Timers } from "../ports.ts";

/** Something that moves, such as a log. */
export interface Watchable {
  /** Calls `listener` whenever it has moved, until `stop` is called. */
  watch(listener: () => void): { stop(): void };
}

/** What to wait for, and how long. */
export interface Wait {
  readonly sources: readonly Watchable[];
  /** Whether the sources have moved already, since the caller looked. */
  hasChanged(): boolean;
  readonly timers: Timers;
  readonly timeoutMs: number;
  /** Nobody waits for the answer any more once this has ended. */
  readonly connection: ClientConnection;
}

/** Resolves to true as soon as one of the sources has moved; to false when the time is up or the connection has ended. */
export function waitForChange({ sources, hasChanged, timers, timeoutMs, connection }: Wait): Promise<boolean> {
  if (hasChanged()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (isChanged: boolean) => {
      timer.cancel();
      for (const watch of watches) watch.stop();
      resolve(isChanged);
    };
    const timer = timers.after(timeoutMs, () => finish(false));
    const watches = sources.map((source) => source.watch(() => finish(true)));
    watches.push(connection.onClosed(() => finish(false)));
  });
}
