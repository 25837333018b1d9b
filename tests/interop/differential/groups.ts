/**
 * Classic groups: FindCoordinator, JoinGroup, SyncGroup, Heartbeat, LeaveGroup, DescribeGroups, ListGroups,
 * DeleteGroups.
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { DeleteGroupsRequest } from "../../../lib/protocol/messages/delete_groups.ts";
import { DescribeGroupsRequest } from "../../../lib/protocol/messages/describe_groups.ts";
import { FindCoordinatorRequest } from "../../../lib/protocol/messages/find_coordinator.ts";
import { HeartbeatRequest } from "../../../lib/protocol/messages/heartbeat.ts";
import { JoinGroupRequest } from "../../../lib/protocol/messages/join_group.ts";
import { LeaveGroupRequest } from "../../../lib/protocol/messages/leave_group.ts";
import { ListGroupsRequest } from "../../../lib/protocol/messages/list_groups.ts";
import { SyncGroupRequest } from "../../../lib/protocol/messages/sync_group.ts";
import { ConsumerProtocolSubscription, encodeVersioned } from "../../../lib/protocol/records/mod.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, slow, type Step, type StepOptions, type Value } from "../support/case.ts";
import type { Known } from "../support/known.ts";

const SESSION_TIMEOUT_MS = 60_000;
const REBALANCE_TIMEOUT_MS = 60_000;
const ASSIGNMENT = new Uint8Array([1, 2, 3]);

/** Part of a request that may depend on what answers showed. */
type Part<T> = Partial<Init<T>> | ((known: Known) => Partial<Init<T>>);

function withPart<T>(base: Init<T>, part: Part<T>): Value<T> {
  return (known) => Object.assign({}, base, typeof part === "function" ? part(known) : part);
}

/** A member's subscription to topics. */
export function subscription(...topics: string[]): Uint8Array {
  return encodeVersioned(ConsumerProtocolSubscription, 0, { topics });
}

/** Waits until groups are coordinated. */
export const untilReady: Step = ask(FindCoordinatorRequest, 4, { keyType: 0, coordinatorKeys: ["any"] }, {
  as: "until groups are coordinated",
  until: (answer) => (answer as { coordinators: { errorCode: number }[] }).coordinators[0].errorCode === 0,
});

/** Waits until the coordinator has loaded the group's part. */
export function untilLoaded(groupId: string): Step {
  return ask(HeartbeatRequest, 4, { groupId, generationId: 0, memberId: "nobody" }, {
    as: `until ${groupId} can be asked for`,
    until: (answer) => (answer as { errorCode: number }).errorCode === UNKNOWN_MEMBER_ID,
  });
}

const UNKNOWN_MEMBER_ID = 25;

export function join(
  groupId: string,
  part: Part<JoinGroupRequest> = {},
  options: StepOptions & { version?: number } = {},
): Step {
  const { version = 9, ...rest } = options;
  const base: Init<JoinGroupRequest> = {
    groupId,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    ...(version >= 1 ? { rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS } : {}),
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: subscription("t") }],
  };
  return ask(JoinGroupRequest, version, withPart(base, part), { header: { clientId: "c" }, ...rest });
}

export function sync(
  groupId: string,
  part: Part<SyncGroupRequest> = {},
  options: StepOptions & { version?: number } = {},
): Step {
  const { version = 5, ...rest } = options;
  const protocol = version >= 5 ? { protocolType: "consumer", protocolName: "range" } : {};
  const base: Init<SyncGroupRequest> = { groupId, generationId: 1, ...protocol };
  return ask(SyncGroupRequest, version, withPart(base, part), rest);
}

function heartbeat(
  groupId: string,
  part: Part<HeartbeatRequest> = {},
  options: StepOptions & { version?: number } = {},
): Step {
  const { version = 4, ...rest } = options;
  return ask(HeartbeatRequest, version, withPart({ groupId, generationId: 1 }, part), rest);
}

function leave(
  groupId: string,
  part: Part<LeaveGroupRequest>,
  options: StepOptions & { version?: number } = {},
): Step {
  const { version = 5, ...rest } = options;
  return ask(LeaveGroupRequest, version, withPart({ groupId }, part), rest);
}

