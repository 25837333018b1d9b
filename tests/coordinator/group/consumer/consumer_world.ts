/**
 * A {@linkcode GroupWorld} whose members speak the consumer protocol.
 *
 * @module
 */
import {
  consumerHeartbeat,
  type ConsumerHeartbeatAnswer,
} from "../../../../lib/coordinator/group/consumer/heartbeat.ts";
import { Refusal } from "../../../../lib/coordinator/group/group.ts";
import type { TopicPartitions } from "../../../../lib/coordinator/group/modern/mod.ts";
import type { ConsumerGroupHeartbeatRequest } from "../../../../lib/protocol/messages/consumer_group_heartbeat.ts";
import { GROUP, GroupWorld, nameOf, partitions, topicId } from "../group_world.ts";

/** What a member says; what is left out is not told. */
export interface HeartbeatOptions {
  readonly epoch?: number;
  readonly instance?: string;
  readonly topics?: readonly string[];
  readonly regex?: string;
  readonly assignor?: string;
  readonly rebalanceTimeoutMs?: number;
  /** What it has, by topic; nothing where it joins. */
  readonly owned?: Readonly<Record<string, readonly number[]>>;
  readonly mayDescribe?: (topic: string) => boolean;
}

export class ConsumerWorld extends GroupWorld {
  /** Sends a heartbeat; the answer as a line. */
  beat(memberId: string, options: HeartbeatOptions = {}): string {
    const answer = this.heartbeatOf(memberId, options);
    if (answer instanceof Refusal) return nameOf(answer.errorCode);
    const { memberEpoch, assignment } = answer;
    const told = assignment == null ? "" : `: ${partitions(assignment.topicPartitions as TopicPartitions[])}`;
    return `epoch ${memberEpoch}${told}`;
  }

  /** A member joins, with topics or an expression. */
  enter(memberId: string, options: HeartbeatOptions = { topics: ["t"] }): string {
    return this.beat(memberId, { epoch: 0, rebalanceTimeoutMs: 60_000, owned: {}, ...options });
  }

  heartbeatOf(memberId: string, options: HeartbeatOptions): ConsumerHeartbeatAnswer | Refusal {
    const { epoch = 0, instance = null, topics = null, regex = null, assignor = null, owned } = options;
    const request: ConsumerGroupHeartbeatRequest = {
      groupId: GROUP,
      memberId,
      memberEpoch: epoch,
      instanceId: instance,
      rackId: null,
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? -1,
      subscribedTopicNames: topics,
      subscribedTopicRegex: regex,
      serverAssignor: assignor,
      topicPartitions: owned === undefined
        ? null
        : Object.entries(owned).map(([name, partitions]) => ({ topicId: topicId(name), partitions })),
    };
    return this.take((turn) =>
      consumerHeartbeat(this.state, turn, {
        request,
        apiVersion: 1,
        clientId: "c",
        clientHost: "/h",
        mayDescribe: options.mayDescribe ?? (() => true),
      })
    );
  }
}
