/**
 * Streams groups: StreamsGroupHeartbeat and StreamsGroupDescribe, and what the APIs of all groups say of them.
 *
 * @module
 */
import { configureGroup, deleteGroupConfigs } from "../support/group_configs.ts";
import { CreateTopicsRequest } from "../../../lib/protocol/messages/create_topics.ts";
import { DeleteGroupsRequest } from "../../../lib/protocol/messages/delete_groups.ts";
import { DeleteTopicsRequest } from "../../../lib/protocol/messages/delete_topics.ts";
import { DescribeGroupsRequest } from "../../../lib/protocol/messages/describe_groups.ts";
import { ListGroupsRequest } from "../../../lib/protocol/messages/list_groups.ts";
import { OffsetCommitRequest } from "../../../lib/protocol/messages/offset_commit.ts";
import { OffsetDeleteRequest } from "../../../lib/protocol/messages/offset_delete.ts";
import { OffsetFetchRequest } from "../../../lib/protocol/messages/offset_fetch.ts";
import { StreamsGroupDescribeRequest } from "../../../lib/protocol/messages/streams_group_describe.ts";
import { StreamsGroupHeartbeatRequest } from "../../../lib/protocol/messages/streams_group_heartbeat.ts";
import { UpdateFeaturesRequest } from "../../../lib/protocol/messages/update_features.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, type Step, type StepOptions, topic, untilWritable } from "../support/case.ts";
import { join, lead, untilLoaded, untilReady } from "./groups.ts";

type Heartbeat = Init<StreamsGroupHeartbeatRequest>;
type Topology = NonNullable<Heartbeat["topology"]>;
type Subtopology = NonNullable<Topology["subtopologies"]>[number];

/** Configs of groups: by default without the delays that would make the answers depend on time. */
const WITHOUT_DELAYS = { "streams.initial.rebalance.delay.ms": "0", "streams.assignment.interval.ms": "0" };

/** A case that plays with these groups, each with configs of its own, which are gone when it ends. */
function configured(
  name: string,
  groups: Readonly<Record<string, Readonly<Record<string, string>>>>,
  steps: readonly Step[],
): Case {
  const groupIds = Object.keys(groups);
  const configsOf = (groupId: string) => ({ ...WITHOUT_DELAYS, ...groups[groupId] });
  return {
    name,
    steps: [
      untilReady,
      ...groupIds.map(untilLoaded),
      ...groupIds.flatMap((groupId) => configureGroup(groupId, configsOf(groupId))),
      ...steps,
      ...groupIds.map((groupId) => deleteGroupConfigs(groupId, Object.keys(configsOf(groupId)))),
    ],
  };
}

/** A member joins. */
function enter(groupId: string, memberId: string, part: Heartbeat = {}, options: StepOptions = {}): Step {
  return ask(StreamsGroupHeartbeatRequest, 0, {
    groupId,
    memberId,
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    processId: `process of ${memberId}`,
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    clientTags: [],
    ...part,
  }, { as: `${memberId} joins`, ...options });
}

/** A member says that it is there. */
function beat(
  groupId: string,
  memberId: string,
  memberEpoch: number,
  part: Heartbeat = {},
  options: StepOptions = {},
): Step {
  return ask(StreamsGroupHeartbeatRequest, 0, { groupId, memberId, memberEpoch, ...part }, {
    as: `${memberId} in epoch ${memberEpoch}`,
    ...options,
  });
}

/** What a member has: partitions of subtopology "0" as active tasks, and as standby tasks. */
function having(active: readonly number[], standby: readonly number[] = []): Heartbeat {
  const list = (partitions: readonly number[]) => partitions.length === 0 ? [] : [{ subtopologyId: "0", partitions }];
  return { activeTasks: list(active), standbyTasks: list(standby), warmupTasks: [] };
}

function describe(...groupIds: string[]): Step {
  return ask(StreamsGroupDescribeRequest, 0, { groupIds, includeAuthorizedOperations: true });
}

