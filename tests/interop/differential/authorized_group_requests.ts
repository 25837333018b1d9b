/**
 * Requests of the APIs of the newer groups, for the table of authorization, and what has to be there before: of each user
 * a consumer group, a share group and a streams group, each with a member that reads the user's topic.
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { AlterShareGroupOffsetsRequest } from "../../../lib/protocol/messages/alter_share_group_offsets.ts";
import { ConsumerGroupDescribeRequest } from "../../../lib/protocol/messages/consumer_group_describe.ts";
import { ConsumerGroupHeartbeatRequest } from "../../../lib/protocol/messages/consumer_group_heartbeat.ts";
import { DeleteShareGroupOffsetsRequest } from "../../../lib/protocol/messages/delete_share_group_offsets.ts";
import { DeleteShareGroupStateRequest } from "../../../lib/protocol/messages/delete_share_group_state.ts";
import { DescribeShareGroupOffsetsRequest } from "../../../lib/protocol/messages/describe_share_group_offsets.ts";
import { InitializeShareGroupStateRequest } from "../../../lib/protocol/messages/initialize_share_group_state.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { ReadShareGroupStateRequest } from "../../../lib/protocol/messages/read_share_group_state.ts";
import { ReadShareGroupStateSummaryRequest } from "../../../lib/protocol/messages/read_share_group_state_summary.ts";
import { ShareAcknowledgeRequest } from "../../../lib/protocol/messages/share_acknowledge.ts";
import { ShareFetchRequest } from "../../../lib/protocol/messages/share_fetch.ts";
import { ShareGroupDescribeRequest } from "../../../lib/protocol/messages/share_group_describe.ts";
import { ShareGroupHeartbeatRequest } from "../../../lib/protocol/messages/share_group_heartbeat.ts";
import { StreamsGroupDescribeRequest } from "../../../lib/protocol/messages/streams_group_describe.ts";
import { StreamsGroupHeartbeatRequest } from "../../../lib/protocol/messages/streams_group_heartbeat.ts";
import { WriteShareGroupStateRequest } from "../../../lib/protocol/messages/write_share_group_state.ts";
import { ask, type Step } from "../support/case.ts";
import { batch } from "../support/record_batch.ts";
import { type AuthorizedRequest, type Belongings, of } from "./authorized_requests.ts";
import { produce } from "./produce.ts";

/** Of both brokers: groups whose members need not be heard of again, and whose assignments follow each other at once. */
export const PATIENT_GROUPS: Readonly<Record<string, string>> = Object.fromEntries(
  ["consumer", "share", "streams"].flatMap((type) => [
    [`group.${type}.max.session.timeout.ms`, "600000"],
    [`group.${type}.session.timeout.ms`, "600000"],
    [`group.${type}.assignment.interval.ms`, "0"],
  ]).concat([["group.streams.initial.rebalance.delay.ms", "0"]]),
);

/** The epoch of a share group whose first member has its partitions, which the share coordinator knows. */
const SHARED_EPOCH = 3;

/** A record for each topic, and the groups, as `connection` makes them; the ids of all topics are known then. */
export function groupsOf(owned: readonly Belongings[], connection: string): Step[] {
  return [
    ...owned.map(({ topic }) => produce(topic, batch(["a"]), { on: connection })),
    ask(MetadataRequest, 12, { topics: owned.map(({ topic }) => ({ name: topic })) }, { on: connection }),
    ...owned.flatMap((own) => groupsOfOne(own, connection)),
  ];
}

function groupsOfOne({ topic, consumerGroup, shareGroup, streamsGroup }: Belongings, connection: string): Step[] {
  const inShareGroup = { groupId: shareGroup, memberId: "member" };
  return [
    ask(ConsumerGroupHeartbeatRequest, 1, {
      groupId: consumerGroup,
      memberId: "member",
      memberEpoch: 0,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: [topic],
      topicPartitions: [],
    }, { on: connection }),
    ask(ShareGroupHeartbeatRequest, 1, { ...inShareGroup, memberEpoch: 0, subscribedTopicNames: [topic] }, {
      on: connection,
    }),
    ask(ShareGroupHeartbeatRequest, 1, { ...inShareGroup, memberEpoch: SHARED_EPOCH - 1 }, {
      on: connection,
      until: (answer) => (answer as { memberEpoch: number }).memberEpoch === SHARED_EPOCH,
    }),
    ask(StreamsGroupHeartbeatRequest, 0, entering({ groupId: streamsGroup, memberId: "member", topic }), {
      on: connection,
    }),
  ];
}

/** What a member of a streams group says first. It reads a topic, and keeps its state in another one, if any. */
export function entering({ groupId, memberId, topic, changelog }: {
  readonly groupId: string;
  readonly memberId: string;
  readonly topic: string;
  readonly changelog?: string;
}) {
  const stateChangelogTopics = changelog === undefined ? [] : [{ name: changelog }];
  return {
    groupId,
    memberId,
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    processId: "process",
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    clientTags: [],
    topology: { epoch: 0, subtopologies: [{ subtopologyId: "0", sourceTopics: [topic], stateChangelogTopics }] },
  };
}

