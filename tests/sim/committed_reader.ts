/**
 * A reader of `read_committed` that belongs to no group: it reads all partitions from the beginning, again and again.
 *
 * @module
 */
import { Actor, type Stage } from "./actor.ts";
import { readCommitted, type TransactionalPartition } from "./committed_reading.ts";
import type { Draw } from "./random.ts";
import type { TransactionHistory } from "./transaction_history.ts";

export class CommittedReader extends Actor {
  readonly #partitions: readonly TransactionalPartition[];
  readonly #transactions: TransactionHistory;
  readonly #positions = new Map<TransactionalPartition, number>();

  constructor(
    name: string,
    stage: Stage,
    draw: Draw,
    partitions: readonly TransactionalPartition[],
    transactions: TransactionHistory,
  ) {
    super(name, stage, draw);
    this.#partitions = partitions;
    this.#transactions = transactions;
  }

  protected async act(): Promise<void> {
    await this.pause(this.draw.pick([5, 50, 300]));
    const partition = this.draw.pick(this.#partitions);
    const position = this.draw.chance(0.05) ? 0 : this.#positions.get(partition) ?? 0;
    const read = await readCommitted(this.client, this.draw, this.#transactions, partition, position);
    if (read !== null) this.#positions.set(partition, read.nextOffset);
  }
}
