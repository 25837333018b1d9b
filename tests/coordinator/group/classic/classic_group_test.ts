import { assert, assertEquals, assertThrows } from "@std/assert";
import { ClassicGroup } from "../../../../lib/coordinator/group/classic/classic_group.ts";
import { type DescribedGroup, describeGroup } from "../../../../lib/coordinator/group/administration.ts";
import { Refusal } from "../../../../lib/coordinator/group/group.ts";
import { GROUP, GroupWorld } from "../group_world.ts";

const SESSION_MS = 10_000;
const REBALANCE_MS = 60_000;

/** A group that is stable with these members, `c-1` leading, each assigned its own number. */
function stable(count: number, settings: ConstructorParameters<typeof GroupWorld>[0] = {}): GroupWorld {
  const world = new GroupWorld(settings);
  world.join("1");
  world.advance(0);
  world.sync("c-1", 1, { "c-1": 1 });
  for (let member = 2; member <= count; member++) {
    world.join(String(member));
    for (let known = 1; known < member; known++) world.join(String(known), { memberId: `c-${known}` });
    const assignments = Object.fromEntries(Array.from({ length: member }, (_, i) => [`c-${i + 1}`, i + 1]));
    world.sync("c-1", member, assignments);
    for (let follower = 2; follower <= member; follower++) world.sync(`c-${follower}`, member);
  }
  world.told();
  return world;
}

function described({ state }: GroupWorld): DescribedGroup {
  const group = describeGroup(state, GROUP);
  assert(!(group instanceof Refusal));
  return group;
}

Deno.test("the first member leads, assigns, and has its assignment when it is written", () => {
  const world = new GroupWorld();
  world.join("a");
  assertEquals(world.told(), ["writes generation 0, empty"]);
  world.advance(0);
  assertEquals(world.told(), ["a: generation 1 as c-1, range, led by c-1, of c-1"]);
  world.sync("c-1", 1, { "c-1": 7 });
  assertEquals(world.told(), ["writes generation 1: c-1=7", "c-1: assigned 7"]);
  assertEquals(world.state.classicGroup(GROUP)!.state, "Stable");
  world.sync("c-1", 1);
  assertEquals(world.told(), ["c-1: assigned 7"]);
});

Deno.test("a new member gets its id first, and is waited for until its session ends (KIP-394)", () => {
  const world = stable(1);
  world.join("b", { asksTwice: true });
  assertEquals(world.told(), ["b: MEMBER_ID_REQUIRED c-2"]);
  assertEquals(world.heartbeat("c-1", 1), "NONE");
  world.join("a", { memberId: "c-1" });
  assertEquals(world.told(), []);
  world.advance(SESSION_MS);
  assertEquals(world.told(), ["a: generation 2 as c-1, range, led by c-1, of c-1"]);
});

Deno.test("a second member causes a rebalance, of which the first hears by its heartbeat", () => {
  const world = stable(1);
  world.join("b");
  assertEquals(world.told(), []);
  assertEquals(world.heartbeat("c-1", 1), "REBALANCE_IN_PROGRESS");
  world.join("a", { memberId: "c-1" });
  assertEquals(world.told(), [
    "a: generation 2 as c-1, range, led by c-1, of c-1 c-2",
    "b: generation 2 as c-2, range, led by c-1",
  ]);
  world.sync("c-2", 2);
  assertEquals(world.told(), []);
  world.sync("c-1", 2, { "c-1": 1, "c-2": 2 });
  assertEquals(world.told(), ["writes generation 2: c-1=1 c-2=2", "c-1: assigned 1", "c-2: assigned 2"]);
});

Deno.test("who does not join in time is left behind, and another one leads", () => {
  const world = stable(2);
  world.join("c");
  world.join("b", { memberId: "c-2" });
  for (let ms = 0; ms < REBALANCE_MS; ms += 5_000) {
    assertEquals(world.told(), []);
    world.heartbeat("c-1", 2);
    world.advance(5_000);
  }
  assertEquals(world.told(), [
    "b: generation 3 as c-2, range, led by c-2, of c-2 c-3",
    "c: generation 3 as c-3, range, led by c-2",
  ]);
  assertEquals(world.heartbeat("c-1", 2), "UNKNOWN_MEMBER_ID");
});

