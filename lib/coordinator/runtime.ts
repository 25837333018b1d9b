/**
 * The runtime of the coordinators: a shard for each partition of an internal topic, each with a state that is what
 * its log adds up to.
 *
 * A decision sees the state, asks for records and gives answers. The records are appended as one batch and replayed at
 * once, so that the next decision sees them; the answers wait until all that they were decided on is committed. A shard
 * whose append failed is loaded anew from its log.
 *
 * The topic is created when it is first needed, and whoever comes while a shard is loading waits for it: nobody is told
 * to try again.
 *
 * @module
 */
import type { PartitionLog } from "../log/mod.ts";
import type { Clock, Compressor, Logger, Timers } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { RecordBytes, UnknownCoordinatorRecord } from "../protocol/records/mod.ts";
import type { CompressionType, TransactionMarker } from "../records/mod.ts";
import { javaHashCode } from "./java_hash_code.ts";
import { Shard } from "./shard.ts";
import type { Reply, Turn } from "./turn.ts";

/** What a shard keeps in memory. */
export interface CoordinatorState<R> {
  /**
   * Applies a record: of a transaction that is open where `producerId` is told, else for good.
   *
   * @param offset where the record lies in the log
   */
  replay(record: R, producerId: bigint | undefined, offset: number): void;
  /** A transaction has ended: what it wrote holds now, or never will (KIP-98). */
  endTransaction(producerId: bigint, isCommitted: boolean): void;
  /** All of the log is replayed, and the shard begins to serve. */
  onLoaded(turn: Turn<R>): void;
  /** The shard ends, or is loaded anew: nobody who waits in it is answered otherwise. */
  abandon(errorCode: ErrorCode): void;
}

/**
 * Callbacks of a shard in the future, each a turn of its own. A second one with the same key takes the first one's
 * place.
 */
export interface ShardTimers<R> {
  schedule(key: string, delayMs: number, decide: (turn: Turn<R>) => void): void;
  cancel(key: string): void;
  /** Whether the callback with that key is still to come. */
  isScheduled(key: string): boolean;
}

/** What a kind of coordinator is: its records and its state. */
export interface CoordinatorKind<R, S extends CoordinatorState<R>> {
  /** The internal topic. */
  readonly topic: string;
  /** The names of records that are so many that they are told at TRACE in the log; the others are at DEBUG. */
  readonly detailRecords?: ReadonlySet<string>;
  encode(record: R): RecordBytes;
  /** Throws `DecodeError`. */
  decode(record: RecordBytes): R | UnknownCoordinatorRecord;
  /** @param partition the partition of the topic that keeps it */
  newState(timers: ShardTimers<R>, partition: number): S;
}

/** What the runtime needs of the broker. */
export interface RuntimePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly compressor: Compressor;
  readonly logger: Logger;
  /** How many partitions the topic has; 0 where there is no such topic. */
  partitionCount(topic: string): number;
  log(topic: string, partition: number): PartitionLog | undefined;
  /** Creates the internal topic; NONE also where it is there by then. */
  createTopic(topic: string): Promise<ErrorCode>;
  compressionType(): CompressionType;
}

/** A coordinator cannot do what was asked; the code is for the client. */
export class CoordinatorError extends Error {
  override name = "CoordinatorError";

  constructor(readonly errorCode: ErrorCode) {
    super(`The coordinator answers with the error code ${errorCode}`);
  }
}

/** What is answered, or what `onError` makes of the error that the coordinator answers with. */
export async function orElse<T>(answer: Promise<T>, onError: (errorCode: ErrorCode) => T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CoordinatorError) return onError(error.errorCode);
    throw error;
  }
}

/** Decides on a request: it either answers `reply` in this turn, or keeps it for a later one. */
export type Decide<R, S, T> = (state: S, turn: Turn<R>, reply: Reply<T>) => void;

/** All shards of one kind of coordinator. */
export class CoordinatorRuntime<R extends { readonly name: string }, S extends CoordinatorState<R>> {
  readonly #kind: CoordinatorKind<R, S>;
  readonly #ports: RuntimePorts;
  readonly #shards = new Map<number, Shard<R, S>>();
  #creation: Promise<ErrorCode> | null = null;
  #isClosed = false;

  constructor(kind: CoordinatorKind<R, S>, ports: RuntimePorts) {
    this.#kind = kind;
    this.#ports = ports;
  }

