/**
 * Incremental fetch sessions (KIP-227): a client tells once which partitions it reads, then only what changes, and is
 * answered only with what is new.
 *
 * | request (session id, epoch) | answer                                                                     |
 * | --------------------------- | -------------------------------------------------------------------------- |
 * | any, -1                     | a full one without a session; a session of that id ends                    |
 * | any, 0                      | a full one, and a new session where there is room; one of that id ends     |
 * | unknown id, or no room left | FETCH_SESSION_ID_NOT_FOUND                                                 |
 * | another epoch than expected | INVALID_FETCH_SESSION_EPOCH                                                |
 * | names instead of ids or so  | FETCH_SESSION_TOPIC_ID_ERROR (KIP-516)                                     |
 * | the expected epoch          | an incremental one; the epoch that is expected next is one more            |
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import type { Random } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";

/** A partition as a fetch asks for it. The topic is named by name up to version 12, by id from 13 on; the other one is "" or zero. */
export interface FetchPartition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly fetchOffset: number;
  readonly maxBytes: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
}

/** What a session remembers of the last answer, to leave out what has not changed. */
export interface AnsweredPartition {
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly errorCode: ErrorCode;
}

/** The fields of a fetch request that concern sessions. */
export interface FetchSessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly usesTopicIds: boolean;
  readonly partitions: readonly FetchPartition[];
  readonly forgotten: readonly Pick<FetchPartition, "topic" | "topicId" | "partition">[];
}

/** Which partitions one fetch reads, and what of them its answer contains. */
export interface FetchPlan {
  readonly partitions: readonly FetchPartition[];
  /** 0 for none. */
  readonly sessionId: number;
  /**
   * Tells the session what a partition's answer would be; false where it is to be left out.
   *
   * @param hasRecords whether the answer carries records or another thing that the client must see
   */
  include(partition: FetchPartition, answer: AnsweredPartition, hasRecords: boolean): boolean;
  /**
   * The fetch is answered without any partition: a session remembers nothing of it, and a new one is given up. Returns the
   * session that the client is told then, 0 for none.
   */
  withhold(): number;
}

/** Epoch of a fetch that wants no session, or ends its own. */
const FINAL_EPOCH = -1;
/** Epoch of a fetch that wants a new session. */
const INITIAL_EPOCH = 0;

interface SessionPartition {
  request: FetchPartition;
  answered: AnsweredPartition | null;
}

interface Session {
  readonly id: number;
  readonly usesTopicIds: boolean;
  /** In the order in which they are read; those that had records go to the end, so that all have their turn. */
  readonly partitions: Map<string, SessionPartition>;
  nextEpoch: number;
  lastUsedMs: number;
}

/** The most partitions of all sessions together: a few hundred bytes each, that a client fills with one small request. */
const MAX_PARTITIONS = 200_000;

export class FetchSessions {
  readonly #maxSessions: number;
  readonly #maxPartitions: number;
  readonly #evictionMs: number;
  readonly #random: Random;
  /** Least recently used first. */
  readonly #sessions = new Map<number, Session>();
  /** Of all sessions. */
  #partitionCount = 0;

  /**
   * @param options.maxSessions `max.incremental.fetch.session.cache.slots`
   * @param options.evictionMs how long a session must be unused before a new one takes its place
   * @param options.maxPartitions of all sessions together
   */
  constructor(options: { maxSessions: number; evictionMs: number; random: Random; maxPartitions?: number }) {
    this.#maxSessions = options.maxSessions;
    this.#maxPartitions = options.maxPartitions ?? MAX_PARTITIONS;
    this.#evictionMs = options.evictionMs;
    this.#random = options.random;
  }

