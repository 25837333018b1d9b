/**
 * DescribeQuorum: leader and voters of the metadata log (KIP-595), since version 1 with when each was last heard of
 * (KIP-836), since version 2 with their folders and addresses (KIP-853).
 *
 * A node alone leads, votes and is caught up. As Apache Kafka does, it answers for partition 0 of `__cluster_metadata`
 * alone: a request that names anything else, or more, has UNKNOWN_TOPIC_OR_PARTITION for all of it.
 *
 * @module
 */
import { type Uuid, ZERO_UUID } from "../../bytes/mod.ts";
import { CLUSTER_METADATA_TOPIC } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import { DescribeQuorumRequest, DescribeQuorumResponse } from "../../protocol/messages/describe_quorum.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type Answer = Init<DescribeQuorumResponse>;
type TopicAnswer = NonNullable<Answer["topics"]>[number];
type NodeAnswer = NonNullable<Answer["nodes"]>[number];

/** From this version on voters have directory ids and addresses. */
const FIRST_VERSION_WITH_NODES = 2;

export const describeQuorumApi = api(
  DescribeQuorumRequest,
  DescribeQuorumResponse,
  onCluster(AclOperation.DESCRIBE, handleDescribeQuorum, (error) => error),
);

function handleDescribeQuorum({ topics }: DescribeQuorumRequest, context: RequestContext): Answer {
  if (!asksForMetadataLog(topics)) return { errorCode: ErrorCode.NONE, topics: topics.map(unknown) };
  const hasNodes = context.header.apiVersion >= FIRST_VERSION_WITH_NODES;
  return {
    errorCode: ErrorCode.NONE,
    topics: [describe(context, hasNodes ? directoryId(context) : ZERO_UUID)],
    nodes: hasNodes ? [describeNode(context)] : [],
  };
}

function asksForMetadataLog(topics: DescribeQuorumRequest["topics"]): boolean {
  const partitions = topics.flatMap(({ topicName, partitions }) =>
    partitions.map(({ partitionIndex }) => ({ topicName, partitionIndex }))
  );
  return partitions.length === 1 && partitions[0].topicName === CLUSTER_METADATA_TOPIC &&
    partitions[0].partitionIndex === 0;
}

function unknown({ topicName, partitions }: DescribeQuorumRequest["topics"][number]): TopicAnswer {
  const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  const errorMessage = "This server does not host this topic-partition.";
  return {
    topicName,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
  };
}

function describe({ metadata, clock }: RequestContext, replicaDirectoryId: Uuid): TopicAnswer {
  const { nodeId, controllerEpoch, endOffset } = metadata;
  const nowMs = clock.now();
  return {
    topicName: CLUSTER_METADATA_TOPIC,
    partitions: [{
      partitionIndex: 0,
      errorCode: ErrorCode.NONE,
      leaderId: nodeId,
      leaderEpoch: controllerEpoch,
      highWatermark: endOffset,
      currentVoters: [{
        replicaId: nodeId,
        replicaDirectoryId,
        logEndOffset: endOffset,
        lastFetchTimestamp: nowMs,
        lastCaughtUpTimestamp: nowMs,
      }],
    }],
  };
}

/** The id of the voter's folder, which a static quorum does not know. */
function directoryId({ metadata: { quorum } }: RequestContext): Uuid {
  return quorum.voters?.[0].voterDirectoryId ?? ZERO_UUID;
}

/** The node with the addresses that the quorum knows it by; nothing listens there, since nobody else votes. */
function describeNode({ metadata: { nodeId, quorum, image } }: RequestContext): NodeAnswer {
  const endpoints = quorum.voters?.[0].endpoints ?? image.controllers.get(nodeId)?.endPoints ?? [];
  return { nodeId, listeners: endpoints.map(({ name, host, port }) => ({ name, host, port })) };
}