/** One subtopology that reads a topic. */
function reading(source: string, part: Subtopology = {}): Topology {
  return { epoch: 0, subtopologies: [{ subtopologyId: "0", sourceTopics: [source], ...part }] };
}

/** Until the coordinator has heard of topics that were created or deleted. */
const untilNothingIsMissing: StepOptions = {
  until: (answer) => (answer as { status?: unknown[] }).status?.length === 0,
};

const life = configured("StreamsGroupHeartbeat: members come, share the tasks, and go", { life: {} }, [
  ...topic("life-in", { partitions: 4 }),
  enter("life", "one", { topology: reading("life-in") }),
  describe("life"),
  beat("life", "one", 2),
  enter("life", "two", { topology: reading("life-in"), clientTags: [{ key: "zone", value: "a" }], rackId: "r" }),
  describe("life"),
  beat("life", "one", 2, having([0, 1, 2, 3]), { as: "one has all still" }),
  beat("life", "one", 2, having([0, 1, 2, 3]), {
    as: "one has all still, as if it had missed the answer",
    differs: ["activeTasks", "standbyTasks", "warmupTasks"].map((at) => ({
      at,
      reason: "Apache Kafka tells a member its tasks once, and lets it run into its rebalance time-out",
    })),
  }),
  beat("life", "one", 2, {}, { as: "one says nothing" }),
  beat("life", "two", 3, {}, { as: "two waits" }),
  beat("life", "one", 2, having([0, 1]), { as: "one gives tasks up" }),
  beat("life", "two", 3, {}, { as: "two gets them" }),
  describe("life"),
  beat("life", "one", 2, having([0, 1]), { as: "one has missed the answer" }),
  beat("life", "one", 1, having([0, 1]), { as: "one is far behind" }),
  beat("life", "one", 9, having([0, 1]), { as: "one is ahead" }),
  beat("life", "one", 3, having([7]), { as: "a task that there is not" }),
  beat("life", "one", 3, { ...having([]), activeTasks: [{ subtopologyId: "9", partitions: [0] }] }, {
    as: "a subtopology that there is not",
  }),
  beat("life", "stranger", 1),
  enter("life", "one", { topology: reading("life-in") }, { as: "one joins again" }),
  enter("life", "three", { topology: reading("other-in") }, { as: "another topology" }),
  enter("life", "three", { topology: { ...reading("life-in"), epoch: 1 } }, { as: "a later topology" }),
  ask(ListGroupsRequest, 5, { typesFilter: ["streams"] }),
  ask(DescribeGroupsRequest, 6, { groups: ["life"] }),
  ask(DeleteGroupsRequest, 2, { groupsNames: ["life"] }, { as: "with members" }),
  beat("life", "two", -1),
  beat("life", "two", -1, {}, { as: "two leaves again" }),
  beat("life", "one", 3, { shutdownApplication: true }, { as: "one wants the end" }),
  describe("life"),
  beat("life", "one", -1),
  describe("life"),
  beat("life", "one", 3, {}, { as: "one after its end" }),
  ask(DeleteGroupsRequest, 2, { groupsNames: ["life"] }),
  describe("life"),
]);

/** Two subtopologies, of which the second keeps state, and the topics between them. */
const TWO_STEPS: Topology = {
  epoch: 0,
  subtopologies: [
    { subtopologyId: "0", sourceTopics: ["internal-in"], repartitionSinkTopics: ["internal-re"] },
    {
      subtopologyId: "1",
      repartitionSourceTopics: [{
        name: "internal-re",
        replicationFactor: 1,
        topicConfigs: [{ key: "cleanup.policy", value: "delete" }],
      }],
      stateChangelogTopics: [{ name: "internal-log", topicConfigs: [{ key: "cleanup.policy", value: "compact" }] }],
    },
  ],
};

const SECOND_HEARTBEAT =
  "Apache Kafka creates internal topics after its answer, and so assigns with the next heartbeat";

