/**
 * A member of a group of the classic protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup. Whoever leads assigns ranges,
 * and all give up everything before they join again.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { HeartbeatRequest, HeartbeatResponse } from "../../lib/protocol/messages/heartbeat.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../../lib/protocol/messages/join_group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "../../lib/protocol/messages/leave_group.ts";
import { SyncGroupRequest, SyncGroupResponse } from "../../lib/protocol/messages/sync_group.ts";
import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  decodeConsumerProtocolAssignment,
  encodeVersioned,
} from "../../lib/protocol/records/mod.ts";
import { Violation } from "./history.ts";
import {
  LEFT_BEHIND,
  type MemberIdentity,
  type MemberOptions,
  Membership,
  type MemberWorld,
  PASSING,
} from "./membership.ts";

const PROTOCOL_TYPE = "consumer";
const PROTOCOL = "range";
const JOIN_VERSIONS = [5, 7, 9];

export class GroupMember extends Membership {
  readonly #joinVersion: number;
  /** Whether others in the group speak the protocol of KIP-848: then its generations are epochs, in which all may move. */
  readonly #isMixed: boolean;
  #memberId = "";
  #generationId = -1;
  #isIn = false;

  constructor(world: MemberWorld, options: MemberOptions, isMixed: boolean) {
    super(world, options);
    this.#isMixed = isMixed;
    this.#joinVersion = world.draw.pick(JOIN_VERSIONS);
  }

  get identity(): MemberIdentity {
    return {
      memberId: this.#memberId,
      generationId: this.#generationId,
      groupInstanceId: this.options.groupInstanceId,
    };
  }

  get isIn(): boolean {
    return this.#isIn;
  }

  get generation(): number | null {
    return this.#isMixed ? null : this.#generationId;
  }

  protected async act(): Promise<void> {
    if (this.#isIn) await this.#sendHeartbeat();
    if (!this.#isIn) await this.#join();
  }

  protected forget(): void {
    this.#isIn = false;
    this.#memberId = "";
    this.#generationId = -1;
  }

  protected async sendLeave(): Promise<void> {
    if (this.#memberId === "") return;
    const { client, history, trace } = this.world;
    const answer = await client.ask(LeaveGroupRequest, LeaveGroupResponse, 5, {
      groupId: history.name,
      members: [{ memberId: this.#memberId, groupInstanceId: this.options.groupInstanceId }],
    });
    if (answer !== null) trace(`leaves: ${errorName(answer.members[0]?.errorCode ?? answer.errorCode)}`);
  }

  async #sendHeartbeat(): Promise<void> {
    const { client, history, loop } = this.world;
    const sentMs = loop.elapsedMs;
    const answer = await client.ask(HeartbeatRequest, HeartbeatResponse, 4, {
      groupId: history.name,
      ...this.identity,
    });
    if (answer === null) return;
    if (answer.errorCode === ErrorCode.NONE) this.noteAlive(sentMs);
    else this.#isLeftBehind(answer.errorCode, "heartbeat");
  }

  async #join(): Promise<void> {
    this.giveUpAll();
    const { client, history, loop, trace, topic } = this.world;
    const sentMs = loop.elapsedMs;
    const { sessionTimeoutMs, rebalanceTimeoutMs, groupInstanceId } = this.options;
    const answer = await client.ask(JoinGroupRequest, JoinGroupResponse, this.#joinVersion, {
      groupId: history.name,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId: this.#memberId,
      groupInstanceId,
      protocolType: PROTOCOL_TYPE,
      protocols: [{
        name: PROTOCOL,
        metadata: encodeVersioned(ConsumerProtocolSubscription, 1, { topics: [topic.name] }),
      }],
    });
    if (answer === null) return;
    trace(`join: ${errorName(answer.errorCode)} ${answer.memberId} ${answer.generationId}`);
    if (answer.errorCode === ErrorCode.MEMBER_ID_REQUIRED) {
      this.#memberId = answer.memberId;
      return await this.#join();
    }
    if (answer.errorCode !== ErrorCode.NONE) return this.#isLeftBehind(answer.errorCode, "join");
    // Who is told the generation that there is, without a rebalance, has not shown that it is alive by that.
    if (answer.generationId > this.#generationId) this.noteAlive(sentMs);
    this.#memberId = answer.memberId;
    this.#generationId = answer.generationId;
    const isLeading = answer.leader === answer.memberId && !answer.skipAssignment;
    await this.#sync(isLeading ? this.#assign(answer.members.map(({ memberId }) => memberId)) : []);
  }

  async #sync(
    assignments: { readonly memberId: string; readonly assignment: Uint8Array }[],
  ): Promise<void> {
    const { client, history, trace } = this.world;
    const answer = await client.ask(SyncGroupRequest, SyncGroupResponse, 5, {
      groupId: history.name,
      ...this.identity,
      protocolType: PROTOCOL_TYPE,
      protocolName: PROTOCOL,
      assignments,
    });
    if (answer === null) return;
    trace(`sync: ${errorName(answer.errorCode)} of generation ${this.#generationId}`);
    if (answer.errorCode !== ErrorCode.NONE) return this.#isLeftBehind(answer.errorCode, "sync");
    this.#isIn = true;
    // Who is not in what the leader has sent gets nothing.
    const partitions = answer.assignment.length === 0
      ? []
      : decodeConsumerProtocolAssignment(answer.assignment).assignedPartitions.flatMap(({ partitions }) => partitions);
    if (!this.#isMixed) {
      history.noteAssignment(this.#generationId, this.options.groupInstanceId ?? this.options.name, partitions);
    }
    this.take(partitions);
  }

  #assign(memberIds: readonly string[]) {
    const { topic } = this.world;
    const sorted = [...memberIds].sort();
    return sorted.map((memberId, order) => ({
      memberId,
      assignment: encodeVersioned(ConsumerProtocolAssignment, 1, {
        assignedPartitions: [{
          topic: topic.name,
          partitions: topic.partitions.map((_, index) => index).filter((index) => index % sorted.length === order),
        }],
        userData: null,
      }),
    }));
  }

  #isLeftBehind(errorCode: number, what: string): void {
    if (errorCode !== ErrorCode.REBALANCE_IN_PROGRESS) this.world.trace(`${what}: ${errorName(errorCode)}`);
    if (PASSING.has(errorCode)) return;
    if (!LEFT_BEHIND.has(errorCode)) throw new Violation(`${this.options.name}: ${what}: ${errorName(errorCode)}`);
    this.#isIn = false;
    if (!KEEPS_MEMBER_ID.has(errorCode)) this.#memberId = "";
  }
}

const KEEPS_MEMBER_ID: ReadonlySet<number> = new Set([ErrorCode.REBALANCE_IN_PROGRESS, ErrorCode.ILLEGAL_GENERATION]);
