/**
 * The checker of transactions: what their producers were told, and what readers of `read_committed` may therefore see.
 *
 * What such a reader was shown, and what it was led past, holds for ever and for all: a record is of a transaction that
 * its producer wanted committed, before it was fenced; a transaction is shown wholly or not at all; and no record is
 * shown twice, nor what was made of one input record.
 *
 * @module
 */
import { Violation } from "./history.ts";

/**
 * How far a transaction is, as its producer knows.
 *
 * | state        | event                                                 | next               |
 * | ------------ | ----------------------------------------------------- | ------------------ |
 * | `open`       | EndTxn is sent, with commit                           | `committing`       |
 * | `open`       | EndTxn is sent, with abort; or another producer comes | `aborted`          |
 * | `committing` | EndTxn is answered                                    | `committed`        |
 * | `committing` | EndTxn is refused, and no attempt of it was unheard   | `aborted`          |
 */
export type TransactionOutcome = "open" | "committing" | "committed" | "aborted";

/** One transaction of a producer. */
export interface SimTransaction {
  readonly name: string;
  readonly transactionalId: string;
  /** That of the producer that has begun it. */
  readonly producerEpoch: number;
  outcome: TransactionOutcome;
  /** Whether some EndTxn with commit may have been heard, though it was not answered well. */
  mayHaveBeenHeard: boolean;
  /** The records that were acknowledged: where each of them is. */
  readonly written: Map<string, { readonly partition: string; readonly offset: number }>;
}

/** A record that was sent in a transaction. */
interface SentRecord {
  readonly transaction: SimTransaction;
  readonly partition: string;
  /** The input record that it was made of; null where it is none. */
  readonly source: string | null;
}

/** What readers of one partition have seen. */
interface Shown {
  /** By offset, the id of the record that was shown; null where none was. */
  readonly offsets: (string | null)[];
  lastStableOffset: number;
}

/** What is known of the producers of a transactional id. */
interface KnownProducers {
  /** The greatest that any of them was given. */
  epoch: number;
  /** How many have asked for the id, and were given it. */
  asked: number;
  answered: number;
}

export class TransactionHistory {
  readonly #transactions: SimTransaction[] = [];
  readonly #producers = new Map<string, KnownProducers>();
  readonly #sent = new Map<string, SentRecord>();
  readonly #shown = new Map<string, Shown>();
  /** Where each record was shown. */
  readonly #places = new Map<string, string>();
  /** Which record was made of each input record, of those that were shown. */
  readonly #results = new Map<string, string>();
  /** The transaction of each acknowledged record, by partition and offset. */
  readonly #written = new Map<string, { readonly id: string; readonly transaction: SimTransaction }>();

  begin(name: string, transactionalId: string, producerEpoch: number): SimTransaction {
    const transaction: SimTransaction = {
      name,
      transactionalId,
      producerEpoch,
      outcome: producerEpoch < this.#of(transactionalId).epoch ? "aborted" : "open",
      mayHaveBeenHeard: false,
      written: new Map(),
    };
    this.#transactions.push(transaction);
    return transaction;
  }

  noteSent(transaction: SimTransaction, partition: string, id: string, source: string | null): void {
    this.#sent.set(id, { transaction, partition, source });
  }

  noteWritten(transaction: SimTransaction, partition: string, baseOffset: number, ids: readonly string[]): void {
    for (const [index, id] of ids.entries()) {
      const offset = baseOffset + index;
      const place = `${partition}@${offset}`;
      const known = this.#written.get(place);
      if (known !== undefined && known.id !== id) fail(`${place} is acknowledged for ${id}, and it is ${known.id}`);
      this.#written.set(place, { id, transaction });
      transaction.written.set(id, { partition, offset });
      if (transaction.outcome === "committed") this.#checkShown(transaction);
    }
  }

  /** EndTxn is about to be sent. */
  noteEnding(transaction: SimTransaction, isCommit: boolean): void {
    if (!isCommit) transaction.outcome = "aborted";
    else if (transaction.outcome === "open") transaction.outcome = "committing";
  }

  /** EndTxn was answered well. */
  noteEnded(transaction: SimTransaction, isCommit: boolean): void {
    if (!isCommit) return;
    if (transaction.outcome === "aborted") {
      fail(`${transaction.name} was committed by a producer that was fenced before`);
    }
    transaction.outcome = "committed";
    this.#checkShown(transaction);
  }

  /** EndTxn with commit was refused, once and for all. */
  noteRefused(transaction: SimTransaction): void {
    if (transaction.outcome === "committing" && !transaction.mayHaveBeenHeard) transaction.outcome = "aborted";
  }

  /** Somebody is about to ask for the transactional id. Returns as which one. */
  noteAsking(transactionalId: string): number {
    return ++this.#of(transactionalId).asked;
  }

