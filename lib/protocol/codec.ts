/**
 * Compiles a declaration of the DSL into a codec for one version: closures that read and write, built once and kept.
 *
 * @module
 */
import { DecodeError, joinPath, type Reader, sizeOfUtf8, Writer } from "../bytes/mod.ts";
import type { Field, PrimitiveKind, Type, UnknownTaggedField, VersionRange } from "./schema.ts";

/** A value cannot be written in a version. A mistake of the caller, never of a peer. The message names the field. */
export class EncodeError extends Error {
  override name = "EncodeError";
  #reason: string;
  #path = "";

  constructor(reason: string) {
    super(reason);
    this.#reason = reason;
  }

  /** Puts a field name, or an index such as `[2]`, in front of the path; called from the inside out. */
  within(part: string): this {
    this.#path = joinPath(part, this.#path);
    this.message = `${this.#reason} (in ${this.#path})`;
    return this;
  }
}

/** Reads and writes the values of one type in one version. */
export interface Codec<T> {
  read(reader: Reader): T;
  /** Takes what `Init<T>` allows: fields that are left out have their default. */
  write(writer: Writer, value: unknown): void;
  /** The fewest bytes that a value takes, for the check of counts. */
  readonly leastBytes: number;
}

/** The longest string that Kafka reads or writes, in bytes of UTF-8. */
export const MAX_STRING_BYTES = 0x7fff;

/** The codec of `type` in `version`. */
export function compile<T>(type: Type<T>, version: number, flexible: boolean): Codec<T> {
  return compileType(type as Type<unknown>, version, flexible, false, false) as Codec<T>;
}

function compileType(
  type: Type<unknown>,
  version: number,
  flexible: boolean,
  nullable: boolean,
  isTagged: boolean,
): Codec<unknown> {
  switch (type.kind) {
    case "array":
      return arrayCodec(compileType(type.element!, version, flexible, false, false), flexible, nullable);
    case "struct": {
      const struct = structCodec(type.fields!, version, flexible);
      if (!nullable) return struct;
      return isTagged ? nullableTaggedStructCodec(struct) : nullableStructCodec(struct);
    }
    case "string":
      return stringCodec(flexible, nullable, type.isProse === true);
    case "bytes":
      return bytesCodec(flexible, nullable, (writer, value) => writer.bytes(value));
    case "records":
      return bytesCodec(flexible, nullable, (writer, value) => writer.splice(value));
    default:
      return FIXED_CODECS[type.kind];
  }
}

/** True where `range` includes `version`. */
export function includes(range: VersionRange | null, version: number): boolean {
  return range !== null && version >= range[0] && version <= range[1];
}

const MAX_INT64 = 0x7fffffffffffffffn;

function integer(
  least: number,
  most: number,
  leastBytes: number,
  read: (reader: Reader) => number,
  write: (writer: Writer, value: number) => void,
): Codec<number> {
  return {
    read,
    write(writer, value) {
      if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
        throw new EncodeError(`expected an integer from ${least} to ${most}, got ${value}`);
      }
      write(writer, value as number);
    },
    leastBytes,
  };
}

const FIXED_CODECS: Record<Exclude<PrimitiveKind, "string" | "bytes" | "records">, Codec<unknown>> = {
  bool: { read: (reader) => reader.bool(), write: (writer, value) => writer.bool(value as boolean), leastBytes: 1 },
  int8: integer(-0x80, 0x7f, 1, (reader) => reader.int8(), (writer, value) => writer.int8(value)),
  int16: integer(-0x8000, 0x7fff, 2, (reader) => reader.int16(), (writer, value) => writer.int16(value)),
  uint16: integer(0, 0xffff, 2, (reader) => reader.uint16(), (writer, value) => writer.uint16(value)),
  int32: integer(-0x80000000, 0x7fffffff, 4, (reader) => reader.int32(), (writer, value) => writer.int32(value)),
  uint32: integer(0, 0xffffffff, 4, (reader) => reader.uint32(), (writer, value) => writer.uint32(value)),
  int64: {
    read: (reader) => reader.int64(),
    write(writer, value) {
      const isInt64 = typeof value === "bigint"
        ? value >= -MAX_INT64 - 1n && value <= MAX_INT64
        : Number.isSafeInteger(value);
      if (!isInt64) throw new EncodeError(`expected an int64, got ${value}`);
      if (typeof value === "bigint") writer.int64(value);
      else writer.safeInt64(value as number);
    },
    leastBytes: 8,
  },
  float64: {
    read: (reader) => reader.float64(),
    write: (writer, value) => writer.float64(value as number),
    leastBytes: 8,
  },
  uuid: { read: (reader) => reader.uuid(), write: (writer, value) => writer.uuid(value as string), leastBytes: 16 },
};