function havingOf(active: Readonly<Record<string, number[]>>, standby: Readonly<Record<string, number[]>> = {}) {
  const list = (tasks: Readonly<Record<string, number[]>>) =>
    Object.entries(tasks).map(([subtopologyId, partitions]) => ({ subtopologyId, partitions }));
  return { activeTasks: list(active), standbyTasks: list(standby), warmupTasks: [] };
}

const internalTopics = configured("StreamsGroupHeartbeat: internal topics are created, and standby tasks handed out", {
  internal: { "streams.num.standby.replicas": "1" },
}, [
  ...topic("internal-in", { partitions: 3 }),
  enter("internal", "one", { topology: TWO_STEPS }, { differs: [{ at: "", reason: SECOND_HEARTBEAT }] }),
  untilWritable("internal-re", 3),
  untilWritable("internal-log", 3),
  enter("internal", "one", { topology: TWO_STEPS }, {
    as: "one, until nothing is missing",
    ...untilNothingIsMissing,
  }),
  describe("internal"),
  enter("internal", "two", { topology: TWO_STEPS, userEndpoint: { host: "h2", port: 2 } }),
  describe("internal"),
  beat("internal", "one", 3, havingOf({ "0": [0, 1, 2], "1": [0, 1, 2] })),
  beat("internal", "one", 3, havingOf({ "0": [0, 1], "1": [0] })),
  beat("internal", "two", 4),
  describe("internal"),
  beat("internal", "two", 4, { endpointInformationEpoch: 2 }, { as: "two knows the endpoints" }),
  enter("internal", "three", {
    topology: { ...TWO_STEPS, epoch: -1 },
  }, { as: "a negative epoch", differs: [{ at: "", reason: "Apache Kafka has no name for this error" }] }),
]);

const missing = configured("StreamsGroupHeartbeat: topics that are missing, or do not fit", {
  missing: {},
  mismatch: {},
  fixed: {},
  existing: {},
  loop: {},
  unsunk: {},
  sourceless: {},
}, [
  enter("missing", "one", {
    topology: {
      epoch: 0,
      subtopologies: [{ subtopologyId: "0", sourceTopics: ["missing-d", "missing-b", "missing-a", "missing-c"] }],
    },
  }),
  describe("missing"),
  ...topic("two-in", { partitions: 2 }),
  ...topic("three-in", { partitions: 3 }),
  enter("mismatch", "one", {
    topology: reading("two-in", {
      sourceTopics: ["two-in", "three-in"],
      copartitionGroups: [{ sourceTopics: [0, 1] }],
    }),
  }),
  describe("mismatch"),
  enter("fixed", "one", {
    topology: reading("two-in", {
      repartitionSourceTopics: [{ name: "fixed-re", partitions: 5 }],
      copartitionGroups: [{ sourceTopics: [0], repartitionSourceTopics: [0] }],
    }),
  }),
  enter("existing", "one", { topology: reading("two-in", { stateChangelogTopics: [{ name: "three-in" }] }) }),
  enter("loop", "one", {
    topology: {
      epoch: 0,
      subtopologies: [
        { subtopologyId: "0", repartitionSinkTopics: ["a"], repartitionSourceTopics: [{ name: "b" }] },
        { subtopologyId: "1", repartitionSinkTopics: ["b"], repartitionSourceTopics: [{ name: "a" }] },
      ],
    },
  }),
  enter("unsunk", "one", { topology: reading("two-in", { repartitionSourceTopics: [{ name: "nobody-writes" }] }) }),
  enter("sourceless", "one", { topology: { epoch: 0, subtopologies: [{ subtopologyId: "0" }] } }),
]);

