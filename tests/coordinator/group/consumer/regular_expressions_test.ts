import { assertEquals, assertStringIncludes } from "@std/assert";
import { regexError } from "../../../../lib/coordinator/group/consumer/regular_expressions.ts";
import { nameOf } from "../group_world.ts";
import { ConsumerWorld } from "./consumer_world.ts";

const AT_ONCE = { "consumer.assignment.interval.ms": "0" };
const LEAST_REFRESH_INTERVAL_MS = 10_000;

function worldOf(topics: Record<string, number>): ConsumerWorld {
  return new ConsumerWorld({}, [], topics, AT_ONCE);
}

Deno.test("an expression matches whole names of topics, and is matched when its first member joins", () => {
  const world = worldOf({ "orders-1": 1, "orders-2": 1, "my-orders-3": 1 });
  assertEquals(world.enter("a", { topics: [], regex: "orders-[0-9]" }), "epoch 2: orders-1-0 orders-2-0");
  assertEquals(world.told().slice(0, 3), [
    "writes MemberMetadata of a",
    "writes orders-[0-9]: orders-1 orders-2",
    "writes epoch 2",
  ]);
});

Deno.test("new topics that an expression matches are assigned, but not more often than every ten seconds", () => {
  const world = worldOf({ "x1": 1 });
  world.enter("a", { topics: [], regex: "x.*" });
  world.createTopic("x2", 1);
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 2");
  world.advance(LEAST_REFRESH_INTERVAL_MS + 1);
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 3: x1-0 x2-0");
  world.createTopic("y", 1);
  world.advance(LEAST_REFRESH_INTERVAL_MS + 1);
  assertEquals(world.beat("a", { epoch: 3 }), "epoch 3");
  assertEquals(world.told().at(-1), "writes x.*: x1 x2");
});

Deno.test("an expression that nobody subscribes to any more is forgotten with its last member", () => {
  const world = worldOf({ "x1": 1, "y1": 1 });
  world.enter("a", { topics: [], regex: "x.*" });
  world.enter("b", { topics: [], regex: "x.*" });
  world.beat("b", { epoch: -1 });
  assertEquals(world.told().includes("forgets RegularExpression x.*"), false);
  assertEquals(world.beat("a", { epoch: 2, regex: "y.*", owned: {} }), "epoch 5: y1-0");
  assertEquals(world.told().includes("forgets RegularExpression x.*"), true);
  world.beat("a", { epoch: -1 });
  assertEquals(world.told().includes("forgets RegularExpression y.*"), true);
});

Deno.test("topics that a member may not see are not matched for it", () => {
  const world = worldOf({ "x1": 1, "x2": 1 });
  assertEquals(world.enter("a", { topics: [], regex: "x.*", mayDescribe: (topic) => topic === "x2" }), "epoch 2: x2-0");
});

Deno.test("a member of the classic protocol has expressions matched with the topics that it may see", () => {
  const world = new ConsumerWorld({ mayMigrate: true }, [], { x1: 1, x2: 1, x3: 1 }, AT_ONCE);
  world.enter("a", { topics: [], regex: "x[12]", mayDescribe: (topic) => topic !== "x2" });
  world.createTopic("y", 1);
  world.advance(LEAST_REFRESH_INTERVAL_MS + 1);
  world.told();
  world.join("b", { topics: ["x3"], mayDescribe: (topic) => topic !== "x2" });
  assertEquals(world.told().includes("writes x[12]: x1"), true);
});

Deno.test("names and an expression count together", () => {
  const world = worldOf({ "x1": 1, "t": 1 });
  assertEquals(world.enter("a", { topics: ["t"], regex: "x.*" }), "epoch 2: t-0 x1-0");
});

Deno.test("what RE2 does not take is refused, in the words of Apache Kafka, and nothing is written", () => {
  const world = worldOf({ t: 1 });
  assertEquals(world.enter("a", { topics: [], regex: "a(b" }), "INVALID_REGULAR_EXPRESSION");
  assertEquals(world.told(), []);
  assertEquals(
    regexError("a(b")!.errorMessage,
    "SubscribedTopicRegex `a(b` is not a valid regular expression: missing closing ).",
  );
  for (const regex of ["(?=x)", "\\1", "[z-a]", "*", "a{1,100000}", "((a{100}){100}){100}", "(".repeat(2000)]) {
    assertEquals(nameOf(regexError(regex)!.errorCode), "INVALID_REGULAR_EXPRESSION", regex);
  }
  assertStringIncludes(regexError("a".repeat(10_000))!.errorMessage!, "more than 4096 characters");
});

Deno.test("an expression that would take other engines for ever is matched in time", () => {
  const name = "a".repeat(249);
  const world = worldOf({ [name]: 1 });
  assertEquals(world.enter("a", { topics: [], regex: "(a*)*b" }), "epoch 2: nothing");
  assertEquals(world.beat("a", { epoch: 2, regex: "(a|aa)+" }), `epoch 3: ${name}-0`);
});

Deno.test("where there are many topics, they are matched in slices, and the members hear of it later", () => {
  const names = Array.from({ length: 30 }, (_, index) => `x${index}`);
  const world = worldOf(Object.fromEntries(names.map((name) => [name, 1])));
  // Each look at the clock finds it a millisecond later.
  world.isTicking = true;
  assertEquals(world.enter("a", { topics: [], regex: "x.*" }), "epoch 1: nothing");
  world.isTicking = false;
  world.advance(1);
  assertEquals(world.told().filter((line) => line.startsWith("writes x.*")).length, 1);
  assertEquals(world.beat("a", { epoch: 1 }).split(" ").length, 2 + names.length);
});