  /** Begins to load what is there. */
  start(): void {
    for (let partition = 0; partition < this.#partitionCount; partition++) this.#shard(partition);
  }

  /** Fails whoever waits, and decides nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.unload();
  }

  /** Forgets all shards: the topic is gone. It is created again when it is needed. */
  unload(): void {
    for (const shard of this.#shards.values()) shard.close();
    this.#shards.clear();
  }

  /** Creates the topic where it is missing. Resolves to the error that is in the way, NONE for none. */
  async ensureTopic(): Promise<ErrorCode> {
    if (this.#partitionCount > 0) return ErrorCode.NONE;
    this.#creation ??= this.#ports.createTopic(this.#kind.topic).finally(() => this.#creation = null);
    return await this.#creation;
  }

  /** Whether the topic is there. */
  get hasTopic(): boolean {
    return this.#partitionCount > 0;
  }

  /** The partition that keeps what belongs to `key`, as Apache Kafka finds it. */
  partitionFor(key: string): number {
    const hash = javaHashCode(key);
    return (hash === MIN_INT32 ? 0 : Math.abs(hash)) % this.#partitionCount;
  }

  /**
   * Decides on what belongs to `key`. Where its shard serves already, `decide` is called before this returns.
   *
   * @throws {CoordinatorError} where it cannot be decided or written
   */
  schedule<T>(key: string, decide: Decide<R, S, T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new CoordinatorError(ErrorCode.COORDINATOR_NOT_AVAILABLE));
    if (this.#partitionCount > 0) return this.#run(this.#shard(this.partitionFor(key)), decide);
    return this.#createAndSchedule(key, decide);
  }

  /**
   * What `key` belongs to, where that is known and all of it is committed; null where one must {@linkcode schedule} to
   * wait for it.
   */
  committedState(key: string): S | null {
    if (this.#isClosed || this.#partitionCount === 0) return null;
    return this.#shard(this.partitionFor(key)).committedState;
  }

  /** What `key` belongs to, with what is decided and not committed yet; null where it is not known. */
  servedState(key: string): S | null {
    if (this.#isClosed || this.#partitionCount === 0) return null;
    return this.#shard(this.partitionFor(key)).servedState;
  }

  /**
   * Ends the transaction of a producer in a partition of the topic, which must be there.
   *
   * @throws {CoordinatorError} where it cannot be written; INVALID_PRODUCER_EPOCH or TRANSACTION_COORDINATOR_FENCED
   *   where a later one has been
   */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    if (this.#isClosed) return Promise.reject(new CoordinatorError(ErrorCode.COORDINATOR_NOT_AVAILABLE));
    return this.#run(this.#shard(partition), (_, turn, reply) => {
      turn.endTransaction(marker);
      turn.answer(reply, undefined);
    });
  }

  /** Decides in every shard that there is; resolves when all have answered. */
  scheduleAll<T>(decide: Decide<R, S, T>): Promise<T[]> {
    this.start();
    return Promise.all(Array.from(this.#shards.values(), (shard) => this.#run(shard, decide)));
  }

  /** Shows every state that is served now to `visit`, which changes nothing that is recorded. */
  visitServed(visit: (state: S) => void): void {
    for (const shard of this.#shards.values()) shard.visitServed(visit);
  }

  async #createAndSchedule<T>(key: string, decide: Decide<R, S, T>): Promise<T> {
    const errorCode = await this.ensureTopic();
    if (errorCode !== ErrorCode.NONE) throw new CoordinatorError(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    return await this.schedule(key, decide);
  }

  #run<T>(shard: Shard<R, S>, decide: Decide<R, S, T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const reply: Reply<T> = {
        answer: resolve,
        fail: (errorCode) => reject(new CoordinatorError(errorCode)),
      };
      shard.run((state, turn) => decide(state, turn, reply), (errorCode) => reply.fail(errorCode));
    });
  }

  get #partitionCount(): number {
    return this.#ports.partitionCount(this.#kind.topic);
  }

  #shard(partition: number): Shard<R, S> {
    let shard = this.#shards.get(partition);
    if (shard === undefined) {
      shard = new Shard(this.#kind, this.#ports, partition);
      this.#shards.set(partition, shard);
    }
    return shard;
  }
}

/** Its absolute value is no int32; Kafka takes 0 for it. */
const MIN_INT32 = -(2 ** 31);
