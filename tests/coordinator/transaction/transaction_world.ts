/**
 * A shard of the transaction coordinator on a clock of its own, without a broker. What it writes and answers becomes a
 * transcript, a line each.
 *
 * @module
 */
import {
  completed,
  type EndTransaction,
  endTransaction,
} from "../../../lib/coordinator/transaction/end_transaction.ts";
import { abortTimedOut } from "../../../lib/coordinator/transaction/expiry.ts";
import { initProducerId } from "../../../lib/coordinator/transaction/init_producer_id.ts";
import { addPartitions, verifyPartitions } from "../../../lib/coordinator/transaction/partitions.ts";
import {
  decodeTransactionRecord,
  encodeTransactionRecord,
  type TransactionRecord,
} from "../../../lib/coordinator/transaction/records.ts";
import type { TransactionSettings } from "../../../lib/coordinator/transaction/settings.ts";
import {
  NEEDS_PRODUCER_ID,
  type NeedsProducerId,
  type ProducerAnswer,
  TRANSACTION_STATES,
  type TransactionMetadata,
} from "../../../lib/coordinator/transaction/transaction_metadata.ts";
import { TransactionState } from "../../../lib/coordinator/transaction/transaction_state.ts";
import { type Reply, Turn } from "../../../lib/coordinator/turn.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import type { RecordBytes } from "../../../lib/protocol/records/mod.ts";
import { nameOf } from "../group/group_world.ts";

export const ID = "id";

const SETTINGS: TransactionSettings = {
  transactionVersion: 2,
  maxTimeoutMs: 900_000,
  isTwoPhaseCommitEnabled: false,
  transactionalIdExpirationMs: 1_000_000,
  abortTimedOutIntervalMs: 10_000,
  removeExpiredIntervalMs: 500_000,
};

interface PendingTimer {
  readonly atMs: number;
  readonly decide: (turn: Turn<TransactionRecord>) => void;
}

export class TransactionWorld {
  readonly state: TransactionState;
  /** All that was written, as it stands in the log. */
  readonly log: RecordBytes[];
  /** Transactions whose markers are to be written, and who waits for that. */
  readonly prepared: { readonly metadata: TransactionMetadata; readonly done: () => void }[] = [];
  nowMs = 1_000_000;
  #nextProducerId = 100n;
  #transcript: string[] = [];
  readonly #timers = new Map<string, PendingTimer>();

