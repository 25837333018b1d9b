/**
 * A producer: batches pipelined to one partition at a time, sent again with the same sequences until they are answered,
 * as real clients do.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../lib/protocol/messages/init_producer_id.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { type CompressionType, RecordBatchBuilder } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { Actor, type Stage } from "./actor.ts";
import { type PartitionHistory, Violation } from "./history.ts";
import type { Draw } from "./random.ts";
import { formatId, type SimRecord, toSend } from "./records.ts";
import type { SimTopic } from "./topics.ts";

/** As many batches as an idempotent producer may have under way, and the broker remembers (KIP-98). */
const MAX_IN_FLIGHT = 5;
const FIRST_VERSION_WITH_TOPIC_IDS = 13;
const VERSIONS = [3, 5, 7, 8, 9, 11, 12, 13];
const COMPRESSIONS: readonly CompressionType[] = ["none", "none", "none", "lz4", "snappy"];

/** Keys of a keyed topic: a few that are written again and again, and many that are not. */
const BUSY_KEYS = 4;
const QUIET_KEYS = 80;

interface Batch {
  readonly records: readonly SimRecord[];
  readonly bytes: Uint8Array;
}

/** Where a producer writes, and how far it has come there. */
interface Target {
  readonly topic: SimTopic;
  readonly index: number;
  readonly history: PartitionHistory;
  nextSequence: number;
  /** What the history's `lossCount` was when the sequence began. */
  readonly lossCount: number;
}

export class Producer extends Actor {
  readonly #acks: -1 | 0 | 1;
  readonly #isIdempotent: boolean;
  readonly #version: number;
  readonly #maxBatchRecords: number;
  #targets = new Map<PartitionHistory, Target>();
  #producerId = -1n;
  #producerEpoch = -1;
  /** How often it began anew, with another producer id. */
  #life = 0;
  #nextNumber = 0;

  constructor(name: string, stage: Stage, draw: Draw) {
    super(name, stage, draw);
    this.#acks = draw.pick([-1, -1, -1, 1, 0]);
    this.#isIdempotent = this.#acks !== 0 && draw.chance(0.7);
    this.#version = draw.pick(VERSIONS);
    this.#maxBatchRecords = draw.pick([1, 3, 10]);
    this.trace(`acks=${this.#acks} idempotent=${this.#isIdempotent} v${this.#version}`);
  }