function describe(groupId: string, version = 6, options: StepOptions = {}): Step {
  return ask(DescribeGroupsRequest, version, {
    groups: [groupId],
    ...(version >= 3 ? { includeAuthorizedOperations: true } : {}),
  }, options);
}

function list(states: string[] = [], types: string[] = [], version = 5): Step {
  return ask(ListGroupsRequest, version, { statesFilter: states, typesFilter: types }, {
    as: `states ${states} types ${types}`,
  });
}

/** A member that joins alone, with its id, and leads; the answers are its first and second ids the same. */
export function lead(groupId: string, part: Partial<Init<JoinGroupRequest>> = {}): Step[] {
  const assign = (known: Known) => ({
    memberId: known.memberId(),
    assignments: [{ memberId: known.memberId(), assignment: ASSIGNMENT }],
  });
  return [
    join(groupId, part),
    join(groupId, (known) => ({ ...part, memberId: known.memberId() })),
    sync(groupId, assign),
  ];
}

const finding: Case = {
  name: "FindCoordinator: all versions, and what has no coordinator",
  steps: [
    untilReady,
    ...[0, 1, 2, 3].map((version) => ask(FindCoordinatorRequest, version, { key: "g" })),
    ...[4, 5, 6].map((version) => ask(FindCoordinatorRequest, version, { coordinatorKeys: ["g", "h", "g", ""] })),
    ask(FindCoordinatorRequest, 6, { coordinatorKeys: [] }, { as: "no key" }),
    ask(FindCoordinatorRequest, 3, { key: "" }, { as: "empty key" }),
    ask(FindCoordinatorRequest, 6, { keyType: 2, coordinatorKeys: ["not a share key"] }, { as: "share" }),
    ask(FindCoordinatorRequest, 4, { keyType: 2, coordinatorKeys: ["s"] }, { as: "share, too early" }),
    ask(FindCoordinatorRequest, 6, { keyType: 9, coordinatorKeys: ["g"] }, { as: "no such type" }),
    ask(FindCoordinatorRequest, 3, { keyType: 9, key: "g" }, { as: "no such type" }),
  ],
};

