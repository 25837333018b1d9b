/**
 * Share groups: their members, their records, their offsets, and the APIs of the share coordinator.
 *
 * @module
 */
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { configureGroup, deleteGroupConfigs } from "../support/group_configs.ts";
import { AlterShareGroupOffsetsRequest } from "../../../lib/protocol/messages/alter_share_group_offsets.ts";
import { DeleteGroupsRequest } from "../../../lib/protocol/messages/delete_groups.ts";
import { DeleteShareGroupOffsetsRequest } from "../../../lib/protocol/messages/delete_share_group_offsets.ts";
import { DeleteShareGroupStateRequest } from "../../../lib/protocol/messages/delete_share_group_state.ts";
import { DescribeGroupsRequest } from "../../../lib/protocol/messages/describe_groups.ts";
import { DescribeShareGroupOffsetsRequest } from "../../../lib/protocol/messages/describe_share_group_offsets.ts";
import { FindCoordinatorRequest } from "../../../lib/protocol/messages/find_coordinator.ts";
import { InitializeShareGroupStateRequest } from "../../../lib/protocol/messages/initialize_share_group_state.ts";
import { ListGroupsRequest } from "../../../lib/protocol/messages/list_groups.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { OffsetCommitRequest } from "../../../lib/protocol/messages/offset_commit.ts";
import { OffsetDeleteRequest } from "../../../lib/protocol/messages/offset_delete.ts";
import { OffsetFetchRequest } from "../../../lib/protocol/messages/offset_fetch.ts";
import { ReadShareGroupStateRequest } from "../../../lib/protocol/messages/read_share_group_state.ts";
import { ReadShareGroupStateSummaryRequest } from "../../../lib/protocol/messages/read_share_group_state_summary.ts";
import { ShareAcknowledgeRequest } from "../../../lib/protocol/messages/share_acknowledge.ts";
import { ShareFetchRequest } from "../../../lib/protocol/messages/share_fetch.ts";
import { ShareGroupDescribeRequest } from "../../../lib/protocol/messages/share_group_describe.ts";
import { ShareGroupHeartbeatRequest } from "../../../lib/protocol/messages/share_group_heartbeat.ts";
import { WriteShareGroupStateRequest } from "../../../lib/protocol/messages/write_share_group_state.ts";
import type { Json } from "../../../lib/protocol/json.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, errorCodesOf, type Step, type StepOptions, topic } from "../support/case.ts";
import type { Known } from "../support/known.ts";
import { batch } from "../support/record_batch.ts";
import { untilReady } from "./groups.ts";
import { produce } from "./produce.ts";

const NO_TOPIC_ID = "AAAAAAAAAAAAAAAAAAAABA";
const [ACCEPT, RELEASE, REJECT, RENEW, GAP] = [1, 2, 3, 4, 0];

/** Of a share session that begins with a topic that is not there. */
const TOPIC_NAMED = [
  { at: "errorCode", barnabas: 0 },
  { at: "errorMessage" },
  { at: "acquisitionLockTimeoutMs" },
  { at: "responses" },
].map((difference) => ({
  ...difference,
  reason: "Apache Kafka fails at it, and says UNKNOWN_SERVER_ERROR of all that was asked for; Barnabas names the topic",
}));

/** Offsets, both inclusive, and what a member says of them. */
type Said = readonly [first: number, last: number, ...types: number[]];

/** Configs of a group: it reads from the beginning, and its assignments do not depend on time. */
const FROM_THE_BEGINNING = { "share.auto.offset.reset": "earliest", "share.assignment.interval.ms": "0" };

/** Makes the topic, and its id known. */
function knownTopic(name: string, partitions = 1): Step[] {
  return [...topic(name, { partitions }), ask(MetadataRequest, 12, { topics: [{ name }] })];
}

/** Waits until states of share partitions are kept. */
const untilKept: Step = ask(FindCoordinatorRequest, 6, {
  keyType: 2,
  coordinatorKeys: ["g:AAAAAAAAAAAAAAAAAAAABA:0"],
}, { as: "until share groups are coordinated", until: (answer) => errorCodesOf(answer).every((code) => code === 0) });

/** A coordinator that is loading, or whose topic is being made, is asked again. */
const LOADING: ReadonlySet<Json> = new Set([14, 15, 16]);

