import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { int64At, setInt64At } from "../../lib/bytes/mod.ts";

const view = new DataView(new ArrayBuffer(8));

Deno.test("int64At() reads every safe integer, and of no other makes one", () => {
  fc.assert(fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
    view.setBigInt64(0, value);
    assertEquals(Number.isSafeInteger(int64At(view, 0)), Number.isSafeInteger(Number(value)));
  }));
  for (const value of [0n, -1n, 1n, 2n ** 53n - 1n, 1n - 2n ** 53n, 2n ** 32n, -(2n ** 32n), -(2n ** 31n)]) {
    view.setBigInt64(0, value);
    assertEquals(BigInt(int64At(view, 0)), value);
  }
  for (const value of [2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, -(2n ** 63n), 2n ** 63n - 1n]) {
    view.setBigInt64(0, value);
    assert(!Number.isSafeInteger(int64At(view, 0)));
  }
});

Deno.test("setInt64At() writes what a bigint would", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (value) => {
    setInt64At(view, 0, value);
    assertEquals(view.getBigInt64(0), BigInt(value));
    assertEquals(int64At(view, 0), value);
  }));
});
