import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { DecodeError, MAX_ELEMENTS, Reader } from "../../lib/bytes/mod.ts";

const BYTES = Uint8Array.of(
  0xff,
  0xfe,
  0xfd,
  0xfc,
  0xfb,
  0xfa,
  0xf9,
  0xf8,
  0xf7,
  0xf6,
  0xf5,
  0xf4,
  0xf3,
  0xf2,
  0xf1,
  0xf0,
);

/** Every way to read a fixed number of bytes: how many, and what comes of `BYTES`. */
const FIXED: readonly [name: string, size: number, read: (reader: Reader) => unknown, expected: unknown][] = [
  ["bool", 1, (reader) => reader.bool(), true],
  ["int8", 1, (reader) => reader.int8(), -1],
  ["uint8", 1, (reader) => reader.uint8(), 255],
  ["int16", 2, (reader) => reader.int16(), -2],
  ["uint16", 2, (reader) => reader.uint16(), 65534],
  ["int32", 4, (reader) => reader.int32(), -0x10204],
  ["uint32", 4, (reader) => reader.uint32(), 0xfffefdfc],
  ["int64", 8, (reader) => reader.int64(), -0x1020304050608n],
  ["safeInt64", 8, (reader) => reader.safeInt64(), -0x1020304050608],
  ["float64", 8, (reader) => reader.float64(), NaN],
  ["uuid", 16, (reader) => reader.uuid(), "__79_Pv6-fj39vX08_Lx8A"],
  ["view", 3, (reader) => [...reader.view(3)], [0xff, 0xfe, 0xfd]],
  ["string", 2, (reader) => reader.string(2), "\ufffd\ufffd"],
  ["skip", 5, (reader) => reader.skip(5), undefined],
];

Deno.test("Reader reads big-endian values and moves on", () => {
  for (const [name, size, read, expected] of FIXED) {
    const reader = new Reader(BYTES);
    assertEquals(read(reader), expected, name);
    assertEquals([reader.offset, reader.remaining], [size, BYTES.length - size], name);
  }
});

Deno.test("Reader takes part of a larger buffer for the whole", () => {
  for (const [name, size, read, expected] of FIXED) {
    const padded = new Uint8Array([1, 2, 3, ...BYTES.subarray(0, size), 4]);
    const reader = new Reader(padded.subarray(3, 3 + size));
    assertEquals(read(reader), expected, name);
    reader.end();
  }
});

Deno.test("Reader fails where a byte is missing, and stays where it was", () => {
  for (const [name, size, read] of FIXED) {
    const reader = new Reader(BYTES.subarray(0, size - 1));
    const error = assertThrows(() => read(reader), DecodeError);
    assertEquals([error.offset, reader.offset], [0, 0], name);
  }
});

Deno.test("Reader refuses negative lengths and counts", () => {
  for (
    const read of [
      (reader: Reader) => reader.view(-1),
      (reader: Reader) => reader.string(-1),
      (reader: Reader) => reader.skip(-1),
      (reader: Reader) => reader.checkCount(-1, 1),
    ]
  ) {
    assertThrows(() => read(new Reader(BYTES)), DecodeError, "-1");
  }
});

Deno.test("Reader.checkCount() refuses more elements than the rest can hold", () => {
  const reader = new Reader(BYTES, 8);
  assertEquals(reader.checkCount(4, 2), 4);
  assertEquals(reader.checkCount(0, 100), 0);
  assertThrows(() => reader.checkCount(5, 2), DecodeError, "8 bytes remain");
  assertThrows(() => reader.checkCount(0x7fffffff, 16), DecodeError, "count 2147483647 cannot be");
});

Deno.test("Reader.claimElements() limits the elements of a whole message", () => {
  const reader = new Reader(new Uint8Array(MAX_ELEMENTS));
  assertEquals(reader.claimElements(MAX_ELEMENTS - 1, 1), MAX_ELEMENTS - 1);
  assertEquals(reader.claimElements(1, 1), 1);
  assertThrows(() => reader.claimElements(1, 1), DecodeError, `more than ${MAX_ELEMENTS} array elements`);
  assertThrows(() => new Reader(BYTES).claimElements(17, 1), DecodeError, "count 17 cannot be");
});

Deno.test("Reader.safeInt64() refuses what a number cannot hold", () => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Number.MAX_SAFE_INTEGER));
  assertEquals(new Reader(bytes).safeInt64(), Number.MAX_SAFE_INTEGER);
  view.setBigInt64(0, BigInt(Number.MAX_SAFE_INTEGER) + 1n);
  assertThrows(() => new Reader(bytes).safeInt64(), DecodeError, "beyond 2^53");
});

Deno.test("Reader.view() gives the input's own memory", () => {
  const input = Uint8Array.from(BYTES);
  const view = new Reader(input, 2).view(3);
  assertStrictEquals(view.buffer, input.buffer);
  assertEquals([view.byteOffset, view.length], [2, 3]);
});

Deno.test("Reader.string() reads short and long, ASCII and not, and keeps a byte order mark", () => {
  for (const text of ["", "a", "x".repeat(24), "x".repeat(25), "größe", "\ufeffmark", "😀".repeat(10), "a\u0000b"]) {
    const bytes = new TextEncoder().encode(text);
    assertEquals(new Reader(bytes).string(bytes.length), text);
  }
});

Deno.test("Reader.end() fails while bytes are left", () => {
  const reader = new Reader(BYTES, 15);
  assertThrows(() => reader.end(), DecodeError, "1 bytes are left over (at byte 15)");
  reader.skip(1);
  reader.end();
});

Deno.test("DecodeError names the offset, and the path from the outside in", () => {
  const error = new DecodeError("string must not be null", 17);
  assertEquals([error.message, error.path], ["string must not be null (at byte 17)", ""]);
  error.within("name").within("[2]").within("topics");
  assertEquals(error.path, "topics[2].name");
  assertEquals(error.message, "string must not be null (at byte 17, in topics[2].name)");
});
