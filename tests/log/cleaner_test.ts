import { assertEquals } from "@std/assert";
import { appendEach, CleanerOf, COMPACTED, contentOf } from "./cleaner_support.ts";
import { World } from "./support.ts";

Deno.test("of each key the last record stays, at its offset; the active segment is left as it is", async () => {
  const world = new World();
  const log = world.create(COMPACTED);
  await appendEach(log, [["a", "1"], ["b", "1"], ["a", "2"], ["c", "1"], ["b", "2"], ["c", "2"], ["a", "3"], [
    "a",
    "4",
  ]]);
  const cleaner = new CleanerOf(world, log);
  assertEquals(await cleaner.clean(), true);
  assertEquals(await contentOf(log), [[4, "b", "2"], [5, "c", "2"], [6, "a", "3"], [7, "a", "4"]]);
  assertEquals(world.warnings, []);
  assertEquals(await contentOf(await world.open({ config: COMPACTED })), await contentOf(log));
});