  /** A producer has got the transactional id: what those before it did not want committed by then can never be. */
  noteProducer(transactionalId: string, producerEpoch: number): void {
    const known = this.#of(transactionalId);
    known.answered++;
    known.epoch = Math.max(known.epoch, producerEpoch);
    for (const transaction of this.#transactions) {
      const isFenced = transaction.transactionalId === transactionalId && transaction.producerEpoch < producerEpoch;
      if (isFenced && transaction.outcome === "open") transaction.outcome = "aborted";
    }
  }

  /** Whether nobody can have fenced the producer that was the `order`-th to ask and has got `producerEpoch`. */
  isSurelyAlone(transactionalId: string, order: number, producerEpoch: number): boolean {
    const { asked, answered, epoch } = this.#of(transactionalId);
    return asked === order && answered === asked && epoch === producerEpoch;
  }

  /** The last stable offset of a partition, as somebody was told who now asks again. */
  lastStableOffset(partition: string): number {
    return this.#shownOf(partition).lastStableOffset;
  }

  /**
   * Takes in what a reader was shown of the offsets from `from` to before `to`.
   *
   * @param known the last stable offset when the reader asked
   */
  noteRead(
    partition: string,
    { from, to, lastStableOffset, known }: { from: number; to: number; lastStableOffset: number; known: number },
    records: ReadonlyMap<number, string>,
  ): void {
    const shown = this.#shownOf(partition);
    if (lastStableOffset < known) {
      fail(`${partition}: the last stable offset went from ${known} to ${lastStableOffset}`);
    }
    shown.lastStableOffset = Math.max(shown.lastStableOffset, lastStableOffset);
    for (let offset = from; offset < to; offset++) {
      const id = records.get(offset) ?? null;
      const before = shown.offsets[offset];
      if (before !== undefined && before !== id) {
        fail(`${partition}@${offset} shows ${id ?? "nothing"}, and it was ${before ?? "nothing"} before`);
      }
      shown.offsets[offset] = id;
      if (id !== null) this.#noteShown(partition, offset, id);
      else this.#notePassed(partition, offset);
    }
  }

  /** Judges all transactions, when every partition was read to its end. */
  checkWhole(): void {
    for (const transaction of this.#transactions) {
      const { name, outcome } = transaction;
      if (outcome === "committed") this.#checkShown(transaction);
      const places = [...transaction.written.keys()].map((id) => this.#places.has(id));
      if (places.includes(true) && places.includes(false)) fail(`${name} (${outcome}) is shown in parts`);
    }
  }

  /** Judges that all of `sources` were worked on. */
  checkResults(sources: Iterable<string>): void {
    for (const source of sources) {
      if (!this.#results.has(source)) fail(`nothing was made of the input record ${source}`);
    }
  }

  /** The records of a partition that were shown. */
  shownIn(partition: string): string[] {
    return this.#shownOf(partition).offsets.filter((id) => id !== null);
  }

  #noteShown(partition: string, offset: number, id: string): void {
    const place = `${partition}@${offset}`;
    const sent = this.#sent.get(id);
    if (sent === undefined || sent.partition !== partition) fail(`${place} shows ${id}, which nobody has sent there`);
    const { transaction, source } = sent;
    const { name, outcome } = transaction;
    if (outcome === "open" || outcome === "aborted") fail(`${place} shows ${id}, though ${name} is ${outcome}`);
    const written = this.#written.get(place);
    if (written !== undefined && written.id !== id) fail(`${place} shows ${id}, and ${written.id} was written there`);
    const other = this.#places.get(id);
    if (other !== undefined && other !== place) fail(`${id} is shown at ${other} and at ${place}`);
    this.#places.set(id, place);
    if (source === null) return;
    const result = this.#results.get(source);
    if (result !== undefined && result !== id) fail(`the input record ${source} has led to ${result} and to ${id}`);
    this.#results.set(source, id);
  }

  #notePassed(partition: string, offset: number): void {
    const place = `${partition}@${offset}`;
    const written = this.#written.get(place);
    if (written?.transaction.outcome === "committed") {
      fail(`${place} shows nothing, though ${written.id} is of ${written.transaction.name}, which is committed`);
    }
  }

  /** Whoever has read where its records are has seen them. */
  #checkShown({ name, written }: SimTransaction): void {
    for (const [id, { partition, offset }] of written) {
      if (this.#shownOf(partition).offsets[offset] === null) {
        fail(`${name} is committed, and a reader was led past ${id} at ${partition}@${offset}`);
      }
    }
  }

  #of(transactionalId: string): KnownProducers {
    let known = this.#producers.get(transactionalId);
    if (known === undefined) this.#producers.set(transactionalId, known = { epoch: -1, asked: 0, answered: 0 });
    return known;
  }

  #shownOf(partition: string): Shown {
    let shown = this.#shown.get(partition);
    if (shown === undefined) this.#shown.set(partition, shown = { offsets: [], lastStableOffset: 0 });
    return shown;
  }
}

function fail(message: string): never {
  throw new Violation(message);
}