function isLoaded(answer: Json): boolean {
  return !errorCodesOf(answer).some((code) => LOADING.has(code));
}

function beat(
  groupId: string,
  memberId: string,
  part: Partial<Init<ShareGroupHeartbeatRequest>>,
  options: StepOptions = {},
): Step {
  return ask(ShareGroupHeartbeatRequest, 1, { groupId, memberId, memberEpoch: 0, ...part }, {
    as: `${memberId} of ${groupId}`,
    until: isLoaded,
    ...options,
  });
}

/** A member joins, and beats until it has partitions: the group is in that epoch then. */
function enter(groupId: string, memberId: string, topics: readonly string[], epoch: number): Step[] {
  return [
    beat(groupId, memberId, { subscribedTopicNames: topics }, { as: `${memberId} joins ${groupId}` }),
    beat(groupId, memberId, { memberEpoch: epoch - 1 }, {
      as: `until ${memberId} is in epoch ${epoch}`,
      until: (answer) => (answer as { memberEpoch: number }).memberEpoch === epoch,
    }),
  ];
}

function begin(groupId: string, name: string, { stateEpoch = 0, startOffset = 0n, partition = 0 } = {}): Step {
  return ask(InitializeShareGroupStateRequest, 0, ({ topicId }) => ({
    groupId,
    topics: [{ topicId: idOf(topicId, name), partitions: [{ partition, stateEpoch, startOffset }] }],
  }), { as: `${groupId} of ${name} at ${startOffset}`, until: isLoaded });
}

function idOf(topicId: Known["topicId"], name: string): string {
  return name === "no-topic" ? NO_TOPIC_ID : topicId(name);
}

interface Fetch extends StepOptions {
  readonly version?: number;
  readonly said?: readonly Said[];
  readonly partitions?: readonly number[];
  readonly part?: Partial<Init<ShareFetchRequest>>;
}

function shareFetch(groupId: string, memberId: string, epoch: number, name: string, options: Fetch = {}): Step {
  const { version = 2, said = [], partitions = [0], part, ...rest } = options;
  return ask(ShareFetchRequest, version, ({ topicId }) => ({
    groupId,
    memberId,
    shareSessionEpoch: epoch,
    maxWaitMs: 5000,
    minBytes: 1,
    maxBytes: 1_000_000,
    maxRecords: 100,
    batchSize: 100,
    topics: [{
      topicId: idOf(topicId, name),
      partitions: partitions.map((partitionIndex) => ({ partitionIndex, acknowledgementBatches: said.map(batchOf) })),
    }],
    ...part,
  }), { as: `${memberId} of ${groupId} in epoch ${epoch}`, ...rest });
}

function acknowledge(
  groupId: string,
  memberId: string,
  epoch: number,
  name: string,
  said: readonly Said[],
  options: StepOptions & { part?: Partial<Init<ShareAcknowledgeRequest>>; version?: number } = {},
): Step {
  const { part, version = 2, ...rest } = options;
  return ask(ShareAcknowledgeRequest, version, ({ topicId }) => ({
    groupId,
    memberId,
    shareSessionEpoch: epoch,
    topics: [{
      topicId: idOf(topicId, name),
      partitions: [{ partitionIndex: 0, acknowledgementBatches: said.map(batchOf) }],
    }],
    ...part,
  }), { as: `${memberId} of ${groupId} says ${said.join(" and ")}`, ...rest });
}

function batchOf([first, last, ...acknowledgeTypes]: Said) {
  return { firstOffset: BigInt(first), lastOffset: BigInt(last), acknowledgeTypes };
}

/** A batch of so many records. */
function records(name: string, count: number): Step {
  return produce(name, batch(Array.from({ length: count }, (_, index) => ({ value: `${index}` }))));
}

function offsets(groupId: string, topics: readonly string[] | null, version = 1): Step {
  const asked = topics?.map((topicName) => ({ topicName, partitions: [0] })) ?? null;
  return ask(DescribeShareGroupOffsetsRequest, version, { groups: [{ groupId, topics: asked }] }, {
    as: `offsets of ${groupId}`,
    until: isLoaded,
  });
}

