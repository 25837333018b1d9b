import { assertEquals, assertGreater, assertLess, assertStrictEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { BufferPool, DecodeError } from "../../lib/bytes/mod.ts";
import { type FrameMemory, Framer } from "../../lib/wire/framer.ts";

const MEBIBYTE = 1024 * 1024;
const MAX_FRAME_BYTES = 5 * MEBIBYTE;

/** Of which frames on their way may reserve so much, and one of them more. */
class Memory implements FrameMemory {
  readonly buffers = new BufferPool(MEBIBYTE, 4 * MEBIBYTE);
  reservedBytes = 0;
  isOverdrawn = false;

  constructor(readonly maxReservedBytes = Infinity) {}

  reserve(bytes: number): boolean {
    if (this.reservedBytes + bytes > this.maxReservedBytes) return false;
    this.reservedBytes += bytes;
    return true;
  }

  overdraw(): boolean {
    return !this.isOverdrawn && (this.isOverdrawn = true);
  }

  unreserve(bytes: number, isOverdrawn: boolean): void {
    this.reservedBytes -= bytes;
    if (isOverdrawn) this.isOverdrawn = false;
  }
}

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
      fc.array(fc.oneof(fc.nat(100_000), fc.nat(MAX_FRAME_BYTES)), { maxLength: 4 }),
      fc.integer({ min: 500, max: 100_000 }),
      fc.constantFrom(0, 3 * MEBIBYTE, Infinity),
      (lengths, pieceBytes, maxReservedBytes) => {
        const bodies = lengths.map((length, index) => new Uint8Array(length).fill(index + 1));
        const memory = new Memory(maxReservedBytes);
        const framer = new Framer(MAX_FRAME_BYTES, memory);
        assertEquals(feed(framer, concat(bodies.map(frame)), pieceBytes), bodies);
        assertEquals(framer.bufferedBytes, 0);
        assertEquals(memory.reservedBytes, 0);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("Framer works byte by byte", () => {
  const bodies = [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array(5000).fill(7)];
  assertEquals(feed(new Framer(MAX_FRAME_BYTES, new Memory()), concat(bodies.map(frame)), 1), bodies);
});

Deno.test("a frame's memory is its own: what comes later does not change it", () => {
  const framer = new Framer(MAX_FRAME_BYTES, new Memory());
  const [first] = feed(framer, frame(new Uint8Array([1, 1])), 100);
  feed(framer, frame(new Uint8Array([9, 9])), 100);
  assertEquals(first, new Uint8Array([1, 1]));
});

Deno.test("the memory of a large frame is used again once it is given back, and not before", () => {
  const memory = new Memory();
  const body = (byte: number) => new Uint8Array(200_000).fill(byte);
  const next = (byte: number) => feed(new Framer(MAX_FRAME_BYTES, memory), frame(body(byte)), 65536)[0];
  const first = next(1);
  const second = next(2);
  assertEquals(second.buffer === first.buffer, false);
  assertEquals(first, body(1));
  memory.buffers.giveBack(first);
  const third = next(3);
  assertStrictEquals(third.buffer, first.buffer);
  assertEquals(third, body(3));
  assertEquals(second, body(2));
});

for (const [what, length] of [["negative", -1], ["above the limit", MAX_FRAME_BYTES + 1]] as const) {
  Deno.test(`a length that is ${what} is refused as soon as it is read`, () => {
    const framer = new Framer(MAX_FRAME_BYTES, new Memory());
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, length);
    const error = assertThrows(() => feed(framer, bytes, 4), DecodeError);
    assertEquals(error.message.includes(`announces ${length} bytes`), true, error.message);
  });
}

Deno.test("half a frame holds memory for what has come, not for what was announced", () => {
  const framer = new Framer(100 * MEBIBYTE, new Memory());
  const bytes = new Uint8Array(10_000);
  new DataView(bytes.buffer).setInt32(0, 100 * 1024 * 1024);
  assertEquals(feed(framer, bytes, 10_000), []);
  assertEquals(framer.bufferedBytes, 10_000 - 4);
  assertLess(framer.space().length, 2 * 1024 * 1024);
});

/** The beginning of a frame that announces `length` bytes, of which so many have come. */
function begun(length: number, arrivedBytes: number): Uint8Array {
  const bytes = new Uint8Array(4 + arrivedBytes);
  new DataView(bytes.buffer).setInt32(0, length);
  return bytes;
}

Deno.test("a frame has its whole memory once a megabyte has come", () => {
  const memory = new Memory();
  const framer = new Framer(MAX_FRAME_BYTES, memory);
  feed(framer, begun(MAX_FRAME_BYTES, MEBIBYTE), 65536);
  assertEquals(framer.space().length, MAX_FRAME_BYTES - MEBIBYTE);
  assertEquals(memory.reservedBytes, MAX_FRAME_BYTES);
});

Deno.test("where too much is reserved, a frame's memory is at most twice what has come", () => {
  const framer = new Framer(100 * MEBIBYTE, new Memory(99 * MEBIBYTE));
  feed(framer, begun(100 * MEBIBYTE, MEBIBYTE), 65536);
  assertEquals(framer.space().length, MEBIBYTE);
  feed(framer, new Uint8Array(MEBIBYTE), 65536);
  assertEquals(framer.space().length, 2 * MEBIBYTE);
});

Deno.test("a thousand connections that announce a hundred megabytes each get what all may have, and one of them more", () => {
  const memory = new Memory(128 * MEBIBYTE);
  const framers = Array.from({ length: 1000 }, () => new Framer(100 * MEBIBYTE, memory));
  const spaces = framers.map((framer) => {
    for (let sent = 0; sent < MEBIBYTE + 4;) {
      const space = framer.space();
      if (space.length === 0) return 0;
      const count = Math.min(space.length, MEBIBYTE + 4 - sent);
      if (sent === 0) space.set(frame(new Uint8Array(100 * MEBIBYTE)).subarray(0, 4));
      framer.advance(count);
      sent += count;
      framer.next();
    }
    return framer.space().length;
  });
  const held = spaces.filter((length) => length > 0).map((length) => MEBIBYTE + length);
  assertEquals(held[0], 100 * MEBIBYTE);
  assertLess(held.reduce((sum, length) => sum + length), 229 * MEBIBYTE);
  assertEquals(spaces.at(-1), 0);
  // One that ends makes room for others.
  framers[0].close();
  assertGreater(framers.at(-1)!.space().length, 0);
});

Deno.test("where there is no memory, a frame's beginning waits, and goes on where it was", () => {
  const memory = new Memory(0);
  const first = new Framer(MAX_FRAME_BYTES, memory);
  feed(first, begun(MAX_FRAME_BYTES, MEBIBYTE), 65536);
  const body = new Uint8Array(MAX_FRAME_BYTES).map((_, index) => index);
  const second = new Framer(MAX_FRAME_BYTES, memory);
  const sent = frame(body);
  const beginning = second.space().length;
  second.space().set(sent.subarray(0, beginning));
  second.advance(beginning);
  assertEquals([second.next(), second.space().length], [null, 0]);
  first.close();
  assertEquals(feed(second, sent.subarray(beginning), 65536), [body]);
});

Deno.test("what half a frame has reserved is free again when its connection ends", () => {
  const memory = new Memory();
  const framer = new Framer(MAX_FRAME_BYTES, memory);
  feed(framer, begun(MAX_FRAME_BYTES, MEBIBYTE), 65536);
  const { buffer } = framer.space();
  framer.close();
  assertEquals(memory.reservedBytes, 0);
  assertEquals(buffer.byteLength, 0);
});

Deno.test("an idle connection holds little memory", () => {
  assertLess(new Framer(MAX_FRAME_BYTES, new Memory()).space().length, 4096);
});

Deno.test("a client that speaks TLS or HTTP is told apart", () => {
  const beginnings: [string, number[]][] = [
    ["first bytes of TLS", [0x16, 0x03, 0x01, 0x02, 0x00]],
    ["first bytes of HTTP", [..."GET / HTTP/1.1"].map((character) => character.charCodeAt(0))],
  ];
  for (const [hint, bytes] of beginnings) {
    const framer = new Framer(100 * MEBIBYTE, new Memory());
    framer.space().set(bytes);
    framer.advance(bytes.length);
    assertThrows(() => framer.next(), DecodeError, hint);
  }
});
