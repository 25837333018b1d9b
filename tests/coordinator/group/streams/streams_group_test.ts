/** What becomes of the members of a streams group, by the records that they lead to. */
import { assertEquals } from "@std/assert";
import { Refusal } from "../../../../lib/coordinator/group/group.ts";
import { deleteGroup, listGroups } from "../../../../lib/coordinator/group/administration.ts";
import { describeStreamsGroup } from "../../../../lib/coordinator/group/streams/mod.ts";
import { ErrorCode } from "../../../../lib/protocol/error_code.ts";
import { GROUP, nameOf } from "../group_world.ts";
import { counting, having, reading, StreamsWorld } from "./streams_world.ts";

Deno.test("the first member brings the topology, and gets all tasks", () => {
  const world = new StreamsWorld();
  assertEquals(world.enter("a"), "epoch 2 has 0:0,1,2,3");
  assertEquals(world.told(), [
    "writes MemberMetadata of a",
    "writes Topology",
    "writes epoch 2, topology 0",
    "writes target of a: 0:0,1,2,3",
    "writes target of epoch 2",
    "writes tasks of a: 0:0,1,2,3, epoch 2, stable",
  ]);
  assertEquals(world.beat("a", 2), "epoch 2");
  assertEquals(world.told(), []);
});

Deno.test("a task goes to another member when the one that has it has given it up", () => {
  const world = new StreamsWorld();
  world.enter("a");
  world.told();
  assertEquals(world.enter("b"), "epoch 3 has nothing");
  assertEquals(world.told(), [
    "writes MemberMetadata of b",
    "writes epoch 3, topology 0",
    "writes target of a: 0:0,1",
    "writes target of b: 0:2,3",
    "writes target of epoch 3",
    "writes tasks of b: nothing, epoch 3, unreleased",
  ]);
  assertEquals(world.group.state, "Reconciling");
  assertEquals(world.beat("a", 2, having({ "0": [0, 1, 2, 3] })), "epoch 2 has 0:0,1");
  assertEquals(world.told(), ["writes tasks of a: 0:0,1, gives up 0:2,3, epoch 2, unrevoked"]);
  assertEquals(world.beat("b", 3), "epoch 3");
  // It is told again what it should have, since it has more than that.
  assertEquals(world.beat("a", 2, having({ "0": [0, 1, 3] })), "epoch 2 has 0:0,1");
  assertEquals(world.beat("b", 3), "epoch 3");
  assertEquals(world.beat("a", 2), "epoch 2");
  assertEquals(world.told(), []);
  assertEquals(world.beat("a", 2, having({ "0": [0, 1] })), "epoch 3");
  assertEquals(world.told(), ["writes tasks of a: 0:0,1, epoch 3, stable"]);
  assertEquals(world.beat("b", 3), "epoch 3 has 0:2,3");
  assertEquals(world.group.state, "Stable");
});

Deno.test("two members of a process do not share a task, active and in reserve", () => {
  const world = new StreamsWorld({ in: 2, log: 2 }, { "streams.num.standby.replicas": "1" });
  assertEquals(world.enter("a", { topology: counting("in"), processId: "p" }), "epoch 2 has 0:0,1");
  assertEquals(
    world.enter("b", { topology: counting("in"), processId: "q" }),
    "epoch 3 has nothing and in reserve 0:0",
  );
  assertEquals(world.beat("a", 2, having({ "0": [0, 1] })), "epoch 2 has 0:0");
  assertEquals(world.beat("a", 2, having({ "0": [0] })), "epoch 3");
  assertEquals(world.beat("b", 3), "epoch 3 has 0:1 and in reserve 0:0");
  // What a had as an active task, it keeps in reserve, once its process has given it up.
  assertEquals(world.beat("a", 3), "epoch 3 has 0:0 and in reserve 0:1");
});

Deno.test("a member that does not give up its tasks in time is out of the group", () => {
  const world = new StreamsWorld();
  world.enter("a", { rebalanceTimeoutMs: 10_000 });
  world.enter("b");
  world.beat("a", 2, having({ "0": [0, 1, 2, 3] }));
  world.told();
  world.advance(9_999);
  assertEquals(world.told(), []);
  world.advance(1);
  assertEquals(world.told(), [
    "forgets CurrentMemberAssignment of a",
    "forgets TargetAssignmentMember of a",
    "forgets MemberMetadata of a",
    "writes epoch 4, topology 0",
  ]);
  assertEquals(world.beat("a", 2), "UNKNOWN_MEMBER_ID");
  assertEquals(world.beat("b", 3), "epoch 4 has 0:0,1,2,3");
});

