/**
 * ConsumerGroupDescribe: state, epochs, members and assignments of consumer groups (KIP-848); each that is not one is
 * told as an error of its own.
 *
 * @module
 */
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from "../../protocol/messages/consumer_group_describe.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import { describeVisible, groupOperations } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

export const consumerGroupDescribeApi = api(
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
  handleConsumerGroupDescribe,
);

async function handleConsumerGroupDescribe(
  { groupIds, includeAuthorizedOperations }: ConsumerGroupDescribeRequest,
  context: RequestContext,
): Promise<Init<ConsumerGroupDescribeResponse>> {
  const { groups } = context;
  if (!groups.servesConsumerGroups) {
    return { groups: groupIds.map((groupId) => ({ groupId, errorCode: ErrorCode.UNSUPPORTED_VERSION })) };
  }
  const described = await describeVisible(
    context,
    groupIds,
    (groupId) => groups.describeConsumerGroup(groupId),
    ({ members }) =>
      (members ?? []).flatMap(({ assignment, targetAssignment }) =>
        [assignment, targetAssignment].flatMap((part) =>
          (part?.topicPartitions ?? []).map(({ topicName }) => topicName!)
        )
      ),
  );
  return {
    groups: described.map((group) => ({
      ...group,
      authorizedOperations: groupOperations(context, group, includeAuthorizedOperations),
    })),
  };
}
