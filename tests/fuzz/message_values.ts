/**
 * Values of messages, made up from their declarations.
 *
 * @module
 */
import fc from "fast-check";
import { uuidFromBytes } from "../../lib/bytes/mod.ts";
import { RequestHeader, ResponseHeader } from "../../lib/protocol/messages/headers.ts";
import { APIS } from "../../lib/protocol/messages/mod.ts";
import { type Field, Message, type PrimitiveKind, type Type } from "../../lib/protocol/mod.ts";
import * as records from "../../lib/protocol/records/mod.ts";

/** A message in one of its versions. */
export interface MessageVersion {
  readonly message: Message<unknown>;
  readonly version: number;
}

const MESSAGES: readonly Message<unknown>[] = [
  ...APIS.flatMap(({ request, response }) => [request, response]),
  RequestHeader,
  ResponseHeader,
  ...Object.values(records).filter((value) => value instanceof Message),
];

/** Every version of every message. */
export const MESSAGE_VERSIONS: readonly MessageVersion[] = MESSAGES.flatMap((message) => {
  const [first, last] = message.versions;
  return Array.from({ length: last - first + 1 }, (_, index) => ({ message, version: first + index }));
});

/** Values as decoding gives them: a field that the version lacks has its default. */
export function valuesOf({ message, version }: MessageVersion): fc.Arbitrary<object> {
  return valuesOfType(message.type, version, message.isFlexible(version)) as fc.Arbitrary<object>;
}

/** Any values of a type that has no parts. */
export function valuesOfPrimitive(kind: PrimitiveKind): fc.Arbitrary<unknown> {
  return PRIMITIVES[kind];
}

const PRIMITIVES: Record<PrimitiveKind, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -0x80, max: 0x7f }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  uint32: fc.integer({ min: 0, max: 0xffffffff }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float64: fc.double(),
  string: fc.string({ unit: "grapheme", maxLength: 6 }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => uuidFromBytes(bytes)),
  bytes: fc.uint8Array({ maxLength: 6 }),
  records: fc.uint8Array({ maxLength: 6 }),
};

function valuesOfType(type: Type<unknown>, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "array":
      return fc.array(valuesOfType(type.element!, version, flexible), { maxLength: 2 });
    case "struct":
      return valuesOfStruct(type, version, flexible);
    default:
      return PRIMITIVES[type.kind];
  }
}

function valuesOfStruct(type: Type<unknown>, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  const fields = Object.entries(type.fields!).map(([name, field]) => [name, valuesOfField(field, version, flexible)]);
  const struct = fc.record(Object.fromEntries(fields), { noNullPrototype: true });
  if (!flexible) return struct;
  return fc.tuple(struct, UNKNOWN_TAGGED_FIELDS).map(([value, unknownTaggedFields]) =>
    unknownTaggedFields.length === 0 ? value : { ...value, unknownTaggedFields }
  );
}

function valuesOfField(field: Field<unknown>, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  if (!isIn(field.versions, version)) return fc.constant(field.default);
  const values = valuesOfType(field.type, version, flexible);
  return isIn(field.nullable, version) ? fc.option(values) : values;
}

function isIn(range: Field<unknown>["nullable"], version: number): boolean {
  return range !== null && version >= range[0] && version <= range[1];
}

/** With tags that Kafka does not use, in order. */
const UNKNOWN_TAGGED_FIELDS = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.uniqueArray(
      fc.record({ tag: fc.integer({ min: 100, max: 0x7fffffff }), data: fc.uint8Array({ maxLength: 4 }) }, {
        noNullPrototype: true,
      }),
      { maxLength: 2, selector: ({ tag }) => tag },
    ).map((fields) => fields.toSorted((a, b) => a.tag - b.tag)),
  },
);