Deno.test("a silent member is out of the group, also after the broker has been started anew", () => {
  const world = new StreamsWorld();
  world.enter("a");
  world.advance(44_999);
  world.beat("a", 2);
  world.advance(44_999);
  assertEquals(world.group.members.size, 1);
  const later = new StreamsWorld({ in: 4 }, {}, world.log);
  later.advance(44_999);
  assertEquals(later.group.members.size, 1);
  later.advance(1);
  assertEquals(later.group.members.size, 0);
  assertEquals(later.group.state, "Empty");
});

Deno.test("a revocation is limited anew after the broker has been started anew", () => {
  const world = new StreamsWorld();
  world.enter("a", { rebalanceTimeoutMs: 10_000 });
  world.enter("b");
  world.beat("a", 2, having({ "0": [0, 1, 2, 3] }));
  const later = new StreamsWorld({ in: 4 }, {}, world.log);
  later.advance(9_999);
  assertEquals([...later.group.members.keys()], ["a", "b"]);
  later.advance(1);
  assertEquals([...later.group.members.keys()], ["b"]);
});

Deno.test("a member leaves", () => {
  const world = new StreamsWorld();
  world.enter("a");
  assertEquals(world.beat("b", -1), "UNKNOWN_MEMBER_ID");
  assertEquals(world.beat("a", -1), "epoch -1");
  assertEquals(world.group.state, "Empty");
  assertEquals(world.beat("a", 2), "UNKNOWN_MEMBER_ID");
});

Deno.test("who is behind by an answer may go on, any other is fenced", () => {
  const world = new StreamsWorld();
  world.enter("a");
  world.enter("b");
  world.beat("a", 2, having({ "0": [0, 1, 2, 3] }));
  world.beat("a", 2, having({ "0": [0, 1] }));
  assertEquals(world.beat("a", 2, having({ "0": [0] })), "epoch 3 has 0:0,1");
  assertEquals(world.beat("a", 2, having({ "0": [2] })), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", 2), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", 1, having({})), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", 4, having({})), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("stranger", 3), "UNKNOWN_MEMBER_ID");
});

Deno.test("a group waits for topics, and goes on by itself when they come", () => {
  const world = new StreamsWorld({});
  assertEquals(world.enter("a", { topology: counting("in") }), "epoch 2 has nothing MISSING_SOURCE_TOPICS");
  assertEquals(world.group.state, "NotReady");
  world.createTopic("in", 2);
  const answer = world.heartbeatOf("a", { memberEpoch: 2 });
  if (answer instanceof Refusal) throw new Error(answer.errorMessage!);
  assertEquals(answer.topicsToCreate.map(({ name, partitions }) => [name, partitions]), [["log", 2]]);
  assertEquals(answer.response.status!.map(({ statusDetail }) => statusDetail), ["Internal topics are missing: log"]);
  world.createTopic("log", 2);
  assertEquals(world.beat("a", 3), "epoch 4 has 0:0,1");
  world.createTopic("in", 3);
  assertEquals(world.beat("a", 4), "epoch 4 has nothing INCORRECTLY_PARTITIONED_TOPICS");
  world.deleteTopic("in");
  assertEquals(world.beat("a", 4, having({})), "epoch 6 MISSING_SOURCE_TOPICS");
});

Deno.test("topics that the group does not read change nothing", () => {
  const world = new StreamsWorld();
  world.enter("a");
  world.createTopic("other", 1);
  assertEquals(world.beat("a", 2), "epoch 2");
});

Deno.test("the topology of a group stays, and who has an older one is told so", () => {
  const world = new StreamsWorld({ in: 4, other: 1 });
  world.enter("a", { topology: { ...reading("in"), epoch: 3 } });
  assertEquals(world.enter("b", { topology: { ...reading("other"), epoch: 3 } }), "INVALID_REQUEST");
  assertEquals(world.enter("b", { topology: { ...reading("in"), epoch: 4 } }), "INVALID_REQUEST");
  assertEquals(world.enter("b", { topology: { ...reading("other"), epoch: 2 } }), "epoch 3 has nothing STALE_TOPOLOGY");
  assertEquals(world.enter("c", { topology: { ...reading("in"), epoch: -1 } }), "STREAMS_INVALID_TOPOLOGY_EPOCH");
});

Deno.test("a topology that makes no sense is refused, and leaves nothing", () => {
  const world = new StreamsWorld();
  const topology = reading("in", {
    repartitionSourceTopics: [{ name: "re", partitions: 0, replicationFactor: 0, topicConfigs: [] }],
  });
  assertEquals(world.enter("a", { topology }), "STREAMS_INVALID_TOPOLOGY");
  assertEquals([world.told(), [...world.state.groups.keys()]], [[], []]);
});