const members: Case = {
  name: "ShareGroupHeartbeat: members come, share partitions, and go",
  steps: [
    untilReady,
    untilKept,
    ...knownTopic("shared-members", 2),
    ...configureGroup("share-members", FROM_THE_BEGINNING),
    ...enter("share-members", "a", ["shared-members"], 3),
    beat("share-members", "a", { memberEpoch: 3 }),
    beat("share-members", "a", { memberEpoch: 3, subscribedTopicNames: ["shared-members"] }, { as: "in full" }),
    beat("share-members", "a", { memberEpoch: 2 }, { as: "of the epoch before" }),
    beat("share-members", "a", { memberEpoch: 1 }, { as: "of an older epoch" }),
    beat("share-members", "a", { memberEpoch: 9 }, { as: "of a later epoch" }),
    beat("share-members", "stranger", { memberEpoch: 3 }, { as: "of a stranger" }),
    ask(ShareGroupDescribeRequest, 1, { groupIds: ["share-members", "none", ""], includeAuthorizedOperations: true }),
    ask(ListGroupsRequest, 5, { typesFilter: ["Share"] }),
    ask(ListGroupsRequest, 5, { typesFilter: ["share"], statesFilter: ["Empty"] }),
    ask(DescribeGroupsRequest, 6, { groups: ["share-members"] }),
    ask(DeleteGroupsRequest, 2, { groupsNames: ["share-members"] }, { as: "with a member" }),
    beat("share-members", "a", { memberEpoch: 3, subscribedTopicNames: ["shared-members", "no-topic"] }, {
      as: "more",
    }),
    beat("share-members", "a", { memberEpoch: -1 }, { as: "a leaves" }),
    beat("share-members", "a", { memberEpoch: -1 }, { as: "a leaves again" }),
    ask(ShareGroupDescribeRequest, 1, { groupIds: ["share-members"], includeAuthorizedOperations: false }),
    ask(DeleteGroupsRequest, 2, { groupsNames: ["share-members"] }, { as: "without members" }),
    ask(ShareGroupDescribeRequest, 1, { groupIds: ["share-members"], includeAuthorizedOperations: false }),
    deleteGroupConfigs("share-members", Object.keys(FROM_THE_BEGINNING)),
  ],
};

const refusedMembers: Case = {
  name: "ShareGroupHeartbeat: what is refused",
  steps: [
    untilReady,
    beat("share-refused", "a", { memberEpoch: 4 }, { as: "no group" }),
    beat("share-refused", "a", { memberEpoch: -1 }, { as: "no group to leave" }),
    beat("", "a", { subscribedTopicNames: ["t"] }, { as: "no group id" }),
    beat("share-refused", "", { subscribedTopicNames: ["t"] }, { as: "no member id" }),
    beat("share-refused", "a".repeat(37), { subscribedTopicNames: ["t"] }, { as: "a long member id" }),
    beat("share-refused", "a", { memberEpoch: -2 }, { as: "epoch -2" }),
    beat("share-refused", "a", { rackId: "", subscribedTopicNames: ["t"] }, { as: "an empty rack" }),
    beat("share-refused", "a", {}, { as: "no topics" }),
    beat("share-refused", "a", { subscribedTopicNames: [] }, { as: "an empty list of topics" }),
    beat("share-refused", "a", { subscribedTopicNames: ["no-topic"] }, { as: "a topic that is not there" }),
    ask(OffsetCommitRequest, 9, {
      groupId: "share-refused",
      topics: [{ name: "t", partitions: [{ partitionIndex: 0, committedOffset: 1n }] }],
    }),
    ask(OffsetFetchRequest, 9, { groups: [{ groupId: "share-refused", topics: null }] }),
    ask(OffsetDeleteRequest, 0, {
      groupId: "share-refused",
      topics: [{ name: "t", partitions: [{ partitionIndex: 0 }] }],
    }),
  ],
};

