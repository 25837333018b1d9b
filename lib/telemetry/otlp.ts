/**
 * Metrics as OpenTelemetry's protocol has them (opentelemetry-proto, `metrics/v1/metrics.proto`), as far as clients of Kafka
 * send them: numbers, as gauges and sums. It reads protocol buffers itself, since it needs a dozen fields, and what comes
 * from a client must be bounded.
 *
 * Messages are entered as far as their fields are known, so that none nests deeper than they do.
 *
 * @module
 */
import { DecodeError, MAX_VARLONG_BYTES } from "../bytes/mod.ts";

/** Names and texts of attributes. */
export type Attributes = ReadonlyMap<string, string>;

/** One number of a client. */
export interface ClientPoint {
  /** Such as `org.apache.kafka.producer.record.send.total`. */
  readonly name: string;
  /** Whether it only grows. */
  readonly isCounter: boolean;
  /** Whether it counts since the last push, and not since the client began. */
  readonly isDelta: boolean;
  readonly value: number;
  readonly attributes: Attributes;
}

/** What was pushed at a time. */
export interface PushedMetrics {
  /** What the client says of itself, such as `group_id`. */
  readonly resource: Attributes;
  readonly points: readonly ClientPoint[];
  /** Numbers beyond the limit, and metrics of kinds that are not read. */
  readonly passedOver: number;
}

/** The aggregation temporality of numbers that count since the last push. */
const DELTA = 1;
const TEXT = new TextDecoder();
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

/**
 * Reads `MetricsData`.
 *
 * @param maxPoints what is beyond is passed over
 * @throws {DecodeError} where it is none
 */
export function readMetrics(bytes: Uint8Array, maxPoints: number): PushedMetrics {
  const collected: Collected = { resource: new Map(), points: [], passedOver: 0, maxPoints };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) readResourceMetrics(bytesOf(field), collected);
  }
  return collected;
}

interface Collected {
  readonly resource: Map<string, string>;
  readonly points: ClientPoint[];
  passedOver: number;
  readonly maxPoints: number;
}

function readResourceMetrics(bytes: Uint8Array, collected: Collected): void {
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) {
      for (const part of fieldsOf(bytesOf(field))) {
        if (part.number === 1) readAttribute(bytesOf(part), collected.resource);
      }
    } else if (field.number === 2) {
      for (const part of fieldsOf(bytesOf(field))) {
        if (part.number === 2) readMetric(bytesOf(part), collected);
      }
    }
  }
}

function readMetric(bytes: Uint8Array, collected: Collected): void {
  let name = "";
  let gauge: Uint8Array | null = null;
  let sum: Uint8Array | null = null;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) name = textOf(field);
    else if (field.number === 5) gauge = bytesOf(field);
    else if (field.number === 7) sum = bytesOf(field);
  }
  const data = gauge ?? sum;
  if (data === null) collected.passedOver++;
  else readNumbers(data, name, collected);
}

/** Gauge and Sum begin alike; a Gauge has no more. */
function readNumbers(bytes: Uint8Array, name: string, collected: Collected): void {
  const numbers: Uint8Array[] = [];
  let isDelta = false;
  let isCounter = false;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) numbers.push(bytesOf(field));
    else if (field.number === 2) isDelta = field.value === BigInt(DELTA);
    else if (field.number === 3) isCounter = field.value === 1n;
  }
  for (const number of numbers) {
    if (collected.points.length >= collected.maxPoints) {
      collected.passedOver++;
      continue;
    }
    collected.points.push({ name, isCounter, isDelta, ...readNumber(number) });
  }
}

function readNumber(bytes: Uint8Array): { value: number; attributes: Attributes } {
  const attributes = new Map<string, string>();
  let value = 0;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 4) value = doubleOf(field);
    else if (field.number === 6) value = Number(int64Of(field));
    else if (field.number === 7) readAttribute(bytesOf(field), attributes);
  }
  return { value, attributes };
}

function readAttribute(bytes: Uint8Array, into: Map<string, string>): void {
  let key = "";
  let text = "";
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) key = textOf(field);
    else if (field.number === 2) text = readAnyValue(bytesOf(field));
  }
  into.set(key, text);
}

/** Lists and maps are no labels: they are empty. */
function readAnyValue(bytes: Uint8Array): string {
  let text = "";
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) text = textOf(field);
    else if (field.number === 2) text = String(field.value === 1n);
    else if (field.number === 3 && typeof field.value === "bigint") text = String(BigInt.asIntN(64, field.value));
    else if (field.number === 4) text = String(doubleOf(field));
  }
  return text;
}

/** A field of a message: a number where it is a varint, else its bytes. */
interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly value: bigint | Uint8Array;
  readonly offset: number;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < bytes.length) {
    const offset = at;
    const tag = varint(bytes, at);
    at = tag.next;
    const number = Number(tag.value >> 3n);
    const wireType = Number(tag.value & 7n);
    if (number === 0) throw new DecodeError("A field of a protocol buffer has the number 0", offset);
    if (wireType === VARINT) {
      const { value, next } = varint(bytes, at);
      at = next;
      yield { number, wireType, value, offset };
      continue;
    }
    let length: number;
    if (wireType === FIXED64) length = 8;
    else if (wireType === FIXED32) length = 4;
    else if (wireType === BYTES) {
      const size = varint(bytes, at);
      at = size.next;
      length = size.value > BigInt(bytes.length) ? bytes.length + 1 : Number(size.value);
    } else throw new DecodeError(`A field of a protocol buffer has the wire type ${wireType}`, offset);
    if (length > bytes.length - at) throw new DecodeError("A field of a protocol buffer does not end", offset);
    yield { number, wireType, value: bytes.subarray(at, at += length), offset };
  }
}

function varint(bytes: Uint8Array, start: number): { value: bigint; next: number } {
  // Nearly all fit into one byte, or four.
  let low = 0;
  for (let at = start; at < bytes.length && at < start + 4; at++) {
    low |= (bytes[at] & 0x7f) << (7 * (at - start));
    if (bytes[at] < 0x80) return { value: BigInt(low), next: at + 1 };
  }
  let value = 0n;
  for (let at = start; at < bytes.length && at < start + MAX_VARLONG_BYTES; at++) {
    value |= BigInt(bytes[at] & 0x7f) << BigInt(7 * (at - start));
    if (bytes[at] < 0x80) return { value: BigInt.asUintN(64, value), next: at + 1 };
  }
  throw new DecodeError("A varint of a protocol buffer does not end", start);
}

function bytesOf({ wireType, value, offset }: Field): Uint8Array {
  if (wireType !== BYTES) throw new DecodeError(`A message has the wire type ${wireType}`, offset);
  return value as Uint8Array;
}

function textOf(field: Field): string {
  return TEXT.decode(bytesOf(field));
}

function fixed64(field: Field): DataView {
  if (field.wireType !== FIXED64) throw new DecodeError(`A number has the wire type ${field.wireType}`, field.offset);
  const { buffer, byteOffset } = field.value as Uint8Array;
  return new DataView(buffer, byteOffset, 8);
}

function doubleOf(field: Field): number {
  return fixed64(field).getFloat64(0, true);
}

function int64Of(field: Field): bigint {
  return fixed64(field).getBigInt64(0, true);
}