Deno.test("tasks that there are not are refused", () => {
  const world = new StreamsWorld();
  world.enter("a");
  assertEquals(world.beat("a", 2, having({ "0": [4] })), "INVALID_REQUEST");
  assertEquals(world.beat("a", 2, having({ "0": [-1] })), "INVALID_REQUEST");
  assertEquals(world.beat("a", 2, having({ "1": [0] })), "INVALID_REQUEST");
});

Deno.test("a group takes no more members than it may have", () => {
  const world = new StreamsWorld({ in: 4 }, {}, [], { streamsMaxSize: 1 });
  world.enter("a");
  assertEquals(world.enter("b"), "GROUP_MAX_SIZE_REACHED");
  assertEquals(world.enter("a"), "epoch 2 has 0:0,1,2,3");
});

Deno.test("the first members of a group are waited for", () => {
  const world = new StreamsWorld({ in: 4 }, { "streams.initial.rebalance.delay.ms": "3000" });
  assertEquals(world.enter("a"), "epoch 1 has nothing ASSIGNMENT_DELAYED");
  assertEquals(world.enter("b"), "epoch 1 has nothing ASSIGNMENT_DELAYED");
  world.told();
  world.advance(3_000);
  assertEquals(world.told(), [
    "writes target of a: 0:0,2",
    "writes target of b: 0:1,3",
    "writes target of epoch 3",
  ]);
  assertEquals(world.beat("a", 1), "epoch 3 has 0:0,2");
  assertEquals(world.beat("b", 1), "epoch 3 has 0:1,3");
});

Deno.test("tasks are assigned no more often than the interval allows", () => {
  const world = new StreamsWorld({ in: 4 }, { "streams.assignment.interval.ms": "1000" });
  world.enter("a");
  assertEquals(world.enter("b"), "epoch 2 has nothing ASSIGNMENT_DELAYED");
  world.advance(999);
  assertEquals(world.beat("b", 2), "epoch 2 ASSIGNMENT_DELAYED");
  world.advance(1);
  assertEquals(world.beat("b", 2), "epoch 3");
});

Deno.test("the end of the application is told to all members, until there are none", () => {
  const world = new StreamsWorld();
  world.enter("a");
  world.enter("b");
  assertEquals(
    world.beat("a", 2, { shutdownApplication: true, ...having({}) }),
    "epoch 3 has 0:0,1 SHUTDOWN_APPLICATION",
  );
  assertEquals(world.beat("b", 3), "epoch 3 has 0:2,3 SHUTDOWN_APPLICATION");
  world.beat("a", -1);
  world.beat("b", -1);
  assertEquals(world.enter("c"), "epoch 6 has 0:0,1,2,3");
});

Deno.test("members learn who answers queries of which partitions", () => {
  const world = new StreamsWorld({ in: 2 });
  const endpoint = (port: number) => ({ userEndpoint: { host: "h", port } });
  world.enter("a", endpoint(1));
  const partitions = (epoch: number, memberId: string, part = {}) => {
    const answer = world.heartbeatOf(memberId, { memberEpoch: epoch, ...part });
    if (answer instanceof Refusal) throw new Error(answer.errorMessage!);
    return answer.response.partitionsByUserEndpoint?.map(({ userEndpoint, activePartitions }) => [
      userEndpoint!.port,
      activePartitions!.map(({ topic, partitions }) => `${topic}-${partitions}`),
    ]) ?? null;
  };
  assertEquals(partitions(2, "a"), null);
  world.enter("b", endpoint(2));
  assertEquals(partitions(2, "a", having({ "0": [0, 1] })), [[2, []], [1, ["in-0"]]]);
  assertEquals(partitions(2, "a", having({ "0": [0] })), [[2, []], [1, ["in-0"]]]);
  assertEquals(partitions(3, "b"), [[1, ["in-0"]], [2, ["in-1"]]]);
  assertEquals(partitions(3, "b", { endpointInformationEpoch: world.group.endpointEpoch }), null);
});

Deno.test("more standby tasks are assigned when the config of the group says so", () => {
  const world = new StreamsWorld({ in: 1, log: 1 });
  world.enter("a", { topology: counting("in") });
  world.enter("b", { topology: counting("in") });
  const later = new StreamsWorld({ in: 1, log: 1 }, { "streams.num.standby.replicas": "1" }, world.log);
  assertEquals(later.beat("b", 3), "epoch 4 has nothing and in reserve 0:0");
});

