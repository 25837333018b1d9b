/**
 * Waiting for logs to move: what Kafka's purgatory does for fetches.
 *
 * @module
 */
import type { ClientConnection } from "../api/context.ts";
import type { PartitionLog } from "../log/mod.ts";
import type { Timers } from "../ports.ts";

/** What to wait for, and how long. */
export interface Wait {
  readonly logs: readonly PartitionLog[];
  /** Whether the logs have moved already, since the caller looked. */
  hasChanged(): boolean;
  readonly timers: Timers;
  readonly timeoutMs: number;
  /** Nobody waits for the answer any more once this has ended. */
  readonly connection: ClientConnection;
}

/** Resolves to true as soon as one of the logs has moved; to false when the time is up or the connection has ended. */
export function waitForChange({ logs, hasChanged, timers, timeoutMs, connection }: Wait): Promise<boolean> {
  if (hasChanged()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (isChanged: boolean) => {
      timer.cancel();
      for (const source of sources) source.stop();
      resolve(isChanged);
    };
    const timer = timers.after(timeoutMs, () => finish(false));
    const sources = logs.map((log) => log.watch(() => finish(true)));
    sources.push(connection.onClosed(() => finish(false)));
  });
}