function refuseNull(what: string): never {
  throw new EncodeError(`expected ${what}, got null`);
}

/** As much of a text as a string may surely have, whatever its characters are. */
function cut(text: string): string {
  const most = Math.floor(MAX_STRING_BYTES / 3) - 1;
  return `${text.slice(0, most)}…`;
}

function stringCodec(flexible: boolean, nullable: boolean, isProse: boolean): Codec<string | null> {
  return {
    read(reader) {
      const length = flexible ? reader.unsignedVarint() - 1 : reader.int16();
      if (length < 0) {
        if (nullable && length === -1) return null;
        reader.fail(length === -1 ? "string must not be null" : `string has the negative length ${length}`);
      }
      if (length > MAX_STRING_BYTES) reader.fail(`string length ${length} exceeds ${MAX_STRING_BYTES}`);
      const text = reader.string(length);
      // Each malformed byte has become three: an answer that names it could not be written.
      if (length > MAX_STRING_BYTES / 3 && sizeOfUtf8(text) > MAX_STRING_BYTES) {
        reader.fail(`string of ${length} bytes is no UTF-8, and too long with what stands in for the rest`);
      }
      return text;
    },
    write(writer, value) {
      if (value === null) {
        if (!nullable) refuseNull("a string");
        return flexible ? writer.unsignedVarint(0) : writer.int16(-1);
      }
      let text = value as string;
      let size = sizeOfUtf8(text);
      if (size > MAX_STRING_BYTES) {
        if (!isProse) throw new EncodeError(`string takes ${size} bytes, the limit is ${MAX_STRING_BYTES}`);
        text = cut(text);
        size = sizeOfUtf8(text);
      }
      if (flexible) writer.unsignedVarint(size + 1);
      else writer.int16(size);
      writer.utf8(text, size);
    },
    leastBytes: flexible ? 1 : 2,
  };
}

/** Reads the length of bytes or the count of an array; -1 for null, which the caller must allow. */
function readLength(reader: Reader, flexible: boolean, nullable: boolean, what: string): number {
  const length = flexible ? reader.unsignedVarint() - 1 : reader.int32();
  if (length === -1 && !nullable) reader.fail(`${what} must not be null`);
  if (length < -1) reader.fail(`${what} has the negative length ${length}`);
  return length;
}

function writeLength(writer: Writer, flexible: boolean, length: number): void {
  if (flexible) writer.unsignedVarint(length + 1);
  else writer.int32(length);
}

function bytesCodec(
  flexible: boolean,
  nullable: boolean,
  writeContent: (writer: Writer, value: Uint8Array) => void,
): Codec<Uint8Array | null> {
  return {
    read(reader) {
      const length = readLength(reader, flexible, nullable, "bytes");
      return length === -1 ? null : reader.view(length);
    },
    write(writer, value) {
      if (value === null) {
        if (!nullable) refuseNull("bytes");
        return writeLength(writer, flexible, -1);
      }
      writeLength(writer, flexible, (value as Uint8Array).length);
      writeContent(writer, value as Uint8Array);
    },
    leastBytes: flexible ? 1 : 4,
  };
}