Deno.test("a member whose session ends is removed, and the others share anew", () => {
  const world = stable(2);
  world.advance(SESSION_MS - 1);
  world.heartbeat("c-1", 2);
  world.advance(1);
  assertEquals(world.heartbeat("c-2", 2), "UNKNOWN_MEMBER_ID");
  assertEquals(world.heartbeat("c-1", 2), "REBALANCE_IN_PROGRESS");
  world.join("a", { memberId: "c-1" });
  assertEquals(world.told(), ["a: generation 3 as c-1, range, led by c-1, of c-1"]);
});

Deno.test("who waits for an answer need not send heartbeats, but a new member is not waited for without end", () => {
  const world = stable(1, { initialRebalanceDelayMs: 0 });
  world.join("b", { rebalanceTimeoutMs: 1_000_000 });
  for (let ms = 0; ms < 5 * 60_000; ms += 5_000) {
    assertEquals(world.told(), []);
    world.heartbeat("c-1", 1);
    world.advance(5_000);
  }
  assertEquals(world.told(), ["b: UNKNOWN_MEMBER_ID"]);
});

Deno.test("who has joined and sends no SyncGroup is removed, since the others wait", () => {
  const world = stable(1);
  world.join("b");
  world.join("a", { memberId: "c-1" });
  world.told();
  world.sync("c-2", 2);
  for (let ms = 0; ms < REBALANCE_MS; ms += 5_000) {
    world.heartbeat("c-1", 2);
    world.advance(5_000);
  }
  assertEquals(world.told(), ["c-2: REBALANCE_IN_PROGRESS"]);
  assertEquals(world.heartbeat("c-1", 2), "UNKNOWN_MEMBER_ID");
});

Deno.test("the first members of a group are given time for others, and more for each that comes", () => {
  const world = new GroupWorld({ initialRebalanceDelayMs: 3_000 });
  world.join("a", { rebalanceTimeoutMs: 7_000 });
  world.told();
  world.advance(2_000);
  world.join("b", { rebalanceTimeoutMs: 7_000 });
  world.advance(3_999);
  assertEquals(world.told(), []);
  world.advance(1);
  assertEquals(world.told(), [
    "a: generation 1 as c-1, range, led by c-1, of c-1 c-2",
    "b: generation 1 as c-2, range, led by c-1",
  ]);
});

Deno.test("members leave; after the last one the group is empty", () => {
  const world = stable(2);
  assertEquals(world.leave("c-2", "stranger"), ["NONE", "UNKNOWN_MEMBER_ID"]);
  assertEquals(world.heartbeat("c-1", 2), "REBALANCE_IN_PROGRESS");
  assertEquals(world.leave("c-1"), ["NONE"]);
  assertEquals(world.told(), ["writes generation 3, empty"]);
  assertEquals(described(world).groupState, "Empty");
});

Deno.test("a static member that is back keeps its assignment, and what goes by its name is fenced (KIP-345)", () => {
  const world = new GroupWorld();
  world.join("a", { instance: "i" });
  world.advance(0);
  world.sync("i-1", 1, { "i-1": 7 });
  world.told();
  world.join("a again", { instance: "i" });
  assertEquals(world.told(), ["writes generation 1: i-2=7", "a again: generation 1 as i-2, range, led by i-1"]);
  assertEquals(world.heartbeat("i-1", 1, "i"), "FENCED_INSTANCE_ID");
  world.sync("i-2", 1);
  assertEquals(world.told(), ["i-2: assigned 7"]);
  world.join("a once more", { instance: "i", canSkipAssignment: true });
  assertEquals(world.told(), [
    "writes generation 1: i-3=7",
    "a once more: generation 1 as i-3, range, led by i-3, of i-3, need not assign",
  ]);
});

