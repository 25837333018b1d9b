/** What ApiVersions tells of the registry. */
import { assertEquals } from "@std/assert";
import { REGISTRY } from "../../lib/api/registry.ts";

Deno.test("the registry has each API once, by ascending key, as Apache Kafka lists them", () => {
  const keys = REGISTRY.map(({ key }) => key);
  assertEquals(keys, [...new Set(keys)].toSorted((a, b) => a - b));
});
