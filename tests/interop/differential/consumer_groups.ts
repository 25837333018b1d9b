/**
 * Consumer groups of the new protocol: ConsumerGroupHeartbeat and ConsumerGroupDescribe, what the APIs of all groups say
 * of them, and members of the classic protocol in them.
 *
 * @module
 */
import { configureGroup, setGroupConfigs } from "../support/group_configs.ts";
import { ConsumerGroupDescribeRequest } from "../../../lib/protocol/messages/consumer_group_describe.ts";
import { ConsumerGroupHeartbeatRequest } from "../../../lib/protocol/messages/consumer_group_heartbeat.ts";
import { CreatePartitionsRequest } from "../../../lib/protocol/messages/create_partitions.ts";
import { DeleteGroupsRequest } from "../../../lib/protocol/messages/delete_groups.ts";
import { DeleteTopicsRequest } from "../../../lib/protocol/messages/delete_topics.ts";
import { DescribeGroupsRequest } from "../../../lib/protocol/messages/describe_groups.ts";
import { HeartbeatRequest } from "../../../lib/protocol/messages/heartbeat.ts";
import { LeaveGroupRequest } from "../../../lib/protocol/messages/leave_group.ts";
import { ListGroupsRequest } from "../../../lib/protocol/messages/list_groups.ts";
import { OffsetCommitRequest } from "../../../lib/protocol/messages/offset_commit.ts";
import { OffsetDeleteRequest } from "../../../lib/protocol/messages/offset_delete.ts";
import { OffsetFetchRequest } from "../../../lib/protocol/messages/offset_fetch.ts";
import { ConsumerProtocolSubscription, encodeVersioned } from "../../../lib/protocol/records/mod.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, type Step, type StepOptions, topic, untilWritable } from "../support/case.ts";
import type { Known } from "../support/known.ts";
import { join, lead, sync, untilLoaded, untilReady } from "./groups.ts";

type Heartbeat = Init<ConsumerGroupHeartbeatRequest>;

/** What a member of the classic protocol says: version 3, with what it owns. */
const SUBSCRIPTION_VERSION = 3;

/** Assignments follow each other at once. */
const AT_ONCE = { "consumer.assignment.interval.ms": "0" };

/** A group that can be asked for, and whose assignments follow each other at once. */
function begin(groupId: string, ...topics: readonly [string, number][]): Step[] {
  const created = topics.flatMap(([name, partitions]) => topic(name, { partitions }));
  return [untilReady, untilLoaded(groupId), ...created, ...configureGroup(groupId, AT_ONCE)];
}

/** A member joins. */
function enter(groupId: string, memberId: string, part: Heartbeat = {}, options: StepOptions = {}): Step {
  return ask(ConsumerGroupHeartbeatRequest, 1, {
    groupId,
    memberId,
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: [groupId],
    topicPartitions: [],
    ...part,
  }, { as: `${memberId} joins`, ...options });
}

/** What a member has of the topic that is called as its group is. */
type Owned = readonly number[] | null;

/** A member says that it is there, and what it has. */
function beat(
  groupId: string,
  memberId: string,
  memberEpoch: number,
  owned: Owned = null,
  part: Heartbeat = {},
  options: StepOptions = {},
): Step {
  return ask(ConsumerGroupHeartbeatRequest, 1, (known: Known) => ({
    groupId,
    memberId,
    memberEpoch,
    topicPartitions: owned === null
      ? null
      : owned.length === 0
      ? []
      : [{ topicId: known.topicId(groupId), partitions: owned }],
    ...part,
  }), { as: `${memberId} in epoch ${memberEpoch} with ${owned}`, ...options });
}

/** Apache Kafka's coordinator hears a little later of what has become of topics. */
function untilIn(memberEpoch: number): StepOptions {
  return { until: (answer) => (answer as { memberEpoch: number }).memberEpoch === memberEpoch };
}

function describe(groupId: string, version = 1, options: StepOptions = {}): Step {
  return ask(ConsumerGroupDescribeRequest, version, { groupIds: [groupId], includeAuthorizedOperations: true }, {
    as: groupId,
    ...options,
  });
}

function list(states: string[], types: string[]): Step {
  return ask(ListGroupsRequest, 5, { statesFilter: states, typesFilter: types }, {
    as: `states ${states} types ${types}`,
  });
}

