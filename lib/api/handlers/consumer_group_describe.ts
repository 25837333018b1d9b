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
import { GROUP_OPERATIONS, OPERATIONS_NOT_ASKED_FOR } from "../../security/mod.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const consumerGroupDescribeApi = api(
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
  handleConsumerGroupDescribe,
);

async function handleConsumerGroupDescribe(
  { groupIds, includeAuthorizedOperations }: ConsumerGroupDescribeRequest,
  { groups }: RequestContext,
): Promise<Init<ConsumerGroupDescribeResponse>> {
  if (!groups.servesConsumerGroups) {
    return { groups: groupIds.map((groupId) => ({ groupId, errorCode: ErrorCode.UNSUPPORTED_VERSION })) };
  }
  const operations = includeAuthorizedOperations ? GROUP_OPERATIONS : OPERATIONS_NOT_ASKED_FOR;
  const described = await Promise.all(groupIds.map((groupId) => groups.describeConsumerGroup(groupId)));
  return {
    groups: described.map((group) => ({
      ...group,
      authorizedOperations: (group.errorCode ?? ErrorCode.NONE) === ErrorCode.NONE
        ? operations
        : OPERATIONS_NOT_ASKED_FOR,
    })),
  };
}
