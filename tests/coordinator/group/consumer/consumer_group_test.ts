import { assertEquals } from "@std/assert";
import { ConsumerGroup } from "../../../../lib/coordinator/group/consumer/consumer_group.ts";
import { describeConsumerGroup } from "../../../../lib/coordinator/group/consumer/describe.ts";
import { heartbeatComplaint } from "../../../../lib/coordinator/group/consumer/heartbeat.ts";
import { deleteGroup } from "../../../../lib/coordinator/group/administration.ts";
import { expireOffsets } from "../../../../lib/coordinator/group/expire_offsets.ts";
import { GROUP, nameOf } from "../group_world.ts";
import { ConsumerWorld } from "./consumer_world.ts";

/** Without an interval between assignments, which only one test is about. */
const AT_ONCE = { "consumer.assignment.interval.ms": "0" };
const SESSION_TIMEOUT_MS = 45_000;
const REBALANCE_TIMEOUT_MS = 60_000;

function worldOf(topics: Record<string, number> = { t: 4 }): ConsumerWorld {
  return new ConsumerWorld({}, [], topics, AT_ONCE);
}

/** Two members that share four partitions, in epoch 3. */
function shared(): ConsumerWorld {
  const world = worldOf();
  world.enter("a");
  world.enter("b");
  world.beat("a", { epoch: 2, owned: { t: [0, 1, 2, 3] } });
  world.beat("a", { epoch: 2, owned: { t: [0, 1] } });
  world.beat("b", { epoch: 3 });
  world.told();
  return world;
}

function groupOf(world: ConsumerWorld): ConsumerGroup {
  return world.state.groups.get(GROUP) as ConsumerGroup;
}

Deno.test("the first member gets all partitions at once", () => {
  const world = worldOf();
  assertEquals(world.enter("a"), "epoch 2: t-0,1,2,3");
  assertEquals(world.told(), [
    "writes MemberMetadata of a",
    "writes epoch 2",
    "writes target of a: t-0,1,2,3",
    "writes target of epoch 2",
    "writes STABLE of a in 2: t-0,1,2,3",
  ]);
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 2");
  assertEquals(world.told(), []);
  assertEquals(groupOf(world).state, "Stable");
});

Deno.test("a second member gets its share when the first one has given it up", () => {
  const world = worldOf();
  world.enter("a");
  assertEquals(world.enter("b"), "epoch 3: nothing");
  assertEquals(groupOf(world).state, "Reconciling");
  world.told();
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 2: t-0,1");
  assertEquals(world.told(), ["writes UNREVOKED_PARTITIONS of a in 2: t-0,1, revoking t-2,3"]);
  assertEquals(world.beat("b", { epoch: 3 }), "epoch 3");
  assertEquals(world.beat("a", { epoch: 2, owned: { t: [0, 1, 2] } }), "epoch 2");
  assertEquals(world.beat("a", { epoch: 2, owned: { t: [0, 1] } }), "epoch 3");
  assertEquals(world.beat("b", { epoch: 3 }), "epoch 3: t-2,3");
  assertEquals(groupOf(world).state, "Stable");
});

Deno.test("a member whose session ends is removed, and the others get what it had", () => {
  const world = shared();
  world.advance(SESSION_TIMEOUT_MS - 1);
  world.beat("a", { epoch: 3 });
  world.advance(1);
  assertEquals(world.told(), [
    "forgets CurrentMemberAssignment of b",
    "forgets TargetAssignmentMember of b",
    "forgets MemberMetadata of b",
    "writes epoch 4",
  ]);
  assertEquals(world.beat("b", { epoch: 3 }), "UNKNOWN_MEMBER_ID");
  assertEquals(world.beat("a", { epoch: 3, owned: { t: [0, 1] } }), "epoch 4: t-0,1,2,3");
});

Deno.test("who does not give partitions up within its rebalance timeout is removed, though it is alive", () => {
  const world = worldOf();
  world.enter("a");
  world.enter("b");
  world.beat("a", { epoch: 2, owned: { t: [0, 1, 2, 3] } });
  for (let passedMs = 0; passedMs < REBALANCE_TIMEOUT_MS; passedMs += 10_000) {
    assertEquals(world.beat("a", { epoch: 2, owned: { t: [0, 1, 2, 3] } }), "epoch 2");
    world.beat("b", { epoch: 3 });
    world.advance(10_000);
  }
  assertEquals(world.beat("a", { epoch: 2, owned: { t: [0, 1, 2, 3] } }), "UNKNOWN_MEMBER_ID");
  assertEquals(world.beat("b", { epoch: 3 }), "epoch 4: t-0,1,2,3");
});