function commit(groupId: string, version: number, part: Init<OffsetCommitRequest>): Step {
  return ask(OffsetCommitRequest, version, (known: Known) => ({
    groupId,
    topics: [{
      ...(version >= 10 ? { topicId: known.topicId(groupId) } : { name: groupId }),
      partitions: [0, 1].map((partitionIndex) => ({ partitionIndex, committedOffset: 7n })),
    }],
    ...part,
  }), { as: `${part.memberId} in ${part.generationIdOrMemberEpoch}` });
}

function fetch(groupId: string, memberId: string | null, memberEpoch: number): Step {
  return ask(OffsetFetchRequest, 9, {
    groups: [{ groupId, memberId, memberEpoch, topics: [{ name: groupId, partitionIndexes: [0] }] }],
    requireStable: false,
  }, { as: `${memberId} in ${memberEpoch}` });
}

const refused: Case = {
  name: "ConsumerGroupHeartbeat: what is refused",
  steps: [
    ...begin("cg-refused", ["cg-refused", 2]),
    ask(ConsumerGroupHeartbeatRequest, 0, { groupId: "", memberId: "m", memberEpoch: 1 }, { as: "no group" }),
    enter("cg-refused", "", {}, { as: "no member id" }),
    enter("cg-refused", "m", { instanceId: "" }, { as: "empty instance" }),
    enter("cg-refused", "m", { rackId: " " }, { as: "blank rack" }),
    enter("cg-refused", "m", { rebalanceTimeoutMs: -1 }, { as: "no rebalance timeout" }),
    enter("cg-refused", "m", { topicPartitions: null }, { as: "does not say what it has" }),
    enter("cg-refused", "m", { subscribedTopicNames: null }, { as: "no subscription" }),
    enter("cg-refused", "m", { serverAssignor: "sticky" }, { as: "no such assignor" }),
    enter("cg-refused", "m", { subscribedTopicNames: [], subscribedTopicRegex: "a(b" }, { as: "no expression" }),
    beat("cg-refused", "m", -3, null, {}, { as: "no such epoch" }),
    beat("cg-refused", "m", -2, null, {}, { as: "leaves for now, and is not static" }),
    beat("cg-refused", "m", 1, null, {}, { as: "of no group" }),
    beat("cg-refused", "m", -1, null, {}, { as: "leaves no group" }),
    describe("cg-refused"),
    enter("cg-refused", "m"),
    beat("cg-refused", "stranger", 2),
    beat("cg-refused", "stranger", -1),
    beat("cg-refused", "m", 7),
    beat("cg-refused", "m", 1),
    beat("cg-refused", "m", 2, null, { instanceId: "i" }, { as: "of no such instance" }),
    ...[0, 1].map((version) => describe("not-there", version)),
    describe("", 1),
    ask(ConsumerGroupDescribeRequest, 1, { groupIds: [] }, { as: "nothing" }),
    ask(DescribeGroupsRequest, 6, { groups: ["cg-refused"] }),
    ask(DescribeGroupsRequest, 5, { groups: ["cg-refused"] }),
    ask(DeleteGroupsRequest, 2, { groupsNames: ["cg-refused"] }, { as: "with members" }),
    beat("cg-refused", "m", -1, null, {}, { as: "leaves" }),
    describe("cg-refused"),
    beat("cg-refused", "m", 2, null, {}, { as: "after it has left" }),
    ask(DeleteGroupsRequest, 2, { groupsNames: ["cg-refused"] }),
    describe("cg-refused"),
  ],
};

