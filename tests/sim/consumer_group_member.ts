/**
 * A member of a consumer group of KIP-848: one request, ConsumerGroupHeartbeat, joins, says what the member has, and
 * brings what it is to have.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "../../lib/protocol/messages/consumer_group_heartbeat.ts";
import { Violation } from "./history.ts";
import {
  LEFT_BEHIND,
  type MemberIdentity,
  type MemberOptions,
  Membership,
  type MemberWorld,
  PASSING,
} from "./membership.ts";

const JOIN_EPOCH = 0;
const LEAVE_EPOCH = -1;
const STATIC_LEAVE_EPOCH = -2;

export class ConsumerGroupMember extends Membership {
  readonly #assignor: string | null;
  #memberId = "";
  #memberEpoch = JOIN_EPOCH;
  /** Whether the group must be told what the member has: that has changed, or an answer is missing. */
  #mustTell = true;
  #lifeCount = 0;

  constructor(world: MemberWorld, options: MemberOptions) {
    super(world, options);
    this.#assignor = world.draw.pick([null, "uniform", "range"]);
    this.#memberId = this.#newMemberId();
  }

  get identity(): MemberIdentity {
    return {
      memberId: this.#memberId,
      generationId: this.#memberEpoch,
      groupInstanceId: this.options.groupInstanceId,
    };
  }

  get isIn(): boolean {
    return this.#memberEpoch > 0 && !this.#mustTell;
  }

  get generation(): null {
    return null;
  }

  protected async act(): Promise<void> {
    const { loop, trace } = this.world;
    const sentMs = loop.elapsedMs;
    const answer = await this.#beat(this.#memberEpoch);
    if (answer === null) {
      this.#mustTell = true;
      return;
    }
    const { errorCode, memberEpoch, assignment } = answer;
    if (errorCode !== ErrorCode.NONE) return this.#isLeftBehind(errorCode);
    if (memberEpoch !== this.#memberEpoch) trace(`is in epoch ${memberEpoch}`);
    this.#memberEpoch = memberEpoch;
    this.noteAlive(sentMs);
    this.#mustTell = assignment !== null && this.#reconcile(
      assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
        topicId === this.world.topic.id ? partitions : []
      ),
    );
  }

  protected forget(): void {
    // A static member that comes back takes its own place, when that is free.
    this.#memberEpoch = JOIN_EPOCH;
    this.#mustTell = true;
    this.#memberId = this.#newMemberId();
  }

  protected async sendLeave(): Promise<void> {
    if (this.#memberEpoch === JOIN_EPOCH) return;
    const isBack = this.options.groupInstanceId !== null && this.world.draw.chance(0.7);
    const answer = await this.#beat(isBack ? STATIC_LEAVE_EPOCH : LEAVE_EPOCH);
    if (answer !== null) this.world.trace(`leaves: ${errorName(answer.errorCode)}`);
  }

  #beat(memberEpoch: number) {
    const { client, history, topic, draw } = this.world;
    const isFull = memberEpoch === JOIN_EPOCH || this.#mustTell || draw.chance(0.2);
    const full = {
      rebalanceTimeoutMs: this.options.rebalanceTimeoutMs,
      subscribedTopicNames: [topic.name],
      serverAssignor: this.#assignor,
      topicPartitions: this.owned.size === 0 ? [] : [{ topicId: topic.id, partitions: [...this.owned] }],
    };
    return client.ask(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, 1, {
      groupId: history.name,
      memberId: this.#memberId,
      memberEpoch,
      instanceId: this.options.groupInstanceId,
      ...isFull && memberEpoch >= JOIN_EPOCH ? full : { subscribedTopicNames: null, topicPartitions: null },
      rackId: null,
      subscribedTopicRegex: null,
    });
  }

  /** Gives up what is not assigned, and takes what is. Returns whether anything has changed. */
  #reconcile(assigned: readonly number[]): boolean {
    const revoked = [...this.owned].filter((partition) => !assigned.includes(partition));
    const added = assigned.filter((partition) => !this.owned.has(partition));
    this.giveUp(revoked);
    this.take(added);
    return revoked.length > 0 || added.length > 0;
  }

  #isLeftBehind(errorCode: number): void {
    this.world.trace(`heartbeat: ${errorName(errorCode)}`);
    this.#mustTell = true;
    if (PASSING.has(errorCode) || errorCode === ErrorCode.UNRELEASED_INSTANCE_ID) return;
    if (!LEFT_BEHIND.has(errorCode)) throw new Violation(`${this.options.name}: heartbeat: ${errorName(errorCode)}`);
    this.giveUpAll();
    this.#memberEpoch = JOIN_EPOCH;
  }

  #newMemberId(): string {
    return `${this.options.name}-${this.#lifeCount++}`;
  }
}