const oneMember: Case[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((version) => {
  const groupId = `one-v${version}`;
  const syncVersion = Math.min(version, 5);
  const member = (known: Known) => ({ memberId: known.memberId() });
  return {
    name: `JoinGroup v${version}: one member from its birth to its end`,
    steps: [
      untilReady,
      untilLoaded(groupId),
      describe(groupId, Math.min(version, 6)),
      join(groupId, {}, { version }),
      ...(version >= 4 ? [describe(groupId), join(groupId, member, { version })] : []),
      heartbeat(groupId, member, { version: Math.min(version, 4) }),
      describe(groupId, Math.min(version, 6), { as: "before the sync" }),
      join(groupId, member, { version, as: "once more before the sync" }),
      sync(groupId, (known) => ({
        memberId: known.memberId(),
        assignments: [{ memberId: known.memberId(), assignment: ASSIGNMENT }],
      }), { version: syncVersion }),
      sync(groupId, member, { version: syncVersion, as: "again" }),
      describe(groupId, Math.min(version, 6), { as: "stable" }),
      heartbeat(groupId, member, { version: Math.min(version, 4) }),
      leave(
        groupId,
        (known) => version >= 3 ? { members: [{ memberId: known.memberId(), groupInstanceId: null }] } : member(known),
        {
          version: Math.min(version, 5),
        },
      ),
      heartbeat(groupId, member, { version: Math.min(version, 4), as: "after the end" }),
      describe(groupId, Math.min(version, 6), { as: "empty" }),
    ],
  };
});

const refused: Case = {
  name: "what is refused of members that are none",
  steps: [
    untilReady,
    ...["nobody", "refused"].map(untilLoaded),
    join("", {}, { as: "no group" }),
    join("nobody", { sessionTimeoutMs: 1 }, { as: "session too short" }),
    join("nobody", { sessionTimeoutMs: 10_000_000 }, { as: "session too long" }),
    join("nobody", { memberId: "stranger" }, { as: "unknown member of no group" }),
    join("nobody", { protocols: [] }, { as: "no protocols" }),
    join("nobody", { protocolType: "" }, { as: "no protocol type" }),
    join("nobody", { protocolType: "" }, { as: "no protocol type", version: 3 }),
    describe("nobody"),
    sync("", {}, { as: "no group" }),
    sync("not-there", { memberId: "m" }, { as: "no such group" }),
    sync("nobody", { memberId: "m", protocolType: null }, { as: "no protocol type" }),
    sync("nobody", { memberId: "m", protocolName: null }, { as: "no protocol name" }),
    sync("nobody", { memberId: "m" }, { as: "no such member" }),
    heartbeat("", {}, { as: "no group" }),
    heartbeat("not-there", { memberId: "m" }, { as: "no such group" }),
    heartbeat("nobody", { memberId: "m" }, { as: "no such member" }),
    heartbeat("nobody", { memberId: "m", groupInstanceId: "i" }, { as: "no such instance" }),
    leave("", { members: [{ memberId: "m", groupInstanceId: null }] }, { as: "no group" }),
    leave("not-there", { members: [{ memberId: "m", groupInstanceId: null }] }, { as: "no such group" }),
    leave("not-there", { memberId: "m" }, { as: "no such group", version: 2 }),
    leave("nobody", { memberId: "m" }, { as: "no such member", version: 0 }),
    leave("nobody", { members: [] }, { as: "nobody" }),
    leave("nobody", {
      members: [{ memberId: "m", groupInstanceId: null }, { memberId: "", groupInstanceId: "i" }, {
        memberId: "",
        groupInstanceId: null,
      }],
    }, { as: "no such members" }),
    ...lead("refused"),
    sync("refused", (known) => ({ memberId: known.memberId(), generationId: 7 }), { as: "wrong generation" }),
    sync("refused", (known) => ({ memberId: known.memberId(), protocolName: "x" }), { as: "wrong protocol" }),
    sync("refused", (known) => ({ memberId: known.memberId(), protocolType: "x" }), { as: "wrong type" }),
    heartbeat("refused", (known) => ({ memberId: known.memberId(), generationId: 0 }), { as: "wrong generation" }),
    heartbeat("refused", { memberId: "stranger" }, { as: "stranger" }),
    join("refused", { protocolType: "connect" }, { as: "other type" }),
    join("refused", { protocols: [{ name: "other", metadata: ASSIGNMENT }] }, { as: "other protocol" }),
    join("refused", { memberId: "stranger" }, { as: "stranger" }),
    join("refused", (known) => ({ memberId: known.memberId(), groupInstanceId: "i" }), { as: "unknown instance" }),
    ask(DeleteGroupsRequest, 2, { groupsNames: ["refused", "not-there", "nobody", "nobody", ""] }),
    ask(DeleteGroupsRequest, 0, { groupsNames: ["not-there"] }),
    ask(DeleteGroupsRequest, 1, { groupsNames: [] }),
    ...[0, 1, 2, 3, 4, 5, 6].map((version) => describe("not-there", version)),
    describe("", 6),
  ],
};

const second = slow("second", join("two", {}, { version: 3, on: "second" }));
const secondSync = slow(
  "second",
  sync("two", (known) => ({ memberId: known.memberId(2), generationId: 2 }), { on: "second" }),
);

const twoMembers: Case = {
  name: "a second member joins, both get a new generation, and it leaves",
  steps: [
    untilReady,
    untilLoaded("two"),
    ...lead("two"),
    second.begin,
    heartbeat("two", (known) => ({ memberId: known.memberId() }), {
      as: "until there is a rebalance",
      until: (answer) => (answer as { errorCode: number }).errorCode === REBALANCE_IN_PROGRESS,
    }),
    sync("two", (known) => ({ memberId: known.memberId() }), { as: "in a rebalance" }),
    describe("two", 6),
    join("two", (known) => ({ memberId: known.memberId() }), { as: "the leader joins again" }),
    second.end,
    secondSync.begin,
    sync("two", (known) => ({
      memberId: known.memberId(1),
      generationId: 2,
      assignments: [1, 2].map((ordinal) => ({
        memberId: known.memberId(ordinal),
        assignment: new Uint8Array([ordinal]),
      })),
    }), { as: "the leader assigns" }),
    secondSync.end,
    describe("two"),
    join("two", (known) => ({ memberId: known.memberId(2) }), { as: "the follower asks once more" }),
    leave("two", (known) => ({ members: [{ memberId: known.memberId(2), groupInstanceId: null }] })),
    heartbeat("two", (known) => ({ memberId: known.memberId(1), generationId: 2 })),
    describe("two"),
  ],
};

const REBALANCE_IN_PROGRESS = 27;

const staticMembers: Case = {
  name: "a static member comes back without a rebalance, and its double is fenced",
  steps: [
    untilReady,
    untilLoaded("static"),
    join("static", { groupInstanceId: "i" }),
    sync("static", (known) => ({
      memberId: known.memberId(),
      groupInstanceId: "i",
      assignments: [{ memberId: known.memberId(), assignment: ASSIGNMENT }],
    })),
    describe("static"),
    join("static", { groupInstanceId: "i" }, { version: 8, as: "back, before KIP-814" }),
    join("static", { groupInstanceId: "i" }, { version: 9, as: "back, after KIP-814" }),
    sync("static", (known) => ({ memberId: known.memberId(3), groupInstanceId: "i" }), { as: "as before" }),
    heartbeat("static", (known) => ({ memberId: known.memberId(1), groupInstanceId: "i" }), { as: "the former" }),
    sync("static", (known) => ({ memberId: known.memberId(1), groupInstanceId: "i" }), { as: "the former" }),
    join("static", (known) => ({ memberId: known.memberId(1), groupInstanceId: "i" }), { as: "the former" }),
    heartbeat("static", (known) => ({ memberId: known.memberId(3), groupInstanceId: "i" })),
    heartbeat("static", (known) => ({ memberId: known.memberId(3) }), { as: "without the instance id" }),
    describe("static"),
    leave("static", (known) => ({ members: [{ memberId: known.memberId(1), groupInstanceId: "i" }] }), {
      as: "former",
    }),
    leave("static", { members: [{ memberId: "", groupInstanceId: "i" }] }, { as: "by an administrator" }),
    describe("static"),
  ],
};

const listing: Case = {
  name: "groups are listed by state and type",
  steps: [
    untilReady,
    untilLoaded("listed"),
    ...lead("listed"),
    ...[0, 1, 2, 3].map((version) => ask(ListGroupsRequest, version, {})),
    list(["Stable"], [], 4),
    list(["stable", "EMPTY"]),
    list(["Nonsense"]),
    list([], ["classic"]),
    list([], ["Classic", "consumer"]),
    list([], ["consumer"]),
    list([], ["nonsense"]),
    list(["Stable"], ["classic"]),
    list(["Empty"], ["classic"]),
  ],
};

/** Members that prefer differently. */
const votes: Case = {
  name: "the protocol is one that all members support",
  steps: [
    untilReady,
    untilLoaded("votes"),
    join("votes", { protocols: protocols("a", "b", "c") }, { version: 3 }),
    sync("votes", (known) => ({ memberId: known.memberId() }), { version: 4 }),
    join("votes", { protocols: protocols("x", "y") }, { as: "nothing in common" }),
    join("votes", (known) => ({ memberId: known.memberId(), protocols: protocols("c", "b") }), { as: "changed" }),
    join("votes", (known) => ({ memberId: known.memberId(), protocols: protocols("z") }), { as: "wholly changed" }),
    describe("votes"),
  ],
};

function protocols(...names: string[]): Json & { name: string; metadata: Uint8Array }[] {
  return names.map((name) => ({ name, metadata: subscription(name) })) as never;
}

export const groupCases: readonly Case[] = [
  finding,
  ...oneMember,
  refused,
  twoMembers,
  staticMembers,
  votes,
  listing,
];
