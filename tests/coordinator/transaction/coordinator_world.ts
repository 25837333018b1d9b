/**
 * The transaction coordinator over logs in memory, whose appends reach the device when a test says so, and are lost where
 * the power fails before. What it and its producers write can be judged.
 *
 * @module
 */
import {
  type Joining,
  TransactionCoordinator,
  type TransactionCoordinatorPorts,
} from "../../../lib/coordinator/mod.ts";
import { CoordinatorError } from "../../../lib/coordinator/runtime.ts";
import { decodeTransactionRecord } from "../../../lib/coordinator/transaction/records.ts";
import {
  TRANSACTION_STATES,
  type TransactionStateName,
} from "../../../lib/coordinator/transaction/transaction_metadata.ts";
import { markerOf } from "../../../lib/log/producer_replay.ts";
import type { AppendResult } from "../../../lib/log/mod.ts";
import { ProducerState } from "../../../lib/log/producer_state.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { RecordBatch, RecordBatchBuilder, recordsOf, transactionMarkerBatch } from "../../../lib/records/mod.ts";
import { settled } from "../../log/faulty_disk.ts";
import { ManualTimers } from "../../log/manual_timers.ts";

const COMPRESSOR = { supports: () => false } as unknown as TransactionCoordinatorPorts["compressor"];

/** How a transaction's record ended up in a partition. */
export type Fate = "committed" | "aborted" | "open";

/** What is written, and what of it has reached the device. */
export class FakeLog {
  readonly config = { maxMessageBytes: 1_000_000 };
  readonly logStartOffset = 0;
  readonly batches: RecordBatch[] = [];
  /** Whether the next append is refused, since the disk is full. */
  isFull = false;
  #producers = new ProducerState(0);
  #waiting: ((result: AppendResult) => void)[] = [];

  constructor(readonly topic: string, readonly partition: number, readonly leaderEpoch: number, kept: RecordBatch[]) {
    for (const batch of kept) this.#take(new RecordBatch(batch.bytes.slice()));
  }

  get topicPartition() {
    return { topic: this.topic, partition: this.partition };
  }

  /** How many appends have not reached the device. */
  get pendingCount(): number {
    return this.#waiting.length;
  }

  get highWatermark(): number {
    return this.batches.length;
  }

  producer(producerId: bigint) {
    return this.#producers.summary(producerId);
  }

  append(bytes: Uint8Array): Promise<AppendResult> {
    const errorCode = this.isFull ? ErrorCode.KAFKA_STORAGE_ERROR : this.#take(new RecordBatch(bytes));
    this.isFull = false;
    if (errorCode !== ErrorCode.NONE) return Promise.resolve({ errorCode } as AppendResult);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  read(offset: number) {
    return Promise.resolve({ errorCode: ErrorCode.NONE, records: this.batches[offset].bytes });
  }

  /** The earliest append that has not yet is on the device now. */
  sync(): void {
    this.#waiting.shift()?.({ errorCode: ErrorCode.NONE, errorMessage: null } as AppendResult);
  }

  /** What the device has, and `more` of what it has not been told to keep. */
  afterPowerCut(more: number): RecordBatch[] {
    return this.batches.slice(0, this.batches.length - this.pendingCount + Math.min(more, this.pendingCount));
  }

  /** What became of each value that a producer has written. */
  fates(): Map<string, Fate> {
    const fates = new Map<string, Fate>();
    const open = new Map<bigint, string[]>();
    for (const batch of this.batches) {
      if (batch.isControl) {
        const fate = markerOf(batch, COMPRESSOR).isAbort ? "aborted" : "committed";
        for (const value of open.get(batch.producerId) ?? []) fates.set(value, fate);
        open.delete(batch.producerId);
      } else {
        for (const { value } of recordsOf(batch, COMPRESSOR)) {
          const text = new TextDecoder().decode(value!);
          fates.set(text, "open");
          open.set(batch.producerId, [...open.get(batch.producerId) ?? [], text]);
        }
      }
    }
    return fates;
  }

  #take(batch: RecordBatch): ErrorCode {
    batch.baseOffset = this.batches.length;
    if (batch.producerId !== -1n) {
      const update = this.#producers.stage();
      const failure = batch.isControl
        ? update.addMarker(batch, markerOf(batch, COMPRESSOR), false)
        : update.addData(batch, false, false);
      if (failure !== null) return failure.errorCode;
      this.#producers.apply(update);
    }
    this.batches.push(batch);
    return ErrorCode.NONE;
  }
}

export const PARTITIONS = [0, 1, 2];

export class CoordinatorWorld {
  readonly clock = { nowMs: 1_000_000, now: () => this.clock.nowMs };
  readonly timers = new ManualTimers(this.clock);
  logs: FakeLog[] = [];
  coordinator!: TransactionCoordinator;
  #leaderEpoch = 0;
  #nextProducerId = 0n;

