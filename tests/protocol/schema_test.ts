import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { DecodeError } from "../../lib/bytes/mod.ts";
import {
  array,
  between,
  bool,
  bytes,
  defaulting,
  EncodeError,
  float64,
  ignorable,
  type Init,
  int16,
  int32,
  int64,
  int8,
  MAX_STRING_BYTES,
  type Message,
  neverFlexible,
  nullable,
  nullableSince,
  prose,
  request,
  response,
  since,
  string,
  struct,
  tagged,
  uint16,
  uint32,
  until,
  uuid,
} from "../../lib/protocol/mod.ts";

/** Of every construct of the DSL something; flexible from version 2 on. */
const Sample = request({ key: 99, name: "Sample", versions: [0, 3], flexible: 2 }, {
  name: string,
  limit: until(1, int32, -1),
  comment: ignorable(since(1, string)),
  middle: between(1, 2, int16),
  rack: nullable(string),
  label: nullable(string, ""),
  alias: nullableSince(1, string),
  retries: defaulting(int8, 3),
  topics: nullable(array({ topic: string, partitions: array({ index: int32, offset: since(1, int64, -1n) }) }), []),
  owner: since(1, nullable(struct({ id: int32 }))),
  clientId: neverFlexible(string),
  leader: tagged(1, since(2, struct({ id: defaulting(int32, -1) }))),
  racks: tagged(0, since(2, array(string))),
  reason: tagged(2, since(3, nullable(string))),
});
type Sample = ReturnType<typeof Sample.decode>;

const DEFAULTS: Sample = {
  name: "",
  limit: -1,
  comment: "",
  middle: 0,
  rack: null,
  label: "",
  alias: "",
  retries: 3,
  topics: [],
  owner: null,
  clientId: "",
  leader: { id: -1 },
  racks: [],
  reason: null,
};

Deno.test("fields that are left out are written with their default", () => {
  for (let version = 0; version <= 3; version++) {
    assertEquals(Sample.encode(version, {}), Sample.encode(version, DEFAULTS));
    assertEquals(Sample.decode(version, Sample.encode(version, {})), DEFAULTS);
  }
});

Deno.test("fields that a version lacks read as their default", () => {
  const { limit, middle } = Sample.decode(3, Sample.encode(3, { name: "x" }));
  assertEquals([limit, middle], [-1, 0]);
});

Deno.test("old versions have wide lengths and no tagged fields", () => {
  assertEquals(
    Sample.encode(0, { name: "ab", rack: "r", topics: [{ topic: "t", partitions: [{ index: 7 }] }], clientId: "c" }),
    concat([
      Uint8Array.of(0, 2, 97, 98), // name
      Uint8Array.of(255, 255, 255, 255), // limit
      Uint8Array.of(0, 1, 114), // rack
      Uint8Array.of(0, 0), // label
      Uint8Array.of(0, 0), // alias
      Uint8Array.of(3), // retries
      Uint8Array.of(0, 0, 0, 1, 0, 1, 116, 0, 0, 0, 1, 0, 0, 0, 7), // topics
      Uint8Array.of(0, 1, 99), // client id
    ]),
  );
});

Deno.test("flexible versions have compact lengths and tagged fields (KIP-482)", () => {
  assertEquals(
    Sample.encode(3, {
      name: "ab",
      topics: [{ topic: "t", partitions: [] }],
      owner: { id: 5 },
      clientId: "c",
      leader: { id: 9 },
      racks: ["r"],
    }),
    concat([
      Uint8Array.of(3, 97, 98), // name
      Uint8Array.of(1), // comment
      Uint8Array.of(0), // rack
      Uint8Array.of(1), // label
      Uint8Array.of(1), // alias
      Uint8Array.of(3), // retries
      Uint8Array.of(2, 2, 116, 1, 0), // topics
      Uint8Array.of(1, 0, 0, 0, 5, 0), // owner: a marker, and a struct with tagged fields of its own
      Uint8Array.of(0, 1, 99), // client id, never flexible
      Uint8Array.of(2), // two tagged fields, by their tag
      Uint8Array.of(0, 3, 2, 2, 114), // racks
      Uint8Array.of(1, 5, 0, 0, 0, 9, 0), // leader
    ]),
  );
});