function arrayCodec(element: Codec<unknown>, flexible: boolean, nullable: boolean): Codec<unknown[] | null> {
  // A struct without fields takes no bytes: count it as one, so that a count cannot exceed the input.
  const elementLeastBytes = Math.max(1, element.leastBytes);
  return {
    read(reader) {
      const count = readLength(reader, flexible, nullable, "array");
      if (count === -1) return null;
      reader.claimElements(count, elementLeastBytes);
      const values: unknown[] = new Array(count);
      let index = 0;
      try {
        for (; index < count; index++) values[index] = element.read(reader);
      } catch (error) {
        throw error instanceof DecodeError ? error.within(`[${index}]`, values.slice(0, index)) : error;
      }
      return values;
    },
    write(writer, value) {
      if (value === null) {
        if (!nullable) refuseNull("an array");
        return writeLength(writer, flexible, -1);
      }
      const values = value as readonly unknown[];
      writeLength(writer, flexible, values.length);
      let index = 0;
      try {
        for (; index < values.length; index++) element.write(writer, values[index]);
      } catch (error) {
        throw error instanceof EncodeError ? error.within(`[${index}]`) : error;
      }
    },
    leastBytes: flexible ? 1 : 4,
  };
}

/** A marker byte, negative for null, and the struct (KIP-893). */
function nullableStructCodec(struct: Codec<unknown>): Codec<unknown> {
  return {
    read: (reader) => reader.int8() < 0 ? null : struct.read(reader),
    write(writer, value) {
      writer.int8(value === null ? -1 : 1);
      if (value !== null) struct.write(writer, value);
    },
    leastBytes: 1,
  };
}

/** As {@linkcode nullableStructCodec}, but Kafka's generated code has another marker in tagged fields: a varint, 0 for null. */
function nullableTaggedStructCodec(struct: Codec<unknown>): Codec<unknown> {
  return {
    read: (reader) => reader.unsignedVarint() === 0 ? null : struct.read(reader),
    write(writer, value) {
      writer.unsignedVarint(value === null ? 0 : 1);
      if (value !== null) struct.write(writer, value);
    },
    leastBytes: 1,
  };
}

type Struct = Record<string, unknown> & { unknownTaggedFields?: readonly UnknownTaggedField[] };

interface NamedField {
  readonly name: string;
  readonly field: Field<unknown>;
}

interface CompiledField extends NamedField {
  readonly tag: number;
  readonly codec: Codec<unknown>;
}

function structCodec(
  fields: Readonly<Record<string, Field<unknown>>>,
  version: number,
  flexible: boolean,
): Codec<unknown> {
  const plain: CompiledField[] = [];
  const tagged: CompiledField[] = [];
  const absent: NamedField[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (!includes(field.versions, version)) {
      absent.push({ name, field });
      continue;
    }
    const codec = compileType(
      field.type,
      version,
      flexible && field.followsFlexible,
      includes(field.nullable, version),
      field.tag !== null,
    );
    const compiled = { name, tag: field.tag ?? -1, field, codec };
    // Tagged fields exist in flexible versions alone.
    if (field.tag === null) plain.push(compiled);
    else if (flexible) tagged.push(compiled);
    else absent.push({ name, field });
  }
  tagged.sort((a, b) => a.tag - b.tag);
  const refused = absent.filter(({ field }) => !field.ignorable);
  const untouched = [...absent, ...tagged].map(({ name, field }) => [name, field.default] as const);

  return {
    read(reader) {
      const value: Struct = {};
      let index = 0;
      try {
        for (; index < plain.length; index++) value[plain[index].name] = plain[index].codec.read(reader);
      } catch (error) {
        throw error instanceof DecodeError ? error.within(plain[index].name, value) : error;
      }
      for (let at = 0; at < untouched.length; at++) value[untouched[at][0]] = untouched[at][1];
      if (flexible) readTaggedFields(reader, tagged, value);
      return value;
    },
    write(writer, value) {
      const struct = value as Struct;
      let index = 0;
      try {
        for (; index < plain.length; index++) writeField(writer, struct, plain[index]);
      } catch (error) {
        throw error instanceof EncodeError ? error.within(plain[index].name) : error;
      }
      for (let at = 0; at < refused.length; at++) refuseValue(refused[at], struct, version);
      if (flexible) writeTaggedFields(writer, tagged, struct);
      else if (struct.unknownTaggedFields?.length) {
        throw new EncodeError(`version ${version} cannot carry tagged fields`);
      }
    },
    leastBytes: plain.reduce((sum, { codec }) => sum + codec.leastBytes, flexible ? 1 : 0),
  };
}

