/**
 * ShareGroupDescribe.
 *
 * @module
 */
import { ErrorCode } from "../../../protocol/error_code.ts";
import type { ShareGroupDescribeResponse } from "../../../protocol/messages/share_group_describe.ts";
import type { Init } from "../../../protocol/schema.ts";
import { groupOfType, Refusal } from "../group.ts";
import type { GroupState } from "../group_state.ts";
import { type Assignment, topicPartitionsOf } from "../modern/mod.ts";
import { ShareGroup } from "./share_group.ts";

/** A group as ShareGroupDescribe tells it. */
export type DescribedShareGroup = NonNullable<Init<ShareGroupDescribeResponse>["groups"]>[number];

/** Describes a group. Error: GROUP_ID_NOT_FOUND. */
export function describeShareGroup(state: GroupState, groupId: string): DescribedShareGroup {
  const group = groupOfType(state, groupId, ShareGroup, "share");
  if (group instanceof Refusal) return { groupId, errorCode: group.errorCode, errorMessage: group.errorMessage };
  return {
    errorCode: ErrorCode.NONE,
    groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: "simple",
    members: Array.from(group.members.values(), (member) => ({
      memberId: member.memberId,
      rackId: member.rackId,
      memberEpoch: member.memberEpoch,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: [...member.subscribedTopicNames],
      assignment: { topicPartitions: namedPartitions(state, member.assigned) },
    })),
  };
}

/** A topic that is gone is left out. */
function namedPartitions({ image }: GroupState, assigned: Assignment) {
  return topicPartitionsOf(assigned).flatMap(({ topicId, partitions }) => {
    const topicName = image.topicById(topicId)?.name;
    return topicName === undefined ? [] : [{ topicId, topicName, partitions }];
  });
}
