import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  DecodeError,
  Reader,
  sizeOfUnsignedVarint,
  sizeOfVarint,
  sizeOfVarlong,
  unzigzag,
  unzigzag64,
  Writer,
  zigzag,
  zigzag64,
} from "../../lib/bytes/mod.ts";

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

Deno.test("unsigned varints are base 128, the lowest group first", () => {
  for (
    const [value, bytes] of [
      [0, [0x00]],
      [1, [0x01]],
      [0x7f, [0x7f]],
      [0x80, [0x80, 0x01]],
      [300, [0xac, 0x02]],
      [0x3fff, [0xff, 0x7f]],
      [0x4000, [0x80, 0x80, 0x01]],
      [0x7fffffff, [0xff, 0xff, 0xff, 0xff, 0x07]],
      [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
    ] as const
  ) {
    const writer = new Writer();
    writer.unsignedVarint(value);
    assertEquals([...writer.finish()], [...bytes]);
    assertEquals(new Reader(Uint8Array.from(bytes)).unsignedVarint(), value);
  }
});

Deno.test("varints of every kind are read back, and take the size that is foretold", () => {
  fc.assert(fc.property(uint32, int32, int64, (unsigned, signed, long) => {
    const writer = new Writer();
    writer.unsignedVarint(unsigned);
    assertEquals(writer.length, sizeOfUnsignedVarint(unsigned));
    writer.varint(signed);
    writer.varlong(long);
    assertEquals(writer.length, sizeOfUnsignedVarint(unsigned) + sizeOfVarint(signed) + sizeOfVarlong(long));

    const reader = new Reader(writer.finish());
    assertEquals([reader.unsignedVarint(), reader.varint(), reader.varlong()], [unsigned, signed, long]);
    reader.end();
  }));
});

Deno.test("zigzag interleaves negative and positive numbers", () => {
  assertEquals([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
  assertEquals([zigzag(0x7fffffff), zigzag(-0x80000000)], [0xfffffffe, 0xffffffff]);
  assertEquals([zigzag64(2n ** 63n - 1n), zigzag64(-(2n ** 63n))], [2n ** 64n - 2n, 2n ** 64n - 1n]);
  fc.assert(fc.property(int32, int64, (value, long) => {
    assertEquals([unzigzag(zigzag(value)), unzigzag64(zigzag64(long))], [value, long]);
  }));
});

Deno.test("varints that are too long or cut off are refused", () => {
  assertThrows(() => new Reader(new Uint8Array(5).fill(0x80)).unsignedVarint(), DecodeError, "longer than 5 bytes");
  assertThrows(() => new Reader(new Uint8Array(10).fill(0xff)).varlong(), DecodeError, "longer than 10 bytes");
  assertThrows(() => new Reader(Uint8Array.of(0x80, 0x80)).unsignedVarint(), DecodeError);
  assertThrows(() => new Reader(new Uint8Array(0)).varlong(), DecodeError);
});

Deno.test("varints may be longer than they need to be, and lose what exceeds their type", () => {
  assertEquals(new Reader(Uint8Array.of(0x81, 0x00)).unsignedVarint(), 1);
  assertEquals(new Reader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f)).unsignedVarint(), 0xffffffff);
  assertEquals(new Reader(Uint8Array.of(...Array(9).fill(0xff), 0x7f)).varlong(), -(2n ** 63n));
});
