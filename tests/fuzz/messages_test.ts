/**
 * Messages against input of every kind: only a DecodeError may come of it, and nothing large may be made of little.
 *
 * @module
 */
import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../lib/bytes/mod.ts";
import { toJson } from "../../lib/protocol/mod.ts";
import { MESSAGE_VERSIONS, type MessageVersion, valuesOf } from "./message_values.ts";
import { check } from "./repeatable.ts";

const FILE = "tests/fuzz/messages_test.ts";

/** Counts and lengths that are larger than any input, as int32, int16 and varint. */
const HUGE: readonly Uint8Array[] = [
  Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
  Uint8Array.of(0x80, 0x00, 0x00, 0x00),
  Uint8Array.of(0x7f, 0xff),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
];

/** Above this size not every prefix is tried. */
const MAX_TRUNCATED_BYTES = 400;

const messageVersion = fc.constantFrom(...MESSAGE_VERSIONS).map(readably);
const encoded = messageVersion.chain((of) =>
  valuesOf(of).map((value) => ({ ...of, bytes: of.message.encode(of.version, value) }))
);

Deno.test("every version of every message reads what it writes", () => {
  for (const of of MESSAGE_VERSIONS) {
    check(
      FILE,
      4,
      fc.property(valuesOf(of), (value) => {
        const { message, version } = of;
        assertEquals(
          message.decode(version, message.encode(version, value)),
          value,
          `${message.name} version ${version}`,
        );
      }),
    );
  }
});

Deno.test("a message that is cut off anywhere is a DecodeError", () => {
  for (const of of MESSAGE_VERSIONS) {
    check(
      FILE,
      1,
      fc.property(valuesOf(of), (value) => {
        const bytes = of.message.encode(of.version, value);
        for (let length = 0; length < Math.min(bytes.length, MAX_TRUNCATED_BYTES); length++) {
          assertThrows(() => of.message.decode(of.version, bytes.subarray(0, length)), DecodeError);
        }
      }),
    );
  }
});

Deno.test("huge counts and lengths at any place are a DecodeError or plain data", () => {
  for (const of of MESSAGE_VERSIONS) {
    check(
      FILE,
      1,
      fc.property(valuesOf(of), (value) => {
        const bytes = of.message.encode(of.version, value);
        for (let at = 0; at < Math.min(bytes.length, MAX_TRUNCATED_BYTES); at++) {
          for (const huge of HUGE) decodeHostile(of, overwritten(bytes, at, huge));
        }
      }),
    );
  }
});

Deno.test("messages with bits flipped and parts moved are a DecodeError or another message", () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 5 })), {
    minLength: 1,
    maxLength: 4,
  });
  check(
    FILE,
    3000,
    fc.property(encoded, changes, fc.nat({ max: 7 }), ({ bytes, ...of }, changes, bit) => {
      if (bytes.length === 0) return;
      const flipped = Uint8Array.from(bytes);
      flipped[changes[0][0] % bytes.length] ^= 1 << bit;
      decodeHostile(of, flipped);

      const changed = changes.reduce((bytes, [at, part]) => overwritten(bytes, at % bytes.length, part), bytes);
      decodeHostile(of, changed);

      const [from, to] = [changes[0][0] % bytes.length, bit % bytes.length];
      decodeHostile(of, Uint8Array.from([...bytes.subarray(0, to), ...bytes.subarray(from)]));
    }),
  );
});

Deno.test("random bytes are a DecodeError or a message", () => {
  const input = fc.uint8Array({ maxLength: 200, size: "max" });
  check(FILE, 3000, fc.property(messageVersion, input, (of, bytes) => decodeHostile(of, bytes)));
});

/** Decodes what may be no message. What it is taken for is written and read alike, and has no more elements than bytes. */
function decodeHostile({ message, version }: MessageVersion, bytes: Uint8Array): void {
  let value: unknown;
  try {
    value = message.decode(version, bytes);
  } catch (error) {
    if (error instanceof DecodeError) return;
    throw error;
  }
  assertLessOrEqual(countElements(value), bytes.length);
  const again = message.decode(version, message.encode(version, value as object));
  assertEquals(toJson(message, version, again), toJson(message, version, value));
}

function countElements(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 0;
  const parts = Array.isArray(value) ? value : Object.values(value);
  return parts.reduce((sum, part) => sum + countElements(part), Array.isArray(value) ? value.length : 0);
}

function overwritten(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed.set(part.subarray(0, bytes.length - at), at);
  return changed;
}

/** Prints as its name, not as the whole declaration, when a property fails. */
function readably(of: MessageVersion): MessageVersion {
  return { ...of, [fc.toStringMethod]: () => `${of.message.name} version ${of.version}` } as MessageVersion;
}