  constructor(readonly transactionVersion = 2) {
    this.#start(() => []);
  }

  /**
   * The power fails, and the broker starts again.
   *
   * @param more how many appends of each log are on the device, though nobody has waited for them; 0 where left out
   */
  async crash(more: readonly number[]): Promise<void> {
    this.coordinator.close();
    await settled();
    const kept = new Map(
      this.logs.map((log, index) => [`${log.topic}-${log.partition}`, log.afterPowerCut(more[index] ?? 0)]),
    );
    this.#start((name) => kept.get(name)!);
    await settled();
  }

  /** Brings to the device what is there, and what comes of it, until nothing comes any more. */
  async drain(): Promise<void> {
    do {
      for (const log of this.logs) while (log.pendingCount > 0) log.sync();
      await settled();
    } while (this.logs.some((log) => log.pendingCount > 0));
  }

  /** The partition of a topic that producers write to. */
  partition(index: number): FakeLog {
    return this.logs.find(({ topic, partition }) => topic === "t" && partition === index)!;
  }

  /** Writes a value as the handler of Produce does. */
  async send(
    producer: { transactionalId: string; producerId: bigint; producerEpoch: number },
    index: number,
    value: string,
    joining: Joining,
  ): Promise<ErrorCode> {
    const log = this.partition(index);
    const { transactionalId: _, ...header } = producer;
    const joined = this.coordinator.join(producer, [log.topicPartition], joining);
    const [errorCode] = joined instanceof Promise ? await joined : joined;
    if (errorCode !== ErrorCode.NONE) return errorCode;
    const later = this.coordinator.recheck(producer, log.topicPartition);
    if (later !== ErrorCode.NONE) return later;
    const builder = new RecordBatchBuilder({ ...header, baseSequence: 0, isTransactional: true });
    builder.append({ value: new TextEncoder().encode(value) });
    return (await log.append(builder.build())).errorCode;
  }

  /** The states of a transactional id, in the order of its records. */
  statesOf(transactionalId: string): (TransactionStateName | null)[] {
    const log = this.logs.find(({ topic }) => topic === "__transaction_state")!;
    return log.batches.flatMap((batch) =>
      [...recordsOf(batch, COMPRESSOR)].flatMap(({ key, value }) => {
        const record = decodeTransactionRecord({ key: key!, value });
        if (record.name === null || record.key.transactionalId !== transactionalId) return [];
        return [record.value === null ? null : TRANSACTION_STATES[record.value.transactionStatus]];
      })
    );
  }

  #start(kept: (name: string) => RecordBatch[]): void {
    this.#leaderEpoch++;
    const log = (topic: string, partition: number) =>
      new FakeLog(topic, partition, this.#leaderEpoch, kept(`${topic}-${partition}`));
    this.logs = [
      log("__transaction_state", 0),
      log("__consumer_offsets", 0),
      ...PARTITIONS.map((partition) => log("t", partition)),
    ];
    const find = (topic: string, partition: number) =>
      this.logs.find((log) => log.topic === topic && log.partition === partition);
    const partitionsOf = (topic: string) =>
      new Map(this.logs.filter((log) => log.topic === topic).map(({ partition }) => [partition, {}]));
    const ports = {
      clock: this.clock,
      timers: this.timers,
      compressor: COMPRESSOR,
      logger: { info() {}, warn() {}, error() {} },
      metadata: {
        image: {
          topicByName: (name: string) => ({ partitions: partitionsOf(name) }),
          features: new Map([["transaction.version", this.transactionVersion]]),
        },
        watch: () => ({ stop() {} }),
      },
      logs: { get: find },
      settings: () => ({ get: (name: string) => SETTINGS.get(name) }),
      // Each is known to be given out before anybody gets it.
      newProducerId: () => Promise.resolve(this.#nextProducerId++),
      endTransactionOfGroups: async (
        partition: number,
        marker: Parameters<TransactionCoordinatorPorts["endTransactionOfGroups"]>[1],
      ) => {
        const { errorCode } = await find("__consumer_offsets", partition)!.append(transactionMarkerBatch(marker, 0));
        if (errorCode !== ErrorCode.NONE) throw new CoordinatorError(errorCode);
      },
    };
    this.coordinator = new TransactionCoordinator(ports as unknown as TransactionCoordinatorPorts);
    this.coordinator.start();
  }
}

const SETTINGS: ReadonlyMap<string, number | boolean> = new Map<string, number | boolean>([
  ["transaction.max.timeout.ms", 900_000],
  ["transaction.two.phase.commit.enable", false],
  ["transactional.id.expiration.ms", 604_800_000],
  ["transaction.abort.timed.out.transaction.cleanup.interval.ms", 10_000],
  ["transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000],
]);
