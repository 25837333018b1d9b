import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { crc32 } from "../../lib/bytes/crc32.ts";
import { CRC32C_MODULE } from "../../lib/bytes/crc32c_module.ts";
import { crc32c } from "../../lib/bytes/mod.ts";
import { compile } from "../../wasm/build.ts";

/** The text that catalogues of checksums give the value for. */
const CHECK = new TextEncoder().encode("123456789");

Deno.test("crc32c() has the check value of CRC-32C", () => {
  assertEquals(crc32c(CHECK), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(0)), 0);
});

Deno.test("crc32c() has the values of RFC 3720, appendix B.4", () => {
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
  assertEquals(crc32c(Uint8Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c);
});

Deno.test("crc32() has the check value of CRC-32", () => {
  assertEquals(crc32(CHECK), 0xcbf43926);
  assertEquals(crc32(new Uint8Array(0)), 0);
});

Deno.test("checksums are those of a remainder computed bit by bit", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300, size: "max" }), fc.nat({ max: 7 }), (bytes, offset) => {
    const part = bytes.subarray(offset);
    assertEquals(crc32c(part), remainder(part, 0x82f63b78));
    assertEquals(crc32(part), remainder(part, 0xedb88320));
  }));
});

Deno.test("crc32c() is that of the bits across all lengths at which it goes another way", () => {
  // Eight bytes, blocks of 1 KiB and 16 KiB, and the 64 KiB that are copied at a time: around each, and around sums of them.
  const around = [0, 8, 1024, 16384, 65536, 16384 + 1024, 65536 + 16384 + 1024 + 8, 2 * 65536].flatMap((length) =>
    [-9, -8, -1, 0, 1, 7, 8, 9].map((more) => length + more).filter((length) => length >= 0)
  );
  const bytes = Uint8Array.from({ length: 2 * 65536 + 9 }, (_, index) => (index * 2654435761) >>> 24);
  for (const length of around) {
    assertEquals(
      crc32c(bytes.subarray(0, length)),
      remainder(bytes.subarray(0, length), 0x82f63b78),
      `${length} bytes`,
    );
  }
});

Deno.test("the compiled checksum is that of its source", async () => {
  assertStringIncludes(await compile(), CRC32C_MODULE);
});

function remainder(bytes: Uint8Array, polynomial: number): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? polynomial : 0);
  }
  return ~rest >>> 0;
}
