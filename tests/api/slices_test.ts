import { assertEquals } from "@std/assert";
import { mapInSlices } from "../../lib/api/slices.ts";

Deno.test("what takes long is done in slices of some milliseconds, in order", async () => {
  let nowMs = 0;
  let turns = 0;
  const timers = {
    after(_: number, callback: () => void) {
      turns++;
      queueMicrotask(callback);
      return { cancel() {} };
    },
  };
  const double = (item: number) => {
    nowMs++;
    return item * 2;
  };
  const items = Array.from({ length: 10 }, (_, index) => index);
  assertEquals(
    await mapInSlices(items, { clock: { now: () => nowMs }, timers }, double),
    items.map((item) => item * 2),
  );
  assertEquals(turns, 2);
});
