import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { CompressionError } from "../../../lib/ports.ts";
import { compressLz4, decompressLz4, repairLz4HeaderChecksum, xxhash32 } from "../../../lib/records/compression/mod.ts";

const TEXT = new TextEncoder().encode("messages in a bottle, messages in a bottle, messages in a bottle, and so on");

/** A frame of `blocks`, each a size field and its bytes, with the given flags. */
function frame(
  flags: number,
  blocks: readonly Uint8Array[],
  options: { contentSize?: number; checksum?: number } = {},
) {
  const descriptor = Uint8Array.of(flags, 0x40, ...littleEndian(options.contentSize, 8));
  const header = (xxhash32(descriptor) >>> 8) & 0xff;
  return concat([
    Uint8Array.of(0x04, 0x22, 0x4d, 0x18),
    descriptor,
    Uint8Array.of(header),
    ...blocks,
    new Uint8Array(4),
    Uint8Array.from(littleEndian(options.checksum, 4)),
  ]);
}

function littleEndian(value: number | undefined, bytes: number): number[] {
  return value === undefined ? [] : Array.from({ length: bytes }, (_, index) => (value / 2 ** (8 * index)) & 0xff);
}

/** A block that stores `bytes` as they are, with its checksum where asked for. */
function stored(bytes: Uint8Array, withChecksum = false): Uint8Array {
  const size = Uint8Array.from(littleEndian(bytes.length, 4));
  size[3] |= 0x80;
  return concat([size, bytes, Uint8Array.from(littleEndian(withChecksum ? xxhash32(bytes) : undefined, 4))]);
}

function compressed(bytes: Uint8Array): Uint8Array {
  return concat([Uint8Array.from(littleEndian(bytes.length, 4)), bytes]);
}

Deno.test("xxhash32() gives the values of the specification", () => {
  const hash = (text: string) => xxhash32(new TextEncoder().encode(text)).toString(16);
  assertEquals(hash(""), "2cc5d05");
  assertEquals(hash("abc"), "32d153ff");
  assertEquals(hash("Nobody inspects the spammish repetition"), "e2293b2f");
});

Deno.test("a frame says its blocks are independent and of 64 KB", () => {
  assertEquals(compressLz4(TEXT).subarray(0, 7).toHex(), "04224d18604082");
  assertEquals(compressLz4(new Uint8Array(0)).toHex(), "04224d1860408200000000");
});

Deno.test("content size, block and content checksums are read and checked", () => {
  const whole = frame(0x7c, [stored(TEXT, true)], { contentSize: TEXT.length, checksum: xxhash32(TEXT) });
  assertEquals(decompressLz4(whole, 1000), TEXT);
  const refused = (bytes: Uint8Array, reason: string) =>
    assertThrows(() => decompressLz4(bytes, 1000), CompressionError, reason);
  refused(frame(0x7c, [stored(TEXT, true)], { contentSize: 5, checksum: xxhash32(TEXT) }), "size");
  refused(frame(0x7c, [stored(TEXT, true)], { contentSize: TEXT.length, checksum: 1 }), "checksum of the content");
  const damaged = whole.slice();
  damaged[30] ^= 1;
  refused(damaged, "checksum of a block");
});

Deno.test("a match may reach into the block before, where the frame says that blocks depend on each other", () => {
  // One literal "!", a match of 10 bytes from 75 back, five last literals.
  const block = compressed(Uint8Array.of(0x16, 0x21, TEXT.length + 1, 0, 0x50, 1, 2, 3, 4, 5));
  const content = concat([TEXT, Uint8Array.of(0x21), TEXT.subarray(0, 10), Uint8Array.of(1, 2, 3, 4, 5)]);
  assertEquals(decompressLz4(frame(0x40, [stored(TEXT), block]), 1000), content);
  assertThrows(() => decompressLz4(frame(0x60, [stored(TEXT), block]), 1000), CompressionError, "reaches back");
});

Deno.test("frames of other programs are skipped", () => {
  const skippable = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9);
  assertEquals(decompressLz4(concat([skippable, compressLz4(TEXT)]), 1000), TEXT);
});

Deno.test("a block that decompresses to more than the frame allows is refused", () => {
  const length = new Uint8Array(300).fill(255);
  const block = compressed(concat([Uint8Array.of(0x1f, 7, 1, 0), length, Uint8Array.of(0, 0x50, 1, 2, 3, 4, 5)]));
  assertThrows(() => decompressLz4(frame(0x60, [block]), 2 ** 20), CompressionError, "more than the frame allows");
  assertThrows(() => decompressLz4(frame(0x60, [block]), 1000), CompressionError, "1000 bytes that are allowed");
});

Deno.test("the header checksum of old clients, computed over the magic too, is repaired", () => {
  const old = compressLz4(TEXT).slice();
  old[6] = (xxhash32(old, 0, 6) >>> 8) & 0xff;
  assertThrows(() => decompressLz4(old, 1000), CompressionError, "header");
  assertEquals(decompressLz4(repairLz4HeaderChecksum(old), 1000), TEXT);
  assertEquals(repairLz4HeaderChecksum(Uint8Array.of(1, 2)), Uint8Array.of(1, 2));
});
