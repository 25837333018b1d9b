/**
 * Messages as JSON for people: what `toJson` gives, with the record batches opened.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import { type Json, toJson } from "../protocol/json.ts";
import type { Message, Type, UnknownTaggedField } from "../protocol/schema.ts";
import { type Batch, batchesOf, type LogRecord, recordsOf, UnsupportedCompressionError } from "../records/mod.ts";
import { runtimeCompressor } from "../shell/compressor.ts";

/** A message, or the part of one that could be decoded: fields that `value` lacks are left out. */
export function readableJson(message: Message<unknown>, version: number, value: unknown): Json {
  return readable(message.type, toJson(message, version, value), value);
}

type JsonObject = Readonly<Record<string, Json>>;

function readable(type: Type<unknown>, json: Json, value: unknown): Json {
  if (json === null) return null;
  switch (type.kind) {
    case "array":
      return (json as readonly Json[]).map((part, index) =>
        readable(type.element!, part, (value as readonly unknown[])[index])
      );
    case "struct":
      return readableStruct(type, json as JsonObject, value as Record<string, unknown>);
    case "records":
      return readableRecords(value as Uint8Array);
    default:
      return json;
  }
}

function readableStruct(type: Type<unknown>, json: JsonObject, value: Record<string, unknown>): Json {
  const fields = Object.entries(json).filter(([name]) => value[name] !== undefined)
    .map(([name, part]): [string, Json] => [name, readable(type.fields![name].type, part, value[name])]);
  const unknown = value.unknownTaggedFields as readonly UnknownTaggedField[] | undefined;
  if (unknown === undefined) return Object.fromEntries(fields);
  const tags = unknown.map(({ tag, data }) => ({ tag, hex: hex(data) }));
  return Object.fromEntries([...fields, ["unknownTaggedFields", tags]]);
}

/** The batches, as many as are sound. */
function readableRecords(bytes: Uint8Array): Json {
  const batches: Json[] = [];
  try {
    for (const batch of batchesOf(bytes)) batches.push(readableBatch(batch));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    batches.push({ problem: error.message });
  }
  return batches;
}

function readableBatch(batch: Batch): Json {
  const { magic, sizeInBytes, compressionType, partitionLeaderEpoch } = batch;
  const common = { magic, sizeInBytes, crcOk: batch.checksumOk(), compressionType };
  if (batch.magic !== 2) return { ...common, ...readableContents(batch) };
  const { baseOffset64, lastOffsetDelta, timestampType, isTransactional, isControl, baseSequence } = batch;
  const { producerId, producerEpoch, recordCount } = batch;
  return {
    baseOffset: baseOffset64,
    lastOffsetDelta,
    partitionLeaderEpoch,
    ...common,
    timestampType,
    isTransactional,
    isControl,
    producerId,
    producerEpoch,
    baseSequence,
    recordCount,
    ...readableContents(batch),
  };
}

function readableContents(batch: Batch): { records: Json } | { problem: string } {
  try {
    return { records: Array.from(recordsOf(batch, runtimeCompressor), readableRecord) };
  } catch (error) {
    if (error instanceof DecodeError || error instanceof UnsupportedCompressionError) return { problem: error.message };
    throw error;
  }
}

function readableRecord({ offset, timestamp, key, value, headers }: LogRecord): Json {
  const shown = { offset, timestamp, key: readableBytes(key), value: readableBytes(value) };
  if (headers.length === 0) return shown;
  return { ...shown, headers: headers.map((header) => ({ key: header.key, value: readableBytes(header.value) })) };
}

const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text where the bytes are text, else hexadecimal. */
function readableBytes(bytes: Uint8Array | null): Json {
  if (bytes === null) return null;
  try {
    const text = STRICT_UTF8.decode(bytes);
    // deno-lint-ignore no-control-regex
    if (!/[\0-\x08\x0e-\x1f]/.test(text)) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return { hex: hex(bytes) };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
