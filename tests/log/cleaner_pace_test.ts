import { assert, assertEquals, assertRejects, fail } from "@std/assert";
import { CleaningStopped, Pace } from "../../lib/log/cleaner_pace.ts";
import { settled } from "./faulty_disk.ts";
import { ManualTimers } from "./manual_timers.ts";
import { World } from "./support.ts";

/** A pace, and the time that passes when the test says so. */
function paceOf(maxBytesPerSecond = Infinity) {
  const { clock } = new World();
  const timers = new ManualTimers(clock);
  return { clock, timers, pace: new Pace(clock, timers, () => maxBytesPerSecond) };
}

/** Whether a promise has resolved. */
function watched(promise: Promise<void>): { isDone: boolean } {
  const state = { isDone: false };
  promise.then(() => state.isDone = true, () => {});
  return state;
}

Deno.test("after a few milliseconds it is everybody else's turn", async () => {
  const { clock, timers, pace } = paceOf();
  assert(pace.isOver);
  const resting = watched(pace.rest());
  await settled();
  assertEquals(resting.isDone, false);
  await timers.advance(0);
  assertEquals([resting.isDone, pace.isOver], [true, false]);
  clock.nowMs += 3;
  assert(pace.isOver);
});

Deno.test("a clock that was set back does not make a slice longer", async () => {
  const { clock, timers, pace } = paceOf();
  pace.rest();
  await timers.advance(0);
  clock.nowMs -= 60_000;
  assert(pace.isOver);
});

Deno.test("no more bytes pass in a second than are allowed", async () => {
  const { timers, pace } = paceOf(1_000_000);
  pace.spend(500_000);
  const resting = watched(pace.rest());
  await timers.advance(499);
  assertEquals(resting.isDone, false);
  await timers.advance(1);
  assertEquals(resting.isDone, true);
  const second = watched(pace.rest());
  await timers.advance(0);
  assertEquals(second.isDone, true);
});

Deno.test("who rests is woken by the stop, and told of it", async () => {
  const { timers, pace } = paceOf();
  const sleeping = watched(pace.sleep(60_000));
  pace.stop();
  await settled();
  assertEquals([sleeping.isDone, timers.count], [true, 0]);
  await assertRejects(() => pace.rest(), CleaningStopped);
});

Deno.test("the cleaner looks at the clock sooner where keys are long", () => {
  let looks = 0;
  const pace = new Pace({ now: () => looks++ }, { after: () => fail("it rests") }, () => Infinity);
  const looksFor = (records: number, keyBytes: number) => {
    looks = 0;
    for (let record = 0; record < records; record++) pace.isOverAfter(keyBytes);
    return looks;
  };
  assertEquals([looksFor(6400, 0), looksFor(100, 10_000)], [100, 100]);
});
