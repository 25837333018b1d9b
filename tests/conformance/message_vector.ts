/**
 * The check that each vector of a message must pass, whatever kind of message it is.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fromJson, type Json, parseJson, stringifyJson, toJson } from "../../lib/protocol/json.ts";
import type { Message, UnknownTaggedField } from "../../lib/protocol/schema.ts";

/** What vectors of messages and of records have in common. */
export interface MessageVector {
  readonly name: string;
  readonly version: number;
  readonly json: Json;
  readonly hex: string;
  readonly unknownTags?: readonly UnknownTag[];
}

/** A tagged field that is in the bytes and not in the JSON. */
interface UnknownTag {
  /** Field names and indexes from the message to the struct that has it. */
  readonly path: readonly (string | number)[];
  readonly tag: number;
  readonly hex: string;
}

/** Decoding gives the JSON, and what was decoded, or the JSON, gives the bytes. */
export function checkMessageVector(message: Message<unknown>, vector: MessageVector): void {
  const { version, json, hex } = vector;
  const value = message.decode(version, fromHex(hex));
  assertJson(toJson(message, version, value), json);
  for (const unknown of vector.unknownTags ?? []) assertHasTag(value, unknown);
  assertEquals(toHex(message.encode(version, value as object)), hex, "encoding what was decoded");
  if (vector.unknownTags === undefined) {
    assertEquals(toHex(message.encode(version, fromJson(message, version, json))), hex, "encoding the JSON");
  }
}

/** Equal, with what differs in the error. */
export function assertJson(actual: Json, expected: Json): void {
  const text = stringifyJson(actual);
  if (text !== stringifyJson(expected)) assertEquals(parseJson(text), expected, "decoding");
}

function assertHasTag(value: unknown, { path, tag, hex }: UnknownTag): void {
  const struct = path.reduce((part, step) => (part as Record<string | number, unknown>)[step], value);
  const unknown = (struct as { unknownTaggedFields?: readonly UnknownTaggedField[] }).unknownTaggedFields;
  const found = unknown?.find((field) => field.tag === tag);
  assert(found !== undefined, `tagged field ${tag} of ${path.join(".") || "the message"} was lost`);
  assertEquals(toHex(found.data), hex);
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