  protected async act(): Promise<void> {
    await this.pause(this.draw.pick([2, 30, 200]));
    const target = this.#pickTarget();
    if (target === null) return;
    if (this.#isIdempotent && this.#producerId === -1n && !await this.#begin()) return;
    const count = this.draw.between(1, MAX_IN_FLIGHT);
    const batches = Array.from({ length: count }, () => this.#makeBatch(target));
    await (this.#acks === 0 ? this.#sendUnheard(target, batches) : this.#sendUntilAnswered(target, batches));
  }

  #pickTarget(): Target | null {
    const topics = this.stage.topics.usable();
    if (topics.length === 0) return null;
    const topic = this.draw.pick(topics);
    const index = this.draw.below(topic.partitions.length);
    const history = topic.partitions[index];
    let target = this.#targets.get(history);
    if (target === undefined) {
      target = { topic, index, history, nextSequence: 0, lossCount: history.lossCount };
      this.#targets.set(history, target);
    }
    return target;
  }

  /** Gets a producer id; resolves to whether it did. */
  async #begin(): Promise<boolean> {
    const answer = await this.client.ask(InitProducerIdRequest, InitProducerIdResponse, 4, {
      transactionalId: null,
      transactionTimeoutMs: 60_000,
    });
    if (answer === null || answer.errorCode !== ErrorCode.NONE) return false;
    this.#producerId = answer.producerId;
    this.#producerEpoch = answer.producerEpoch;
    this.trace(`producer id ${answer.producerId}, epoch ${answer.producerEpoch}`);
    return true;
  }

  #makeBatch(target: Target): Batch {
    const count = this.draw.between(1, this.#maxBatchRecords);
    const compressionType = this.draw.pick(COMPRESSIONS);
    const builder = new RecordBatchBuilder(
      this.#isIdempotent
        ? {
          compressionType,
          producerId: this.#producerId,
          producerEpoch: this.#producerEpoch,
          baseSequence: target.nextSequence,
        }
        : { compressionType },
      runtimeCompressor,
    );
    const records = Array.from({ length: count }, () => this.#makeRecord(target.topic));
    for (const record of records) builder.append(toSend(record, this.draw.pick([0, 10, 300])));
    target.nextSequence += count;
    return { records, bytes: builder.build() };
  }

  #makeRecord({ isKeyed }: SimTopic): SimRecord {
    const id = formatId(`${this.name}/${this.#life}`, this.#nextNumber++);
    return {
      id,
      key: isKeyed ? this.#pickKey() : id,
      isTombstone: isKeyed && this.draw.chance(0.2),
      timestamp: this.stage.loop.trueNow(),
    };
  }

  #pickKey(): string {
    return this.draw.chance(0.6) ? `busy${this.draw.below(BUSY_KEYS)}` : `quiet${this.draw.below(QUIET_KEYS)}`;
  }

  async #sendUnheard(target: Target, batches: readonly Batch[]): Promise<void> {
    for (const batch of batches) {
      target.history.noteSent(batch.records, false);
      if (!await this.client.tell(ProduceRequest, this.#version, this.#request(target, batch))) return;
    }
  }

  async #sendUntilAnswered(target: Target, batches: Batch[]): Promise<void> {
    // They can only be written behind what somebody has seen.
    const { highWatermark: leastOffset } = target.history.watermarks;
    while (batches.length > 0 && target.topic.state === "there") {
      const settled = await this.#sendAll(target, batches, leastOffset);
      if (settled === "begin anew") return this.#beginAnew();
      batches.splice(0, settled);
      if (batches.length > 0) await this.pause();
    }
    // The records may have reached a later topic of the same name, which then knows this producer.
    if (target.topic.state !== "there" && this.#isIdempotent) this.#beginAnew();
  }

  /** Sends all batches, in order, and takes in the answers. Resolves to how many of the first are settled. */
  async #sendAll(
    target: Target,
    batches: readonly Batch[],
    leastOffset: number,
  ): Promise<number | "begin anew"> {
    if (!await this.client.connect()) return 0;
    const errorCodes = await Promise.all(batches.map((batch) => this.#send(target, batch)));
    const settled = errorCodes.findIndex((errorCode) => errorCode !== ErrorCode.NONE);
    if (settled === -1) return batches.length;
    const errorCode = errorCodes[settled];
    const isForgotten = batches.length > 1 && target.history.mayHaveLost(leastOffset);
    return errorCode !== null && this.#isHopeless(target, errorCode, isForgotten) ? "begin anew" : settled;
  }

  /** Resolves to the answer's error code; null where the connection has gone before there was one. */
  async #send(target: Target, batch: Batch): Promise<number | null> {
    const { history } = target;
    const { records } = batch;
    history.noteSent(records, this.#isIdempotent);
    const { powerCutCount } = this.stage;
    const answer = await this.client.ask(ProduceRequest, ProduceResponse, this.#version, this.#request(target, batch));
    if (answer === null) return null;
    const { errorCode, baseOffset, logAppendTimeMs } = answer.responses[0].partitionResponses[0];
    this.trace(`${history.name} ${records[0].id}+${records.length}: ${errorName(errorCode)} ${baseOffset}`);
    // At once: what only the page cache has may be gone with the next event.
    if (errorCode === ErrorCode.NONE && target.topic.state === "there") {
      const isOutdated = this.stage.powerCutCount > powerCutCount;
      const durability = this.#acks === -1 ? "durable" : isOutdated ? "lost" : "written";
      history.noteAcknowledged(Number(baseOffset), records, durability, Number(logAppendTimeMs));
    }
    return errorCode;
  }

  /**
   * Whether there is no use in sending again. The broker may have lost what this producer was told it had: that is for
   * `acks=1` and a power cut only. Or it was started again, and remembers of each producer what the log still has:
   * deletion and cleaning may have taken some of the batches (`isForgotten`).
   */
  #isHopeless(target: Target, errorCode: number, isForgotten: boolean): boolean {
    if (RETRIABLE.has(errorCode)) return false;
    if (errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && this.#isIdempotent) {
      if (isForgotten || (this.#acks === 1 && target.history.lossCount > target.lossCount)) return true;
    }
    throw new Violation(`${this.name}: ${target.history.name} answers ${errorName(errorCode)} to a batch that is due`);
  }

  #beginAnew(): void {
    this.trace("begins anew");
    // A request of the old life that is still on its way must not be mistaken for one of the new.
    this.client.close();
    this.#producerId = -1n;
    this.#life++;
    this.#targets.clear();
  }

  #request(target: Target, { bytes }: Batch) {
    const usesIds = this.#version >= FIRST_VERSION_WITH_TOPIC_IDS;
    return {
      acks: this.#acks,
      timeoutMs: 10_000,
      topicData: [{
        ...usesIds ? { topicId: target.topic.id } : { name: target.topic.name },
        partitionData: [{ index: target.index, records: bytes }],
      }],
    };
  }
}

/** Errors after which a client sends the same again. */
const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.LEADER_NOT_AVAILABLE,
]);