const life: Case = {
  name: "ShareFetch and ShareAcknowledge: records are given, released, rejected and accepted",
  steps: [
    untilReady,
    untilKept,
    ...knownTopic("shared"),
    records("shared", 5),
    records("shared", 3),
    begin("share-life", "shared"),
    shareFetch("share-life", "a", 0, "shared", { part: { maxRecords: 1 } }),
    shareFetch("share-life", "b", 0, "shared", { on: "b" }),
    shareFetch("share-life", "b", 1, "shared", { on: "b", part: { maxWaitMs: 0 }, as: "nothing is left" }),
    acknowledge("share-life", "a", 1, "shared", [[0, 1, ACCEPT], [2, 3, RELEASE], [4, 4, REJECT]]),
    shareFetch("share-life", "b", 2, "shared", { on: "b", as: "what was released" }),
    shareFetch("share-life", "b", 3, "shared", {
      on: "b",
      said: [[2, 3, ACCEPT, GAP], [5, 7, ACCEPT]],
      part: { maxWaitMs: 0 },
    }),
    offsets("share-life", ["shared"]),
    offsets("share-life", ["shared"], 0),
    records("shared", 2),
    shareFetch("share-life", "a", 2, "shared"),
    shareFetch("share-life", "a", -1, "shared", { part: { topics: [] }, as: "a's session ends" }),
    shareFetch("share-life", "b", 4, "shared", { on: "b", as: "what a had" }),
    acknowledge("share-life", "b", -1, "shared", [[8, 8, ACCEPT]], { on: "b" }),
    shareFetch("share-life", "b", 0, "shared", { on: "b", as: "a new session" }),
    shareFetch("share-life", "b", 1, "shared", { on: "b", said: [[9, 9, RELEASE]], version: 1 }),
  ],
};

const refusedRecords: Case = {
  name: "ShareFetch and ShareAcknowledge: what is refused",
  steps: [
    untilReady,
    untilKept,
    ...knownTopic("shared-refused"),
    records("shared-refused", 4),
    begin("share-no", "shared-refused"),
    shareFetch("share-no", "a", 3, "shared-refused", { as: "no session" }),
    shareFetch("share-no", "a", -1, "shared-refused", { as: "no session to end" }),
    shareFetch("share-no", "a", 0, "shared-refused", { said: [[0, 0, ACCEPT]], as: "acknowledged at the start" }),
    shareFetch("share-no", "", 0, "shared-refused", { as: "no member id" }),
    shareFetch("share-no", "a".repeat(37), 0, "shared-refused", { as: "a long member id" }),
    shareFetch("share-no", "a", 0, "shared-refused", { part: { groupId: null }, as: "no group id" }),
    acknowledge("share-no", "a", 0, "shared-refused", [[0, 0, ACCEPT]], { as: "epoch 0" }),
    acknowledge("share-no", "a", 1, "shared-refused", [[0, 0, ACCEPT]], { as: "no session" }),
    shareFetch("share-no", "a", 0, "shared-refused"),
    shareFetch("share-no", "a", 5, "shared-refused", { as: "wrong epoch" }),
    acknowledge("share-no", "a", 5, "shared-refused", [[0, 0, ACCEPT]], { as: "wrong epoch" }),
    acknowledge("share-no", "a", 1, "shared-refused", [[2, 1, ACCEPT]], { as: "an end before its start" }),
    acknowledge("share-no", "a", 2, "shared-refused", [[0, 3, ACCEPT, ACCEPT]], { as: "too few types" }),
    acknowledge("share-no", "a", 3, "shared-refused", [[0, 3]], { as: "no type" }),
    acknowledge("share-no", "a", 4, "shared-refused", [[0, 3, 9]], { as: "no such type" }),
    acknowledge("share-no", "a", 5, "shared-refused", [[0, 3, RENEW]], { as: "renewed without saying so" }),
    acknowledge("share-no", "a", 6, "shared-refused", [[0, 2, ACCEPT], [1, 3, ACCEPT]], { as: "twice" }),
    acknowledge("share-no", "a", 7, "shared-refused", [[3, 4, ACCEPT]], { as: "beyond what was given" }),
    acknowledge("share-no", "a", 8, "shared-refused", [[9, 9, ACCEPT]], { as: "what was not given" }),
    acknowledge("share-no", "a", 9, "no-topic", [[0, 0, ACCEPT]], { as: "no topic" }),
    shareFetch("share-no", "b", 0, "shared-refused", { on: "b", part: { maxWaitMs: 0 } }),
    acknowledge("share-no", "b", 1, "shared-refused", [[0, 0, ACCEPT]], { on: "b", as: "another member's" }),
    acknowledge("share-no", "a", 10, "shared-refused", [[0, 3, RENEW]], { part: { isRenewAck: true }, as: "renewed" }),
    shareFetch("share-no", "a", 11, "shared-refused", { part: { isRenewAck: true }, as: "renewed, with limits" }),
    shareFetch("share-no", "a", 11, "shared-refused", {
      said: [[0, 3, RENEW]],
      part: { isRenewAck: true, maxBytes: 0, minBytes: 0, maxRecords: 0, maxWaitMs: 0 },
      as: "renewed, without limits",
    }),
    acknowledge("share-no", "a", 12, "shared-refused", [[0, 3, ACCEPT]]),
    acknowledge("share-no", "a", 13, "shared-refused", [[0, 3, ACCEPT]], { as: "again" }),
    shareFetch("share-no", "c", 0, "no-topic", { on: "c", differs: TOPIC_NAMED }),
    shareFetch("share-none", "c", 0, "shared-refused", { on: "c", as: "a group that has not begun" }),
    shareFetch("share-no", "c", 0, "shared-refused", { on: "c", partitions: [7], as: "no such partition" }),
    shareFetch("share-no", "c", 1, "shared-refused", { on: "c", part: { maxRecords: 0 }, as: "no records wanted" }),
  ],
};

