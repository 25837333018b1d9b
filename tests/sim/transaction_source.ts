/**
 * A producer of transactions, some of which it commits, some it aborts, and some it leaves open. Others with the same
 * transactional id may fence it in the midst.
 *
 * @module
 */
import { Actor, type Stage } from "./actor.ts";
import type { TransactionalPartition } from "./committed_reading.ts";
import type { Draw } from "./random.ts";
import { formatId } from "./records.ts";
import { TransactionalProducer, type TransactionalRecord } from "./transactional_producer.ts";
import type { SimTopic } from "./topics.ts";
import type { TransactionHistory } from "./transaction_history.ts";

/** Where it writes, and as whom. */
export interface Source {
  readonly topic: SimTopic;
  readonly transactions: TransactionHistory;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
}

const MAX_BATCHES = 3;
const MAX_RECORDS = 4;

export class TransactionSource extends Actor {
  readonly #source: Source;
  readonly #producer: TransactionalProducer;
  #count = 0;

  constructor(name: string, stage: Stage, draw: Draw, source: Source) {
    super(name, stage, draw);
    this.#source = source;
    const { transactions: history, transactionalId, transactionTimeoutMs } = source;
    const { client } = this;
    this.#producer = new TransactionalProducer(
      { loop: stage.loop, client, draw, history, trace: (line) => this.trace(line) },
      transactionalId,
      transactionTimeoutMs,
      draw.chance(0.6),
    );
  }

  protected async act(): Promise<void> {
    await this.pause(this.draw.pick([10, 100, 500]));
    if (!this.#producer.isReady && !await this.#producer.begin()) return;
    this.#producer.beginTransaction();
    for (let count = this.draw.between(1, MAX_BATCHES); count > 0; count--) {
      const outcome = await this.#producer.write(this.#batches());
      if (outcome !== "done") return this.#producer.forget();
      await this.pause(this.draw.pick([5, 5, 100]));
    }
    await this.#end();
  }

  async #end(): Promise<void> {
    const how = this.draw.below(100);
    // It dies, and leaves the transaction open.
    if (how < 8) return this.#producer.forget();
    if (how < 16) await this.pause(2 * this.#source.transactionTimeoutMs);
    if (await this.#producer.end(how < 75) === "fenced") this.#producer.forget();
  }

  #batches(): [TransactionalPartition, TransactionalRecord[]][] {
    const { topic } = this.#source;
    return topic.partitions.map((_, index) => index).filter(() => this.draw.chance(0.6)).map((index) => [
      { topic: topic.name, index },
      Array.from({ length: this.draw.between(1, MAX_RECORDS) }, () => this.#record()),
    ]);
  }

  #record(): TransactionalRecord {
    const id = formatId(this.name, this.#count++);
    return { id, source: null, key: id, isTombstone: false, timestamp: this.stage.loop.trueNow() };
  }
}
