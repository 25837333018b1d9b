/**
 * Batches that wait until it is known whether their partition is part of their transaction. What their producer has
 * sent behind them waits for them, whatever is known of it: the log has the batches of a producer in their order.
 *
 * @module
 */
import type { PartitionLog } from "../../log/mod.ts";

export class Joins {
  readonly #last = new Map<PartitionLog, Map<bigint, Promise<void>>>();

  /** Resolves when the last batch of the producer that waits has been appended or refused; undefined where none waits. */
  last(log: PartitionLog, producerId: bigint): Promise<void> | undefined {
    return this.#last.get(log)?.get(producerId);
  }

  /** A batch begins to wait; what is returned is to be called when it has been appended or refused. */
  begin(log: PartitionLog, producerId: bigint): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    let producers = this.#last.get(log);
    if (producers === undefined) this.#last.set(log, producers = new Map());
    producers.set(producerId, promise);
    return () => {
      resolve();
      if (producers.get(producerId) === promise) producers.delete(producerId);
      if (producers.size === 0 && this.#last.get(log) === producers) this.#last.delete(log);
    };
  }
}