  /** @param log what an earlier shard has written, to be loaded */
  constructor(settings: Partial<TransactionSettings> = {}, log: readonly RecordBytes[] = []) {
    this.log = [...log];
    this.state = new TransactionState({
      schedule: (key, delayMs, decide) => void this.#timers.set(key, { atMs: this.nowMs + delayMs, decide }),
      cancel: (key) => void this.#timers.delete(key),
      isScheduled: (key) => this.#timers.has(key),
    }, {
      settings: () => ({ ...SETTINGS, ...settings }),
      complete: (metadata) => new Promise((done) => this.prepared.push({ metadata, done })),
      abortTimedOut: (transactionalId) => {
        this.#decide<null>(
          "time-out",
          String,
          (turn, reply, id) => abortTimedOut(this.state, turn, reply, transactionalId, id),
        );
      },
    });
    for (const record of log) this.#replay(record);
    this.state.onLoaded();
  }

  /** The lines since the last call. */
  told(): string[] {
    const told = this.#transcript;
    this.#transcript = [];
    return told;
  }

  /** Lets time pass, and timers run. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [due] = [...this.#timers].filter(([, { atMs }]) => atMs <= untilMs).sort(([, a], [, b]) => a.atMs - b.atMs);
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.nowMs = due[1].atMs;
      this.#take(due[1].decide);
    }
    this.nowMs = untilMs;
  }

  /** @param expected the producer id and epoch that the producer has */
  init(expected: readonly [id: number, epoch: number] | null = null, timeoutMs = 60_000): void {
    const request = {
      transactionalId: ID,
      timeoutMs,
      expected: expected && { producerId: BigInt(expected[0]), producerEpoch: expected[1] },
    };
    this.#decide<ProducerAnswer>(
      "init",
      describe,
      (turn, reply, id) => initProducerId(this.state, turn, reply, request, id),
    );
  }

  add(producerId: number, producerEpoch: number, partitions: readonly number[], version = 0): void {
    const producer = { transactionalId: ID, producerId: BigInt(producerId), producerEpoch };
    this.#take((turn) => {
      const errorCode = addPartitions(this.state, turn, producer, partitions.map(partitionOf), version);
      turn.answer(this.#reply<ErrorCode>("add", nameOf), errorCode);
    });
  }

  verify(producerId: number, producerEpoch: number, partitions: readonly number[]): string[] {
    const producer = { transactionalId: ID, producerId: BigInt(producerId), producerEpoch };
    return verifyPartitions(this.state, producer, partitions.map(partitionOf)).map(nameOf);
  }

  end(producerId: number, producerEpoch: number, isCommit: boolean, bumpsEpoch = true): void {
    const request: EndTransaction = {
      transactionalId: ID,
      producerId: BigInt(producerId),
      producerEpoch,
      isCommit,
      bumpsEpoch,
    };
    this.#decide<ProducerAnswer>(
      "end",
      describe,
      (turn, reply, id) => endTransaction(this.state, turn, reply, request, id),
    );
  }

  /** All markers of the earliest prepared transaction are written. */
  async complete(): Promise<void> {
    const { metadata, done } = this.prepared.shift()!;
    this.#take((turn) => turn.write(this.state.recordOf(completed(metadata, turn.nowMs))));
    done();
    await Promise.resolve();
  }

  /** Makes the id so that it has had all epochs up to this one. */
  skipTo(producerEpoch: number): void {
    const metadata = { ...this.state.transactions.get(ID)!, producerEpoch };
    this.#take((turn) => turn.write(this.state.recordOf(metadata)));
    this.told();
  }

  #decide<T>(
    who: string,
    describe: (answer: T) => string,
    decide: (turn: Turn<TransactionRecord>, reply: Reply<T | NeedsProducerId>, newProducerId: bigint | null) => void,
  ): void {
    let needsProducerId = false;
    const reply: Reply<T | NeedsProducerId> = {
      answer: (answer) => {
        if (answer === NEEDS_PRODUCER_ID) needsProducerId = true;
        else this.#transcript.push(`${who}: ${describe(answer as T)}`);
      },
      fail: (errorCode) => void this.#transcript.push(`${who}: fails with ${nameOf(errorCode)}`),
    };
    this.#take((turn) => decide(turn, reply, null));
    if (needsProducerId) this.#take((turn) => decide(turn, reply, this.#nextProducerId++));
  }

  #take(decide: (turn: Turn<TransactionRecord>) => void): void {
    const turn = new Turn<TransactionRecord>(this.nowMs);
    decide(turn);
    for (const record of turn.records) {
      this.log.push(encodeTransactionRecord(record));
      this.#transcript.push(describeRecord(record));
      this.state.replay(record);
    }
    turn.end(ErrorCode.NONE);
  }

  #replay(bytes: RecordBytes): void {
    const record = decodeTransactionRecord(bytes);
    if (record.name !== null) this.state.replay(record);
  }

  #reply<T>(who: string, describe: (answer: T) => string): Reply<T> {
    return {
      answer: (answer) => void this.#transcript.push(`${who}: ${describe(answer)}`),
      fail: (errorCode) => void this.#transcript.push(`${who}: fails with ${nameOf(errorCode)}`),
    };
  }
}

function partitionOf(partition: number) {
  return { topic: "t", partition };
}

function describe({ errorCode, producerId, producerEpoch }: ProducerAnswer): string {
  return errorCode === ErrorCode.NONE ? `producer ${producerId} epoch ${producerEpoch}` : nameOf(errorCode);
}

function describeRecord({ value }: TransactionRecord): string {
  if (value === null) return "forgets the id";
  const { producerId, producerEpoch, nextProducerId, transactionStatus, transactionPartitions } = value;
  const next = nextProducerId === -1n ? "" : `, then ${nextProducerId}`;
  const partitions = (transactionPartitions ?? []).flatMap(({ partitionIds }) => partitionIds);
  const names = partitions.length === 0 ? "" : `, of ${partitions.join(" ")}`;
  return `writes ${TRANSACTION_STATES[transactionStatus]} of ${producerId} epoch ${producerEpoch}${next}${names}`;
}
