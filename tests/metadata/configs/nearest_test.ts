import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { nearest } from "../../../lib/metadata/configs/nearest.ts";

const NAMES = ["listeners", "log.dirs", "log.dir", "num.partitions"];

Deno.test("a letter too few, too many, wrong or swapped is forgiven", () => {
  for (const misspelt of ["listener", "listenerss", "listemers", "lisetners"]) {
    assertEquals(nearest(misspelt, NAMES), "listeners");
  }
  assertEquals(nearest("log.dirz", NAMES), "log.dirs");
});

Deno.test("what is nothing like a candidate has none", () => {
  assertEquals(nearest("colour", NAMES), null);
  assertEquals(nearest("", []), null);
});

Deno.test("a candidate is nearest to itself", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), (candidates) => {
    assertEquals(nearest(candidates[0], candidates), candidates[0]);
  }));
});