const portions: Case = {
  name: "ShareFetch: batches and numbers of records",
  steps: [
    untilReady,
    untilKept,
    ...knownTopic("shared-portions"),
    ...[5, 5, 5, 5].map((count) => records("shared-portions", count)),
    begin("share-portions", "shared-portions"),
    shareFetch("share-portions", "a", 0, "shared-portions", { part: { maxRecords: 7, batchSize: 4 } }),
    shareFetch("share-portions", "b", 0, "shared-portions", { on: "b", part: { maxRecords: 3, shareAcquireMode: 1 } }),
    shareFetch("share-portions", "b", 1, "shared-portions", { on: "b", part: { maxRecords: 3, shareAcquireMode: 1 } }),
    shareFetch("share-portions", "b", 2, "shared-portions", { on: "b" }),
    acknowledge("share-portions", "a", 1, "shared-portions", [[3, 6, RELEASE]]),
    shareFetch("share-portions", "a", 2, "shared-portions", { part: { maxRecords: 1 } }),
    shareFetch("share-portions", "a", 3, "shared-portions"),
  ],
};

const administration: Case = {
  name: "offsets of share groups are altered, described and deleted",
  steps: [
    untilReady,
    untilKept,
    ...knownTopic("shared-offsets"),
    ...knownTopic("shared-other"),
    records("shared-offsets", 5),
    offsets("share-offsets", ["shared-offsets", "no-topic"]),
    offsets("share-offsets", null),
    offsets("share-offsets", []),
    ask(AlterShareGroupOffsetsRequest, 0, {
      groupId: "share-offsets",
      topics: [
        {
          topicName: "shared-offsets",
          partitions: [{ partitionIndex: 0, startOffset: 2n }, { partitionIndex: 9, startOffset: 0n }],
        },
        { topicName: "no-topic", partitions: [{ partitionIndex: 0, startOffset: 2n }] },
      ],
    }, { until: isLoaded }),
    offsets("share-offsets", ["shared-offsets", "no-topic"]),
    offsets("share-offsets", null),
    shareFetch("share-offsets", "a", 0, "shared-offsets"),
    ask(AlterShareGroupOffsetsRequest, 0, { groupId: "", topics: [] }, { as: "no group" }),
    ask(DeleteShareGroupOffsetsRequest, 0, {
      groupId: "share-offsets",
      topics: ["shared-offsets", "shared-other", "no-topic"].map((topicName) => ({ topicName })),
    }, { until: isLoaded }),
    offsets("share-offsets", null),
    ask(DeleteShareGroupOffsetsRequest, 0, { groupId: "", topics: [] }, { as: "no group id" }),
    ask(DeleteShareGroupOffsetsRequest, 0, { groupId: "none", topics: [{ topicName: "shared-offsets" }] }, {
      as: "no group",
      until: isLoaded,
    }),
  ],
};

/** What the share coordinator is told of a partition. */
function write(
  name: string,
  part: Init<WriteShareGroupStateRequest["topics"][number]["partitions"][number]>,
  as: string,
) {
  return ask(WriteShareGroupStateRequest, 1, ({ topicId }) => ({
    groupId: "share-state",
    topics: [{ topicId: idOf(topicId, name), partitions: [{ partition: 0, ...part }] }],
  }), { as });
}