/** Members share, give up and take over, step by step. */
function sharing(assignor: string): Case {
  const groupId = `cg-${assignor}`;
  const asking = { serverAssignor: assignor };
  return {
    name: `members share the partitions of a topic by ${assignor}, and more of them, and fewer members`,
    steps: [
      ...begin(groupId, [groupId, 6]),
      enter(groupId, "a", asking),
      describe(groupId),
      enter(groupId, "b", asking),
      describe(groupId),
      beat(groupId, "b", 3),
      beat(groupId, "a", 2, [0, 1, 2, 3, 4, 5]),
      describe(groupId),
      beat(groupId, "a", 2, [0, 1, 2, 3, 4, 5], {}, { as: "it has not given up yet" }),
      beat(groupId, "a", 2, [0, 1, 2], {}, { as: "it has" }),
      beat(groupId, "b", 3),
      describe(groupId),
      enter(groupId, "c", asking),
      beat(groupId, "a", 3, [0, 1, 2]),
      beat(groupId, "b", 3, [3, 4, 5]),
      beat(groupId, "a", 3, [0, 1]),
      beat(groupId, "c", 4, []),
      beat(groupId, "b", 3, [3, 4]),
      beat(groupId, "b", 3, [4, 5]),
      beat(groupId, "b", 3, [2, 3]),
      beat(groupId, "c", 4),
      describe(groupId),
      ask(CreatePartitionsRequest, 3, { topics: [{ name: groupId, count: 9, assignments: null }], timeoutMs: 1000 }),
      untilWritable(groupId, 9),
      beat(groupId, "a", 4, [0, 1], {}, untilIn(5)),
      beat(groupId, "b", 4, [2, 3]),
      beat(groupId, "c", 4, [4, 5]),
      beat(groupId, "a", 5, [0, 1]),
      describe(groupId),
      beat(groupId, "b", -1, null, {}, { as: "b leaves" }),
      beat(groupId, "a", 5, [0, 1]),
      beat(groupId, "c", 5, [4, 5]),
      beat(groupId, "c", 6, null, {
        rebalanceTimeoutMs: 60_000,
        subscribedTopicNames: [groupId],
        topicPartitions: [],
      }, { as: "c says all of itself" }),
      list([], ["consumer"]),
      list(["stable", "reconciling"], ["Consumer"]),
      list(["empty"], ["consumer"]),
      ask(DeleteTopicsRequest, 6, { topics: [{ name: groupId }], timeoutMs: 1000 }),
      beat(groupId, "a", 6, [], {}, untilIn(7)),
      beat(groupId, "a", 7, []),
      beat(groupId, "a", -1, null, {}, { as: "a leaves" }),
      beat(groupId, "c", -1, null, {}, { as: "c leaves" }),
    ],
  };
}

const lostAnswer: Case = {
  name: "a member that has missed an answer is not fenced, one that has more than it should is",
  steps: [
    ...begin("cg-lost", ["cg-lost", 2]),
    enter("cg-lost", "a"),
    enter("cg-lost", "a", {}, { as: "a joins again" }),
    beat("cg-lost", "a", 0, null, {}, { as: "joins and does not say what it has" }),
    enter("cg-lost", "b"),
    beat("cg-lost", "a", 2, [0, 1]),
    beat("cg-lost", "a", 2, [0]),
    beat("cg-lost", "a", 2, [0], {}, { as: "a has missed the answer" }),
    beat("cg-lost", "a", 2, [0, 1], {}, { as: "a has too much" }),
    beat("cg-lost", "a", 2, null, {}, { as: "a does not say what it has" }),
    describe("cg-lost"),
  ],
};

const staticMembers: Case = {
  name: "a static member leaves for now, comes back under another id, and its double is refused",
  steps: [
    ...begin("cg-static", ["cg-static", 4]),
    enter("cg-static", "a", { instanceId: "one" }),
    enter("cg-static", "a", { instanceId: "one" }, {
      as: "a has missed the answer, and joins again",
      differs: [{
        at: "",
        reason: "Apache Kafka refuses a static member that asks once more, though it is the very same one, until its " +
          "session ends",
      }],
    }),
    enter("cg-static", "b", { instanceId: "two" }),
    beat("cg-static", "a", 2, [0, 1, 2, 3], { instanceId: "one" }),
    beat("cg-static", "a", 2, [0, 1], { instanceId: "one" }),
    beat("cg-static", "b", 3, [], { instanceId: "two" }),
    enter("cg-static", "double", { instanceId: "one" }),
    beat("cg-static", "double", 3, [], { instanceId: "one" }),
    beat("cg-static", "double", -2, null, { instanceId: "one" }),
    beat("cg-static", "a", -2, null, { instanceId: "one" }, { as: "a leaves for now" }),
    describe("cg-static"),
    beat("cg-static", "a", 3, [0, 1], { instanceId: "one" }, { as: "a after it has left" }),
    enter("cg-static", "a2", { instanceId: "one" }),
    describe("cg-static"),
    beat("cg-static", "a2", 3, [0, 1], { instanceId: "one" }),
    beat("cg-static", "a", 3, [0, 1], { instanceId: "one" }, { as: "the former" }),
    beat("cg-static", "b", -1, null, { instanceId: "two" }, { as: "b leaves for good" }),
    beat("cg-static", "a2", 3, [0, 1], { instanceId: "one" }),
    ask(LeaveGroupRequest, 5, {
      groupId: "cg-static",
      members: [{ memberId: "", groupInstanceId: "two" }, { memberId: "", groupInstanceId: "one" }],
    }),
    describe("cg-static"),
  ],
};