Deno.test("who is in another epoch than it should is fenced, but not for an answer that was lost", () => {
  const world = shared();
  assertEquals(world.beat("a", { epoch: 4 }), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", { epoch: 1 }), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", { epoch: 2 }), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", { epoch: 2, owned: { t: [0, 1, 2] } }), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", { epoch: 2, owned: { t: [0] } }), "epoch 3");
  assertEquals(world.beat("stranger", { epoch: 3 }), "UNKNOWN_MEMBER_ID");
  assertEquals(world.told(), []);
});

Deno.test("many changes within the assignment interval make one assignment", () => {
  const world = new ConsumerWorld({}, [], { t: 4 }, { "consumer.assignment.interval.ms": "1000" });
  world.enter("a");
  assertEquals(world.enter("b"), "epoch 2: nothing");
  assertEquals(world.enter("c"), "epoch 2: nothing");
  assertEquals(groupOf(world).state, "Assigning");
  world.told();
  world.advance(1000);
  assertEquals(world.beat("c", { epoch: 2 }), "epoch 4");
  assertEquals(world.told().filter((line) => line.includes("target of epoch")), ["writes target of epoch 4"]);
});

Deno.test("a topic that gets partitions, comes or goes makes a new epoch, with the next heartbeat of any member", () => {
  const world = worldOf();
  world.enter("a", { topics: ["t", "later"] });
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 2");
  world.createTopic("other", 1);
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 2");
  world.createTopic("t", 5);
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 3: t-0,1,2,3,4");
  world.createTopic("later", 1);
  assertEquals(world.beat("a", { epoch: 3 }), "epoch 4: later-0 t-0,1,2,3,4");
  world.deleteTopic("t");
  assertEquals(world.beat("a", { epoch: 4, owned: { later: [0] } }), "epoch 5: later-0");
});

Deno.test("a member that subscribes to something else gives up at once what it no longer wants", () => {
  const world = new ConsumerWorld({}, [], { t: 2, u: 2 }, { "consumer.assignment.interval.ms": "1000" });
  world.enter("a", { topics: ["t", "u"] });
  assertEquals(world.beat("a", { epoch: 2, topics: ["u"] }), "epoch 2: u-0,1");
  assertEquals(world.told().at(-1), "writes UNREVOKED_PARTITIONS of a in 2: u-0,1, revoking t-0,1");
  world.advance(1000);
  assertEquals(world.beat("a", { epoch: 2, owned: { u: [0, 1] } }), "epoch 3");
});

Deno.test("a static member that leaves for now keeps its partitions, and comes back under another id", () => {
  const world = worldOf();
  world.enter("a", { topics: ["t"], instance: "one" });
  world.told();
  assertEquals(world.enter("double", { topics: ["t"], instance: "one" }), "UNRELEASED_INSTANCE_ID");
  assertEquals(world.beat("double", { epoch: 2, instance: "one" }), "FENCED_INSTANCE_ID");
  assertEquals(world.beat("a", { epoch: -2, instance: "one" }), "epoch -2");
  assertEquals(world.told(), ["writes STABLE of a in -2: t-0,1,2,3"]);
  assertEquals(world.enter("b", { topics: ["t"], instance: "one" }), "epoch 2: t-0,1,2,3");
  assertEquals(world.told(), [
    "forgets CurrentMemberAssignment of a",
    "forgets TargetAssignmentMember of a",
    "forgets MemberMetadata of a",
    "writes MemberMetadata of b",
    "writes target of b: t-0,1,2,3",
    "writes STABLE of b in 0: t-0,1,2,3",
    "writes STABLE of b in 2: t-0,1,2,3",
  ]);
  assertEquals(world.beat("a", { epoch: 2, instance: "one" }), "FENCED_INSTANCE_ID");
});

Deno.test("a static member that does not come back in time is gone", () => {
  const world = worldOf();
  world.enter("a", { topics: ["t"], instance: "one" });
  world.beat("a", { epoch: -2, instance: "one" });
  world.advance(SESSION_TIMEOUT_MS);
  assertEquals(groupOf(world).state, "Empty");
  assertEquals(world.beat("a", { epoch: 2, instance: "one" }), "UNKNOWN_MEMBER_ID");
});

