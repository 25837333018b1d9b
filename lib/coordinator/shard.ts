/**
 * One shard of a coordinator: the state of one partition of its topic.
 *
 * | state   | event                         | next    |
 * | ------- | ----------------------------- | ------- |
 * | loading | all of the log is replayed    | serving |
 * | loading | the log cannot be read        | failed  |
 * | serving | an append failed              | loading |
 * | any     | close                         | closed  |
 *
 * Turns that come while it is loading wait; one that has failed refuses them.
 *
 * @module
 */
import type { AppendResult, PartitionLog } from "../log/mod.ts";
import { contentForLog } from "../logging/mod.ts";
import type { Timer } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { ControlRecordType } from "../protocol/records/producer.ts";
import { RecordBatchBuilder, transactionMarkerBatch } from "../records/mod.ts";
import { loadShard } from "./loader.ts";
import type { CoordinatorKind, CoordinatorState, RuntimePorts, ShardTimers } from "./runtime.ts";
import { Turn } from "./turn.ts";

/** A turn that waits until the shard serves. */
interface WaitingTurn<R, S> {
  readonly decide: (state: S, turn: Turn<R>) => void;
  readonly refuse: (errorCode: ErrorCode) => void;
}

export class Shard<R extends { readonly name: string }, S extends CoordinatorState<R>> {
  readonly #kind: CoordinatorKind<R, S>;
  readonly #ports: RuntimePorts;
  readonly #partition: number;
  readonly #timers = new Map<string, Timer>();
  #status: "loading" | "serving" | "failed" | "closed" = "loading";
  #state!: S;
  #waiting: WaitingTurn<R, S>[] = [];
  /** All appends that are not committed yet; null where all is. The result is that of the first that failed. */
  #uncommitted: Promise<AppendResult> | null = null;
  /** Counts the loads, so that what belongs to an earlier one is told from what belongs to this one. */
  #incarnation = 0;

  constructor(kind: CoordinatorKind<R, S>, ports: RuntimePorts, partition: number) {
    this.#kind = kind;
    this.#ports = ports;
    this.#partition = partition;
    this.#load();
  }

