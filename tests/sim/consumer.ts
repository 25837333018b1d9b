/**
 * A consumer: it reads some partitions from where it is, with or without a fetch session, and holds all it sees against
 * the history.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../lib/protocol/messages/list_offsets.ts";
import { Actor, type Stage } from "./actor.ts";
import { type PartitionHistory, Violation, type Watermarks } from "./history.ts";
import type { Draw } from "./random.ts";
import { batchesIn, type FetchedPartition } from "./reading.ts";
import type { SimTopic } from "./topics.ts";

const FIRST_VERSION_WITH_SESSIONS = 7;
const FIRST_VERSION_WITH_TOPIC_IDS = 13;
const VERSIONS = [4, 5, 7, 11, 12, 13, 16, 17];
const FIRST_VERSION_WITH_LOG_START = 5;
/** Timestamps that ask for an end of the log. */
const EARLIEST = -2n;
const LATEST = -1n;
const READ_COMMITTED = 1;

interface Assignment {
  readonly topic: SimTopic;
  readonly index: number;
  readonly history: PartitionHistory;
  offset: number;
  /** What the session was told last; null where it knows nothing of the partition. */
  toldOffset: number | null;
}

export class Consumer extends Actor {
  readonly #isolationLevel: number;
  readonly #version: number;
  readonly #usesSessions: boolean;
  #assigned: Assignment[] = [];
  #session = { id: 0, epoch: 0 };

  constructor(name: string, stage: Stage, draw: Draw) {
    super(name, stage, draw);
    this.#isolationLevel = draw.below(2);
    this.#version = draw.pick(VERSIONS);
    this.#usesSessions = this.#version >= FIRST_VERSION_WITH_SESSIONS && draw.chance(0.7);
    this.trace(`isolation=${this.#isolationLevel} v${this.#version} sessions=${this.#usesSessions}`);
  }

  protected async act(): Promise<void> {
    await this.pause(this.draw.pick([1, 20, 200]));
    if (this.#assigned.some(({ topic }) => topic.state !== "there") || this.draw.chance(0.05)) this.#forgetAll();
    if (this.#assigned.length === 0) return this.#assign();
    if (this.draw.chance(0.1)) return await this.#listOffsets(this.draw.pick(this.#assigned));
    await this.#fetch();
  }

  #forgetAll(): void {
    this.#assigned = [];
    this.#endSession();
    if (this.draw.chance(0.3)) this.client.close();
  }

  #assign(): void {
    for (const topic of this.stage.topics.usable()) {
      for (const [index, history] of topic.partitions.entries()) {
        if (this.draw.chance(0.4)) continue;
        // Sometimes from where others are, which is read from the files or the tail.
        const { logStartOffset, highWatermark } = history.watermarks;
        const offset = this.draw.between(logStartOffset, Math.max(logStartOffset, highWatermark));
        this.#assigned.push({ topic, index, history, offset, toldOffset: null });
      }
    }
  }

  async #fetch(): Promise<void> {
    const assigned = this.#assigned;
    const known = new Map(assigned.map((assignment) => [assignment, assignment.history.watermarks]));
    const answer = await this.client.ask(FetchRequest, FetchResponse, this.#version, this.#fetchRequest());
    if (answer === null) return this.#endSession();
    if (answer.errorCode !== ErrorCode.NONE) {
      this.trace(`fetch: ${errorName(answer.errorCode)}`);
      this.#checkSessionError(answer.errorCode);
      return this.#endSession();
    }
    if (this.#usesSessions) {
      this.#session = { id: answer.sessionId, epoch: answer.sessionId === 0 ? 0 : this.#session.epoch + 1 };
    }
    for (const { topic, topicId, partitions } of answer.responses) {
      for (const partition of partitions) {
        const assignment = assigned.find((one) =>
          one.index === partition.partitionIndex &&
          (this.#usesIds ? one.topic.id === topicId : one.topic.name === topic)
        );
        if (assignment === undefined) throw new Violation(`${this.name}: an answer for a partition not asked for`);
        await this.#takeIn(assignment, known.get(assignment)!, partition);
      }
    }
  }

  get #usesIds(): boolean {
    return this.#version >= FIRST_VERSION_WITH_TOPIC_IDS;
  }