Deno.test("null stands for itself where it may", () => {
  const nulls = { rack: null, label: null, alias: null, topics: null, owner: null };
  for (let version = 1; version <= 3; version++) {
    assertEquals(Sample.decode(version, Sample.encode(version, nulls)), { ...DEFAULTS, ...nulls });
  }
  const one = { ...DEFAULTS, owner: { id: 7 } };
  assertEquals(Sample.decode(1, Sample.encode(1, one)), one);
});

Deno.test("a struct that may be null has a varint as its marker in a tagged field", () => {
  const Tagged = request({ key: 99, name: "Tagged", versions: [0, 0], flexible: 0 }, {
    owner: tagged(0, nullable(struct({ id: int8 }), { id: 1 })),
  });
  assertEquals([...Tagged.encode(0, { owner: null })], [1, 0, 1, 0]);
  assertEquals([...Tagged.encode(0, { owner: { id: 7 } })], [1, 0, 3, 1, 7, 0]);
  assertEquals([...Tagged.encode(0, { owner: { id: 1 } })], [0]);
  assertEquals(Tagged.decode(0, Uint8Array.of(1, 0, 1, 0)).owner, null);
});

Deno.test("a tagged field at its default is not written, a null that is not the default is", () => {
  const plain = Sample.encode(3, {});
  assertEquals(Sample.encode(3, { leader: { id: -1 }, racks: [], reason: null }), plain);
  assertEquals(Sample.encode(3, { reason: "" }).length, plain.length + 3);
});

Deno.test("unknown tagged fields are kept, and written between the known ones", () => {
  const unknown = { tag: 1, data: Uint8Array.of(1, 2, 3) };
  const Older = request({ key: 99, name: "Older", versions: [0, 0], flexible: 0 }, { racks: tagged(0, array(string)) });
  const Newer = request({ key: 99, name: "Newer", versions: [0, 0], flexible: 0 }, {
    racks: tagged(0, array(string)),
    data: tagged(2, bool),
  });
  const known = [1, 0, 3, 2, 2, 114];
  const bytes = Uint8Array.of(2, ...known.slice(1), 1, 3, 1, 2, 3);
  const value = Older.decode(0, bytes);
  assertEquals(value, { racks: ["r"], unknownTaggedFields: [unknown] });
  assertEquals(Older.encode(0, value), bytes);
  assertEquals(
    [...Newer.encode(0, { ...value, data: true })],
    [3, ...known.slice(1), 1, 3, 1, 2, 3, 2, 1, 1],
  );
});

Deno.test("encoding refuses what a version cannot carry, and names the field", () => {
  assertRefused(Sample, 0, { middle: 1 }, "version 0 cannot carry the value 1 (in middle)");
  assertRefused(Sample, 3, { limit: 5 }, "version 3 cannot carry the value 5 (in limit)");
  assertRefused(Sample, 1, { racks: ["r"] }, "version 1 cannot carry the value r (in racks)");
  assertRefused(
    Sample,
    0,
    { topics: [{}, { partitions: [{}, { offset: 3n }] }] },
    "version 0 cannot carry the value 3 (in topics[1].partitions[1].offset)",
  );
  assertRefused(
    Sample,
    1,
    { unknownTaggedFields: [{ tag: 9, data: new Uint8Array(0) }] },
    "version 1 cannot carry tagged fields",
  );
});

Deno.test("an ignorable field is dropped by versions that lack it", () => {
  assertEquals(Sample.encode(0, { comment: "gone" }), Sample.encode(0, {}));
  assertEquals(Sample.decode(1, Sample.encode(1, { comment: "kept" })).comment, "kept");
});

Deno.test("a default may be named where a version lacks the field", () => {
  assertEquals(Sample.encode(3, { limit: -1, middle: 0 }), Sample.encode(3, {}));
  assertEquals(Sample.encode(0, { leader: { id: -1 }, owner: null }), Sample.encode(0, {}));
});

Deno.test("encoding refuses null where it may not be", () => {
  const Strict = request({ key: 99, name: "Strict", versions: [0, 1], flexible: 1 }, {
    text: string,
    data: bytes,
    list: array(int8),
    late: nullableSince(1, string),
  });
  for (let version = 0; version <= 1; version++) {
    assertRefused(Strict, version, { text: null! }, "expected a string, got null (in text)");
    assertRefused(Strict, version, { data: null! }, "expected bytes, got null (in data)");
    assertRefused(Strict, version, { list: null! }, "expected an array, got null (in list)");
  }
  assertRefused(Strict, 0, { late: null }, "expected a string, got null (in late)");
  assertEquals(Strict.decode(1, Strict.encode(1, { late: null })).late, null);
});