Deno.test("a double of a static member that waits is fenced", () => {
  const world = new GroupWorld({ initialRebalanceDelayMs: 3_000 });
  world.join("a", { instance: "i" });
  world.join("double", { instance: "i" });
  world.advance(6_000);
  assertEquals(world.told(), [
    "writes generation 0, empty",
    "a: FENCED_INSTANCE_ID i-1",
    "double: generation 1 as i-2, range, led by i-2, of i-2",
  ]);
});

Deno.test("a static member may be away until its session ends", () => {
  const world = new GroupWorld();
  world.join("a", { instance: "i", sessionTimeoutMs: 100_000 });
  world.advance(0);
  world.sync("i-1", 1, { "i-1": 1 });
  world.told();
  world.advance(99_999);
  assertEquals(world.told(), []);
  world.advance(1);
  assertEquals(world.told(), ["writes generation 2, empty"]);
});

Deno.test("a group has at most group.max.size members", () => {
  const world = stable(2, { maxSize: 2 });
  world.join("c");
  assertEquals(world.told(), ["c: GROUP_MAX_SIZE_REACHED"]);
  assertEquals(world.heartbeat("c-2", 2), "NONE");
});

Deno.test("the protocol is the one that most members prefer of those that all support", () => {
  const world = new GroupWorld({ initialRebalanceDelayMs: 3_000 });
  world.join("a", { protocols: ["x", "y", "z"] });
  world.join("b", { protocols: ["z", "y"] });
  world.join("c", { protocols: ["y", "z"] });
  world.join("d", { protocols: ["x"] });
  world.advance(6_000);
  assertEquals(world.told().filter((line) => line.startsWith("d")), ["d: INCONSISTENT_GROUP_PROTOCOL"]);
  assertEquals(world.state.classicGroup(GROUP)!.protocolName, "y");
});

Deno.test("a member that asks once more, by another connection, is answered there", () => {
  const world = stable(1);
  world.join("b");
  world.join("b2", { memberId: "c-2" });
  assertEquals(world.told(), ["b: REBALANCE_IN_PROGRESS c-2"]);
  world.join("a", { memberId: "c-1" });
  assertEquals(world.told().length, 2);
});

Deno.test("a follower that joins a stable group again hears of it; a leader causes a rebalance", () => {
  const world = stable(2);
  world.join("b", { memberId: "c-2" });
  assertEquals(world.told(), ["b: generation 2 as c-2, range, led by c-1"]);
  world.join("a", { memberId: "c-1" });
  assertEquals(world.told(), []);
  assertEquals(world.heartbeat("c-2", 2), "REBALANCE_IN_PROGRESS");
});

Deno.test("a shard that is loaded has each group as its last complete generation left it", () => {
  const world = stable(2);
  world.join("c");
  const loaded = new GroupWorld({}, world.log);
  const { groupState, members } = described(loaded);
  assertEquals(groupState, "Stable");
  assertEquals(members!.map(({ memberId, memberAssignment }) => `${memberId}=${memberAssignment}`), ["c-1=1", "c-2=2"]);
  assertEquals(loaded.heartbeat("c-1", 2), "NONE");
  loaded.advance(SESSION_MS - 1);
  assertEquals(loaded.heartbeat("c-1", 2), "NONE");
  loaded.advance(1);
  assertEquals(loaded.heartbeat("c-2", 2), "UNKNOWN_MEMBER_ID");
});

Deno.test("a shard that ends fails who waits in it", () => {
  const world = stable(1);
  world.join("b");
  world.state.abandon(16);
  assertEquals(world.told(), ["b: fails with NOT_COORDINATOR"]);
});

Deno.test("what the table does not have is a broken invariant", () => {
  const group = new ClassicGroup(GROUP, 0);
  assertThrows(() => group.transitionTo("Stable", 0), Error, "cannot go from Empty to Stable");
});