  #fetchRequest() {
    const isIncremental = this.#session.epoch > 0;
    const told = this.#assigned.filter(({ offset, toldOffset }) => !isIncremental || offset !== toldOffset);
    for (const assignment of told) assignment.toldOffset = assignment.offset;
    return {
      maxWaitMs: this.draw.pick([0, 20, 500]),
      minBytes: this.draw.pick([0, 1, 1, 2000]),
      maxBytes: this.draw.pick([1, 1000, 1 << 20]),
      isolationLevel: this.#isolationLevel,
      sessionId: this.#session.id,
      sessionEpoch: this.#usesSessions ? this.#session.epoch : -1,
      topics: told.map(({ topic, index, offset }) => ({
        ...this.#usesIds ? { topicId: topic.id } : { topic: topic.name },
        partitions: [{
          partition: index,
          fetchOffset: offset,
          partitionMaxBytes: this.draw.pick([1, 500, 1 << 20]),
        }],
      })),
    };
  }

  #checkSessionError(errorCode: number): void {
    const isOfSession = this.#usesSessions && SESSION_ERRORS.has(errorCode);
    if (!isOfSession) throw new Violation(`${this.name}: a fetch is answered with ${errorName(errorCode)}`);
  }

  async #takeIn(assignment: Assignment, known: Watermarks, partition: FetchedPartition): Promise<void> {
    const { history, offset } = assignment;
    if (assignment.topic.state !== "there") return;
    if (partition.errorCode !== ErrorCode.NONE) {
      this.trace(`${history.name} from ${offset}: ${errorName(partition.errorCode)}`);
      if (partition.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) await this.#checkOutOfRange(assignment, known);
      else if (!RETRIABLE.has(partition.errorCode)) {
        throw new Violation(`${this.name}: ${history.name} from ${offset}: ${errorName(partition.errorCode)}`);
      }
      return;
    }
    const highWatermark = Number(partition.highWatermark);
    const logStartOffset = this.#version < FIRST_VERSION_WITH_LOG_START
      ? known.logStartOffset
      : Number(partition.logStartOffset);
    history.noteWatermarks(known, { highWatermark, logStartOffset });
    const bound = this.#isolationLevel === READ_COMMITTED ? Number(partition.lastStableOffset) : highWatermark;
    if (bound > highWatermark) throw new Violation(`${history.name}: last stable offset beyond the high watermark`);
    assignment.offset = history.noteBatches(offset, bound, batchesIn(partition.records));
    this.trace(`${history.name} from ${offset} to ${assignment.offset}, hw ${highWatermark}, start ${logStartOffset}`);
  }

  /** An offset may be out of range only where its record was deleted. */
  async #checkOutOfRange(assignment: Assignment, known: Watermarks): Promise<void> {
    const { history, offset } = assignment;
    if (offset > known.highWatermark) {
      throw new Violation(`${this.name}: it was led to offset ${offset}, the high watermark is ${known.highWatermark}`);
    }
    const earliest = await this.#offsetOf(assignment, EARLIEST);
    if (earliest === null || assignment.topic.state !== "there") return;
    history.noteWatermarks(known, {
      logStartOffset: earliest,
      highWatermark: Math.max(known.highWatermark, earliest),
    });
    if (earliest <= offset) {
      throw new Violation(`${history.name}: offset ${offset} is out of range, though the log begins at ${earliest}`);
    }
    assignment.offset = earliest;
  }

  async #listOffsets(assignment: Assignment): Promise<void> {
    const { history } = assignment;
    const known = history.watermarks;
    const ago = this.draw.below(3000);
    const timestamp = this.stage.loop.trueNow() - ago;
    const start = await this.#offsetOf(assignment, EARLIEST);
    const end = await this.#offsetOf(assignment, LATEST);
    if (start === null || end === null || assignment.topic.state !== "there") return;
    history.noteWatermarks(known, { logStartOffset: start, highWatermark: end });
    const knownThen = history.watermarks;
    const found = await this.#lookUp(assignment, BigInt(timestamp));
    if (found !== null && assignment.topic.state === "there") {
      history.checkTimestampSearch(timestamp, found, knownThen);
    }
  }

  async #offsetOf(assignment: Assignment, timestamp: bigint): Promise<number | null> {
    return (await this.#lookUp(assignment, timestamp))?.offset ?? null;
  }

  async #lookUp(
    { topic, index, history }: Assignment,
    timestamp: bigint,
  ): Promise<{ offset: number; timestamp: number } | null> {
    const answer = await this.client.ask(ListOffsetsRequest, ListOffsetsResponse, 7, {
      replicaId: -1,
      isolationLevel: this.#isolationLevel,
      topics: [{ name: topic.name, partitions: [{ partitionIndex: index, timestamp }] }],
    });
    if (answer === null) return null;
    const partition = answer.topics[0].partitions[0];
    if (partition.errorCode === ErrorCode.NONE) {
      this.trace(`${history.name} at time ${timestamp}: offset ${partition.offset}`);
      return { offset: Number(partition.offset), timestamp: Number(partition.timestamp) };
    }
    if (!RETRIABLE.has(partition.errorCode)) {
      throw new Violation(`${this.name}: ListOffsets of ${history.name}: ${errorName(partition.errorCode)}`);
    }
    return null;
  }

  #endSession(): void {
    this.#session = { id: this.#session.id, epoch: 0 };
    for (const assignment of this.#assigned) assignment.toldOffset = null;
  }
}

const SESSION_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  ErrorCode.INVALID_FETCH_SESSION_EPOCH,
]);

const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
]);
