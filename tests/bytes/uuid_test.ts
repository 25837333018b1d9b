import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { isUuid, METADATA_TOPIC_ID, uuidFromBytes, uuidToBytes, ZERO_UUID } from "../../lib/bytes/mod.ts";

const uuidBytes = fc.uint8Array({ minLength: 16, maxLength: 16 });

Deno.test("UUIDs are printed as URL-safe base64 without padding", () => {
  fc.assert(fc.property(uuidBytes, (bytes) => {
    const base64 = btoa(String.fromCharCode(...bytes));
    const uuid = uuidFromBytes(bytes);
    assertEquals(uuid, base64.replaceAll("+", "-").replaceAll("/", "_").replace("==", ""));
    assertEquals(isUuid(uuid), true);
  }));
});

Deno.test("UUIDs are read back from their print form, at any offset", () => {
  fc.assert(fc.property(uuidBytes, fc.nat({ max: 8 }), (bytes, offset) => {
    const into = new Uint8Array(24);
    uuidToBytes(uuidFromBytes(bytes), into, offset);
    assertEquals([...into.subarray(offset, offset + 16)], [...bytes]);
    assertEquals(uuidFromBytes(into, offset), uuidFromBytes(bytes));
  }));
});

Deno.test("the reserved UUIDs are zero and one", () => {
  const bytes = new Uint8Array(16);
  assertEquals(uuidFromBytes(bytes), ZERO_UUID);
  bytes[15] = 1;
  assertEquals(uuidFromBytes(bytes), METADATA_TOPIC_ID);
});

Deno.test("uuidToBytes() refuses what is no UUID", () => {
  for (const text of ["", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA+", "größe"]) {
    assertEquals(isUuid(text), false);
    assertThrows(() => uuidToBytes(text, new Uint8Array(16)), TypeError, text);
  }
});
