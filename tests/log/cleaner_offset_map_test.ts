import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { halfSipHash } from "../../lib/log/cleaner_key_hash.ts";
import { OffsetMap } from "../../lib/log/cleaner_offset_map.ts";
import { utf8 } from "../../lib/bytes/mod.ts";
import { World } from "./support.ts";

const { random } = new World();

Deno.test("keys are hashed by HalfSipHash-2-4, as its authors' vectors have it", () => {
  // Of the key 00 01 … 07, and of the bytes 00 01 …, none to four of them.
  const expected = ["218d1f59b9b83cc8", "be552412f8387315", "064f39ef7c50eb57", "ce0f1a45f7060679", "d5e78a175be52ea1"];
  for (const [length, hash] of expected.entries()) {
    const words = new Uint32Array(2);
    halfSipHash(Uint8Array.from({ length }, (_, index) => index), 0, length, 0x03020100, 0x07060504, words, 0);
    const bytes = [...new Uint8Array(words.buffer)];
    assertEquals(bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""), hash);
  }
});

Deno.test("the map has the last offset of each key", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (keys) => {
    const map = new OffsetMap(1 << 20, random);
    const expected = new Map<string, number>();
    keys.forEach((key, offset) => {
      assert(put(map, key, offset));
      expected.set(key.join(), offset);
    });
    assertEquals(map.count, expected.size);
    for (const key of keys) assertEquals(get(map, key), expected.get(key.join()));
    assertEquals(get(map, utf8("none of those")), -1);
  }));
});

Deno.test("the map takes no more keys than its memory has room for, and forgets none for that", () => {
  for (const maxBytes of [0, 1000, 100_000, 1 << 20]) {
    const map = new OffsetMap(maxBytes, random);
    let count = 0;
    while (put(map, utf8(`key ${count}`), count)) count++;
    assert(count >= 12 && count >= maxBytes / 100);
    assertLessOrEqual(map.usedBytes, Math.max(maxBytes, 400));
    assertEquals([get(map, utf8(`key ${count}`)), put(map, utf8("key 3"), count), get(map, utf8("key 3"))], [
      -1,
      true,
      count,
    ]);
    for (let key = 4; key < count; key++) assertEquals(get(map, utf8(`key ${key}`)), key);
  }
});

Deno.test("memory follows the number of keys", () => {
  const map = new OffsetMap(128 << 20, random);
  assertLessOrEqual(map.usedBytes, 100_000);
  for (let key = 0; key < 50_000; key++) put(map, utf8(`key ${key}`), key);
  assertLessOrEqual(map.usedBytes, 50_000 * 24 * 4);
});

function put(map: OffsetMap, key: Uint8Array, offset: number): boolean {
  return map.put(key, 0, key.length, offset);
}

function get(map: OffsetMap, key: Uint8Array): number {
  return map.get(key, 0, key.length);
}
