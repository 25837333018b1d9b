/**
 * What members of a group have in common, whichever protocol they speak.
 *
 * @module
 */
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import type { SimClient } from "./client.ts";
import type { SimLoop } from "./clock.ts";
import type { GroupHistory, Owner } from "./group_history.ts";
import type { Draw } from "./random.ts";
import type { SimTopic } from "./topics.ts";

/** As what a member commits offsets. */
export interface MemberIdentity {
  readonly memberId: string;
  /** Its epoch, in the protocol of KIP-848. */
  readonly generationId: number;
  readonly groupInstanceId: string | null;
}

/** What a member works with. */
export interface MemberWorld {
  readonly loop: SimLoop;
  readonly client: SimClient;
  readonly draw: Draw;
  readonly history: GroupHistory;
  /** The topic that the group reads. */
  readonly topic: SimTopic;
  trace(line: string): void;
}

/** Whom a member is, and how much time it has. */
export interface MemberOptions {
  readonly name: string;
  /** Null for a dynamic member (KIP-345). */
  readonly groupInstanceId: string | null;
  /** Whether another one goes by the same instance id, and may shut it out at any time. */
  readonly hasTwin: boolean;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

/** A member of a group: it keeps itself in the group, and knows which partitions are its own. */
export abstract class Membership {
  protected readonly world: MemberWorld;
  protected readonly options: MemberOptions;
  /** The partitions that it has now. */
  readonly owned = new Set<number>();
  /** Those of them that it has got, or got back, since somebody took note of it: others may have worked on them. */
  readonly fresh = new Set<number>();
  protected owner: Owner;
  #lastPollMs = -Infinity;

  constructor(world: MemberWorld, options: MemberOptions) {
    this.world = world;
    this.options = options;
    this.owner = this.#newOwner();
  }

  /** Does what is due: joins, shows that it is alive, takes and gives up partitions. */
  async poll(): Promise<void> {
    const { loop } = this.world;
    if (this.isIn && loop.elapsedMs - this.#lastPollMs < this.heartbeatIntervalMs) return;
    this.#lastPollMs = loop.elapsedMs;
    await this.act();
  }

  /** It is to be heard of at once. */
  hurry(): void {
    this.#lastPollMs = -Infinity;
  }

  /** The member in the history of its group; another one when it begins anew. */
  get self(): Owner {
    return this.owner;
  }

  abstract get identity(): MemberIdentity;
  abstract get isIn(): boolean;
  /** The generation of the classic protocol in which it is; null in the other one. */
  abstract get generation(): number | null;
  protected abstract act(): Promise<void>;
  protected abstract sendLeave(): Promise<void>;
  protected abstract forget(): void;

  /** Leaves, properly. */
  async leave(): Promise<void> {
    this.giveUpAll();
    await this.sendLeave();
    this.die();
  }

  /** It is gone, and told nobody. What comes after it is another member. */
  die(): void {
    this.giveUpAll();
    this.forget();
    this.owner = this.#newOwner();
    this.hurry();
  }

  protected get heartbeatIntervalMs(): number {
    return this.options.sessionTimeoutMs / 4;
  }

  /** A request that was sent at `sentMs` was answered well. */
  protected noteAlive(sentMs: number): void {
    this.owner.aliveMs = Math.max(this.owner.aliveMs, sentMs);
  }

  protected take(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.owned.add(partition);
      this.fresh.add(partition);
      this.world.history.noteAcquired(this.owner, partition, this.generation);
    }
    this.world.trace(`has ${[...this.owned].sort().join(",")} of ${this.world.topic.name}`);
  }

  protected giveUp(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.owned.delete(partition);
      this.fresh.delete(partition);
      this.world.history.noteGivenUp(this.owner, partition);
    }
  }

  protected giveUpAll(): void {
    this.giveUp([...this.owned]);
  }

  /** Silence may end its session, and hesitation a rebalance without it. */
  #newOwner(): Owner {
    const { name, hasTwin, sessionTimeoutMs, rebalanceTimeoutMs } = this.options;
    return { name, leaseMs: hasTwin ? 0 : Math.min(sessionTimeoutMs, rebalanceTimeoutMs), aliveMs: -Infinity };
  }
}

/** Errors that pass, of requests to a coordinator. */
export const PASSING: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.UNKNOWN_TOPIC_ID,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
]);

/** Errors that say that the group goes on without the member, or without what it knows. */
export const LEFT_BEHIND: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.FENCED_INSTANCE_ID,
  ErrorCode.FENCED_MEMBER_EPOCH,
  ErrorCode.STALE_MEMBER_EPOCH,
  ErrorCode.REBALANCE_IN_PROGRESS,
  ErrorCode.GROUP_ID_NOT_FOUND,
]);
