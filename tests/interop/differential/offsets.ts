/**
 * Committed offsets: OffsetCommit, OffsetFetch and OffsetDelete.
 *
 * @module
 */
import { DeleteGroupsRequest } from "../../../lib/protocol/messages/delete_groups.ts";
import { DeleteTopicsRequest } from "../../../lib/protocol/messages/delete_topics.ts";
import { MetadataRequest } from "../../../lib/protocol/messages/metadata.ts";
import { OffsetCommitRequest } from "../../../lib/protocol/messages/offset_commit.ts";
import { OffsetDeleteRequest } from "../../../lib/protocol/messages/offset_delete.ts";
import { OffsetFetchRequest } from "../../../lib/protocol/messages/offset_fetch.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { ask, type Case, errorCodesOf, type Step, type StepOptions, topic } from "../support/case.ts";
import type { Known } from "../support/known.ts";
import { join, lead, subscription, sync, untilLoaded, untilReady } from "./groups.ts";

const FIRST_VERSION_WITH_IDS = 10;
const ALL_COMMIT_VERSIONS = [2, 3, 4, 5, 6, 7, 8, 9, 10];
const ALL_FETCH_VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

interface Commit extends StepOptions {
  readonly version?: number;
  readonly topic: string;
  readonly partitions?: readonly number[];
  readonly metadata?: string | null;
  readonly member?: (known: Known) => Partial<Init<OffsetCommitRequest>>;
}

function commit(groupId: string, offset: number, options: Commit): Step {
  const { version = 9, topic: name, partitions = [0], metadata = "m", member, ...rest } = options;
  return ask(OffsetCommitRequest, version, (known) => ({
    groupId,
    topics: [{
      ...named(name, version, known),
      partitions: partitions.map((partitionIndex) => ({
        partitionIndex,
        committedOffset: BigInt(offset),
        ...(version >= 6 ? { committedLeaderEpoch: 3 } : {}),
        committedMetadata: metadata,
      })),
    }],
    ...member?.(known),
  }), { ...rest, as: rest.as ?? `${groupId} at ${offset}` });
}

function named(name: string, version: number, known: Known): { name: string } | { topicId: string } {
  if (version < FIRST_VERSION_WITH_IDS) return { name };
  return { topicId: name === NO_TOPIC ? "AAAAAAAAAAAAAAAAAAAABA" : known.topicId(name) };
}

/** A topic that there is not. */
const NO_TOPIC = "no-topic";

interface Fetched extends StepOptions {
  readonly version?: number;
  /** Null for all. */
  readonly topics: readonly string[] | null;
  readonly partitions?: readonly number[];
  readonly requireStable?: boolean;
}

function fetch(groupId: string, options: Fetched): Step {
  const { version = 9, topics, partitions = [0, 1, 9], requireStable = false, ...rest } = options;
  return ask(OffsetFetchRequest, version, (known) => {
    const partitionIndexes = [...partitions];
    const asked = topics?.map((name) => ({ ...named(name, version, known), partitionIndexes })) ?? null;
    const stable = version >= 7 ? { requireStable } : {};
    if (version >= 8) return { groups: [{ groupId, topics: asked }], ...stable };
    return { groupId, topics: asked as { name: string; partitionIndexes: number[] }[] | null, ...stable };
  }, { ...rest, as: rest.as ?? `${groupId}, ${topics ?? "all"}` });
}

/** Makes the topic, and its id known. */
function knownTopic(name: string): Step[] {
  return [...topic(name, { partitions: 2 }), ask(MetadataRequest, 12, { topics: [{ name }] })];
}

const simple: Case[] = ALL_COMMIT_VERSIONS.map((version) => ({
  name: `OffsetCommit v${version}: of nobody`,
  steps: [
    untilReady,
    untilLoaded(`simple-v${version}`),
    ...knownTopic(`offsets-v${version}`),
    commit(`simple-v${version}`, 5, { version, topic: `offsets-v${version}` }),
    commit(`simple-v${version}`, 7, { version, topic: `offsets-v${version}`, partitions: [0, 1, 9, -1] }),
    commit(`simple-v${version}`, 7, { version, topic: NO_TOPIC }),
    commit(`simple-v${version}`, -5, { version, topic: `offsets-v${version}`, metadata: null, partitions: [1] }),
    ...ALL_FETCH_VERSIONS.map((fetchVersion) =>
      fetch(`simple-v${version}`, { version: fetchVersion, topics: [`offsets-v${version}`, NO_TOPIC] })
    ),
    ...ALL_FETCH_VERSIONS.slice(1).map((fetchVersion) =>
      fetch(`simple-v${version}`, { version: fetchVersion, topics: null, requireStable: true })
    ),
  ],
}));

