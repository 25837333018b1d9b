/**
 * The message DSL: a message is declared once, as a value, and that value gives its TypeScript type (inferred), its codec
 * for every version, its JSON form and the facts that a conformance test compares with Apache Kafka's own.
 *
 * ```ts
 * import { array, type Infer, int32, request, since, string, until } from "./schema.ts";
 *
 * export const ExampleRequest = request({ key: 77, name: "ExampleRequest", versions: [0, 2], flexible: 2 }, {
 *   name: string,
 *   limit: until(1, int32, -1),
 *   partitions: since(1, array({ index: int32 })),
 * });
 * export type ExampleRequest = Infer<typeof ExampleRequest>;
 *
 * const bytes = ExampleRequest.encode(1, { name: "x", partitions: [{ index: 3 }] });
 * ExampleRequest.decode(1, bytes); // { name: "x", limit: -1, partitions: [{ index: 3 }] }
 * ```
 *
 * Versions and flexible encoding: KIP-482. Nullable structs: KIP-893.
 *
 * @module
 */
import { Reader, type Uuid, Writer, ZERO_UUID } from "../bytes/mod.ts";
import { type Codec, compile } from "./codec.ts";

/** A tagged field that this declaration does not know: kept when read, written back. */
export interface UnknownTaggedField {
  readonly tag: number;
  readonly data: Uint8Array;
}

/** First and last version in which something holds, both inclusive. */
export type VersionRange = readonly [first: number, last: number];

/** "Every version", before the message's own range narrows it. */
export const ALL_VERSIONS: VersionRange = [0, Infinity];

/** The wire types that have no parts. */
export type PrimitiveKind =
  | "bool"
  | "int8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "float64"
  | "string"
  | "uuid"
  | "bytes"
  | "records";

declare const TYPE: unique symbol;

/** A wire type, carrying the TypeScript type `T` of its values. */
export interface Type<T> {
  readonly kind: PrimitiveKind | "array" | "struct";
  /** What a field of this type is where a version lacks it and nothing else is declared. */
  readonly zero: T;
  /** The type of the elements of an array. */
  readonly element?: Type<unknown>;
  /** True for a string that may be cut where it is longer than the protocol allows. */
  readonly isProse?: boolean;
  /** The fields of a struct. */
  readonly fields?: Readonly<Record<string, Field<unknown>>>;
  readonly [TYPE]?: T;
}

/** A field: its type, and in which versions it stands how. */
export interface Field<T> {
  readonly type: Type<unknown>;
  readonly versions: VersionRange;
  /** The versions in which it may be null, before `versions` narrows them; null for never. */
  readonly nullable: VersionRange | null;
  /** The tag, where the field stands among the tagged fields; else null. */
  readonly tag: number | null;
  /** What it is where a version lacks it, or where it is left out in writing. */
  readonly default: unknown;
  /** Whether a value is silently dropped by a version that lacks the field; else only the default may be written there. */
  readonly ignorable: boolean;
  /** False where the field keeps its old encoding in flexible versions. */
  readonly followsFlexible: boolean;
  readonly [TYPE]?: T;
}

/** A type, or a field made of it by {@linkcode since} and its like. */
export type Spec<T> = Type<T> | Field<T>;

/** The fields of a struct, by name, in wire order. */
export type Fields = Readonly<Record<string, Spec<unknown>>>;

/** The values of a type, a field or a message, as decoding gives them: every field is there. */
export type Infer<S> = S extends { readonly [TYPE]?: infer T } ? Exclude<T, undefined> : never;

/** What encoding takes: fields that are left out have their default, and an int64 may be a safe integer. */
export type Init<T> = T extends bigint ? bigint | number
  : T extends string | number | boolean | null | undefined | Uint8Array ? T
  : T extends readonly (infer E)[] ? readonly Init<E>[]
  : { readonly [K in keyof T]?: Init<T[K]> };

type StructOf<F extends Fields> =
  & { readonly [K in keyof F]: Infer<F[K]> }
  & { readonly unknownTaggedFields?: readonly UnknownTaggedField[] };

type ElementOf<E> = E extends Type<infer T> ? T : E extends Fields ? StructOf<E> : never;

function primitive<T>(kind: PrimitiveKind, zero: T): Type<T> {
  return { kind, zero };
}

const EMPTY_BYTES = new Uint8Array(0);

