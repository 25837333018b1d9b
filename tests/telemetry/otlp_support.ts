/**
 * Writes metrics as OpenTelemetry's protocol has them, for tests.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { utf8 } from "../../lib/bytes/mod.ts";

/** A number to push. */
export interface TestPoint {
  readonly name: string;
  readonly value: number | bigint;
  readonly kind?: "gauge" | "counter" | "delta" | "histogram";
  readonly attributes?: Readonly<Record<string, string>>;
}

/** `MetricsData` with these numbers. */
export function metricsData(points: readonly TestPoint[], resource: Readonly<Record<string, string>> = {}): Uint8Array {
  const metrics = points.map((point) => field(2, metric(point)));
  return field(1, concat([field(1, attributes(1, resource)), field(2, concat(metrics))]));
}

/** A field that is bytes. */
export function field(number: number, bytes: Uint8Array): Uint8Array {
  return concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function metric({ name, value, kind = "gauge", attributes: labels = {} }: TestPoint): Uint8Array {
  const point = field(1, concat([attributes(7, labels), number(value)]));
  const [kindNumber, rest] = {
    gauge: [5, []],
    counter: [7, [0x10, 2, 0x18, 1]],
    delta: [7, [0x10, 1, 0x18, 1]],
    histogram: [9, []],
  }[kind] as [number, number[]];
  return concat([field(1, utf8(name)), field(kindNumber, concat([point, Uint8Array.from(rest)]))]);
}

function attributes(number: number, values: Readonly<Record<string, string>>): Uint8Array {
  return concat(
    Object.entries(values).map(([key, value]) =>
      field(number, concat([field(1, utf8(key)), field(2, field(1, utf8(value)))]))
    ),
  );
}

function number(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  bytes[0] = ((typeof value === "bigint" ? 6 : 4) << 3) | 1;
  if (typeof value === "bigint") view.setBigInt64(1, value, true);
  else view.setFloat64(1, value, true);
  return bytes;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, value]);
}
