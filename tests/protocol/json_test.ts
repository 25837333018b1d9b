import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  array,
  bytes,
  float64,
  fromJson,
  int64,
  type Json,
  nullable,
  parseJson,
  request,
  since,
  string,
  stringifyJson,
  struct,
  tagged,
  toJson,
  uuid,
} from "../../lib/protocol/mod.ts";

const Sample = request({ key: 99, name: "Sample", versions: [0, 1], flexible: 1 }, {
  name: nullable(string),
  offset: int64,
  rate: float64,
  data: bytes,
  topicId: since(1, uuid),
  topics: array({ topic: string }),
  leader: tagged(0, since(1, struct({ epoch: int64 }))),
});

const value = Sample.decode(
  1,
  Sample.encode(1, {
    offset: 2n ** 63n - 1n,
    rate: 0.5,
    data: Uint8Array.of(1, 2, 3, 4),
    topicId: "bm90LWEtcmFuZG9tLWlkLQ",
    topics: [{ topic: "größe" }],
  }),
);

Deno.test("parseJson() keeps every digit of an int64, and stringifyJson() writes it as a number", () => {
  const text = '{"a":9223372036854775807,"b":[-9223372036854775808,9007199254740993],"c":1,"d":1e300,"e":1.5}';
  assertEquals(parseJson(text), {
    a: 2n ** 63n - 1n,
    b: [-(2n ** 63n), 9007199254740993n],
    c: 1,
    d: 1e300,
    e: 1.5,
  });
  assertEquals(stringifyJson(parseJson(text)), text.replace("1e300", "1e+300"));
  assertEquals(stringifyJson({ a: 1n }, 2), '{\n  "a": 1\n}');
});

Deno.test("any JSON is the same after reading and writing it", () => {
  const int64s = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(fc.property(fc.array(fc.oneof(int64s, fc.jsonValue())), (json) => {
    const text = stringifyJson(json as Json);
    assertEquals(stringifyJson(parseJson(text)), text);
  }));
});

Deno.test("toJson() follows the conventions of Kafka's converters", () => {
  assertEquals(
    stringifyJson(toJson(Sample, 1, value)),
    '{"name":null,"offset":9223372036854775807,"rate":0.5,"data":"AQIDBA==","topicId":"bm90LWEtcmFuZG9tLWlkLQ",' +
      '"topics":[{"topic":"größe"}]}',
  );
});

Deno.test("toJson() leaves out what the version lacks, and tagged fields at their default", () => {
  assertEquals(Object.keys(toJson(Sample, 0, value) as object), ["name", "offset", "rate", "data", "topics"]);
  const led = { ...value, leader: { epoch: 4n } };
  assertEquals((toJson(Sample, 1, led) as { leader: Json }).leader, { epoch: 4n });
});

Deno.test("fromJson() takes what toJson() made", () => {
  const json = parseJson(stringifyJson(toJson(Sample, 1, value)));
  assertEquals(Sample.decode(1, Sample.encode(1, fromJson(Sample, 1, json))), value);
});

Deno.test("float64 that JSON has no number for is a string, as Kafka prints it", () => {
  for (const rate of [NaN, Infinity, -Infinity]) {
    const json = toJson(Sample, 1, { ...value, rate }) as { rate: Json };
    assertEquals(json.rate, String(rate));
    assertEquals((fromJson(Sample, 1, json) as { rate: number }).rate, rate);
  }
});

Deno.test("fromJson() says where a value is of the wrong kind", () => {
  const refused: readonly [json: Json, reason: string][] = [
    [{ nome: "x" }, "Cannot use Sample.nome: there is no such field"],
    [{ name: 5 }, "Cannot use Sample.name: expected a string, got 5"],
    [{ offset: "1" }, 'Cannot use Sample.offset: expected an integer, got "1"'],
    [{ data: 1 }, "Cannot use Sample.data: expected base64, got 1"],
    [{ topics: {} }, "Cannot use Sample.topics: expected an array, got {}"],
    [{ topics: [{}, { topic: true }] }, "Cannot use Sample.topics[1].topic: expected a string, got true"],
    [{ topics: [1] }, "Cannot use Sample.topics[0]: expected an object, got 1"],
    [[], "Cannot use Sample: expected an object, got []"],
  ];
  for (const [json, reason] of refused) assertThrows(() => fromJson(Sample, 1, json), TypeError, reason);
});
