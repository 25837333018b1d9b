/**
 * Members of groups, each on a connection of its own, as a client of each protocol behaves: for the benchmarks of the
 * coordinator. They consume nothing.
 *
 * @module
 */
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "../lib/protocol/messages/consumer_group_heartbeat.ts";
import { HeartbeatRequest, HeartbeatResponse } from "../lib/protocol/messages/heartbeat.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../lib/protocol/messages/join_group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "../lib/protocol/messages/leave_group.ts";
import { SyncGroupRequest, SyncGroupResponse } from "../lib/protocol/messages/sync_group.ts";
import { ErrorCode } from "../lib/protocol/error_code.ts";
import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  decodeConsumerProtocolAssignment,
  encodeVersioned,
} from "../lib/protocol/records/mod.ts";
import { RawClient } from "../tests/interop/support/raw_client.ts";
import type { BenchBroker } from "./contenders.ts";
import { delay } from "./scenario.ts";

/** The topic that all groups consume. */
export const TOPIC = "shared";
export const PARTITIONS = 20;
/** How often a member says that it is there, which is how soon it hears of a rebalance. */
const HEARTBEAT_INTERVAL_MS = 50;
const SESSION_TIMEOUT_MS = 60_000;

/** A member of a group. */
export interface GroupMember {
  /** The generation, or the epoch, that it is in; 0 before it is in the group. */
  readonly epoch: number;
  /** How many partitions it has. */
  readonly owned: number;
  /** Lives in the group until it is told to leave. */
  live(): Promise<void>;
  /** Resolves when it has left. */
  leave(): Promise<void>;
}

/** Connects a member that lives in a group from its first `live` on. */
export type Connect = (broker: BenchBroker, groupId: string, ordinal: number) => Promise<GroupMember>;

export const connectClassic: Connect = async (broker, groupId) =>
  new ClassicMember(await RawClient.connect({ hostname: "127.0.0.1", port: broker.port }), groupId);

export const connectConsumer: Connect = async (broker, groupId, ordinal) =>
  new ConsumerMember(await RawClient.connect({ hostname: "127.0.0.1", port: broker.port }), groupId, `m${ordinal}`);

/** Apache Kafka's coordinator is still loading what it keeps. */
function isNotReady(errorCode: number): boolean {
  return errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS || errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE ||
    errorCode === ErrorCode.NOT_COORDINATOR;
}

class ClassicMember implements GroupMember {
  readonly #client: RawClient;
  readonly #groupId: string;
  #memberId = "";
  #isLeaving = false;
  #ended: Promise<void> | null = null;
  epoch = 0;
  owned = 0;

  constructor(client: RawClient, groupId: string) {
    this.#client = client;
    this.#groupId = groupId;
  }