export const bool: Type<boolean> = primitive("bool", false);
export const int8: Type<number> = primitive("int8", 0);
export const int16: Type<number> = primitive("int16", 0);
export const uint16: Type<number> = primitive("uint16", 0);
export const int32: Type<number> = primitive("int32", 0);
export const uint32: Type<number> = primitive("uint32", 0);
export const int64: Type<bigint> = primitive("int64", 0n);
export const float64: Type<number> = primitive("float64", 0);
export const string: Type<string> = primitive("string", "");
/** A string for a person, such as an error message that quotes a request: cut in writing where it is longer than a string may be. */
export const prose: Type<string> = { ...string, isProse: true };
export const uuid: Type<Uuid> = primitive("uuid", ZERO_UUID);
/** A view of the input when read. */
export const bytes: Type<Uint8Array> = primitive("bytes", EMPTY_BYTES);
/** Record batches: a view of the input when read, sent without copying when written. */
export const records: Type<Uint8Array> = primitive("records", EMPTY_BYTES);

/** A list, of a type or of structs with the given fields. */
export function array<E extends Type<unknown> | Fields>(element: E): Type<readonly ElementOf<E>[]> {
  const type = isType(element) ? element : struct(element as Fields);
  return { kind: "array", zero: Object.freeze([]), element: type };
}

/** Fields one after the other. */
export function struct<F extends Fields>(fields: F): Type<StructOf<F>> {
  const all: Record<string, Field<unknown>> = {};
  const zero: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(fields)) {
    all[name] = asField(spec);
    zero[name] = all[name].default;
  }
  return { kind: "struct", zero: Object.freeze(zero) as StructOf<F>, fields: all };
}

/** In version `first` and all later ones. */
export function since<T>(first: number, spec: Spec<T>, otherwise?: NoInfer<T>): Field<T> {
  return between(first, Infinity, spec, otherwise);
}

/** In all versions up to `last`. */
export function until<T>(last: number, spec: Spec<T>, otherwise?: NoInfer<T>): Field<T> {
  return between(0, last, spec, otherwise);
}

/** In the versions from `first` to `last`; `otherwise` is the default, where it is not the type's zero. */
export function between<T>(first: number, last: number, spec: Spec<T>, otherwise?: NoInfer<T>): Field<T> {
  const field = asField(spec);
  return { ...field, versions: [first, last], default: otherwise === undefined ? field.default : otherwise };
}

/** With a default other than the type's zero. */
export function defaulting<T>(spec: Spec<T>, otherwise: NoInfer<T>): Field<T> {
  return { ...asField(spec), default: otherwise };
}

/** May be null, which is the default too; `otherwise` names another default. */
export function nullable<T>(spec: Spec<T>, otherwise: NoInfer<T> | null = null): Field<T | null> {
  return { ...asField(spec), nullable: ALL_VERSIONS, default: otherwise } as Field<T | null>;
}

/** May be null in version `first` and all later ones; its default is the type's zero, unless `otherwise` says null. */
export function nullableSince<T>(first: number, spec: Spec<T>, otherwise?: NoInfer<T> | null): Field<T | null> {
  const field = asField(spec);
  return {
    ...field,
    nullable: [first, Infinity],
    default: otherwise === undefined ? field.default : otherwise,
  } as Field<T | null>;
}

/** Stands among the tagged fields, with this tag. */
export function tagged<T>(tag: number, spec: Spec<T>): Field<T> {
  return { ...asField(spec), tag };
}

/** Dropped without a word by versions that lack it. */
export function ignorable<T>(spec: Spec<T>): Field<T> {
  return { ...asField(spec), ignorable: true };
}

/** Keeps its old encoding in flexible versions: the client id of a request header, which old and new brokers must read alike. */
export function neverFlexible<T>(spec: Spec<T>): Field<T> {
  return { ...asField(spec), followsFlexible: false };
}

function isType(value: unknown): value is Type<unknown> {
  return typeof (value as Type<unknown>).kind === "string";
}

function asField<T>(spec: Spec<T>): Field<T> {
  if (!isType(spec)) return spec as Field<T>;
  return {
    type: spec,
    versions: ALL_VERSIONS,
    nullable: null,
    tag: null,
    default: spec.zero,
    ignorable: false,
    followsFlexible: true,
  };
}

/** What kinds of messages there are; the last four are records in logs and files. */
export type MessageKind =
  | "request"
  | "response"
  | "header"
  | "metadata"
  | "coordinator-key"
  | "coordinator-value"
  | "data";