Deno.test("numbers are written over their whole range and refused beyond it", () => {
  const Numbers = request({ key: 99, name: "Numbers", versions: [0, 0], flexible: 0 }, {
    int8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    float64,
  });
  const least = { int8: -0x80, int16: -0x8000, uint16: 0, int32: -0x80000000, uint32: 0, int64: -(2n ** 63n) };
  const most = {
    int8: 0x7f,
    int16: 0x7fff,
    uint16: 0xffff,
    int32: 0x7fffffff,
    uint32: 0xffffffff,
    int64: 2n ** 63n - 1n,
  };
  for (const extreme of [{ ...least, float64: -Infinity }, { ...most, float64: Number.MIN_VALUE }]) {
    assertEquals(Numbers.decode(0, Numbers.encode(0, extreme)), extreme);
  }
  for (const [name, value] of Object.entries(least)) assertRefused(Numbers, 0, { [name]: minusOne(value) }, name);
  for (const [name, value] of Object.entries(most)) assertRefused(Numbers, 0, { [name]: -minusOne(-value) }, name);
  for (const name of ["int8", "uint16", "int32", "int64"]) assertRefused(Numbers, 0, { [name]: 1.5 }, name);
});

Deno.test("an int64 may be given as a safe integer", () => {
  const One = request({ key: 99, name: "One", versions: [0, 0], flexible: null }, { value: int64 });
  assertEquals(One.decode(0, One.encode(0, { value: -5 })).value, -5n);
  assertRefused(One, 0, { value: 2 ** 53 }, "expected an int64, got 9007199254740992 (in value)");
});

Deno.test("strings are limited to what an int16 can count, in bytes", () => {
  for (const version of [0, 2]) {
    const longest = "x".repeat(MAX_STRING_BYTES);
    assertEquals(Sample.decode(version, Sample.encode(version, { name: longest })).name, longest);
    assertRefused(Sample, version, { name: longest + "x" }, "string takes 32768 bytes, the limit is 32767 (in name)");
    assertRefused(Sample, version, { name: "ß".repeat(16384) }, "string takes 32768 bytes");
  }
});

Deno.test("decoding names the field that is broken, from the outside in", () => {
  const Lists = request({ key: 99, name: "Lists", versions: [0, 1], flexible: 1 }, {
    topics: array({ partitions: array({ index: uuid }) }),
    owner: tagged(0, struct({ name: string })),
  });
  const good = Lists.encode(0, { topics: [{}, {}, { partitions: [{}] }] });
  assertPath(Lists, 0, good.subarray(0, good.length - 1), "topics[2].partitions", 16); // a UUID takes 16 bytes, 15 remain
  assertPath(Lists, 1, Uint8Array.of(1, 1, 0, 2, 0, 0), "owner.name", 5);
  assertPath(Lists, 1, Uint8Array.of(1, 1, 0, 3, 1, 0, 0), "owner", 6);
});

Deno.test("a broken message says what had been decoded of it", () => {
  const bytes = Sample.encode(1, { name: "n", topics: [{ topic: "a" }, { topic: "b", partitions: [] }] });
  bytes[bytes.indexOf("b".charCodeAt(0)) - 2] = 0x80;
  const error = assertThrows(() => Sample.decode(1, bytes), DecodeError);
  assertEquals(error.path, "topics[1].topic");
  assertEquals(error.partial, {
    name: "n",
    limit: -1,
    comment: "",
    middle: 0,
    rack: null,
    label: "",
    alias: "",
    retries: 3,
    topics: [{ topic: "a", partitions: [] }, {}],
  });
  const untagged = struct({ id: int32 });
  const Tagged = request({ key: 98, name: "Tagged", versions: [0, 0], flexible: 0 }, { first: int8, second: untagged });
  // The second field's count of tagged fields says five, and nothing follows.
  const tags = assertThrows(() => Tagged.decode(0, Uint8Array.of(1, 0, 0, 0, 2, 5)), DecodeError);
  assertEquals(tags.partial, { first: 1, second: { id: 2 } });
});