const offsets: Case = {
  name: "offsets of a consumer group: who commits, who fetches, and who deletes",
  steps: [
    ...begin("cg-offsets", ["cg-offsets", 2]),
    commit("cg-offsets", 9, { memberId: "", generationIdOrMemberEpoch: -1 }),
    enter("cg-offsets", "a"),
    commit("cg-offsets", 9, { memberId: "", generationIdOrMemberEpoch: -1 }),
    commit("cg-offsets", 9, { memberId: "stranger", generationIdOrMemberEpoch: 2 }),
    commit("cg-offsets", 9, { memberId: "a", generationIdOrMemberEpoch: 3 }),
    commit("cg-offsets", 9, { memberId: "a", generationIdOrMemberEpoch: 1 }),
    commit("cg-offsets", 8, { memberId: "a", generationIdOrMemberEpoch: 2 }),
    commit("cg-offsets", 9, { memberId: "a", generationIdOrMemberEpoch: 2 }),
    commit("cg-offsets", 10, { memberId: "a", generationIdOrMemberEpoch: 2 }),
    fetch("cg-offsets", null, -1),
    fetch("cg-offsets", "a", 2),
    fetch("cg-offsets", "a", 1),
    fetch("cg-offsets", "stranger", 2),
    fetch("cg-offsets", "", -1),
    enter("cg-offsets", "b"),
    beat("cg-offsets", "a", 2, [0, 1]),
    commit("cg-offsets", 9, { memberId: "a", generationIdOrMemberEpoch: 2 }),
    beat("cg-offsets", "a", 2, [0]),
    beat("cg-offsets", "b", 3, []),
    commit("cg-offsets", 9, { memberId: "a", generationIdOrMemberEpoch: 2 }),
    commit("cg-offsets", 9, { memberId: "b", generationIdOrMemberEpoch: 3 }),
    ask(OffsetDeleteRequest, 0, {
      groupId: "cg-offsets",
      topics: [{ name: "cg-offsets", partitions: [{ partitionIndex: 0 }] }],
    }, { as: "subscribed" }),
    beat("cg-offsets", "a", -1, null, {}, { as: "a leaves" }),
    beat("cg-offsets", "b", -1, null, {}, { as: "b leaves" }),
    commit("cg-offsets", 9, { memberId: "", generationIdOrMemberEpoch: -1 }),
    ask(OffsetDeleteRequest, 0, {
      groupId: "cg-offsets",
      topics: [{ name: "cg-offsets", partitions: [{ partitionIndex: 0 }] }],
    }, { as: "no longer subscribed" }),
    fetch("cg-offsets", null, -1),
    ask(DeleteGroupsRequest, 2, { groupsNames: ["cg-offsets"] }),
  ],
};

const settings: Case = {
  name: "the configs of a group: heartbeat interval and what is out of bounds",
  steps: [
    ...begin("cg-settings", ["cg-settings", 1]),
    ...configureGroup("cg-settings", {
      "consumer.heartbeat.interval.ms": "7000",
      "consumer.session.timeout.ms": "50000",
    }),
    enter("cg-settings", "a"),
    setGroupConfigs("cg-settings", { "consumer.heartbeat.interval.ms": "1" }),
    setGroupConfigs("cg-settings", { "consumer.session.timeout.ms": "100000" }),
    beat("cg-settings", "a", -1),
  ],
};

/** What a member of the classic protocol says of its subscription. */
function classic(groupId: string, owned: readonly number[]): Uint8Array {
  return encodeVersioned(ConsumerProtocolSubscription, SUBSCRIPTION_VERSION, {
    topics: [groupId],
    ownedPartitions: owned.length === 0 ? [] : [{ topic: groupId, partitions: [...owned] }],
  });
}