function read(name: string, leaderEpoch: number, partition = 0): Step {
  return ask(ReadShareGroupStateRequest, 0, ({ topicId }) => ({
    groupId: "share-state",
    topics: [{ topicId: idOf(topicId, name), partitions: [{ partition, leaderEpoch }] }],
  }), { as: `${name}-${partition} in leader epoch ${leaderEpoch}`, until: isLoaded });
}

function summary(name: string, version: number, partition = 0, options: StepOptions = {}): Step {
  return ask(ReadShareGroupStateSummaryRequest, version, ({ topicId }) => ({
    groupId: "share-state",
    topics: [{ topicId: idOf(topicId, name), partitions: [{ partition, leaderEpoch: -1 }] }],
  }), { as: `${name}-${partition}`, ...options });
}

/** Its coordinator learns of a topic a little after who has made it. */
const untilTopicIsKnown: StepOptions = {
  until: (answer) => !errorCodesOf(answer).includes(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
};

const states: Case = {
  name: "the states of share partitions are kept and told",
  steps: [
    untilReady,
    untilKept,
    ...knownTopic("kept"),
    read("kept", 0),
    write("kept", { stateEpoch: 0, leaderEpoch: 0, startOffset: 0n }, "before it is made"),
    summary("kept", 1, 0, untilTopicIsKnown),
    begin("share-state", "kept", { stateEpoch: 2, startOffset: 3n }),
    begin("share-state", "kept", { stateEpoch: 1 }),
    begin("share-state", "kept", { partition: -1 }),
    begin("share-state", "kept", { partition: 9 }),
    begin("share-state", "no-topic"),
    read("kept", -1),
    write("kept", {
      stateEpoch: 2,
      leaderEpoch: 0,
      startOffset: 4n,
      deliveryCompleteCount: 3,
      stateBatches: [
        { firstOffset: 3n, lastOffset: 8n, deliveryState: 0, deliveryCount: 1 },
        { firstOffset: 9n, lastOffset: 12n, deliveryState: 2, deliveryCount: 1 },
      ],
    }, "two batches"),
    read("kept", 5),
    write("kept", {
      stateEpoch: 2,
      leaderEpoch: 5,
      startOffset: -1n,
      deliveryCompleteCount: 4,
      stateBatches: [
        { firstOffset: 6n, lastOffset: 10n, deliveryState: 2, deliveryCount: 2 },
        { firstOffset: 11n, lastOffset: 11n, deliveryState: 4, deliveryCount: 1 },
      ],
    }, "laid over"),
    read("kept", 5),
    read("kept", 4),
    write("kept", { stateEpoch: 2, leaderEpoch: 4, startOffset: 0n }, "an older leader epoch"),
    write("kept", { stateEpoch: 1, leaderEpoch: 5, startOffset: 0n }, "an older state epoch"),
    summary("kept", 0),
    summary("kept", 1),
    summary("kept", 1, -1),
    summary("no-topic", 1),
    read("kept", 0, 9),
    ask(DeleteShareGroupStateRequest, 0, ({ topicId }) => ({
      groupId: "share-state",
      topics: [{ topicId: topicId("kept"), partitions: [{ partition: 0 }] }],
    })),
    summary("kept", 1),
    ask(DeleteShareGroupStateRequest, 0, { groupId: "", topics: [] }, { as: "no group" }),
    ask(ReadShareGroupStateRequest, 0, { groupId: "share-state", topics: [] }, { as: "no topic" }),
    ask(ReadShareGroupStateRequest, 0, { groupId: "share-state", topics: [{ topicId: NO_TOPIC_ID }] }, {
      as: "no partition",
    }),
    ...["g", "g:0", `g:${NO_TOPIC_ID}:x`, ` :${NO_TOPIC_ID}:0`, `a:b:${NO_TOPIC_ID}:0`].map((key) =>
      ask(FindCoordinatorRequest, 6, { keyType: 2, coordinatorKeys: [key] }, { as: `key ${key}` })
    ),
    ask(FindCoordinatorRequest, 5, { keyType: 2, coordinatorKeys: [`g:${NO_TOPIC_ID}:0`] }, { as: "before version 6" }),
  ],
};

export const shareGroupCases: readonly Case[] = [
  members,
  refusedMembers,
  life,
  refusedRecords,
  portions,
  administration,
  states,
];
