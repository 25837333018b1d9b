import { assertEquals } from "@std/assert";
import { ZERO_UUID } from "../../../lib/bytes/mod.ts";
import { expireOffsets } from "../../../lib/coordinator/group/expire_offsets.ts";
import { committedPartitions, fetchOffsets, forgetTopics } from "../../../lib/coordinator/group/offsets.ts";
import { NEVER_EXPIRES, offsetRecord } from "../../../lib/coordinator/group/records.ts";
import { deleteGroup } from "../../../lib/coordinator/group/administration.ts";
import { GROUP, GroupWorld, nameOf, TOPIC_ID } from "./group_world.ts";

const RETENTION_MS = 100_000;

function withMember(topics: readonly string[]): GroupWorld {
  const world = new GroupWorld();
  world.join("a", { topics, sessionTimeoutMs: 10 * RETENTION_MS });
  world.advance(0);
  world.sync("c-1", 1, { "c-1": 1 });
  world.told();
  return world;
}

function offset(world: GroupWorld, topic: string, isStable = false): string {
  const [{ partitions: [{ committedOffset, errorCode }] }] = fetchOffsets(world.state, GROUP, [
    { name: topic, topicId: ZERO_UUID, partitionIndexes: [0] },
  ], isStable);
  return errorCode === 0 ? String(committedOffset) : nameOf(errorCode);
}

Deno.test("a consumer that assigns itself its partitions commits to a group that comes to be by it", () => {
  const world = new GroupWorld();
  assertEquals(world.commit("t", 5), "NONE");
  assertEquals(world.told(), ["writes t-0 at 5"]);
  assertEquals(offset(world, "t"), "5");
  assertEquals(offset(world, "other"), "-1");
  assertEquals(world.state.groups.get(GROUP)!.state, "Empty");
});

Deno.test("once there are members, only they commit, in their generation and not in the midst of a rebalance", () => {
  const world = withMember(["t"]);
  assertEquals(world.commit("t", 1), "UNKNOWN_MEMBER_ID");
  assertEquals(world.commit("t", 1, { memberId: "c-1", generationId: 0 }), "ILLEGAL_GENERATION");
  assertEquals(world.commit("t", 1, { memberId: "stranger", generationId: 1 }), "UNKNOWN_MEMBER_ID");
  assertEquals(
    world.commit("t", 1, { memberId: "c-1", generationId: 1, metadata: "x".repeat(11) }),
    "OFFSET_METADATA_TOO_LARGE",
  );
  assertEquals(world.commit("t", 1, { memberId: "c-1", generationId: 1 }), "NONE");
  world.join("a", { memberId: "c-1" });
  assertEquals(world.commit("t", 2, { memberId: "c-1", generationId: 2 }), "REBALANCE_IN_PROGRESS");
  assertEquals(world.commit("t", 2, { generationId: 1, group: "none" }), "GROUP_ID_NOT_FOUND");
});

Deno.test("offsets of an empty group expire after its last member has left, and the group with them", () => {
  const world = withMember(["t"]);
  world.commit("t", 1, { memberId: "c-1", generationId: 1 });
  world.advance(RETENTION_MS);
  world.leave("c-1");
  world.told();
  world.advance(RETENTION_MS - 1);
  world.take((turn) => expireOffsets(world.state, turn));
  assertEquals(world.told(), []);
  world.advance(1);
  world.take((turn) => expireOffsets(world.state, turn));
  assertEquals(world.told(), ["forgets t-0", "forgets the group"]);
  assertEquals(world.state.groups.size, 0);
});

Deno.test("offsets of topics that members subscribe to never expire, others do", () => {
  const world = withMember(["t"]);
  world.commit("t", 1, { memberId: "c-1", generationId: 1 });
  world.commit("former", 1, { memberId: "c-1", generationId: 1 });
  world.told();
  world.advance(RETENTION_MS);
  world.take((turn) => expireOffsets(world.state, turn));
  assertEquals(world.told(), ["forgets former-0"]);
});

Deno.test("an offset with a time of expiry of its own expires then (before KIP-211)", () => {
  const world = new GroupWorld();
  world.commit("soon", 1, { retentionTimeMs: 10 });
  world.commit("later", 1, { retentionTimeMs: 10 * RETENTION_MS });
  world.told();
  world.advance(10);
  world.take((turn) => expireOffsets(world.state, turn));
  assertEquals(world.told(), ["forgets soon-0"]);
  world.advance(2 * RETENTION_MS);
  world.take((turn) => expireOffsets(world.state, turn));
  assertEquals(world.told(), []);
});

Deno.test("expiry is looked for by itself", () => {
  const world = new GroupWorld({ offsetsRetentionCheckIntervalMs: 60_000 });
  world.commit("t", 1);
  world.told();
  world.advance(RETENTION_MS + 60_000);
  assertEquals(world.told(), ["forgets t-0", "forgets the group"]);
});

Deno.test("a group is deleted with its offsets, a topic's offsets with the topic", () => {
  const world = new GroupWorld();
  world.commit("t", 1);
  world.commit("u", 1);
  world.told();
  world.take((turn) => forgetTopics(world.state, turn, new Set(["u"])));
  assertEquals(world.told(), ["forgets u-0"]);
  world.take((turn) => deleteGroup(world.state, turn, GROUP));
  assertEquals(world.told(), ["forgets t-0", "forgets the group"]);
  assertEquals(committedPartitions(world.state, GROUP), []);
});

Deno.test("an offset of an earlier topic of the same name is not told", () => {
  const world = new GroupWorld();
  world.state.replay(offsetOf(5, TOPIC_ID));
  const ask = (topicId: string) =>
    fetchOffsets(world.state, GROUP, [{ name: "t", topicId, partitionIndexes: [0] }], false)[0].partitions[0];
  assertEquals(ask(TOPIC_ID).committedOffset, 5n);
  assertEquals(ask(ZERO_UUID).committedOffset, 5n);
  assertEquals(ask(TOPIC_ID.replace("E", "F")).committedOffset, -1n);
});

Deno.test("offsets of a transaction hold when it is committed, and are unstable until then (KIP-447)", () => {
  const world = new GroupWorld();
  world.commit("t", 1);
  world.state.replay(offsetOf(5), 7n);
  assertEquals(offset(world, "t"), "1");
  assertEquals(offset(world, "t", true), "UNSTABLE_OFFSET_COMMIT");
  world.state.endTransaction(7n, false);
  assertEquals(offset(world, "t", true), "1");
  world.state.replay(offsetOf(6), 7n);
  world.state.endTransaction(7n, true);
  assertEquals(offset(world, "t", true), "6");
});

function offsetOf(value: number, topicId = ZERO_UUID) {
  return offsetRecord(GROUP, "t", 0, {
    offset: BigInt(value),
    leaderEpoch: -1,
    metadata: "",
    commitTimestamp: 0n,
    expireTimestamp: NEVER_EXPIRES,
    topicId,
  });
}