function rejoin(groupId: string, memberId: string | ((known: Known) => string), owned: readonly number[]): Step {
  return join(groupId, (known) => ({
    memberId: typeof memberId === "string" ? memberId : memberId(known),
    protocols: [{ name: "range", metadata: classic(groupId, owned) }],
  }));
}

function classicHeartbeat(groupId: string, generationId: number): Step {
  return ask(HeartbeatRequest, 4, (known: Known) => ({ groupId, generationId, memberId: known.memberId() }));
}

const migration: Case = {
  name: "a classic group becomes a consumer group while its member works, and a classic group again",
  steps: [
    ...begin("cg-moves", ["cg-moves", 4]),
    rejoin("cg-moves", "", []),
    rejoin("cg-moves", (known) => known.memberId(), []),
    sync("cg-moves", (known) => ({ memberId: known.memberId() })),
    // The other assignor takes members by the hashes of their ids, which each broker makes by itself.
    enter("cg-moves", "new", { serverAssignor: "range" }),
    describe("cg-moves"),
    classicHeartbeat("cg-moves", 1),
    rejoin("cg-moves", (known) => known.memberId(), []),
    sync("cg-moves", (known) => ({ memberId: known.memberId(), generationId: 2 })),
    beat("cg-moves", "new", 2, []),
    classicHeartbeat("cg-moves", 2),
    describe("cg-moves"),
    join("cg-moves", { protocols: [{ name: "other", metadata: classic("cg-moves", []) }] }, { as: "other protocol" }),
    commit("cg-moves", 9, { memberId: "new", generationIdOrMemberEpoch: 2 }),
    beat("cg-moves", "new", -1, null, {}, { as: "the last member of the consumer protocol leaves" }),
    ask(ListGroupsRequest, 5, { statesFilter: [], typesFilter: ["classic"] }),
    classicHeartbeat("cg-moves", 2),
    describe("cg-moves"),
  ],
};

const takeover: Case = {
  name: "an empty group of one protocol is taken over by the other",
  steps: [
    ...begin("cg-empty", ["cg-empty", 1]),
    enter("cg-empty", "a"),
    beat("cg-empty", "a", -1),
    ...lead("cg-empty"),
    describe("cg-empty"),
    enter("cg-empty", "b", {}, { as: "b joins while members speak a protocol that cannot be read" }),
    ask(LeaveGroupRequest, 5, (known: Known) => ({
      groupId: "cg-empty",
      members: [{ memberId: known.memberId(), groupInstanceId: null }],
    })),
    enter("cg-empty", "b"),
    describe("cg-empty"),
    beat("cg-empty", "b", -1),
  ],
};

/** Apache Kafka matches expressions after it has answered; Barnabas, where topics are few, before. */
const expressions: Case = {
  name: "members subscribe to regular expressions, and to others",
  steps: [
    ...begin("cg-regex", ["cg-regex-a", 1], ["cg-regex-b", 1], ["cg-regexb", 1]),
    enter("cg-regex", "a", { subscribedTopicNames: [], subscribedTopicRegex: "cg-regex-[ab]" }, untilIn(2)),
    beat("cg-regex", "a", 2),
    describe("cg-regex"),
    describe("cg-regex", 0),
    enter("cg-regex", "b", { subscribedTopicNames: [], subscribedTopicRegex: "cg-regex-[ab]" }, untilIn(3)),
    beat("cg-regex", "a", 2, null, { subscribedTopicRegex: "(?=x)" }, { as: "what RE2 does not have" }),
    beat("cg-regex", "b", -1, null, {}, { as: "b leaves" }),
    beat("cg-regex", "a", 2, null, { subscribedTopicRegex: "", subscribedTopicNames: ["cg-regexb"] }),
    beat("cg-regex", "a", 2, []),
    describe("cg-regex"),
    beat("cg-regex", "a", -1, null, {}, { as: "a leaves" }),
  ],
};

export const consumerGroupCases: readonly Case[] = [
  refused,
  sharing("uniform"),
  sharing("range"),
  lostAnswer,
  staticMembers,
  offsets,
  settings,
  migration,
  takeover,
  expressions,
];
