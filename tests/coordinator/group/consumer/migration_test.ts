import { assertEquals } from "@std/assert";
import { ConsumerProtocolAssignment, encodeVersioned } from "../../../../lib/protocol/records/mod.ts";
import { GROUP } from "../group_world.ts";
import { ConsumerWorld } from "./consumer_world.ts";

const AT_ONCE = { "consumer.assignment.interval.ms": "0" };
const REBALANCE_TIMEOUT_MS = 60_000;

/** A classic group of one member, `c-1`, that has all four partitions in generation 1. */
function classicGroup(
  settings: ConstructorParameters<typeof ConsumerWorld>[0] = {},
  userData?: Uint8Array,
): ConsumerWorld {
  const world = new ConsumerWorld(settings, [], { t: 4 }, AT_ONCE);
  world.join("a", { topics: ["t"] });
  world.advance(0);
  const assignedPartitions = [{ topic: "t", partitions: [0, 1, 2, 3] }];
  const assignment = encodeVersioned(ConsumerProtocolAssignment, 0, { assignedPartitions, userData: userData ?? null });
  world.sync("c-1", 1, { "c-1": assignment });
  world.told();
  return world;
}

/** Both members, of either protocol, have two partitions in epoch 2. */
function mixedGroup(): ConsumerWorld {
  const world = classicGroup();
  world.enter("n", { topics: ["t"], assignor: "range" });
  world.join("a", { memberId: "c-1", topics: ["t"] });
  world.sync("c-1", 2);
  world.beat("n", { epoch: 2 });
  world.told();
  return world;
}

function typeOf(world: ConsumerWorld): string {
  return world.state.groups.get(GROUP)!.type;
}

Deno.test("the first member of the consumer protocol makes a consumer group of a classic one, which goes on", () => {
  const world = classicGroup();
  assertEquals(world.enter("n", { topics: ["t"], assignor: "range" }), "epoch 2: nothing");
  assertEquals(world.told(), [
    "forgets the group",
    "writes MemberMetadata of c-1",
    "writes epoch 1",
    "writes target of c-1: t-0,1,2,3",
    "writes target of epoch 1",
    "writes STABLE of c-1 in 1: t-0,1,2,3",
    "writes MemberMetadata of n",
    "writes epoch 2",
    "writes target of c-1: t-0,1",
    "writes target of n: t-2,3",
    "writes target of epoch 2",
    "writes UNRELEASED_PARTITIONS of n in 2: nothing",
  ]);
  assertEquals(typeOf(world), "consumer");
});

Deno.test("a member of the classic protocol is told to rejoin, gives up and gets what it shall have", () => {
  const world = classicGroup();
  world.enter("n", { topics: ["t"], assignor: "range" });
  world.told();
  assertEquals(world.heartbeat("c-1", 1), "REBALANCE_IN_PROGRESS");
  world.join("a", { memberId: "c-1", topics: ["t"] });
  world.sync("c-1", 2);
  assertEquals(world.told(), [
    "writes STABLE of c-1 in 2: t-0,1",
    "a: generation 2 as c-1, range, led by nobody",
    `c-1: assigned ${[...encodeVersioned(ConsumerProtocolAssignment, 0, {
      assignedPartitions: [{ topic: "t", partitions: [0, 1] }],
      userData: null,
    })]}`,
  ]);
  assertEquals(world.heartbeat("c-1", 2), "NONE");
  assertEquals(world.heartbeat("c-1", 1), "ILLEGAL_GENERATION");
  assertEquals(world.heartbeat("n", 2), "UNKNOWN_MEMBER_ID");
  assertEquals(world.beat("n", { epoch: 2 }), "epoch 2: t-2,3");
});

Deno.test("a member of the classic protocol that is told to rejoin and does not in time is removed", () => {
  const world = classicGroup();
  world.enter("n", { topics: ["t"], assignor: "range" });
  for (let passedMs = 0; passedMs < REBALANCE_TIMEOUT_MS; passedMs += 5_000) {
    assertEquals(world.heartbeat("c-1", 1), "REBALANCE_IN_PROGRESS");
    world.beat("n", { epoch: 2 });
    world.advance(5_000);
  }
  assertEquals(world.heartbeat("c-1", 1), "UNKNOWN_MEMBER_ID");
  assertEquals(world.beat("n", { epoch: 2 }), "epoch 3: t-0,1,2,3");
});

