import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { Reader, sizeOfUtf8, SPLICE_BYTES, Writer } from "../../lib/bytes/mod.ts";

/** One call of a writer, and the bytes that it must add. */
interface Step {
  readonly write: (writer: Writer) => void;
  readonly bytes: Uint8Array;
}

const contents = fc.uint8Array({ minLength: 0, maxLength: 2 * SPLICE_BYTES, size: "max" });

const step: fc.Arbitrary<Step> = fc.oneof(
  contents.map((bytes): Step => ({ write: (writer) => writer.bytes(bytes), bytes })),
  contents.map((bytes): Step => ({ write: (writer) => writer.splice(bytes), bytes })),
  fc.integer({ min: -0x80000000, max: 0x7fffffff }).map((value): Step => ({
    write: (writer) => writer.int32(value),
    bytes: viewed(4, (view) => view.setInt32(0, value)),
  })),
  fc.string({ unit: "grapheme" }).map((text): Step => ({
    write: (writer) => writer.utf8(text, sizeOfUtf8(text)),
    bytes: new TextEncoder().encode(text),
  })),
);

Deno.test("Writer writes big-endian values one after the other", () => {
  const writer = new Writer();
  writer.bool(true);
  writer.int8(-2);
  writer.int16(-3);
  writer.uint16(0xfffe);
  writer.int32(-4);
  writer.uint32(0xfffffffe);
  writer.int64(-5n);
  writer.safeInt64(-6);
  writer.float64(1.5);
  writer.uuid("bm90LWEtcmFuZG9tLWlkLQ");
  const reader = new Reader(writer.finish());
  assertEquals([reader.bool(), reader.int8(), reader.int16(), reader.uint16()], [true, -2, -3, 0xfffe]);
  assertEquals([reader.int32(), reader.uint32(), reader.int64()], [-4, 0xfffffffe, -5n]);
  assertEquals([reader.safeInt64(), reader.float64(), reader.uuid()], [-6, 1.5, "bm90LWEtcmFuZG9tLWlkLQ"]);
  reader.end();
});

Deno.test("Writer keeps all bytes in order, however they come", () => {
  fc.assert(fc.property(fc.array(step), (steps) => {
    const expected = concat(steps.map(({ bytes }) => bytes));
    const whole = new Writer();
    for (const { write } of steps) write(whole);
    assertEquals(whole.length, expected.length);
    assertBytes(concat(whole.finishChunks()), expected);

    for (const { write } of steps) write(whole);
    assertBytes(whole.finish(), expected);
    assertEquals(whole.length, 0);
  }));
});

Deno.test("writers that are open at the same time do not disturb each other", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat({ max: 3 }), step, fc.boolean())), (steps) => {
    const writers = Array.from({ length: 4 }, () => new Writer(16));
    const expected: Uint8Array[][] = [[], [], [], []];
    const finished: [Uint8Array, Uint8Array][] = [];
    const finish = (index: number) => {
      finished.push([writers[index].finish(), concat(expected[index])]);
      expected[index] = [];
    };
    for (const [index, { write, bytes }, isLast] of steps) {
      write(writers[index]);
      expected[index].push(bytes);
      if (isLast) finish(index);
    }
    for (let index = 0; index < 4; index++) finish(index);
    for (const [actual, bytes] of finished) assertBytes(actual, bytes);
  }));
});

Deno.test("Writer.splice() refers to large payloads and copies small ones", () => {
  const writer = new Writer();
  const large = new Uint8Array(SPLICE_BYTES).fill(7);
  const small = new Uint8Array(SPLICE_BYTES - 1).fill(8);
  writer.int8(1);
  writer.splice(large);
  writer.splice(small);
  const chunks = writer.finishChunks();
  assertEquals(chunks.map(({ length }) => length), [1, large.length, small.length]);
  assertStrictEquals(chunks[1], large);
  assert(chunks[2].buffer !== small.buffer);
});

Deno.test("Writer.setInt32() reaches what stands before and after a spliced payload", () => {
  const writer = new Writer();
  writer.int32(0);
  writer.splice(new Uint8Array(SPLICE_BYTES));
  writer.int16(0);
  writer.int32(0);
  writer.setInt32(0, writer.length);
  writer.setInt32(4 + SPLICE_BYTES + 2, -2);
  const reader = new Reader(writer.finish());
  assertEquals(reader.int32(), 4 + SPLICE_BYTES + 2 + 4);
  reader.skip(SPLICE_BYTES + 2);
  assertEquals(reader.int32(), -2);
});

Deno.test("Writer.utf8() writes a lone surrogate as U+FFFD", () => {
  for (const text of ["\ud800", "a\udc00b", "\ud83d\ude00\ud83d"]) {
    const writer = new Writer();
    writer.utf8(text, sizeOfUtf8(text));
    assertEquals(new TextDecoder().decode(writer.finish()), text.toWellFormed());
  }
});

function viewed(size: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  fill(new DataView(bytes.buffer));
  return bytes;
}

/** As assertEquals, which would take its time over thousands of bytes. */
function assertBytes(actual: Uint8Array, expected: Uint8Array): void {
  const at = expected.findIndex((byte, index) => actual[index] !== byte);
  assertEquals([actual.length, at], [expected.length, -1], "length, and where the first difference is");
}
