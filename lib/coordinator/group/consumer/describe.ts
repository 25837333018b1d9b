/**
 * ConsumerGroupDescribe: what a consumer group is, member by member.
 *
 * @module
 */
import type { ConsumerGroupDescribeResponse } from "../../../protocol/messages/consumer_group_describe.ts";
import type { Init } from "../../../protocol/schema.ts";
import { groupOfType, Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import { type Assignment, NO_PARTITIONS, partitionsOf, topicPartitionsOf } from "../modern/mod.ts";
import { ConsumerGroup } from "./consumer_group.ts";
import { type ConsumerMember, withoutEpochs } from "./consumer_member.ts";

/** A group as ConsumerGroupDescribe tells it. */
export type DescribedConsumerGroup = NonNullable<Init<ConsumerGroupDescribeResponse>["groups"]>[number];

type DescribedMember = NonNullable<DescribedConsumerGroup["members"]>[number];

/** How a member's protocol is told (KIP-1099). */
const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

/** Error: GROUP_ID_NOT_FOUND. */
export function describeConsumerGroup(state: GroupState, groupId: string): DescribedConsumerGroup {
  const group = groupOfType(state, groupId, ConsumerGroup, "consumer");
  if (group instanceof Refusal) return { groupId, errorCode: group.errorCode, errorMessage: group.errorMessage };
  return {
    groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: group.preferredAssignor(group.members.values()) ?? state.assignor(null).name,
    members: Array.from(group.members.values(), (member) => describeMember(state, group, member)),
  };
}

/** What a member must give up is still its own. */
function describeMember(state: GroupState, group: ConsumerGroup, member: ConsumerMember): DescribedMember {
  const assigned = withoutEpochs(member.assigned);
  const revoked = withoutEpochs(member.pendingRevocation);
  const owned = new Map(assigned);
  for (const [topicId, partitions] of revoked) {
    owned.set(topicId, new Set([...partitionsOf(assigned, topicId), ...partitions]));
  }
  return {
    memberId: member.memberId,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: member.memberEpoch,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: [...member.subscribedTopicNames],
    subscribedTopicRegex: member.subscribedTopicRegex,
    assignment: { topicPartitions: named(state, owned) },
    targetAssignment: { topicPartitions: named(state, group.targets.get(member.memberId) ?? NO_PARTITIONS) },
    memberType: member.usesClassicProtocol ? CLASSIC_MEMBER : CONSUMER_MEMBER,
  };
}

/** Topics that are gone have no name to be told by. */
function named(state: GroupState, assignment: Assignment) {
  return topicPartitionsOf(assignment).flatMap(({ topicId, partitions }) => {
    const topic = state.image.topicById(topicId);
    return topic === undefined ? [] : [{ topicId, topicName: topic.name, partitions }];
  });
}