Deno.test("the assignor is the one that most members ask for, and one that is not there is refused", () => {
  const world = worldOf({ t: 2, u: 2 });
  const topics = ["t", "u"];
  world.enter("a", { topics });
  world.enter("b", { topics, assignor: "range" });
  assertEquals(describeConsumerGroup(world.state, GROUP).assignorName, "range");
  assertEquals(world.beat("a", { epoch: 2, assignor: "uniform" }), "epoch 2: t-0 u-0");
  const request = { ...REQUEST, serverAssignor: "sticky" };
  assertEquals(nameOf(heartbeatComplaint(request, 1, ["uniform"])!.errorCode), "UNSUPPORTED_ASSIGNOR");
});

/** A heartbeat without fault. */
const REQUEST = {
  groupId: GROUP,
  memberId: "m",
  memberEpoch: 1,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: -1,
  subscribedTopicNames: null,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: null,
};

Deno.test("a group has at most group.consumer.max.size members", () => {
  const world = new ConsumerWorld({ consumerMaxSize: 1 }, [], { t: 1 }, AT_ONCE);
  world.enter("a");
  assertEquals(world.enter("b"), "GROUP_MAX_SIZE_REACHED");
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 2");
});

Deno.test("only members commit, in their epoch, or in one since which they have had the partition", () => {
  const world = worldOf({ t: 1, u: 1 });
  world.enter("a", { topics: ["t"] });
  assertEquals(world.commit("t", 1), "UNKNOWN_MEMBER_ID");
  assertEquals(world.commit("t", 1, { memberId: "a", generationId: 3 }), "STALE_MEMBER_EPOCH");
  assertEquals(world.commit("t", 1, { memberId: "a", generationId: 2 }), "NONE");
  world.beat("a", { epoch: 2, topics: ["t", "u"] });
  assertEquals(world.commit("t", 2, { memberId: "a", generationId: 2 }), "NONE");
  assertEquals(world.commit("u", 2, { memberId: "a", generationId: 2 }), "STALE_MEMBER_EPOCH");
  assertEquals(world.commit("u", 2, { memberId: "a", generationId: 3 }), "NONE");
  assertEquals(nameOf(groupOf(world).fetchError("a", 2)), "STALE_MEMBER_EPOCH");
  assertEquals(nameOf(groupOf(world).fetchError("a", 3)), "NONE");
  assertEquals(nameOf(groupOf(world).fetchError(null, -1)), "NONE");
  assertEquals(nameOf(groupOf(world).fetchError("stranger", 3)), "UNKNOWN_MEMBER_ID");
});

Deno.test("a group without members is deleted, or ends with its last offset", () => {
  const world = worldOf();
  world.enter("a");
  assertEquals(nameOf(world.take((turn) => deleteGroup(world.state, turn, GROUP))), "NON_EMPTY_GROUP");
  world.commit("t", 1, { memberId: "a", generationId: 2 });
  world.beat("a", { epoch: -1 });
  world.told();
  world.advance(100_000);
  world.take((turn) => expireOffsets(world.state, turn));
  assertEquals(world.told(), [
    "forgets t-0",
    "forgets TargetAssignmentMetadata",
    "forgets PartitionMetadata",
    "forgets Metadata",
  ]);
  assertEquals(world.state.groups.size, 0);
});

Deno.test("a shard that is loaded has each group as it was, and gives its members their time anew", () => {
  const world = shared();
  const loaded = new ConsumerWorld({}, world.log, { t: 4 }, AT_ONCE);
  assertEquals(describeConsumerGroup(loaded.state, GROUP), describeConsumerGroup(world.state, GROUP));
  assertEquals(loaded.beat("a", { epoch: 3 }), "epoch 3");
  assertEquals(loaded.told(), []);
  loaded.advance(SESSION_TIMEOUT_MS);
  assertEquals(groupOf(loaded).state, "Empty");
});

Deno.test("a member in a state that a newer broker has written must rejoin with nothing", () => {
  const world = worldOf();
  world.enter("a");
  const group = groupOf(world);
  group.setMember(group.members.get("a")!.with({ state: 127 }));
  assertEquals(world.beat("a", { epoch: 2, owned: { t: [0] } }), "FENCED_MEMBER_EPOCH");
  assertEquals(world.enter("a"), "epoch 2: t-0,1,2,3");
});