/** A member of a streams group that keeps its state in a topic which is not there. */
function stateful(own: Belongings) {
  const { statefulGroup, topic } = own;
  return entering({ groupId: statefulGroup, memberId: "joining", topic, changelog: internalTopicOf(own) });
}

/** The topic that a user's streams group needs. */
export function internalTopicOf({ topic }: Belongings): string {
  return `${topic}-changelog`;
}

/** Of a user's topic, in a request about the state of share partitions. */
function stateOf<P>(partition: P) {
  return (topicId: string) => [{ topicId, partitions: [{ partition: 0, ...partition }] }];
}

/** The requests about the newer groups. Those that change what others show come last. */
export const AUTHORIZED_GROUP_REQUESTS: Readonly<Record<string, AuthorizedRequest>> = {
  "ConsumerGroupDescribe": of(ConsumerGroupDescribeRequest, 1, ({ consumerGroup }) => ({
    groupIds: [consumerGroup, `${consumerGroup}-other`],
    includeAuthorizedOperations: true,
  })),
  "ShareGroupDescribe": of(ShareGroupDescribeRequest, 1, ({ shareGroup }) => ({
    groupIds: [shareGroup, `${shareGroup}-other`],
    includeAuthorizedOperations: true,
  })),
  "StreamsGroupDescribe": of(StreamsGroupDescribeRequest, 0, ({ streamsGroup }) => ({
    groupIds: [streamsGroup, `${streamsGroup}-other`],
    includeAuthorizedOperations: true,
  })),
  "ConsumerGroupHeartbeat of a stranger": of(ConsumerGroupHeartbeatRequest, 1, ({ consumerGroup, topic }) => ({
    groupId: consumerGroup,
    memberId: "nobody",
    memberEpoch: 5,
    rebalanceTimeoutMs: 6000,
    subscribedTopicNames: [topic],
  })),
  "ConsumerGroupHeartbeat without topics": of(ConsumerGroupHeartbeatRequest, 1, ({ consumerGroup }) => ({
    groupId: consumerGroup,
    memberId: "nobody",
    memberEpoch: 5,
  })),
  "ConsumerGroupHeartbeat that joins": of(ConsumerGroupHeartbeatRequest, 1, ({ consumerGroup, topic }) => ({
    groupId: consumerGroup,
    memberId: "joining",
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: [topic, `${topic}-missing`],
    topicPartitions: [],
  })),
  "ConsumerGroupHeartbeat that joins for a topic": of(ConsumerGroupHeartbeatRequest, 1, ({ consumerGroup, topic }) => ({
    groupId: consumerGroup,
    memberId: "joining",
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: [topic],
    topicPartitions: [],
  })),
  "ShareGroupHeartbeat of a stranger": of(ShareGroupHeartbeatRequest, 1, ({ shareGroup, topic }) => ({
    groupId: shareGroup,
    memberId: "nobody",
    memberEpoch: 5,
    subscribedTopicNames: [topic],
  })),
  "ShareGroupHeartbeat without topics": of(ShareGroupHeartbeatRequest, 1, ({ shareGroup }) => ({
    groupId: shareGroup,
    memberId: "nobody",
    memberEpoch: 5,
  })),
  "StreamsGroupHeartbeat of a stranger": of(StreamsGroupHeartbeatRequest, 0, ({ streamsGroup }) => ({
    groupId: streamsGroup,
    memberId: "nobody",
    memberEpoch: 5,
  })),
  "StreamsGroupHeartbeat that joins": of(
    StreamsGroupHeartbeatRequest,
    0,
    ({ streamsGroup, topic }) => entering({ groupId: streamsGroup, memberId: "joining", topic }),
  ),
  "StreamsGroupHeartbeat that needs an internal topic": of(StreamsGroupHeartbeatRequest, 0, stateful),
  "ShareFetch": of(ShareFetchRequest, 2, ({ shareGroup, topic }, { topicId }) => ({
    groupId: shareGroup,
    memberId: "member",
    shareSessionEpoch: 0,
    maxWaitMs: 300,
    minBytes: 1,
    maxBytes: 1000,
    maxRecords: 10,
    batchSize: 10,
    topics: [{ topicId: topicId(topic), partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }],
  })),
  "ShareAcknowledge": of(ShareAcknowledgeRequest, 2, ({ shareGroup, topic }, { topicId }) => ({
    groupId: shareGroup,
    memberId: "member",
    shareSessionEpoch: 1,
    topics: [{
      topicId: topicId(topic),
      partitions: [{
        partitionIndex: 0,
        acknowledgementBatches: [{ firstOffset: 0n, lastOffset: 0n, acknowledgeTypes: [1] }],
      }],
    }],
  })),
  "DescribeShareGroupOffsets": of(DescribeShareGroupOffsetsRequest, 1, ({ shareGroup, topic }) => ({
    groups: [{
      groupId: shareGroup,
      topics: [topic, `${topic}-missing`].map((topicName) => ({ topicName, partitions: [0] })),
    }],
  })),
  "DescribeShareGroupOffsets of all topics": of(DescribeShareGroupOffsetsRequest, 1, ({ shareGroup }) => ({
    groups: [{ groupId: shareGroup, topics: null }],
  })),
  "AlterShareGroupOffsets of a group with members": of(AlterShareGroupOffsetsRequest, 0, ({ shareGroup, topic }) => ({
    groupId: shareGroup,
    topics: [{ topicName: topic, partitions: [{ partitionIndex: 0, startOffset: 0n }] }],
  })),
  "DeleteShareGroupOffsets of a group with members": of(DeleteShareGroupOffsetsRequest, 0, (own) => ({
    groupId: own.shareGroup,
    topics: [{ topicName: own.topic }],
  })),
  "ReadShareGroupState": of(ReadShareGroupStateRequest, 0, ({ shareGroup, topic }, { topicId }) => ({
    groupId: shareGroup,
    topics: stateOf({ leaderEpoch: 0 })(topicId(topic)),
  })),
  "ReadShareGroupStateSummary": of(ReadShareGroupStateSummaryRequest, 1, ({ shareGroup, topic }, { topicId }) => ({
    groupId: shareGroup,
    topics: stateOf({ leaderEpoch: 0 })(topicId(topic)),
  })),
  "WriteShareGroupState": of(WriteShareGroupStateRequest, 1, ({ shareGroup, topic }, { topicId }) => ({
    groupId: shareGroup,
    topics: stateOf({ stateEpoch: 9, leaderEpoch: 0, startOffset: 0n, stateBatches: [] })(topicId(topic)),
  })),
  "InitializeShareGroupState": of(InitializeShareGroupStateRequest, 0, ({ group, topic }, { topicId }) => ({
    groupId: group,
    topics: stateOf({ stateEpoch: 1, startOffset: 0n })(topicId(topic)),
  })),
  "DeleteShareGroupState": of(DeleteShareGroupStateRequest, 0, ({ group, topic }, { topicId }) => ({
    groupId: group,
    topics: stateOf({})(topicId(topic)),
  })),
  "ShareGroupHeartbeat that joins": of(ShareGroupHeartbeatRequest, 1, ({ shareGroup, topic }) => ({
    groupId: shareGroup,
    memberId: "joining",
    memberEpoch: 0,
    subscribedTopicNames: [topic, `${topic}-missing`],
  })),
  "ShareGroupHeartbeat of the member that leaves": of(ShareGroupHeartbeatRequest, 1, ({ shareGroup }) => ({
    groupId: shareGroup,
    memberId: "member",
    memberEpoch: -1,
  })),
  "ShareGroupHeartbeat of the other one": of(ShareGroupHeartbeatRequest, 1, ({ shareGroup }) => ({
    groupId: shareGroup,
    memberId: "joining",
    memberEpoch: -1,
  })),
  "AlterShareGroupOffsets": of(AlterShareGroupOffsetsRequest, 0, ({ shareGroup, topic }) => ({
    groupId: shareGroup,
    topics: [topic, `${topic}-missing`].map((topicName) => ({
      topicName,
      partitions: [{ partitionIndex: 0, startOffset: 0n }],
    })),
  })),
  "DeleteShareGroupOffsets": of(DeleteShareGroupOffsetsRequest, 0, ({ shareGroup, topic }) => ({
    groupId: shareGroup,
    topics: [topic, `${topic}-missing`].map((topicName) => ({ topicName })),
  })),
};

/** The expression of a member matches a topic that it may see, and one that it may not. */
export function expressionSteps({ user, topic, expressionGroup }: Belongings, hidden: string): Step[] {
  return [
    ask(ConsumerGroupHeartbeatRequest, 1, {
      groupId: expressionGroup,
      memberId: "member",
      memberEpoch: 0,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicRegex: `${topic}|${hidden}`,
      subscribedTopicNames: [],
      topicPartitions: [],
    }, { on: user, until: hasPartitions }),
    ask(ConsumerGroupDescribeRequest, 1, { groupIds: [expressionGroup] }, { on: user }),
  ];
}

function hasPartitions(answer: Json): boolean {
  const { assignment } = answer as { assignment: { topicPartitions: Json[] } | null };
  return assignment !== null && assignment.topicPartitions.length > 0;
}

/** A member of a streams group has its internal topic made. */
export function internalTopicSteps(own: Belongings): Step[] {
  return [
    ask(StreamsGroupHeartbeatRequest, 0, stateful(own), {
      on: own.user,
      until: (answer) => (answer as { status: Json[] | null }).status?.length === 0,
    }),
    ask(StreamsGroupDescribeRequest, 0, { groupIds: [own.statefulGroup] }, { on: own.user }),
  ];
}