const deleted = configured("StreamsGroupHeartbeat: a source topic is deleted, and comes back larger", { deleted: {} }, [
  ...topic("deleted-in", { partitions: 2 }),
  enter("deleted", "one", { topology: reading("deleted-in") }),
  ask(DeleteTopicsRequest, 3, { topicNames: ["deleted-in"], timeoutMs: 5000 }),
  beat("deleted", "one", 2, {}, { until: (answer) => (answer as { status?: unknown[] }).status?.length === 1 }),
  describe("deleted"),
  ask(CreateTopicsRequest, 7, {
    topics: [{ name: "deleted-in", numPartitions: 3, replicationFactor: 1 }],
    timeoutMs: 5000,
  }),
  untilWritable("deleted-in", 3),
  beat("deleted", "one", 2, having([]), untilNothingIsMissing),
  describe("deleted"),
]);

const refused: Case = {
  name: "StreamsGroupHeartbeat: what is refused before any group is looked at",
  steps: [
    untilReady,
    untilLoaded("refused"),
    enter("", "one", { topology: reading("t") }, { as: "no group" }),
    enter(" ", "one", { topology: reading("t") }, { as: "a blank group" }),
    enter("refused", "", { topology: reading("t") }, { as: "no member" }),
    enter("refused", "one", { topology: reading("t"), rackId: "" }, { as: "an empty rack" }),
    enter("refused", "one", { topology: reading("t"), instanceId: "i" }, { as: "a static member" }),
    enter("refused", "one", { topology: null }, { as: "no topology" }),
    enter("refused", "one", { topology: reading("t"), rebalanceTimeoutMs: -1 }, { as: "no time-out" }),
    enter("refused", "one", { topology: reading("t"), ...having([1]) }, { as: "with tasks" }),
    enter("refused", "one", { topology: reading("t"), standbyTasks: null }, { as: "without standby tasks" }),
    enter("refused", "one", { topology: reading("t"), warmupTasks: null }, { as: "without warm-up tasks" }),
    enter("refused", "one", { topology: reading("t"), taskOffsets: [] }, { as: "with offsets" }),
    enter("refused", "one", { topology: reading("t"), taskEndOffsets: [] }, { as: "with end offsets" }),
    enter("refused", "one", {
      topology: reading("t"),
      warmupTasks: [{ subtopologyId: "0", partitions: [0] }],
    }, { as: "with warm-up tasks" }),
    enter("refused", "one", { topology: reading("t", { sourceTopicRegex: ["t.*"] }) }, { as: "an expression" }),
    enter("refused", "one", { topology: reading("__consumer_offsets") }, { as: "an internal topic" }),
    enter("refused", "one", { topology: reading("no such name?") }, { as: "a wrong name" }),
    enter("refused", "one", { topology: reading("t", { repartitionSinkTopics: ["", ".."] }) }, { as: "wrong names" }),
    enter("refused", "one", {
      topology: reading("t", { stateChangelogTopics: [{ name: "log", partitions: 2 }] }),
    }, { as: "a changelog topic of fixed size" }),
    beat("refused", "one", 1, { topology: reading("t") }, { as: "a topology too late" }),
    beat("refused", "one", 1, { activeTasks: [] }, { as: "active tasks alone" }),
    beat("refused", "one", -2, {}, { as: "a static member leaves" }),
    beat("refused", "one", -3, {}, { as: "an epoch that there is not" }),
    beat("refused", "one", -1, {}, { as: "leaves no group" }),
    beat("refused", "one", 1, {}, { as: "in no group" }),
    describe("refused", "refused"),
    describe(""),
    describe(),
  ],
};

const otherTypes = configured("streams groups beside classic groups", { "classic-one": {}, "streams-one": {} }, [
  ...topic("types-in", { partitions: 1 }),
  ...lead("classic-one"),
  enter("classic-one", "one", { topology: reading("types-in") }, { as: "joins a classic group" }),
  beat("classic-one", "one", 1),
  describe("classic-one"),
  enter("streams-one", "one", { topology: reading("types-in") }),
  join("streams-one", {}, { as: "a classic member joins" }),
  beat("streams-one", "one", -1),
  join("streams-one", {}, { as: "a classic member joins when it is empty", version: 3 }),
  describe("streams-one"),
  ask(ListGroupsRequest, 5, {}),
]);

