/**
 * Every declaration against the catalogue of Apache Kafka's messages, field by field.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { RequestHeader, ResponseHeader } from "../../lib/protocol/messages/headers.ts";
import { announcedVersions, APIS } from "../../lib/protocol/messages/mod.ts";
import * as records from "../../lib/protocol/records/mod.ts";
import { type Field, Message, type Type, type VersionRange } from "../../lib/protocol/schema.ts";
import { testFacts } from "./vectors.ts";

const FILE = "schemas.json";

interface Catalog {
  readonly apis: readonly CatalogApi[];
  readonly messages: readonly CatalogMessage[];
}

interface CatalogApi {
  readonly apiKey: number;
  readonly name: string;
  readonly removed: boolean;
  readonly highestStableVersion?: number;
  readonly advertised?: { readonly min: number; readonly max: number };
}

interface CatalogMessage {
  readonly name: string;
  readonly type: string;
  readonly apiKey?: number;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly fields: readonly CatalogField[];
}

interface CatalogField {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly flexibleVersions?: string;
  readonly tag?: number;
  readonly default?: string;
  readonly ignorable?: boolean;
  readonly fields?: readonly CatalogField[];
}

/** A field as both sides can tell it, in the versions of the struct that it stands in. */
interface Description {
  readonly name: string;
  readonly type: string;
  readonly versions: VersionRange;
  readonly nullable: VersionRange | null;
  readonly tag: number | null;
  readonly default: string;
  readonly ignorable: boolean;
  readonly followsFlexible: boolean;
  readonly fields: readonly Description[];
}

const DECLARED: readonly Message<unknown>[] = [
  ...APIS.flatMap(({ request, response }) => [request, response]),
  RequestHeader,
  ResponseHeader,
  ...Object.values(records).filter((value) => value instanceof Message),
];

testFacts("every message of the catalogue is declared, and no other", FILE, (text) => {
  const { messages } = JSON.parse(text) as Catalog;
  // The APIs that served ZooKeeper's brokers have no version left.
  const expected = messages.filter(({ validVersions }) => validVersions !== "none").map(({ name }) => name);
  assertEquals(DECLARED.map(({ name }) => name).sort(), expected.sort());
});

testFacts("messages have the key, versions and fields of the catalogue", FILE, (text) => {
  const { messages } = JSON.parse(text) as Catalog;
  const byName = new Map(messages.map((message) => [message.name, message]));
  for (const message of DECLARED) {
    const expected = byName.get(message.name)!;
    const versions = parseRange(expected.validVersions)!;
    const flexible = parseRange(expected.flexibleVersions);
    assertEquals(
      { kind: message.kind, key: message.key, versions: message.versions, flexible: message.flexible },
      {
        kind: expected.type,
        key: expected.apiKey ?? null,
        versions,
        flexible: intersect(flexible, versions)?.[0] ?? null,
      },
      message.name,
    );
    assertEquals(describeType(message.type, versions), describeCatalog(expected.fields, versions), message.name);
  }
});

testFacts("APIs announce the versions of the catalogue", FILE, (text) => {
  const apis = (JSON.parse(text) as Catalog).apis.filter(({ removed }) => !removed);
  assertEquals(
    APIS.map((api) => ({ key: api.key, name: api.name, announced: [...announcedVersions(api)] })),
    apis.map(({ apiKey, name, advertised }) => ({ key: apiKey, name, announced: [advertised!.min, advertised!.max] })),
  );
  assertEquals(
    APIS.map(({ request }) => request.lastStable),
    apis.map(({ highestStableVersion }) => highestStableVersion),
  );
});

function describeType(type: Type<unknown>, parent: VersionRange): Description[] {
  return Object.entries(type.fields!).map(([name, field]) => describeField(name, field, parent));
}

function describeField(name: string, field: Field<unknown>, parent: VersionRange): Description {
  const versions = intersect(field.versions, parent);
  assert(versions !== null, `${name} is in no version`);
  const { type } = field;
  const element = type.kind === "array" ? type.element! : type;
  const kind = element.kind === "struct" ? "struct" : element.kind;
  return {
    name,
    type: type.kind === "array" ? `[]${kind}` : kind,
    versions,
    nullable: intersect(field.nullable, versions),
    tag: field.tag,
    default: field.default === type.zero ? "" : String(field.default),
    ignorable: field.ignorable,
    followsFlexible: field.followsFlexible,
    fields: element.kind === "struct" ? describeType(element, versions) : [],
  };
}

function describeCatalog(fields: readonly CatalogField[], parent: VersionRange): Description[] {
  // A few fields are in no version that is left.
  return fields.filter((field) => intersect(parseRange(field.versions), parent) !== null)
    .map((field) => describeCatalogField(field, parent));
}

function describeCatalogField(field: CatalogField, parent: VersionRange): Description {
  const versions = intersect(parseRange(field.versions), parent)!;
  const nullable = intersect(parseRange(field.nullableVersions), versions);
  if (field.taggedVersions !== undefined) {
    assertEquals(
      intersect(parseRange(field.taggedVersions), versions),
      versions,
      `${field.name} is tagged in all versions`,
    );
  }
  return {
    name: field.name,
    type: field.fields === undefined ? field.type : field.type.startsWith("[]") ? "[]struct" : "struct",
    versions,
    nullable,
    tag: field.tag ?? null,
    // Records that are never null are null in Kafka's objects until they are set: here they are empty.
    default: field.default === "null" && nullable === null ? "" : field.default ?? "",
    ignorable: field.ignorable ?? false,
    followsFlexible: field.flexibleVersions !== "none",
    fields: describeCatalog(field.fields ?? [], versions),
  };
}

/** "4+", "0-3", "2" or "none". */
function parseRange(text: string | undefined): VersionRange | null {
  if (text === undefined || text === "none") return null;
  if (text.endsWith("+")) return [Number(text.slice(0, -1)), Infinity];
  const [first, last = first] = text.split("-").map(Number);
  return [first, last];
}

function intersect(a: VersionRange | null, b: VersionRange | null): VersionRange | null {
  if (a === null || b === null) return null;
  const [first, last] = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
  return first <= last ? [first, last] : null;
}
