import { assertEquals, assertGreater, assertLess, assertStrictEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { BufferPool, DecodeError } from "../../lib/bytes/mod.ts";
import { Framer } from "../../lib/wire/framer.ts";

const MAX_FRAME_BYTES = 5 * 1024 * 1024;

function frame(body: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, body.length);
  return concat([length, body]);
}

/** Feeds `bytes` in pieces of at most `pieceBytes`; returns the frames that come out. */
function feed(framer: Framer, bytes: Uint8Array, pieceBytes: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = framer.space();
    assertGreater(space.length, 0);
    const count = Math.min(space.length, pieceBytes, bytes.length - at);
    space.set(bytes.subarray(at, at + count));
    framer.advance(count);
    at += count;
    for (let next = framer.next(); next !== null; next = framer.next()) frames.push(next);
  }
  return frames;
}

Deno.test("Framer gives out the frames that were put in, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 4 }),
      fc.integer({ min: 50, max: 100_000 }),
      (lengths, pieceBytes) => {
        const bodies = lengths.map((length, index) => new Uint8Array(length).fill(index + 1));
        const framer = new Framer(MAX_FRAME_BYTES);
        assertEquals(feed(framer, concat(bodies.map(frame)), pieceBytes), bodies);
        assertEquals(framer.bufferedBytes, 0);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("Framer works byte by byte", () => {
  const bodies = [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array(5000).fill(7)];
  assertEquals(feed(new Framer(MAX_FRAME_BYTES), concat(bodies.map(frame)), 1), bodies);
});

Deno.test("a frame's memory is its own: what comes later does not change it", () => {
  const framer = new Framer(MAX_FRAME_BYTES);
  const [first] = feed(framer, frame(new Uint8Array([1, 1])), 100);
  feed(framer, frame(new Uint8Array([9, 9])), 100);
  assertEquals(first, new Uint8Array([1, 1]));
});

Deno.test("the memory of a large frame is used again once it is given back, and not before", () => {
  const buffers = new BufferPool(1 << 20, 1);
  const body = (byte: number) => new Uint8Array(200_000).fill(byte);
  const next = (byte: number) => feed(new Framer(MAX_FRAME_BYTES, buffers), frame(body(byte)), 65536)[0];
  const first = next(1);
  const second = next(2);
  assertEquals(second.buffer === first.buffer, false);
  assertEquals(first, body(1));
  buffers.giveBack(first);
  const third = next(3);
  assertStrictEquals(third.buffer, first.buffer);
  assertEquals(third, body(3));
  assertEquals(second, body(2));
});

for (const [what, length] of [["negative", -1], ["above the limit", MAX_FRAME_BYTES + 1]] as const) {
  Deno.test(`a length that is ${what} is refused as soon as it is read`, () => {
    const framer = new Framer(MAX_FRAME_BYTES);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, length);
    const error = assertThrows(() => feed(framer, bytes, 4), DecodeError);
    assertEquals(error.message.includes(`announces ${length} bytes`), true, error.message);
  });
}

Deno.test("half a frame holds memory for what has come, not for what was announced", () => {
  const framer = new Framer(100 * 1024 * 1024);
  const bytes = new Uint8Array(10_000);
  new DataView(bytes.buffer).setInt32(0, 100 * 1024 * 1024);
  assertEquals(feed(framer, bytes, 10_000), []);
  assertEquals(framer.bufferedBytes, 10_000 - 4);
  assertLess(framer.space().length, 2 * 1024 * 1024);
});

Deno.test("an idle connection holds little memory", () => {
  assertLess(new Framer(MAX_FRAME_BYTES).space().length, 4096);
});

Deno.test("a client that speaks TLS or HTTP is told apart", () => {
  const beginnings: [string, number[]][] = [
    ["first bytes of TLS", [0x16, 0x03, 0x01, 0x02, 0x00]],
    ["first bytes of HTTP", [..."GET / HTTP/1.1"].map((character) => character.charCodeAt(0))],
  ];
  for (const [hint, bytes] of beginnings) {
    const framer = new Framer(100 * 1024 * 1024);
    framer.space().set(bytes);
    framer.advance(bytes.length);
    assertThrows(() => framer.next(), DecodeError, hint);
  }
});
