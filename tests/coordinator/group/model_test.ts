/** Whatever members do, in whatever order, a group keeps its promises. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { describeGroup } from "../../../lib/coordinator/group/administration.ts";
import { expireOffsets } from "../../../lib/coordinator/group/expire_offsets.ts";
import { committedPartitions } from "../../../lib/coordinator/group/offsets.ts";
import { GROUP, GroupWorld } from "./group_world.ts";

/** Ids of members that may be there, and of some that are not. */
const memberId = fc.constantFrom("c-1", "c-2", "c-3", "c-4", "i-1", "i-2", "j-3", "stranger");
const generationId = fc.integer({ min: 0, max: 4 });
const protocols = fc.constantFrom(["x"], ["x", "y"], ["y", "x"], ["y"]);

const event = fc.oneof(
  fc.record({
    kind: fc.constant("join" as const),
    memberId: fc.oneof(fc.constant(""), memberId),
    instance: fc.constantFrom(undefined, undefined, "i", "j"),
    protocols,
    asksTwice: fc.boolean(),
    canSkipAssignment: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("sync" as const), memberId, generationId }),
  fc.record({ kind: fc.constant("heartbeat" as const), memberId, generationId }),
  fc.record({ kind: fc.constant("leave" as const), memberId }),
  fc.record({ kind: fc.constant("commit" as const), memberId: fc.oneof(fc.constant(""), memberId), generationId }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 3_000, 10_000, 60_000, 300_000) }),
  fc.record({ kind: fc.constant("expire" as const) }),
);

type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

Deno.test("every request is answered once, and what is written is what is loaded", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.constantFrom(0, 3_000), (events, initialRebalanceDelayMs) => {
      const settings = { initialRebalanceDelayMs, maxSize: 3 };
      const world = new GroupWorld(settings);
      const answers: string[] = [];
      const asked = events.filter((each, index) => play(world, each, String(index))).length;
      answers.push(...answersOf(world));
      assertLoadedAlike(world, settings);
      // Nobody comes any more: all sessions end, and nobody is left waiting.
      world.advance(100 * 300_000);
      answers.push(...answersOf(world));
      assertEquals(answers.length, asked);
      assertEquals(new Set(answers).size, asked);
      const left = world.state.groups.get(GROUP);
      assert(left === undefined || left.members.size === 0);
    }),
    { numRuns: 2000 },
  );
});

/** Returns whether the event is a request that is answered in the transcript. */
function play(world: GroupWorld, event: Event, who: string): boolean {
  switch (event.kind) {
    case "join":
      world.join(who, event);
      return true;
    case "sync":
      world.sync(event.memberId, event.generationId, { "c-1": 1, "c-2": 2, "i-1": 3, "i-2": 4 }, who);
      return true;
    case "heartbeat":
      world.heartbeat(event.memberId, event.generationId);
      return false;
    case "leave":
      world.leave(event.memberId);
      return false;
    case "commit":
      world.commit("t", 1, event.memberId === "" ? {} : event);
      return false;
    case "wait":
      world.advance(event.ms);
      return false;
    case "expire":
      world.take((turn) => expireOffsets(world.state, turn));
      return false;
  }
}

/** Who was answered. */
function answersOf(world: GroupWorld): string[] {
  return world.told().flatMap((line) => /^(\d+): /.exec(line)?.[1] ?? []);
}

/** A stable or empty group is the same after the broker was started anew; offsets are in any case. */
function assertLoadedAlike(world: GroupWorld, settings: ConstructorParameters<typeof GroupWorld>[0]): void {
  const loaded = new GroupWorld(settings, world.log);
  assertEquals(committedPartitions(loaded.state, GROUP), committedPartitions(world.state, GROUP));
  const group = world.state.groups.get(GROUP);
  if (group?.state === "Stable") {
    assertEquals(describeGroup(loaded.state, GROUP), describeGroup(world.state, GROUP));
  }
  if (group?.state === "Empty") assertEquals(loaded.state.groups.get(GROUP)!.generationId, group.generationId);
}
