import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { CompressionError, type CompressionName } from "../../lib/ports.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";

const NAMES: readonly CompressionName[] = ["gzip", "snappy", "lz4", "zstd"];
const MEGABYTE = 2 ** 20;

/** Kinds of content that take different ways through a codec. */
function contents(length: number): Uint8Array[] {
  const words = Uint8Array.from({ length }, (_, index) => "offset=1234, key=alpha, ".charCodeAt((index * index) % 23));
  let state = length + 1;
  const noise = Uint8Array.from({ length }, () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24);
  return [new Uint8Array(length), words, noise];
}

for (const name of NAMES) {
  const ignore = !runtimeCompressor.supports(name);
  const test = (what: string, fn: () => void) => Deno.test({ name: `${name} ${what}`, ignore, fn });

  test("gives back what it was given, whatever the length", () => {
    for (
      const length of [
        0,
        1,
        2,
        3,
        4,
        5,
        11,
        12,
        13,
        14,
        15,
        16,
        17,
        59,
        60,
        61,
        62,
        63,
        64,
        65,
        255,
        256,
        257,
        270,
        1000,
      ]
    ) {
      for (const content of contents(length)) assertRoundTrip(name, content);
    }
    for (const length of [32767, 32768, 32769, 65535, 65536, 65537, 300_000]) {
      for (const content of contents(length)) assertRoundTrip(name, content);
    }
  });

  test("gives back any bytes", () => {
    const repetitive = fc.array(fc.constantFrom(0, 1, 2), { maxLength: 3000 }).map((values) => Uint8Array.from(values));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 500 }), repetitive), (content) => assertRoundTrip(name, content)),
    );
  });

  test("makes text smaller", () => {
    const text = contents(100_000)[1];
    assertLess(runtimeCompressor.compress(name, text).length, text.length / 4);
  });

  test("stops a bomb at the limit, and takes what just fits", () => {
    const bomb = runtimeCompressor.compress(name, new Uint8Array(8 * MEGABYTE));
    const error = assertThrows(() => runtimeCompressor.decompress(name, bomb, MEGABYTE), CompressionError);
    assert(error.message.includes("1048576"), error.message);
    assertThrows(() => runtimeCompressor.decompress(name, bomb, 8 * MEGABYTE - 1), CompressionError);
    assertEquals(runtimeCompressor.decompress(name, bomb, 8 * MEGABYTE).length, 8 * MEGABYTE);
  });

  test("refuses whatever is cut short", () => {
    const whole = runtimeCompressor.compress(name, contents(70_000)[1]);
    for (let length = 0; length < whole.length; length += Math.max(1, length >> 4)) {
      if (isWholeSnappy(name, whole, length)) continue;
      assertThrows(() => runtimeCompressor.decompress(name, whole.subarray(0, length), MEGABYTE), CompressionError);
    }
  });

  test("gives CompressionError and nothing else for damaged input", () => {
    const whole = runtimeCompressor.compress(name, contents(5000)[1]);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(damage, (changes) => {
      const damaged = whole.slice();
      for (const [at, value] of changes) damaged[at] = value;
      assertDecompressesOrFails(name, damaged);
    }));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assertDecompressesOrFails(name, bytes)));
  });

  test("refuses what another codec wrote", () => {
    for (const other of NAMES) {
      if (other === name || !runtimeCompressor.supports(other)) continue;
      const bytes = runtimeCompressor.compress(other, contents(1000)[1]);
      assertThrows(() => runtimeCompressor.decompress(name, bytes, MEGABYTE), CompressionError);
    }
  });

  test("reads streams that follow one another", () => {
    const content = contents(1000)[1];
    const twice = runtimeCompressor.decompress(
      name,
      concat([compress(name, content), compress(name, content)]),
      MEGABYTE,
    );
    assertEquals(twice, concat([content, content]));
  });

  test("gives plain arrays", () => {
    const compressed = compress(name, contents(1000)[1]);
    assertEquals(compressed.constructor, Uint8Array);
    assertEquals(runtimeCompressor.decompress(name, compressed, MEGABYTE).constructor, Uint8Array);
  });
}

Deno.test("gzip heeds the level", () => {
  const content = contents(50_000)[1];
  assertLess(compress("gzip", content, 9).length, compress("gzip", content, 0).length);
});

Deno.test({
  name: "zstd heeds the level",
  ignore: !runtimeCompressor.supports("zstd"),
  fn: () => {
    const content = concat(contents(50_000).map((bytes) => bytes.map((value, index) => value & (index % 7))));
    assertLess(compress("zstd", content, 19).length, compress("zstd", content, -5).length);
  },
});

Deno.test("snappy is framed as xerial's library frames it, and is also read without", () => {
  const framed = compress("snappy", new TextEncoder().encode("aaaaaaaaaaaaaaaaaaaa"));
  assertEquals(framed.subarray(0, 16).toHex(), "82534e41505059000000000100000001");
  assertEquals(framed.subarray(16, 20).toHex(), framed.subarray(20).length.toString(16).padStart(8, "0"));
  const raw = runtimeCompressor.decompress("snappy", framed.subarray(20), 100);
  assertEquals(new TextDecoder().decode(raw), "aaaaaaaaaaaaaaaaaaaa");
});

function compress(name: CompressionName, content: Uint8Array, level?: number): Uint8Array {
  return runtimeCompressor.compress(name, content, level);
}

function assertRoundTrip(name: CompressionName, content: Uint8Array): void {
  const compressed = compress(name, content);
  assertEquals(runtimeCompressor.decompress(name, compressed, content.length), content);
}

function assertDecompressesOrFails(name: CompressionName, bytes: Uint8Array): void {
  try {
    runtimeCompressor.decompress(name, bytes, 100_000);
  } catch (error) {
    assert(error instanceof CompressionError, `${error}`);
  }
}

/** Xerial's framing has no end: what is cut between two blocks is whole. */
function isWholeSnappy(name: CompressionName, bytes: Uint8Array, length: number): boolean {
  if (name !== "snappy") return false;
  let at = 16;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  while (at < length) at += 4 + view.getInt32(at);
  return at === length;
}
