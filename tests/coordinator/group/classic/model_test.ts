/** Whatever members do, in whatever order, a group keeps its promises. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { describeGroup } from "../../../../lib/coordinator/group/administration.ts";
import { expireOffsets } from "../../../../lib/coordinator/group/expire_offsets.ts";
import { committedPartitions } from "../../../../lib/coordinator/group/offsets.ts";
import { GROUP, GroupWorld } from "../group_world.ts";

/** The first, second … of the members that there are, those included that only have their id yet; or a stranger. */
const nth = fc.nat({ max: 3 });
/** How far a member's generation is behind. */
const behind = fc.constantFrom(0, 0, 0, 0, 1);
const protocols = fc.constantFrom(["x"], ["x", "y"], ["y", "x"], ["y"]);

const event = fc.oneof(
  fc.record({
    kind: fc.constant("join" as const),
    nth: fc.option(nth, { nil: null }),
    instance: fc.constantFrom(undefined, undefined, "i", "j"),
    protocols,
    asksTwice: fc.boolean(),
    canSkipAssignment: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("sync" as const), nth, behind }),
  fc.record({ kind: fc.constant("heartbeat" as const), nth, behind }),
  fc.record({ kind: fc.constant("leave" as const), nth }),
  fc.record({ kind: fc.constant("commit" as const), nth, behind }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(0, 0, 0, 1, 3_000, 10_000, 60_000) }),
  fc.record({ kind: fc.constant("expire" as const) }),
);

type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

Deno.test("every request is answered once, and what is written is what is loaded", () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 60, size: "max" }),
      fc.constantFrom(0, 3_000),
      (events, initialRebalanceDelayMs) => {
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
        const left = world.state.classicGroup(GROUP);
        assert(left === undefined || left.members.size === 0);
      },
    ),
    { numRuns: 500 },
  );
});

/** Returns whether the event is a request that is answered in the transcript. */
function play(world: GroupWorld, event: Event, who: string): boolean {
  const group = world.state.classicGroup(GROUP);
  const ids = group === undefined ? [] : [...group.members.keys(), ...group.pendingJoins];
  const idOf = (nth: number) => ids[nth] ?? "stranger";
  const generationOf = (behind: number) => (group?.generationId ?? 0) - behind;
  switch (event.kind) {
    case "join": {
      const memberId = event.nth === null ? "" : idOf(event.nth);
      const instance = group?.members.get(memberId)?.groupInstanceId ?? event.instance;
      world.join(who, { ...event, memberId, instance });
      return true;
    }
    case "sync": {
      const assignments = Object.fromEntries(ids.map((id, index) => [id, index + 1]));
      world.sync(idOf(event.nth), generationOf(event.behind), assignments, who);
      return true;
    }
    case "heartbeat":
      world.heartbeat(idOf(event.nth), generationOf(event.behind));
      return false;
    case "leave":
      world.leave(idOf(event.nth));
      return false;
    case "commit":
      world.commit("t", 1, { memberId: idOf(event.nth), generationId: generationOf(event.behind) });
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
  const group = world.state.classicGroup(GROUP);
  if (group?.state === "Stable") {
    assertEquals(describeGroup(loaded.state, GROUP), describeGroup(world.state, GROUP));
  }
  if (group?.state === "Empty") assertEquals(loaded.state.classicGroup(GROUP)!.generationId, group.generationId);
}
