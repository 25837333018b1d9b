import { assertEquals } from "@std/assert";
import { GROUP } from "../group_world.ts";
import { ConsumerWorld } from "./consumer_world.ts";

/** Without an interval between assignments, which only one test is about. */
const AT_ONCE = { "consumer.assignment.interval.ms": "0" };

function worldOf(topics: Record<string, number> = { t: 4 }): ConsumerWorld {
  return new ConsumerWorld({}, [], topics, AT_ONCE);
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
  assertEquals(world.state.groups.get(GROUP)!.state, "Stable");
});

Deno.test("a second member gets its share when the first one has given it up", () => {
  const world = worldOf();
  world.enter("a");
  assertEquals(world.enter("b"), "epoch 3: nothing");
  assertEquals(world.state.groups.get(GROUP)!.state, "Reconciling");
  world.told();
  assertEquals(world.beat("a", { epoch: 2 }), "epoch 2: t-0,1");
  assertEquals(world.told(), ["writes UNREVOKED_PARTITIONS of a in 2: t-0,1, revoking t-2,3"]);
  assertEquals(world.beat("b", { epoch: 3 }), "epoch 3");
  assertEquals(world.beat("a", { epoch: 2, owned: { t: [0, 1, 2] } }), "epoch 2");
  assertEquals(world.beat("a", { epoch: 2, owned: { t: [0, 1] } }), "epoch 3");
  assertEquals(world.beat("b", { epoch: 3 }), "epoch 3: t-2,3");
  assertEquals(world.state.groups.get(GROUP)!.state, "Stable");
});