Deno.test("when the last member of the consumer protocol leaves, it is a classic group again, which rebalances", () => {
  const world = mixedGroup();
  world.beat("n", { epoch: -1 });
  assertEquals(typeOf(world), "classic");
  assertEquals(world.told().at(-1)!.startsWith("writes generation 2: c-1="), true);
  assertEquals(world.heartbeat("c-1", 2), "REBALANCE_IN_PROGRESS");
  world.join("a", { memberId: "c-1", topics: ["t"] });
  assertEquals(world.told(), ["a: generation 3 as c-1, range, led by c-1, of c-1"]);
  const loaded = new ConsumerWorld({}, world.log, { t: 4 }, AT_ONCE);
  assertEquals(typeOf(loaded), "classic");
});

Deno.test("what a member has not given up is given to nobody, though the group went to the classic protocol and back meanwhile", () => {
  const world = classicGroup();
  world.enter("n", { topics: ["t"], assignor: "range" });
  // c-1 was to give up two partitions, and has not been heard of since.
  world.beat("n", { epoch: -1 });
  assertEquals(typeOf(world), "classic");
  assertEquals(world.enter("n", { topics: ["t"], assignor: "range" }), "epoch 3: nothing");
  assertEquals(typeOf(world), "consumer");
});

Deno.test("when the last member of the classic protocol leaves, it stays a consumer group", () => {
  const world = mixedGroup();
  assertEquals(world.leave("c-1", "stranger"), ["NONE", "UNKNOWN_MEMBER_ID"]);
  assertEquals(typeOf(world), "consumer");
  assertEquals(world.beat("n", { epoch: 2 }), "epoch 3: t-0,1,2,3");
});

Deno.test("what cannot be kept, or is not allowed, is no upgrade", () => {
  for (
    const world of [
      classicGroup({ mayUpgrade: false }),
      classicGroup({ consumerMaxSize: 0 }),
      classicGroup({}, new Uint8Array([1])),
    ]
  ) {
    assertEquals(world.enter("n"), "GROUP_ID_NOT_FOUND");
    assertEquals(world.told(), []);
    assertEquals(world.heartbeat("c-1", 1), "NONE");
  }
});

Deno.test("where groups may not migrate, a consumer group has no members of the classic protocol", () => {
  const world = new ConsumerWorld({ mayMigrate: false }, [], { t: 1 }, AT_ONCE);
  world.enter("n");
  world.told();
  world.join("a");
  assertEquals(world.told(), ["a: INCONSISTENT_GROUP_PROTOCOL"]);
});

Deno.test("a member that brings what is no subscription is refused, and the group is as it was", () => {
  const world = mixedGroup();
  world.join("a", { protocols: ["other"] });
  assertEquals(world.told(), ["a: INCONSISTENT_GROUP_PROTOCOL"]);
  assertEquals(world.heartbeat("c-1", 2), "NONE");
});

Deno.test("an empty group of one protocol is taken over by the other", () => {
  const world = new ConsumerWorld({}, [], { t: 1 }, AT_ONCE);
  world.enter("n");
  world.beat("n", { epoch: -1 });
  world.join("a");
  world.advance(0);
  assertEquals(typeOf(world), "classic");
  world.leave("c-1");
  assertEquals(world.enter("n"), "epoch 2: t-0");
  assertEquals(typeOf(world), "consumer");
});

Deno.test("a group whose records cannot be written stays what it is, with its members and their time", () => {
  const classic = classicGroup();
  classic.isRefusing = true;
  classic.enter("n");
  classic.isRefusing = false;
  assertEquals(typeOf(classic), "classic");
  classic.advance(10_000);
  assertEquals(classic.told(), ["writes generation 2, empty"]);

  const mixed = mixedGroup();
  mixed.isRefusing = true;
  mixed.beat("n", { epoch: -1 });
  mixed.isRefusing = false;
  assertEquals(typeOf(mixed), "consumer");
  assertEquals(mixed.heartbeat("c-1", 2), "NONE");
  assertEquals(mixed.beat("n", { epoch: 2 }), "epoch 2");
});
