import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import zlib from "node:zlib";
import { crc32 } from "../../../lib/bytes/mod.ts";
import { CompressionError } from "../../../lib/ports.ts";
import { decompressGzip } from "../../../lib/records/compression/mod.ts";

const TEXT = new TextEncoder().encode(
  "so is the first step of a journey of a thousand miles the first step. ".repeat(99),
);

Deno.test("crc32() gives the value of the catalogue, and what zlib gives at any length", () => {
  assertEquals(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  for (let length = 0; length < 70; length++) {
    assertEquals(crc32(TEXT.subarray(3, 3 + length)), zlib.crc32(TEXT.subarray(3, 3 + length)), `${length} bytes`);
  }
});

Deno.test("every way in which zlib writes blocks is read", () => {
  const skewed = Uint8Array.from({ length: 200_000 }, (_, index) => Math.clz32(Math.imul(index, 0x9e3779b1)) * 7);
  for (const content of [TEXT, skewed]) {
    for (const level of [0, 1, 6, 9]) {
      for (const strategy of [0, zlib.constants.Z_FIXED, zlib.constants.Z_HUFFMAN_ONLY, zlib.constants.Z_RLE]) {
        assertEquals(decompressGzip(zlib.gzipSync(content, { level, strategy }), content.length), content);
      }
    }
  }
});

Deno.test("the optional fields of the header are skipped", () => {
  const member = new Uint8Array(zlib.gzipSync(TEXT));
  const header = member.slice(0, 10);
  header[3] = 0x02 | 0x04 | 0x08 | 0x10;
  const extra = Uint8Array.of(3, 0, 1, 2, 3);
  const name = new TextEncoder().encode("name\0comment\0");
  const full = concat([header, extra, name, Uint8Array.of(7, 7), member.subarray(10)]);
  assertEquals(decompressGzip(full, TEXT.length), TEXT);
});

Deno.test("a wrong checksum, size or header is refused", () => {
  const member = new Uint8Array(zlib.gzipSync(TEXT));
  const refused = (at: number, reason: string) => {
    const damaged = member.slice();
    damaged[at] ^= 0x80;
    assertThrows(() => decompressGzip(damaged, 1e6), CompressionError, reason);
  };
  refused(0, "header");
  refused(2, "header");
  refused(3, "header");
  refused(member.length - 8, "checksum");
  refused(member.length - 1, "size");
  assertThrows(() => decompressGzip(concat([member, Uint8Array.of(1, 2, 3)]), 1e6), CompressionError, "end too early");
});

Deno.test("codes that no compressor writes are refused", () => {
  const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
  const refused = (bytes: number[], reason: string) =>
    assertThrows(() => decompressGzip(concat([header, Uint8Array.from(bytes)]), 1e6), CompressionError, reason);
  refused([0x07], "type 3");
  refused([0x01, 1, 0, 0, 0], "stored block");
  refused([0xfd, 0xff, 0xff, 0xff], "more codes");
  refused([0x05, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "code");
});