Deno.test("a group is what its log adds up to", () => {
  const world = new StreamsWorld();
  world.enter("a", { clientTags: [{ key: "k", value: "v" }], rackId: "r", userEndpoint: { host: "h", port: 9 } });
  world.enter("b");
  world.beat("a", 2, having({ "0": [0, 1, 2, 3] }));
  const later = new StreamsWorld({ in: 4 }, {}, world.log);
  assertEquals(describeStreamsGroup(later.state, GROUP), describeStreamsGroup(world.state, GROUP));
  assertEquals(later.beat("b", 3), "epoch 3");
  assertEquals(later.beat("a", 2, having({ "0": [0, 1] })), "epoch 3");
  assertEquals(later.beat("b", 3), "epoch 3 has 0:2,3");
});

Deno.test("an empty group is deleted, one with members is not", () => {
  const world = new StreamsWorld();
  world.enter("a");
  const remove = () => nameOf(world.take((turn) => deleteGroup(world.state, turn, GROUP)));
  assertEquals(remove(), "NON_EMPTY_GROUP");
  world.beat("a", -1);
  world.told();
  assertEquals(remove(), "NONE");
  assertEquals(world.told(), ["forgets TargetAssignmentMetadata", "forgets Metadata", "forgets Topology"]);
  assertEquals(listGroups(world.state), []);
  assertEquals(new StreamsWorld({ in: 4 }, {}, world.log).state.groups.size, 0);
});

Deno.test("an empty classic group becomes a streams group, and the other way round", () => {
  const world = new StreamsWorld();
  world.join("m");
  assertEquals(world.enter("a"), "GROUP_ID_NOT_FOUND");
  world.advance(0);
  assertEquals(world.enter("a"), "GROUP_ID_NOT_FOUND");
  const [memberId] = world.state.classicGroup(GROUP)!.members.keys();
  world.leave(memberId);
  world.advance(60_000);
  world.told();
  assertEquals(world.enter("a"), "epoch 2 has 0:0,1,2,3");
  assertEquals(world.told()[0], "forgets the group");
  world.join("m");
  assertEquals(world.told(), ["m: INCONSISTENT_GROUP_PROTOCOL"]);
  world.beat("a", -1);
  world.told();
  world.join("m");
  assertEquals(world.told().slice(0, 3), [
    "forgets TargetAssignmentMetadata",
    "forgets Metadata",
    "forgets Topology",
  ]);
  assertEquals(world.state.groups.get(GROUP)!.type, "classic");
  assertEquals(new StreamsWorld({ in: 4 }, {}, world.log).state.groups.get(GROUP)?.type, "classic");
});

Deno.test("a group that had only offsets, as far as was known, is what its later records say", () => {
  const world = new StreamsWorld();
  world.enter("a");
  world.commit("in", 5, { memberId: "a", generationId: 2 });
  // Compaction may leave the offset before the records of the group.
  const offset = world.log.pop()!;
  const later = new StreamsWorld({ in: 4 }, {}, [offset, ...world.log]);
  assertEquals(later.group.type, "streams");
  assertEquals(later.group.members.size, 1);
});

Deno.test("offsets are committed by members, in their epoch or one in which they had the task already", () => {
  const world = new StreamsWorld();
  world.enter("a");
  const commit = (generationId: number, memberId = "a") => world.commit("in", 5, { memberId, generationId });
  assertEquals([commit(2), commit(1), commit(3)], ["NONE", "STALE_MEMBER_EPOCH", "STALE_MEMBER_EPOCH"]);
  assertEquals([commit(2, "b"), commit(-1, "")], ["UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID"]);
  world.enter("b");
  world.beat("a", 2, having({ "0": [0, 1, 2, 3] }));
  world.beat("a", 2, having({ "0": [0, 1] }));
  // Partition 0 has been a's since epoch 2.
  assertEquals([commit(3), commit(2), commit(1)], ["NONE", "NONE", "STALE_MEMBER_EPOCH"]);
  world.beat("a", -1);
  world.beat("b", -1);
  assertEquals(commit(-1, ""), "NONE");
});

Deno.test("offsets are fetched by members in their epoch, and by administrators", () => {
  const world = new StreamsWorld();
  world.enter("a");
  const { group } = world;
  assertEquals(group.fetchError("a", 2), ErrorCode.NONE);
  assertEquals(group.fetchError("a", 1), ErrorCode.STALE_MEMBER_EPOCH);
  assertEquals(group.fetchError("b", 2), ErrorCode.UNKNOWN_MEMBER_ID);
  assertEquals(group.fetchError(null, -1), ErrorCode.NONE);
});

Deno.test("a member in a state of a newer broker must join anew", () => {
  const world = new StreamsWorld();
  world.enter("a");
  world.group.setMember(world.group.members.get("a")!.with({ state: 9 }));
  assertEquals(world.beat("a", 2), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", 2, having({ "0": [0] })), "FENCED_MEMBER_EPOCH");
  assertEquals(world.beat("a", 2, having({})), "epoch 2 has 0:0,1,2,3");
});
