/**
 * Share sessions: which share partitions a member reads, so that it need not say so each time (KIP-932).
 *
 * | epoch of the request | session known | answer                                                         |
 * | -------------------- | ------------- | -------------------------------------------------------------- |
 * | 0                    | either        | a new one begins; SHARE_SESSION_LIMIT_REACHED where none fits   |
 * | -1                   | yes           | it ends, and the member gives back what it has                  |
 * | -1, or another       | no            | SHARE_SESSION_NOT_FOUND                                         |
 * | the next one         | yes           | what has changed is added and forgotten                         |
 * | another              | yes           | INVALID_SHARE_SESSION_EPOCH                                     |
 *
 * A session lives as long as the connection that began it.
 *
 * @module
 */
import type { Uuid } from "../bytes/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";

/** A partition of a topic. */
export interface TopicIdPartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** A partition that a session reads. */
interface SessionPartition extends TopicIdPartition {
  /** Whether the next answer tells of it even where there is nothing to tell: it is new, or had an error. */
  isToBeTold: boolean;
}

/** What a session ends with: the connection that it came by. */
export interface SessionConnection {
  onClosed(listener: () => void): { stop(): void };
}

/** One member's session. */
export class ShareSession {
  readonly groupId: string;
  readonly memberId: string;
  readonly #partitions = new Map<string, SessionPartition>();
  /** The epoch that its next request has. */
  nextEpoch = INITIAL_EPOCH + 1;
  isOpen = true;

  constructor(groupId: string, memberId: string) {
    this.groupId = groupId;
    this.memberId = memberId;
  }

  get size(): number {
    return this.#partitions.size;
  }

  /** In the order in which they are read. Those that had records are at the end, so that all have their turn. */
  get partitions(): readonly TopicIdPartition[] {
    return [...this.#partitions.values()];
  }

  /** Adds partitions and forgets others. */
  update(added: readonly TopicIdPartition[], forgotten: readonly TopicIdPartition[], isToBeTold: boolean): void {
    for (const { topicId, partition } of added) {
      const key = keyOf({ topicId, partition });
      if (!this.#partitions.has(key)) this.#partitions.set(key, { topicId, partition, isToBeTold });
    }
    for (const partition of forgotten) this.#partitions.delete(keyOf(partition));
  }

  /** Whether an answer tells of a partition: it does of records, of errors, and of what is new. */
  include(partition: TopicIdPartition, hasRecords: boolean, hasError: boolean): boolean {
    const key = keyOf(partition);
    const known = this.#partitions.get(key);
    // Forgotten by a request that came while this one waited.
    if (known === undefined) return true;
    const isTold = hasRecords || hasError || known.isToBeTold;
    known.isToBeTold = hasError;
    if (hasRecords) {
      this.#partitions.delete(key);
      this.#partitions.set(key, known);
    }
    return isTold;
  }
}

/** Epoch of a request that begins a session. */
export const INITIAL_EPOCH = 0;
/** Epoch of a request that ends one. */
export const FINAL_EPOCH = -1;

/** The most partitions of all sessions together: a few hundred bytes each, that a client fills with one small request. */
const MAX_PARTITIONS = 200_000;
const MAX_EPOCH = 0x7fffffff;

interface OpenSession {
  readonly session: ShareSession;
  readonly watch: { stop(): void };
}

export class ShareSessions {
  readonly #maxSessions: number;
  readonly #onEnd: (session: ShareSession) => void;
  readonly #sessions = new Map<string, OpenSession>();
  readonly #countByGroup = new Map<string, number>();
  #partitionCount = 0;

  /**
   * @param options.maxSessions `group.share.max.share.sessions`
   * @param options.onEnd told of each session that has ended and that no other one has taken the place of
   */
  constructor(options: { maxSessions: number; onEnd: (session: ShareSession) => void }) {
    this.#maxSessions = options.maxSessions;
    this.#onEnd = options.onEnd;
  }

  /** How many members of a group have one. */
  count(groupId: string): number {
    return this.#countByGroup.get(groupId) ?? 0;
  }

  /** Begins a session, in the place of the member's last one. Errors: SHARE_SESSION_LIMIT_REACHED. */
  begin(
    groupId: string,
    memberId: string,
    partitions: readonly TopicIdPartition[],
    connection: SessionConnection,
  ): ShareSession | ErrorCode {
    const key = sessionKey(groupId, memberId);
    this.#remove(key);
    const isFull = this.#sessions.size >= this.#maxSessions ||
      this.#partitionCount + partitions.length > MAX_PARTITIONS;
    if (isFull) return ErrorCode.SHARE_SESSION_LIMIT_REACHED;
    const session = new ShareSession(groupId, memberId);
    session.update(partitions, [], false);
    this.#sessions.set(key, { session, watch: connection.onClosed(() => this.end(session)) });
    this.#countByGroup.set(groupId, this.count(groupId) + 1);
    this.#partitionCount += session.size;
    return session;
  }

  /** The session that a request of that epoch goes on with. Errors: those in the table above. */
  find(groupId: string, memberId: string, epoch: number): ShareSession | ErrorCode {
    const session = this.#sessions.get(sessionKey(groupId, memberId))?.session;
    if (session === undefined) return ErrorCode.SHARE_SESSION_NOT_FOUND;
    if (epoch === FINAL_EPOCH) return session;
    if (epoch !== session.nextEpoch) return ErrorCode.INVALID_SHARE_SESSION_EPOCH;
    session.nextEpoch = epoch === MAX_EPOCH ? 1 : epoch + 1;
    return session;
  }

  /** Changes what a session reads. Errors: SHARE_SESSION_LIMIT_REACHED, and the session has ended. */
  update(
    session: ShareSession,
    added: readonly TopicIdPartition[],
    forgotten: readonly TopicIdPartition[],
  ): typeof ErrorCode.NONE | typeof ErrorCode.SHARE_SESSION_LIMIT_REACHED {
    this.#partitionCount -= session.size;
    session.update(added, forgotten, true);
    this.#partitionCount += session.size;
    if (this.#partitionCount <= MAX_PARTITIONS) return ErrorCode.NONE;
    this.end(session);
    return ErrorCode.SHARE_SESSION_LIMIT_REACHED;
  }

  /** Ends a session, if it is still there. */
  end(session: ShareSession): void {
    if (!session.isOpen) return;
    this.#remove(sessionKey(session.groupId, session.memberId));
    this.#onEnd(session);
  }

  /** Ends all of them. */
  endAll(): void {
    for (const { session } of [...this.#sessions.values()]) this.end(session);
  }

  #remove(key: string): void {
    const open = this.#sessions.get(key);
    if (open === undefined) return;
    const { session, watch } = open;
    watch.stop();
    session.isOpen = false;
    this.#sessions.delete(key);
    this.#partitionCount -= session.size;
    const left = this.count(session.groupId) - 1;
    if (left > 0) this.#countByGroup.set(session.groupId, left);
    else this.#countByGroup.delete(session.groupId);
  }
}

function keyOf({ topicId, partition }: TopicIdPartition): string {
  return `${topicId}/${partition}`;
}

/** A line break keeps the ids apart, since a client may put spaces into either. */
function sessionKey(groupId: string, memberId: string): string {
  return `${groupId}\n${memberId}`;
}