Deno.test("decoding refuses null, and lengths that cannot be", () => {
  const Strict = request({ key: 99, name: "Strict", versions: [0, 1], flexible: 1 }, {
    text: string,
    list: array(int32),
  });
  const refused: readonly [version: number, bytes: readonly number[], reason: string][] = [
    [0, [0xff, 0xff], "string must not be null"],
    [0, [0xff, 0xfe], "string has the negative length -2"],
    [0, [0, 0, 0xff, 0xff, 0xff, 0xff], "array must not be null"],
    [0, [0, 0, 0xff, 0xff, 0xff, 0xfe], "array has the negative length -2"],
    [0, [0, 0, 0x7f, 0xff, 0xff, 0xff], "count 2147483647 cannot be"],
    [1, [0], "string must not be null"],
    [1, [0xff, 0xff, 0xff, 0xff, 0x0f], "exceeds 32767"],
    [1, [1, 0], "array must not be null"],
    [1, [1, 0xff, 0xff, 0xff, 0xff, 0x0f], "count 4294967294 cannot be"],
    [1, [1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f], "count 4294967295 cannot be"],
    [1, [1, 1, 0, 0], "1 bytes are left over"],
  ];
  for (const [version, input, reason] of refused) {
    assertThrows(() => Strict.decode(version, Uint8Array.from(input)), DecodeError, reason);
  }
});

Deno.test("a version that a message has not is a mistake of the caller", () => {
  assertThrows(() => Sample.encode(4, {}), RangeError, "Cannot use Sample version 4: it has 0 to 3");
  assertThrows(() => Sample.decode(-1, new Uint8Array(0)), RangeError);
  assertEquals([-1, 0, 3, 4].map((version) => Sample.hasVersion(version)), [false, true, true, false]);
  assertEquals([0, 1, 2, 3].map((version) => Sample.isFlexible(version)), [false, false, true, true]);
});

Deno.test("decoded arrays, defaults and absent structs cannot be changed by mistake", () => {
  const value = Sample.decode(1, Sample.encode(1, {}));
  assertThrows(() => (value.racks as string[]).push("shared"), TypeError);
  assertThrows(() => (value.leader as { id: number }).id = 1, TypeError);
});

function assertRefused<T>(message: Message<T>, version: number, value: Init<T>, reason: string): void {
  assertThrows(() => message.encode(version, value), EncodeError, reason);
}

function assertPath<T>(message: Message<T>, version: number, input: Uint8Array, path: string, offset: number): void {
  const error = assertThrows(() => message.decode(version, input), DecodeError);
  assertEquals([error.path, error.offset], [path, offset]);
}

function minusOne(value: number | bigint): number | bigint {
  return typeof value === "bigint" ? value - 1n : value - 1;
}

Deno.test("prose longer than a string may be is cut in writing, any other string refused", () => {
  const Told = response({ key: 1, name: "ToldResponse", versions: [0, 1], flexible: 1 }, {
    message: nullable(prose),
  });
  const Named = response({ key: 1, name: "NamedResponse", versions: [0, 1], flexible: 1 }, { name: string });
  for (const text of ["x".repeat(40_000), "€".repeat(20_000), "😀".repeat(20_000)]) {
    for (const version of [0, 1]) {
      const { message } = Told.decode(version, Told.encode(version, { message: text }));
      assert(message!.endsWith("…"));
      assert(text.startsWith(message!.slice(0, 10_000)));
      assertThrows(() => Named.encode(version, { name: text }), EncodeError);
    }
  }
  assertEquals(Told.decode(1, Told.encode(1, { message: "x".repeat(0x7fff) })).message, "x".repeat(0x7fff));
});

Deno.test("a string whose malformed UTF-8 could not be written back is a DecodeError", () => {
  const Named = request({ key: 1, name: "NamedRequest", versions: [0, 0], flexible: null }, { name: string });
  const malformed = (length: number) => concat([Uint8Array.of(length >> 8, length), new Uint8Array(length).fill(0xff)]);
  assertThrows(() => Named.decode(0, malformed(20_000)), DecodeError, "is no UTF-8");
  const { name } = Named.decode(0, malformed(10_000));
  assertEquals(Named.decode(0, Named.encode(0, { name })).name, "\ufffd".repeat(10_000));
});
