/** A topology is held against the topics that there are, as Apache Kafka does it. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  configureTopology,
  describeConfiguredTopology,
} from "../../../../lib/coordinator/group/streams/topology/configured_topology.ts";
import { type Subtopology, Topology } from "../../../../lib/coordinator/group/streams/topology/topology.ts";
import {
  HeartbeatStatus,
  InvalidTopologyError,
} from "../../../../lib/coordinator/group/streams/topology/topology_problem.ts";

Deno.test("a subtopology has as many tasks as its largest topic has partitions", () => {
  const { subtopologies, problem, topicsToCreate } = configure([reading("0", ["a", "b"])], { a: 2, b: 5 });
  assertEquals([problem, topicsToCreate], [null, []]);
  assertEquals(subtopologies!.get("0")!.numberOfTasks, 5);
});

Deno.test("source topics that are missing are named, three at most", () => {
  const { subtopologies, problem } = configure([reading("0", ["e", "d", "c", "b", "a"])], { e: 1 });
  assertEquals(subtopologies, null);
  assertEquals(problem, {
    statusCode: HeartbeatStatus.MISSING_SOURCE_TOPICS,
    statusDetail: "Source topics a, b, c and 1 additional topics are missing.",
  });
});

Deno.test("a repartition topic is as large as what its writers read, and a changelog as its subtopology", () => {
  const { topicsToCreate, problem } = configure([
    { ...reading("0", ["a", "b"]), repartitionSinkTopics: ["re"] },
    { ...reading("1", []), repartitionSourceTopics: [info("re")], repartitionSinkTopics: ["again"] },
    { ...reading("2", []), repartitionSourceTopics: [info("again")], stateChangelogTopics: [info("log")] },
  ], { a: 3, b: 2 });
  assertEquals(counts(topicsToCreate), { re: 3, again: 3, log: 3 });
  assertEquals(problem?.statusCode, HeartbeatStatus.MISSING_INTERNAL_TOPICS);
});

Deno.test("a repartition topic whose size the application fixes keeps it", () => {
  const { topicsToCreate, subtopologies } = configure([
    { ...reading("0", ["a"]), repartitionSinkTopics: ["re"] },
    { ...reading("1", []), repartitionSourceTopics: [{ ...info("re"), partitions: 7 }] },
  ], { a: 3 });
  assertEquals(counts(topicsToCreate), { re: 7 });
  assertEquals(subtopologies!.get("1")!.numberOfTasks, 7);
});

Deno.test("topics of a copartition group are of one size", () => {
  const group = (sourceTopics: number[], repartitionSourceTopics: number[]) => [
    { sourceTopics, sourceTopicRegex: [], repartitionSourceTopics },
  ];
  const joined = { ...reading("1", ["b"]), repartitionSourceTopics: [info("re")], copartitionGroups: group([0], [0]) };
  const writer = { ...reading("0", ["a"]), repartitionSinkTopics: ["re"] };
  // The repartition topic is as large as the topic that it is joined with.
  assertEquals(counts(configure([writer, joined], { a: 3, b: 6 }).topicsToCreate), { re: 6 });
  const unequal = { ...reading("0", ["a", "b"]), copartitionGroups: group([0, 1], []) };
  assertEquals(configure([unequal], { a: 3, b: 6 }).problem, {
    statusCode: HeartbeatStatus.INCORRECTLY_PARTITIONED_TOPICS,
    statusDetail: "Following topics do not have the same number of partitions: [{a=3, b=6}]",
  });
  const fixed = { ...joined, repartitionSourceTopics: [{ ...info("re"), partitions: 5 }] };
  assertEquals(configure([writer, fixed], { a: 3, b: 6 }).problem, {
    statusCode: HeartbeatStatus.INCORRECTLY_PARTITIONED_TOPICS,
    statusDetail:
      "Number of partitions [5] of repartition topic [re] doesn't match number of partitions [6] of the source topic.",
  });
  const internal = {
    ...reading("1", []),
    repartitionSourceTopics: [info("re"), info("other")],
    copartitionGroups: group([], [0, 1]),
  };
  const writers = [writer, { ...reading("2", ["b"]), repartitionSinkTopics: ["other"] }];
  assertEquals(counts(configure([...writers, internal], { a: 3, b: 6 }).topicsToCreate), { re: 6, other: 6 });
  const stranger = { ...reading("0", ["a"]), copartitionGroups: group([4], []) };
  assertThrows(() => configure([stranger], { a: 1 }), InvalidTopologyError, "does not have");
});

Deno.test("an internal topic that is there must be of the right size", () => {
  const writer = { ...reading("0", ["a"]), stateChangelogTopics: [info("log")] };
  assertEquals(configure([writer], { a: 3, log: 3 }).problem, null);
  assertEquals(configure([writer], { a: 3, log: 2 }).problem, {
    statusCode: HeartbeatStatus.INCORRECTLY_PARTITIONED_TOPICS,
    statusDetail: "Existing topic log has different number of partitions: expected 3, found 2",
  });
});

Deno.test("a topology of which no topics make sense is refused", () => {
  const loop = [
    { ...reading("0", []), repartitionSourceTopics: [info("b")], repartitionSinkTopics: ["a"] },
    { ...reading("1", []), repartitionSourceTopics: [info("a")], repartitionSinkTopics: ["b"] },
  ];
  assertThrows(() => configure(loop, {}), InvalidTopologyError, "loops");
  const unwritten = { ...reading("0", ["a"]), repartitionSourceTopics: [info("re")] };
  assertThrows(() => configure([unwritten], { a: 1 }), InvalidTopologyError, "never used as a sink topic");
  assertThrows(() => configure([reading("0", [])], {}), InvalidTopologyError, "No source topics");
});

Deno.test("a topology that would take too much time or memory is refused", () => {
  const many = Array.from({ length: 1001 }, (_, index) => reading(String(index), ["a"]));
  assertThrows(() => configure(many, { a: 1 }), InvalidTopologyError, "1001 subtopologies; it may have 1000 at most");
  assertEquals(configure(many.slice(1), { a: 100 }).problem, null);
  assertThrows(() => configure(many.slice(1), { a: 101 }), InvalidTopologyError, "101000 tasks");
  const chain = Array.from({ length: 1000 }, (_, index) => ({
    ...reading(String(index), index === 0 ? ["a"] : []),
    repartitionSourceTopics: index === 0 ? [] : [info(`re${index}`)],
    repartitionSinkTopics: [`re${index + 1}`],
  }));
  assertEquals(configure(chain, { a: 3 }).topicsToCreate.length, 999);
});

Deno.test("a topology is described with the sizes that were decided on", () => {
  const subtopology = {
    ...reading("0", ["b", "a"]),
    stateChangelogTopics: [{ ...info("log"), topicConfigs: [{ key: "cleanup.policy", value: "compact" }] }],
  };
  const topology = new Topology({ epoch: 4, subtopologies: [subtopology] });
  const described = describeConfiguredTopology(configureTopology(topology, () => 2));
  assertEquals(described.epoch, 4);
  assertEquals(described.subtopologies![0].sourceTopics, ["a", "b"]);
  assertEquals(described.subtopologies![0].stateChangelogTopics, [{
    name: "log",
    partitions: 2,
    replicationFactor: 0,
    topicConfigs: [{ key: "cleanup.policy", value: "compact" }],
  }]);
  // What the members asked for, while nothing is decided.
  assertEquals(topology.describe().subtopologies![0].stateChangelogTopics![0].partitions, 0);
});

Deno.test("topologies are the same in whatever order they list their subtopologies", () => {
  const [one, two] = [reading("0", ["a"]), reading("1", ["b"])];
  const topology = new Topology({ epoch: 0, subtopologies: [one, two] });
  assertEquals(topology.equals(new Topology({ epoch: 0, subtopologies: [two, one] })), true);
  assertEquals(topology.equals(new Topology({ epoch: 1, subtopologies: [one, two] })), false);
  assertEquals(topology.equals(new Topology({ epoch: 0, subtopologies: [one] })), false);
  assertEquals(topology.equals(new Topology({ epoch: 0, subtopologies: [one, reading("1", ["c"])] })), false);
});

function configure(subtopologies: readonly Subtopology[], existing: Readonly<Record<string, number>>) {
  return configureTopology(new Topology({ epoch: 0, subtopologies: [...subtopologies] }), (topic) => existing[topic]);
}

function reading(subtopologyId: string, sourceTopics: string[]): Subtopology {
  return {
    subtopologyId,
    sourceTopics,
    sourceTopicRegex: [],
    stateChangelogTopics: [],
    repartitionSinkTopics: [],
    repartitionSourceTopics: [],
    copartitionGroups: [],
  };
}

function info(name: string): Subtopology["stateChangelogTopics"][number] {
  return { name, partitions: 0, replicationFactor: 0, topicConfigs: [] };
}

function counts(topics: readonly { name: string; partitions: number }[]): Record<string, number> {
  return Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions]));
}