function writeField(writer: Writer, struct: Struct, { name, field, codec }: CompiledField): void {
  const value = struct[name];
  codec.write(writer, value === undefined ? field.default : value);
}

/** Refuses what a version lacks the field for, as Kafka does. */
function refuseValue({ name, field }: NamedField, struct: Struct, version: number): void {
  if (isDefault(field, struct[name])) return;
  throw new EncodeError(`version ${version} cannot carry the value ${String(struct[name])}`).within(name);
}

function readTaggedFields(reader: Reader, tagged: readonly CompiledField[], value: Struct): void {
  let current: CompiledField | undefined;
  try {
    const count = reader.claimElements(reader.unsignedVarint(), 2);
    let unknown: UnknownTaggedField[] | undefined;
    for (let index = 0; index < count; index++) {
      current = undefined;
      const tag = reader.unsignedVarint();
      const size = reader.unsignedVarint();
      current = tagged.find((field) => field.tag === tag);
      if (current === undefined) {
        (unknown ??= []).push({ tag, data: reader.view(size, `tagged field ${tag}`) });
        continue;
      }
      const end = reader.offset + size;
      value[current.name] = current.codec.read(reader);
      if (reader.offset !== end) {
        reader.fail(`tagged field ${tag} ends ${end - reader.offset} bytes from its stated end`);
      }
    }
    if (unknown !== undefined) value.unknownTaggedFields = unknown;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw current === undefined ? error.after(value) : error.within(current.name, value);
  }
}

function writeTaggedFields(writer: Writer, tagged: readonly CompiledField[], struct: Struct): void {
  let all: readonly UnknownTaggedField[] = struct.unknownTaggedFields ?? NO_TAGGED_FIELDS;
  for (let index = 0; index < tagged.length; index++) {
    if (isDefault(tagged[index].field, struct[tagged[index].name])) continue;
    all = [...all, encodeTaggedField(tagged[index], struct)];
  }
  writer.unsignedVarint(all.length);
  if (all.length > 1) all = all.toSorted((a, b) => a.tag - b.tag);
  for (const { tag, data } of all) {
    writer.unsignedVarint(tag);
    writer.unsignedVarint(data.length);
    writer.bytes(data);
  }
}

function encodeTaggedField(field: CompiledField, struct: Struct): UnknownTaggedField {
  const content = new Writer();
  try {
    writeField(content, struct, field);
  } catch (error) {
    throw error instanceof EncodeError ? error.within(field.name) : error;
  }
  return { tag: field.tag, data: content.finish() };
}

const NO_TAGGED_FIELDS: readonly UnknownTaggedField[] = [];

/** Whether `value` is what the field has when nothing is said of it. */
export function isDefault(field: Field<unknown>, value: unknown): boolean {
  return value === undefined || value === field.default || isSameField(field, value, field.default);
}

/** Whether a field is the same in two structs; undefined stands for its default. */
function isSameField(field: Field<unknown>, value: unknown, other: unknown): boolean {
  if (value === other) return true;
  if (value === undefined) value = field.default;
  if (other === undefined) other = field.default;
  if (value === other) return true;
  return value !== null && other !== null && isSame(field.type, value, other);
}

function isSame(type: Type<unknown>, value: unknown, other: unknown): boolean {
  switch (type.kind) {
    case "int64":
      return BigInt(value as bigint | number) === BigInt(other as bigint | number);
    case "array":
    case "bytes":
    case "records":
      // Kafka has no default of these but the empty one.
      return (value as ArrayLike<unknown>).length === 0 && (other as ArrayLike<unknown>).length === 0;
    case "struct": {
      const [struct, otherStruct] = [value as Struct, other as Struct];
      return struct.unknownTaggedFields === undefined &&
        Object.entries(type.fields!).every(([name, field]) => isSameField(field, struct[name], otherStruct[name]));
    }
    default:
      return false;
  }
}
