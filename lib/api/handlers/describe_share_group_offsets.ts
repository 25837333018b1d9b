/**
 * DescribeShareGroupOffsets: where share groups stand, and since version 1 how much they have before them (KIP-932,
 * KIP-1226).
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../bytes/mod.ts";
import { initializedPartitions, ShareGroup } from "../../coordinator/group/share/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from "../../protocol/messages/describe_share_group_offsets.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation, ResourceType } from "../../security/mod.ts";
import { api } from "../api.ts";
import {
  GROUP_REFUSED,
  isGroupAuthorized,
  isTopicAuthorized,
  mayDo,
  TOPIC_AUTHORIZATION_FAILED,
} from "../authorize.ts";
import type { RequestContext } from "../context.ts";
import { servesShareGroups } from "../share_groups.ts";

type GroupRequest = DescribeShareGroupOffsetsRequest["groups"][number];
type GroupAnswer = NonNullable<Init<DescribeShareGroupOffsetsResponse>["groups"]>[number];
type TopicAnswer = NonNullable<GroupAnswer["topics"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number];

/** A start offset, a count, or a lag that is not known. */
const UNKNOWN = -1;

export const describeShareGroupOffsetsApi = api(
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
  handleDescribeShareGroupOffsets,
);

async function handleDescribeShareGroupOffsets(
  { groups }: DescribeShareGroupOffsetsRequest,
  context: RequestContext,
): Promise<Init<DescribeShareGroupOffsetsResponse>> {
  return { groups: await Promise.all(groups.map((group) => describeGroup(group, context))) };
}

async function describeGroup({ groupId, topics }: GroupRequest, context: RequestContext): Promise<GroupAnswer> {
  if (!servesShareGroups(context)) return { groupId, errorCode: ErrorCode.UNSUPPORTED_VERSION };
  if (!isGroupAuthorized(context, AclOperation.DESCRIBE, groupId)) return { groupId, ...GROUP_REFUSED };
  const asked = topics ?? await knownPartitions(groupId, context);
  if (typeof asked === "number") return { groupId, errorCode: asked };
  return { groupId, topics: await Promise.all(asked.map((topic) => describeTopic(groupId, topic, context))) };
}

async function describeTopic(
  groupId: string,
  { topicName, partitions }: { readonly topicName: string; readonly partitions: readonly number[] },
  context: RequestContext,
): Promise<TopicAnswer> {
  const all = (error: Partial<PartitionAnswer>) =>
    partitions.map((partitionIndex) => ({ partitionIndex, startOffset: UNKNOWN, ...error }));
  if (!isTopicAuthorized(context, AclOperation.DESCRIBE, topicName)) {
    return { topicName, topicId: ZERO_UUID, partitions: all(TOPIC_AUTHORIZATION_FAILED) };
  }
  const topicId = context.metadata.image.topicByName(topicName)?.id;
  if (topicId === undefined) return { topicName, topicId: ZERO_UUID, partitions: all({}) };
  const described = partitions.map((partition) =>
    describePartition({ groupId, topicId, topicName, partition }, context)
  );
  return { topicName, topicId, partitions: await Promise.all(described) };
}

/** All partitions that the group has, of topics that the client may describe. */
function knownPartitions(
  groupId: string,
  context: RequestContext,
): Promise<{ topicName: string; partitions: number[] }[] | ErrorCode> {
  const { groups, metadata } = context;
  return groups.decide<{ topicName: string; partitions: number[] }[] | ErrorCode>(
    groupId,
    (state) => {
      const group = state.groups.get(groupId);
      if (!(group instanceof ShareGroup)) return [];
      return Array.from(initializedPartitions(group)).flatMap(([topicId, partitions]) => {
        const topicName = metadata.image.topicById(topicId)?.name;
        const isShown = topicName !== undefined &&
          mayDo(context, AclOperation.DESCRIBE, ResourceType.TOPIC, topicName);
        return !isShown ? [] : [{ topicName, partitions: [...partitions].sort((a, b) => a - b) }];
      });
    },
    (errorCode) => errorCode,
  );
}

async function describePartition(
  { groupId, topicId, topicName, partition }: { groupId: string; topicId: Uuid; topicName: string; partition: number },
  { shareCoordinator, logs }: RequestContext,
): Promise<PartitionAnswer> {
  const summary = await shareCoordinator.summarize({ groupId, topicId, partition });
  if (summary.errorCode !== undefined && summary.errorCode !== ErrorCode.NONE) {
    return { partitionIndex: partition, startOffset: UNKNOWN };
  }
  // An administrator may have said any offset, and is told it again.
  const startOffset = BigInt(summary.startOffset!);
  const { deliveryCompleteCount = UNKNOWN, leaderEpoch } = summary;
  const log = logs.get(topicName, partition);
  const isLagKnown = startOffset !== BigInt(UNKNOWN) && deliveryCompleteCount !== UNKNOWN && log !== undefined;
  const lag = isLagKnown ? BigInt.asIntN(64, BigInt(log.highWatermark - deliveryCompleteCount) - startOffset) : UNKNOWN;
  return { partitionIndex: partition, startOffset, leaderEpoch, lag };
}