  /** Sessions held now. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Decides what a fetch reads, after the table above. */
  plan(request: FetchSessionRequest, nowMs: number): FetchPlan | { errorCode: ErrorCode } {
    if (request.sessionEpoch === FINAL_EPOCH) {
      this.#end(request.sessionId);
      return withoutSession(request);
    }
    if (request.sessionEpoch === INITIAL_EPOCH) {
      this.#end(request.sessionId);
      return this.#create(request, nowMs);
    }
    const session = this.#sessions.get(request.sessionId);
    if (session === undefined) return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND };
    if (session.nextEpoch !== request.sessionEpoch) return { errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH };
    if (session.usesTopicIds !== request.usesTopicIds) return { errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR };
    return this.#continue(session, request, nowMs);
  }

  #create(request: FetchSessionRequest, nowMs: number): FetchPlan {
    if (!this.#makeRoom(request.partitions.length, nowMs)) return withoutSession(request);
    const session: Session = {
      id: this.#newId(),
      usesTopicIds: request.usesTopicIds,
      partitions: new Map(),
      nextEpoch: INITIAL_EPOCH + 1,
      lastUsedMs: nowMs,
    };
    this.#sessions.set(session.id, session);
    this.#update(session, request);
    return {
      partitions: request.partitions,
      sessionId: session.id,
      include(partition, answer) {
        const known = session.partitions.get(keyOf(partition));
        if (known !== undefined) known.answered = answer;
        return true;
      },
      withhold: () => {
        this.#end(session.id);
        return 0;
      },
    };
  }

  #continue(session: Session, request: FetchSessionRequest, nowMs: number): FetchPlan | { errorCode: ErrorCode } {
    session.nextEpoch = session.nextEpoch === MAX_EPOCH ? 1 : session.nextEpoch + 1;
    session.lastUsedMs = nowMs;
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    this.#update(session, request);
    if (this.#partitionCount > this.#maxPartitions) {
      // The client begins anew then, and gets a session again where there is room.
      this.#end(session.id);
      return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND };
    }
    return {
      partitions: Array.from(session.partitions.values(), (partition) => partition.request),
      sessionId: session.id,
      include: (partition, answer, hasRecords) => includeChanged(session, partition, answer, hasRecords),
      withhold: () => session.id,
    };
  }

  /** True where one more session of so many partitions fits, if need be in the place of some that were not used for long. */
  #makeRoom(partitions: number, nowMs: number): boolean {
    const fits = () =>
      this.#sessions.size < this.#maxSessions && this.#partitionCount + partitions <= this.#maxPartitions;
    for (const oldest of this.#sessions.values()) {
      if (fits() || nowMs - oldest.lastUsedMs < this.#evictionMs) break;
      this.#end(oldest.id);
    }
    return fits();
  }

  #end(id: number): void {
    this.#partitionCount -= this.#sessions.get(id)?.partitions.size ?? 0;
    this.#sessions.delete(id);
  }

  #update(session: Session, request: FetchSessionRequest): void {
    this.#partitionCount -= session.partitions.size;
    update(session, request);
    this.#partitionCount += session.partitions.size;
  }

  #newId(): number {
    const bytes = new Uint8Array(4);
    for (;;) {
      this.#random.fill(bytes);
      const id = new DataView(bytes.buffer).getInt32(0) & MAX_EPOCH;
      if (id !== 0 && !this.#sessions.has(id)) return id;
    }
  }
}

const MAX_EPOCH = 0x7fffffff;

function withoutSession(request: FetchSessionRequest): FetchPlan {
  return { partitions: request.partitions, sessionId: 0, include: () => true, withhold: () => 0 };
}

function keyOf(partition: Pick<FetchPartition, "topic" | "topicId" | "partition">): string {
  return `${partition.topicId}/${partition.partition}/${partition.topic}`;
}

function update(session: Session, request: FetchSessionRequest): void {
  for (const partition of request.partitions) {
    const key = keyOf(partition);
    const known = session.partitions.get(key);
    if (known === undefined) session.partitions.set(key, { request: partition, answered: null });
    else known.request = partition;
  }
  for (const forgotten of request.forgotten) session.partitions.delete(keyOf(forgotten));
}

function includeChanged(
  session: Session,
  partition: FetchPartition,
  answer: AnsweredPartition,
  hasRecords: boolean,
): boolean {
  const key = keyOf(partition);
  const known = session.partitions.get(key);
  // Forgotten by a request that came while this one waited.
  if (known === undefined) return true;
  const last = known.answered;
  // An error is told each time, and the first answer after it too, so that the client sees that it is over.
  const isChanged = last === null || answer.errorCode !== ErrorCode.NONE || last.errorCode !== ErrorCode.NONE ||
    last.highWatermark !== answer.highWatermark || last.logStartOffset !== answer.logStartOffset;
  known.answered = answer;
  if (hasRecords) {
    session.partitions.delete(key);
    session.partitions.set(key, known);
  }
  return hasRecords || isChanged;
}
