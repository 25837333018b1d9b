import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../lib/bytes/mod.ts";
import { readMetrics } from "../../lib/telemetry/otlp.ts";
import { field, metricsData } from "./otlp_support.ts";

const MANY = 1000;

Deno.test("numbers are read with their names, kinds and attributes, and with what the client says of itself", () => {
  const bytes = metricsData([
    { name: "a.gauge", value: 1.5, attributes: { topic: "letters", partition: "0" } },
    { name: "a.counter", value: -(2n ** 40n), kind: "counter" },
    { name: "a.delta", value: 3n, kind: "delta" },
    { name: "a.histogram", value: 1, kind: "histogram" },
  ], { group_id: "readers" });
  const { points, resource, passedOver } = readMetrics(bytes, MANY);
  assertEquals(Object.fromEntries(resource), { group_id: "readers" });
  assertEquals(points.map((point) => ({ ...point, attributes: Object.fromEntries(point.attributes) })), [
    {
      name: "a.gauge",
      isCounter: false,
      isDelta: false,
      value: 1.5,
      attributes: { topic: "letters", partition: "0" },
    },
    { name: "a.counter", isCounter: true, isDelta: false, value: -(2 ** 40), attributes: {} },
    { name: "a.delta", isCounter: true, isDelta: true, value: 3, attributes: {} },
  ]);
  assertEquals(passedOver, 1);
});

Deno.test("what is beyond the limit is counted, and not kept", () => {
  const bytes = metricsData(Array.from({ length: 5 }, (_, index) => ({ name: `m${index}`, value: index })));
  const { points, passedOver } = readMetrics(bytes, 2);
  assertEquals([points.map(({ name }) => name), passedOver], [["m0", "m1"], 3]);
});

Deno.test("fields that are not known are passed over", () => {
  const bytes = new Uint8Array([
    ...field(99, new Uint8Array(3)),
    0x08 | 0x70,
    1,
    ...metricsData([{ name: "m", value: 1 }]),
  ]);
  assertEquals(readMetrics(bytes, MANY).points.length, 1);
});

Deno.test("bytes that are no protocol buffer are refused", () => {
  const cases = [
    [0x0a],
    [0x0a, 0x05, 1],
    [0x0b],
    [0x02, 0],
    [0x08, ...new Array(11).fill(0xff)],
    [0x0a, ...new Array(9).fill(0xff), 1],
    [0x0d, 0, 0],
    [0x08, 1],
  ];
  for (const bytes of cases) assertThrows(() => readMetrics(Uint8Array.from(bytes), MANY), DecodeError);
});

Deno.test("whatever bytes come, they are read or refused", () => {
  const good = metricsData([{ name: "m", value: 1, attributes: { a: "b" } }, { name: "n", value: 2n, kind: "delta" }]);
  const mangled = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = good.slice();
    bytes[at] = byte;
    return bytes;
  });
  fc.assert(fc.property(fc.oneof(mangled, fc.uint8Array({ maxLength: 200 })), (bytes) => {
    try {
      readMetrics(bytes, MANY);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }));
});