const refused: Case = {
  name: "OffsetCommit: what is refused",
  steps: [
    untilReady,
    ...["commits", "no-group", ""].map(untilCommitted),
    ...knownTopic("refused-offsets"),
    ...[2, 8, 9].map((version) =>
      commit("no-group", 1, {
        version,
        topic: "refused-offsets",
        member: () => ({ generationIdOrMemberEpoch: 1, memberId: "m" }),
        as: "a generation of no group",
      })
    ),
    commit("", 1, { topic: "refused-offsets", as: "no group" }),
    fetch("", { topics: ["refused-offsets"], as: "no group" }),
    fetch("no-group", { topics: ["refused-offsets"], as: "no such group" }),
    fetch("no-group", { topics: null, as: "all of no such group" }),
    fetch("no-group", { topics: null, version: 2, as: "all of no such group" }),
    ...lead("commits", { protocols: [{ name: "range", metadata: subscription("refused-offsets") }] }),
    commit("commits", 1, { topic: "refused-offsets", as: "of nobody" }),
    commit("commits", 1, {
      topic: "refused-offsets",
      member: (known) => ({ memberId: known.memberId(), generationIdOrMemberEpoch: 9 }),
      as: "wrong generation",
    }),
    commit("commits", 1, {
      topic: "refused-offsets",
      member: () => ({ memberId: "stranger", generationIdOrMemberEpoch: 1 }),
      as: "stranger",
    }),
    commit("commits", 1, {
      topic: "refused-offsets",
      member: (known) => ({ memberId: known.memberId(), groupInstanceId: "i", generationIdOrMemberEpoch: 1 }),
      as: "unknown instance",
    }),
    commit("commits", 1, {
      topic: "refused-offsets",
      metadata: "x".repeat(4097),
      partitions: [0, 9],
      member: (known) => ({ memberId: known.memberId(), generationIdOrMemberEpoch: 1 }),
      as: "metadata too large",
    }),
    commit("commits", 4, {
      topic: "refused-offsets",
      metadata: "x".repeat(4096),
      member: (known) => ({ memberId: known.memberId(), generationIdOrMemberEpoch: 1 }),
      as: "metadata just fits",
    }),
    ask(OffsetCommitRequest, 9, { groupId: "commits", topics: [] }, { as: "nothing" }),
    ask(OffsetFetchRequest, 9, {
      groups: [{ groupId: "commits", topics: [] }, { groupId: "no-group", topics: null }, { groupId: "commits" }],
    }, { as: "several groups" }),
    join("commits", (known) => ({
      memberId: known.memberId(),
      protocols: [{ name: "range", metadata: subscription("refused-offsets", "more") }],
    })),
    commit("commits", 5, {
      topic: "refused-offsets",
      member: (known) => ({ memberId: known.memberId(), generationIdOrMemberEpoch: 2 }),
      as: "before the sync",
    }),
    sync("commits", (known) => ({ memberId: known.memberId(), generationId: 2 })),
  ],
};

function untilCommitted(groupId: string): Step {
  return fetch(groupId, {
    topics: null,
    as: `until the offsets of ${groupId} can be fetched`,
    until: (answer) => errorCodesOf(answer).every((code) => code === 0),
  });
}

function deleteOffsets(groupId: string, topics: Readonly<Record<string, readonly number[]>>, as?: string): Step {
  return ask(OffsetDeleteRequest, 0, {
    groupId,
    topics: Object.entries(topics).map(([name, partitions]) => ({
      name,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
    })),
  }, { as });
}

const deletion: Case = {
  name: "OffsetDelete, and offsets of groups and topics that are deleted",
  steps: [
    untilReady,
    ...["deleting", "deleting-too"].map(untilCommitted),
    ...knownTopic("subscribed"),
    ...knownTopic("unsubscribed"),
    commit("deleting", 1, { topic: "subscribed", partitions: [0, 1] }),
    commit("deleting", 2, { topic: "unsubscribed", partitions: [0, 1] }),
    ...lead("deleting", { protocols: [{ name: "range", metadata: subscription("subscribed") }] }),
    deleteOffsets("", { subscribed: [0] }, "no group"),
    deleteOffsets("no-group", { subscribed: [0] }, "no such group"),
    deleteOffsets("deleting", { subscribed: [0, 9], unsubscribed: [0, 9], [NO_TOPIC]: [0] }),
    deleteOffsets("deleting", {}, "nothing"),
    fetch("deleting", { topics: null }),
    ask(DeleteGroupsRequest, 2, { groupsNames: ["deleting"] }),
    commit("deleting-too", 1, { topic: "subscribed", partitions: [0, 1] }),
    commit("deleting-too", 2, { topic: "unsubscribed", partitions: [0, 1] }),
    deleteOffsets("deleting-too", { subscribed: [0], unsubscribed: [0, 1] }),
    fetch("deleting-too", { topics: null }),
    ask(DeleteTopicsRequest, 6, { topics: [{ name: "subscribed" }], timeoutMs: 10_000 }),
    fetch("deleting-too", {
      topics: null,
      as: "until the topic's offsets are gone",
      until: (answer) => (answer as { groups: { topics: unknown[] }[] }).groups[0].topics.length === 0,
    }),
    ask(DeleteGroupsRequest, 2, { groupsNames: ["deleting-too"] }),
    fetch("deleting-too", { topics: null, as: "deleted" }),
    join("other-type", { protocolType: "connect" }, { version: 3 }),
    deleteOffsets("other-type", { unsubscribed: [0] }, "of a group that is not of consumers"),
  ],
};

export const offsetCases: readonly Case[] = [...simple, refused, deletion];
