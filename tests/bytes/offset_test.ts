import { assertEquals, assertThrows } from "@std/assert";
import { DecodeError, toNumber, toNumberClamped } from "../../lib/bytes/mod.ts";

const MAX = BigInt(Number.MAX_SAFE_INTEGER);

Deno.test("toNumber() keeps every offset that a number holds exactly, and refuses others", () => {
  for (const value of [0n, -1n, MAX, -MAX]) assertEquals(BigInt(toNumber(value)), value);
  for (const value of [MAX + 1n, -MAX - 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    assertThrows(() => toNumber(value, "fetch offset"), DecodeError, `fetch offset ${value}`);
  }
});

Deno.test("toNumberClamped() brings what lies beyond to the nearest safe integer", () => {
  assertEquals(toNumberClamped(42n), 42);
  assertEquals(toNumberClamped(2n ** 63n - 1n), Number.MAX_SAFE_INTEGER);
  assertEquals(toNumberClamped(-(2n ** 63n)), -Number.MAX_SAFE_INTEGER);
});
