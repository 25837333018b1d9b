/**
 * Messages as JSON, in the conventions of Kafka's own converters: camelCase names; fields that the version lacks, and tagged
 * fields at their default, are left out; bytes as base64; UUIDs as 22 characters; int64 as plain numbers over their whole
 * range, which `JSON.parse` alone would round: use {@linkcode parseJson}.
 *
 * @module
 */
import { includes, isDefault } from "./codec.ts";
import type { Field, Init, Message, Type } from "./schema.ts";

/** A JSON value whose integers beyond 2^53 are `bigint`s. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

/** `JSON.rawJSON` of ES2025, which TypeScript's library does not declare yet. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** `value` as JSON text. */
export function stringifyJson(value: Json, indent?: number): string {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? rawJson(String(part)) : part, indent);
}

/** Parses JSON without losing digits of integers. */
export function parseJson(text: string): Json {
  const reviver = (_: string, value: unknown, context?: { source?: string }): unknown => {
    const isRounded = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
    return isRounded && /^-?\d+$/.test(context!.source!) ? BigInt(context!.source!) : value;
  };
  return JSON.parse(text, reviver as (this: unknown, key: string, value: unknown) => unknown);
}

/** A message as JSON, in the form of its version. */
export function toJson<T>(message: Message<T>, version: number, value: T): Json {
  return typeToJson(message.type as Type<unknown>, version, value);
}

/** What {@linkcode toJson} made, or a person wrote, as a message. Fields that are left out have their default. */
export function fromJson<T>(message: Message<T>, version: number, json: Json): Init<T> {
  return typeFromJson(message.type as Type<unknown>, version, json, message.name) as Init<T>;
}

function typeToJson(type: Type<unknown>, version: number, value: unknown): Json {
  if (value === null) return null;
  switch (type.kind) {
    case "array":
      return (value as unknown[]).map((element) => typeToJson(type.element!, version, element));
    case "struct":
      return structToJson(type, version, value as Record<string, unknown>);
    case "bytes":
    case "records":
      return base64(value as Uint8Array);
    case "int64":
      return BigInt(value as bigint | number);
    case "float64":
      // As Jackson prints what JSON has no number for.
      return Number.isFinite(value) ? value as number : String(value);
    default:
      return value as Json;
  }
}

function structToJson(type: Type<unknown>, version: number, struct: Record<string, unknown>): Json {
  const json: Record<string, Json> = {};
  for (const [name, field] of Object.entries(type.fields!)) {
    if (!includes(field.versions, version)) continue;
    const value = struct[name] === undefined ? field.default : struct[name];
    if (field.tag !== null && isDefault(field, value)) continue;
    json[name] = typeToJson(field.type, version, value);
  }
  return json;
}

function typeFromJson(type: Type<unknown>, version: number, json: Json, path: string): unknown {
  if (json === null) return null;
  switch (type.kind) {
    case "array":
      if (!Array.isArray(json)) return wrong(path, "an array", json);
      return json.map((element, index) => typeFromJson(type.element!, version, element, `${path}[${index}]`));
    case "struct":
      if (typeof json !== "object" || Array.isArray(json)) return wrong(path, "an object", json);
      return structFromJson(type.fields!, version, json as Record<string, Json>, path);
    case "bytes":
    case "records":
      return typeof json === "string" ? fromBase64(json) : wrong(path, "base64", json);
    case "int64":
      return typeof json === "number" || typeof json === "bigint" ? BigInt(json) : wrong(path, "an integer", json);
    case "float64":
      return typeof json === "number" || typeof json === "string" || typeof json === "bigint"
        ? Number(json)
        : wrong(path, "a number", json);
    case "bool":
      return typeof json === "boolean" ? json : wrong(path, "true or false", json);
    case "string":
    case "uuid":
      return typeof json === "string" ? json : wrong(path, "a string", json);
    default:
      return typeof json === "number" ? json : wrong(path, "an integer", json);
  }
}

function structFromJson(
  fields: Readonly<Record<string, Field<unknown>>>,
  version: number,
  json: Readonly<Record<string, Json>>,
  path: string,
): unknown {
  const struct: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    const field = fields[name];
    if (field === undefined) throw new TypeError(`Cannot use ${path}.${name}: there is no such field`);
    struct[name] = typeFromJson(field.type, version, value, `${path}.${name}`);
  }
  return struct;
}

function wrong(path: string, expected: string, json: Json): never {
  throw new TypeError(`Cannot use ${path}: expected ${expected}, got ${stringifyJson(json)}`);
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