/** The facts of a message that stand above its fields. */
export interface MessageFacts {
  readonly name: string;
  /** First and last version that exist. */
  readonly versions: VersionRange;
  /** The first flexible version; null where there is none. */
  readonly flexible: number | null;
}

/** The facts of a request, a response, or a record with a key. */
export interface KeyedMessageFacts extends MessageFacts {
  /** The API key, or the key of the record type. */
  readonly key: number;
}

/** The facts of a request. */
export interface RequestFacts extends KeyedMessageFacts {
  /** The last version that Apache Kafka announces, where newer ones are not stable yet. */
  readonly lastStable?: number;
}

/** A message of all its versions: its declaration and its codec. */
export class Message<T> {
  declare readonly [TYPE]?: T;
  readonly name: string;
  readonly versions: VersionRange;
  readonly flexible: number | null;
  readonly key: number | null;
  /** The last version that is announced to clients. */
  readonly lastStable: number;
  readonly #codecs: (Codec<T> | undefined)[] = [];

  constructor(readonly kind: MessageKind, facts: MessageFacts & Partial<RequestFacts>, readonly type: Type<T>) {
    this.name = facts.name;
    this.versions = facts.versions;
    this.flexible = facts.flexible;
    this.key = facts.key ?? null;
    this.lastStable = facts.lastStable ?? facts.versions[1];
  }

  /** True where the message has that version. */
  hasVersion(version: number): boolean {
    return version >= this.versions[0] && version <= this.versions[1];
  }

  /** True where that version uses compact lengths and tagged fields (KIP-482). */
  isFlexible(version: number): boolean {
    return this.flexible !== null && version >= this.flexible;
  }

  /**
   * Decodes one message that fills `bytes`.
   *
   * @throws {DecodeError} where the bytes are not such a message, or where some are left over.
   */
  decode(version: number, bytes: Uint8Array): T {
    const reader = new Reader(bytes);
    const value = this.read(reader, version);
    reader.end();
    return value;
  }

  /** Decodes one message and leaves the reader after it. */
  read(reader: Reader, version: number): T {
    return this.#codec(version).read(reader);
  }

  /**
   * Encodes one message in one piece.
   *
   * @throws {EncodeError} where a field has a value that the version cannot carry.
   */
  encode(version: number, value: Init<T>): Uint8Array {
    const writer = new Writer();
    this.write(writer, version, value);
    return writer.finish();
  }

  /** Appends one message to what the writer has. */
  write(writer: Writer, version: number, value: Init<T>): void {
    this.#codec(version).write(writer, value);
  }

  #codec(version: number): Codec<T> {
    const known = this.#codecs[version];
    if (known !== undefined) return known;
    if (!this.hasVersion(version)) {
      throw new RangeError(`Cannot use ${this.name} version ${version}: it has ${this.versions.join(" to ")}`);
    }
    return this.#codecs[version] = compile(this.type, version, this.isFlexible(version));
  }
}

/** Declares a request. */
export function request<F extends Fields>(facts: RequestFacts, fields: F): Message<StructOf<F>> {
  return new Message("request", facts, struct(fields));
}

/** Declares a response. */
export function response<F extends Fields>(facts: KeyedMessageFacts, fields: F): Message<StructOf<F>> {
  return new Message("response", facts, struct(fields));
}

/** Declares a request or response header. */
export function header<F extends Fields>(facts: MessageFacts, fields: F): Message<StructOf<F>> {
  return new Message("header", facts, struct(fields));
}

/** Declares a record of the metadata log, or of another log with the same framing. */
export function metadataRecord<F extends Fields>(facts: KeyedMessageFacts, fields: F): Message<StructOf<F>> {
  return new Message("metadata", facts, struct(fields));
}

/** Declares the key of a coordinator's record. */
export function coordinatorKey<F extends Fields>(facts: KeyedMessageFacts, fields: F): Message<StructOf<F>> {
  return new Message("coordinator-key", facts, struct(fields));
}

/** Declares the value of a coordinator's record. */
export function coordinatorValue<F extends Fields>(facts: KeyedMessageFacts, fields: F): Message<StructOf<F>> {
  return new Message("coordinator-value", facts, struct(fields));
}

/** Declares any other structure that Kafka keeps in a record or a file. */
export function data<F extends Fields>(facts: MessageFacts, fields: F): Message<StructOf<F>> {
  return new Message("data", facts, struct(fields));
}