  live(): Promise<void> {
    return this.#ended = this.#live();
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#ended;
    const members = [{ memberId: this.#memberId, groupInstanceId: null }];
    await this.#client.ask(LeaveGroupRequest, LeaveGroupResponse, 5, { groupId: this.#groupId, members });
    this.#client.close();
  }

  async #live(): Promise<void> {
    await this.#join();
    while (!this.#isLeaving) {
      await delay(HEARTBEAT_INTERVAL_MS);
      const { errorCode } = await this.#client.ask(HeartbeatRequest, HeartbeatResponse, 4, {
        groupId: this.#groupId,
        memberId: this.#memberId,
        generationId: this.epoch,
      });
      if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) await this.#join();
      else if (errorCode !== ErrorCode.NONE) throw new Error(`A heartbeat was answered with ${errorCode}`);
    }
  }

  async #join(): Promise<void> {
    const metadata = encodeVersioned(ConsumerProtocolSubscription, 1, { topics: [TOPIC] });
    for (;;) {
      const joined = await this.#client.ask(JoinGroupRequest, JoinGroupResponse, 9, {
        groupId: this.#groupId,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        rebalanceTimeoutMs: SESSION_TIMEOUT_MS,
        memberId: this.#memberId,
        protocolType: "consumer",
        protocols: [{ name: "range", metadata }],
      });
      this.#memberId = joined.memberId;
      if (joined.errorCode === ErrorCode.MEMBER_ID_REQUIRED) continue;
      if (isNotReady(joined.errorCode)) {
        await delay(HEARTBEAT_INTERVAL_MS);
        continue;
      }
      if (joined.errorCode !== ErrorCode.NONE) throw new Error(`A member could not join: ${joined.errorCode}`);
      if (await this.#sync(joined)) return;
    }
  }

  /** False where another generation begins meanwhile. */
  async #sync({ generationId, leader, members }: JoinGroupResponse): Promise<boolean> {
    const { errorCode, assignment } = await this.#client.ask(SyncGroupRequest, SyncGroupResponse, 5, {
      groupId: this.#groupId,
      generationId,
      memberId: this.#memberId,
      protocolType: "consumer",
      protocolName: "range",
      assignments: leader === this.#memberId ? assign(members.map(({ memberId }) => memberId)) : [],
    });
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) return false;
    if (errorCode !== ErrorCode.NONE) throw new Error(`A member got no assignment: ${errorCode}`);
    const { assignedPartitions } = decodeConsumerProtocolAssignment(assignment);
    this.owned = assignedPartitions.reduce((sum, { partitions }) => sum + partitions.length, 0);
    this.epoch = generationId;
    return true;
  }
}

/** Each member gets every so many-th partition. */
function assign(memberIds: readonly string[]) {
  return memberIds.map((memberId, index) => {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
      .filter((partition) => partition % memberIds.length === index);
    const assignedPartitions = [{ topic: TOPIC, partitions }];
    return {
      memberId,
      assignment: encodeVersioned(ConsumerProtocolAssignment, 1, { assignedPartitions, userData: null }),
    };
  });
}

class ConsumerMember implements GroupMember {
  readonly #client: RawClient;
  readonly #groupId: string;
  readonly #memberId: string;
  #assigned: ConsumerGroupHeartbeatRequest["topicPartitions"] = [];
  #isLeaving = false;
  #ended: Promise<void> | null = null;
  epoch = 0;

  constructor(client: RawClient, groupId: string, memberId: string) {
    this.#client = client;
    this.#groupId = groupId;
    this.#memberId = memberId;
  }

  get owned(): number {
    return this.#assigned!.reduce((sum, { partitions }) => sum + partitions.length, 0);
  }

  live(): Promise<void> {
    return this.#ended = this.#live();
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#ended;
    await this.#client.ask(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, 1, {
      groupId: this.#groupId,
      memberId: this.#memberId,
      memberEpoch: -1,
    });
    this.#client.close();
  }

  async #live(): Promise<void> {
    while (!this.#isLeaving) {
      const hasChanged = await this.#beat();
      // As real clients do, it says at once that it has given up what it had to.
      if (!hasChanged) await delay(HEARTBEAT_INTERVAL_MS);
    }
  }

  /** True where its assignment has changed. */
  async #beat(): Promise<boolean> {
    const isJoining = this.epoch === 0;
    const { errorCode, errorMessage, memberEpoch, assignment } = await this.#client.ask(
      ConsumerGroupHeartbeatRequest,
      ConsumerGroupHeartbeatResponse,
      1,
      {
        groupId: this.#groupId,
        memberId: this.#memberId,
        memberEpoch: this.epoch,
        topicPartitions: this.#assigned,
        ...(isJoining ? { rebalanceTimeoutMs: SESSION_TIMEOUT_MS, subscribedTopicNames: [TOPIC] } : {}),
      },
    );
    if (isNotReady(errorCode)) return false;
    if (errorCode !== ErrorCode.NONE) throw new Error(`A heartbeat was answered with ${errorCode}: ${errorMessage}`);
    this.epoch = memberEpoch;
    if (assignment !== null) this.#assigned = assignment.topicPartitions;
    return assignment !== null && !isJoining;
  }
}