const commit = (part: Init<OffsetCommitRequest>, options: StepOptions & { version?: number } = {}): Step =>
  ask(OffsetCommitRequest, options.version ?? 9, {
    groupId: "offsets-one",
    topics: [{ name: "offsets-in", partitions: [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: "" }] }],
    ...part,
  }, options);

const fetch = (memberId: string | null, memberEpoch: number, as: string): Step =>
  ask(OffsetFetchRequest, 9, {
    groups: [{
      groupId: "offsets-one",
      memberId,
      memberEpoch,
      topics: [{ name: "offsets-in", partitionIndexes: [0] }],
    }],
  }, { as });

const offsets = configured("offsets of streams groups", { "offsets-one": {} }, [
  ...topic("offsets-in", { partitions: 2 }),
  enter("offsets-one", "one", { topology: reading("offsets-in") }),
  commit({ memberId: "one", generationIdOrMemberEpoch: 2 }),
  commit({ memberId: "one", generationIdOrMemberEpoch: 1 }, { as: "before it had the task" }),
  commit({ memberId: "one", generationIdOrMemberEpoch: 9 }, { as: "of an epoch to come" }),
  commit({ memberId: "stranger", generationIdOrMemberEpoch: 2 }, { as: "of a stranger" }),
  commit({ memberId: "one", generationIdOrMemberEpoch: 2 }, { as: "of an old version", version: 8 }),
  commit({ memberId: "", generationIdOrMemberEpoch: -1 }, { as: "of nobody" }),
  enter("offsets-one", "two", { topology: reading("offsets-in") }),
  beat("offsets-one", "one", 2, having([0, 1])),
  beat("offsets-one", "one", 2, having([0])),
  commit({ memberId: "one", generationIdOrMemberEpoch: 2 }, { as: "behind, of a task that it keeps" }),
  commit({
    memberId: "one",
    generationIdOrMemberEpoch: 2,
    topics: [{ name: "offsets-in", partitions: [{ partitionIndex: 1, committedOffset: 5n, committedMetadata: "" }] }],
  }, { as: "behind, of a task that it has given up" }),
  fetch("one", 3, "by a member"),
  fetch("one", 2, "by a member that is behind"),
  fetch("stranger", 3, "by a stranger"),
  fetch(null, -1, "by an administrator"),
  ask(OffsetDeleteRequest, 0, {
    groupId: "offsets-one",
    topics: [{ name: "offsets-in", partitions: [{ partitionIndex: 0 }] }],
  }, { as: "in use" }),
  beat("offsets-one", "one", -1),
  beat("offsets-one", "two", -1),
  ask(OffsetDeleteRequest, 0, {
    groupId: "offsets-one",
    topics: [{ name: "offsets-in", partitions: [{ partitionIndex: 0 }] }],
  }),
  commit({ memberId: "", generationIdOrMemberEpoch: -1 }, { as: "to an empty group" }),
  ask(DeleteGroupsRequest, 2, { groupsNames: ["offsets-one"] }),
  fetch(null, -1, "of no group"),
]);

const switchedOff = configured("streams groups with streams.version 0", { off: {} }, [
  ...topic("off-in"),
  ask(UpdateFeaturesRequest, 2, {
    featureUpdates: [{ feature: "streams.version", maxVersionLevel: 0, upgradeType: 2 }],
  }, { as: "off" }),
  enter("off", "one", { topology: reading("off-in") }, {
    until: (answer) => (answer as { errorCode: number }).errorCode === 35,
  }),
  describe("off"),
  ask(UpdateFeaturesRequest, 2, {
    featureUpdates: [{ feature: "streams.version", maxVersionLevel: 1, upgradeType: 1 }],
  }, { as: "on" }),
  enter("off", "one", { topology: reading("off-in") }, {
    until: (answer) => (answer as { errorCode: number }).errorCode === 0,
  }),
]);

export const streamsGroupCases: readonly Case[] = [
  refused,
  life,
  internalTopics,
  missing,
  deleted,
  otherTypes,
  offsets,
  switchedOff,
];