  /**
   * Takes a turn: at once where the shard serves, else when it does. `refuse` is called instead where it never will.
   */
  run(decide: (state: S, turn: Turn<R>) => void, refuse: (errorCode: ErrorCode) => void): void {
    if (this.#status === "loading") this.#waiting.push({ decide, refuse });
    else if (this.#status === "serving") this.#take(decide);
    else refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  }

  /** Shows the state to `visit`, where it is served. */
  visitServed(visit: (state: S) => void): void {
    if (this.#status === "serving") visit(this.#state);
  }

  /** The state where it is known and all of it is committed; null where one must wait for that. */
  get committedState(): S | null {
    return this.#status === "serving" && this.#uncommitted === null ? this.#state : null;
  }

  /** The state where it is known, with what is decided and not committed yet; else null. */
  get servedState(): S | null {
    return this.#status === "serving" ? this.#state : null;
  }

  /** Fails whoever waits; nothing is decided any more. */
  close(): void {
    this.#end("closed", ErrorCode.NOT_COORDINATOR);
  }

  #load(): void {
    const { topic } = this.#kind;
    const incarnation = ++this.#incarnation;
    this.#status = "loading";
    // What is under way belongs to what is to be loaded, once it is known to be committed.
    const underWay = this.#uncommitted;
    this.#uncommitted = null;
    this.#state = this.#kind.newState(this.#shardTimers(incarnation), this.#partition);
    this.#replayLog(underWay).then(
      () => {
        if (this.#incarnation === incarnation && this.#status === "loading") this.#serve();
      },
      (error) => {
        if (this.#incarnation !== incarnation || this.#status !== "loading") return;
        this.#ports.logger.error(`Nothing that ${topic}-${this.#partition} keeps can be served: ${error.message}`);
        this.#end("failed", ErrorCode.COORDINATOR_NOT_AVAILABLE);
      },
    );
  }

  async #replayLog(underWay: Promise<AppendResult> | null): Promise<void> {
    await underWay;
    const log = this.#ports.log(this.#kind.topic, this.#partition);
    if (log === undefined) throw new Error("its folder is offline");
    await loadShard(log, this.#kind, this.#state, this.#ports);
  }

  #serve(): void {
    this.#status = "serving";
    this.#take((state, turn) => state.onLoaded(turn));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { decide, refuse } of waiting) this.run(decide, refuse);
  }

  #take(decide: (state: S, turn: Turn<R>) => void): void {
    const turn = new Turn<R>(this.#ports.clock.now());
    decide(this.#state, turn);
    if (turn.records.length > 0 || turn.marker !== null) this.#write(turn);
    else if (this.#uncommitted === null) turn.end(ErrorCode.NONE);
    else this.#uncommitted.then(({ errorCode }) => turn.end(clientError(errorCode)));
  }

  #write(turn: Turn<R>): void {
    const log = this.#ports.log(this.#kind.topic, this.#partition);
    if (log === undefined) return turn.end(ErrorCode.NOT_COORDINATOR);
    const refusal = producerRefusal(log, turn);
    if (refusal !== ErrorCode.NONE) return turn.end(refusal);
    const batch = this.#batchOf(turn);
    // The log would refuse it, but only after it was replayed.
    if (batch.length > log.config.maxMessageBytes) return turn.end(clientError(ErrorCode.RECORD_LIST_TOO_LARGE));
    const incarnation = this.#incarnation;
    const baseOffset = log.logEndOffset;
    const appended = Promise.resolve(log.append(batch, { origin: "coordinator", acks: "durable" }));
    const committed = afterAll(this.#uncommitted, appended);
    this.#uncommitted = committed;
    if (this.#ports.logger.debug !== undefined) this.#tell(turn);
    this.#replay(turn, baseOffset);
    appended.then(({ errorCode, errorMessage }) => {
      if (errorCode !== ErrorCode.NONE) this.#loadAnew(incarnation, errorMessage);
    });
    committed.then(({ errorCode }) => {
      if (this.#uncommitted === committed) this.#uncommitted = null;
      turn.end(clientError(errorCode));
    });
  }

  /** Every change of state is a record: so these tell how groups and transactions go from one to the next. */
  #tell({ records, marker }: Turn<R>): void {
    const { logger } = this.#ports;
    const { topic, detailRecords } = this.#kind;
    for (const record of records) {
      const isDetail = detailRecords?.has(record.name) ?? false;
      if (isDetail && logger.trace === undefined) continue;
      const line = `${topic}-${this.#partition}: ${contentForLog(record)}`;
      if (isDetail) logger.trace?.(line);
      else logger.debug?.(line);
    }
    if (marker !== null) logger.debug?.(`${topic}-${this.#partition}: ${contentForLog(marker)}`);
  }

  #replay({ records, transaction, marker }: Turn<R>, baseOffset: number): void {
    records.forEach((record, index) => this.#state.replay(record, transaction?.producerId, baseOffset + index));
    if (marker !== null) this.#state.endTransaction(marker.producerId, marker.type === ControlRecordType.COMMIT);
  }

  #batchOf(turn: Turn<R>): Uint8Array {
    if (turn.marker !== null) return transactionMarkerBatch(turn.marker, turn.nowMs);
    const { compressor, compressionType } = this.#ports;
    const producer = turn.transaction && { ...turn.transaction, baseSequence: 0, isTransactional: true };
    const builder = new RecordBatchBuilder({ ...producer, compressionType: compressionType() }, compressor);
    for (const record of turn.records) builder.append({ timestamp: turn.nowMs, ...this.#kind.encode(record) });
    return builder.build();
  }

  /** What was replayed and not written is taken back. */
  #loadAnew(incarnation: number, reason: string | null): void {
    if (incarnation !== this.#incarnation || this.#status !== "serving") return;
    this.#ports.logger.warn(
      `${this.#kind.topic}-${this.#partition} is loaded anew, since it could not be written: ${reason}`,
    );
    this.#abandon(ErrorCode.NOT_COORDINATOR);
    this.#load();
  }

  #end(status: "failed" | "closed", errorCode: ErrorCode): void {
    this.#status = status;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { refuse } of waiting) refuse(errorCode);
    this.#abandon(errorCode);
  }

  #abandon(errorCode: ErrorCode): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#state.abandon(errorCode);
  }

  #shardTimers(incarnation: number): ShardTimers<R> {
    const cancel = (key: string) => {
      this.#timers.get(key)?.cancel();
      this.#timers.delete(key);
    };
    return {
      cancel,
      isScheduled: (key) => this.#timers.has(key),
      schedule: (key, delayMs, decide) => {
        cancel(key);
        const timer = this.#ports.timers.after(delayMs, () => {
          this.#timers.delete(key);
          if (this.#incarnation === incarnation && this.#status === "serving") this.#take((_, turn) => decide(turn));
        });
        this.#timers.set(key, timer);
      },
    };
  }
}

/**
 * The last append and all before it, which may fail in any order: whoever was decided on what is not in the log after
 * all is told so, and who loads it anew waits for whatever may still come to be in it.
 */
async function afterAll(before: Promise<AppendResult> | null, last: Promise<AppendResult>): Promise<AppendResult> {
  const [first, second] = await Promise.all([before, last]);
  return first === null || first.errorCode === ErrorCode.NONE ? second : first;
}

/** What the log would say against the producer of a transaction, but only after the turn was replayed. */
function producerRefusal<R>(log: PartitionLog, { transaction, marker }: Turn<R>): ErrorCode {
  const producer = marker ?? transaction;
  const known = producer === null ? undefined : log.producer(producer.producerId);
  if (known === undefined) return ErrorCode.NONE;
  if (producer!.producerEpoch < known.producerEpoch) return ErrorCode.INVALID_PRODUCER_EPOCH;
  const isFenced = marker !== null && marker.coordinatorEpoch < known.coordinatorEpoch;
  return isFenced ? ErrorCode.TRANSACTION_COORDINATOR_FENCED : ErrorCode.NONE;
}

/** What Kafka tells the clients of a coordinator whose log gave this error. */
function clientError(errorCode: ErrorCode): ErrorCode {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE;
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR;
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
      return ErrorCode.UNKNOWN_SERVER_ERROR;
    default:
      return errorCode;
  }
}
