import { assertEquals } from "@std/assert";
import { alterClientQuotas, type QuotaChange } from "../../../lib/metadata/decide/quotas.ts";
import type { MetadataImage } from "../../../lib/metadata/image/image.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { apply, imageOf } from "../support.ts";

function entityOf(parts: Record<string, string | null>) {
  return Object.entries(parts).map(([entityType, entityName]) => ({ entityType, entityName }));
}

function set(key: string, value: number): QuotaChange {
  return { key, value, remove: false };
}

function remove(key: string): QuotaChange {
  return { key, value: 0, remove: true };
}

function alter(
  image: MetadataImage,
  parts: Record<string, string | null>,
  ops: readonly QuotaChange[],
  validateOnly = false,
) {
  return alterClientQuotas(image, { entries: [{ entity: entityOf(parts), ops }], validateOnly });
}

function complaint(parts: Record<string, string | null>, ...ops: QuotaChange[]): string | null {
  const { records, result } = alter(imageOf(), parts, ops);
  assertEquals(records, []);
  assertEquals(result[0].errorCode, ErrorCode.INVALID_REQUEST);
  return result[0].errorMessage;
}

function quotasOf(image: MetadataImage, parts: Record<string, string | null>): Record<string, number> | undefined {
  const quotas = image.quotas.of(entityOf(parts));
  return quotas && Object.fromEntries(quotas.values);
}

Deno.test("quotas are set, changed and removed, whatever the order of an entity's parts", () => {
  const image = imageOf();
  const parts = { "user": "ann", "client-id": null };
  const reordered = { "client-id": null, "user": "ann" };
  apply(image, alter(image, parts, [set("producer_byte_rate", 1000), set("request_percentage", 0.5)]));
  assertEquals(quotasOf(image, reordered), { producer_byte_rate: 1000, request_percentage: 0.5 });
  apply(image, alter(image, reordered, [set("producer_byte_rate", 2000), remove("request_percentage")]));
  assertEquals(quotasOf(image, parts), { producer_byte_rate: 2000 });
  apply(image, alter(image, parts, [remove("producer_byte_rate")]));
  assertEquals(quotasOf(image, parts), undefined);
});

Deno.test("what changes nothing makes no record", () => {
  const image = imageOf();
  apply(image, alter(image, { ip: "127.0.0.1" }, [set("connection_creation_rate", 10)]));
  assertEquals(alter(image, { ip: "127.0.0.1" }, [set("connection_creation_rate", 10)]).records, []);
  assertEquals(alter(image, { user: "nobody" }, [remove("producer_byte_rate")]).records, []);
});

Deno.test("a dry run checks and changes nothing", () => {
  const { records, result } = alter(imageOf(), { user: "ann" }, [set("producer_byte_rate", 1)], true);
  assertEquals(records, []);
  assertEquals(result, [{ entity: entityOf({ user: "ann" }), errorCode: ErrorCode.NONE, errorMessage: null }]);
});

Deno.test("an entity that cannot be is refused", () => {
  const quota = set("producer_byte_rate", 1);
  const cases: [Record<string, string | null>, string][] = [
    [{}, "Invalid empty client quota entity"],
    [{ foo: "a" }, "Unhandled client quota entity type: foo"],
    [{ user: "" }, "Empty user not supported"],
    [{ ip: "not an ip" }, "not an ip is not a valid IP or resolvable host."],
    [{ ip: "300.0.0.1" }, "300.0.0.1 is not a valid IP or resolvable host."],
    [
      { ip: "10.0.0.1", user: "a" },
      "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId",
    ],
  ];
  for (const [parts, message] of cases) assertEquals(complaint(parts, quota), message);
});

Deno.test("addresses of both kinds are entities", () => {
  for (const ip of ["10.0.0.1", "::1", "fe80::1:2", "::ffff:10.0.0.1", null]) {
    assertEquals(alter(imageOf(), { ip }, [set("connection_creation_rate", 5)]).records.length, 1);
  }
});

Deno.test("a quota that cannot be is refused", () => {
  const user = { user: "ann" };
  assertEquals(complaint(user, set("nope", 1)), "Invalid configuration key nope");
  assertEquals(complaint(user, remove("nope")), "Invalid configuration key nope");
  assertEquals(
    complaint(user, set("connection_creation_rate", 1)),
    "Invalid configuration key connection_creation_rate",
  );
  assertEquals(
    complaint({ ip: "10.0.0.1" }, set("producer_byte_rate", 1)),
    "Invalid configuration key producer_byte_rate",
  );
  assertEquals(complaint(user, set("producer_byte_rate", 0)), "Quota producer_byte_rate must be greater than 0");
  assertEquals(complaint(user, set("producer_byte_rate", NaN)), "Quota producer_byte_rate must be greater than 0");
  assertEquals(complaint(user, set("producer_byte_rate", 1.5)), "producer_byte_rate cannot be a fractional value.");
  assertEquals(
    complaint(user, set("consumer_byte_rate", 1e300)),
    "Proposed value for consumer_byte_rate is too large for a LONG.",
  );
});

Deno.test("an entity, or a quota of it, that is named twice is refused, and answered once", () => {
  const message = "Ignoring duplicate entity ClientQuotaEntity(entries={client-id=x, user=ann})";
  const one = { entity: entityOf({ "user": "ann", "client-id": "x" }), ops: [set("producer_byte_rate", 1)] };
  const other = { entity: entityOf({ "client-id": "x", "user": "ann" }), ops: [set("producer_byte_rate", 2)] };
  const good = { entity: entityOf({ user: "bob" }), ops: [set("producer_byte_rate", 3)] };
  const { records, result } = alterClientQuotas(imageOf(), { entries: [one, good, other], validateOnly: false });
  assertEquals(records.length, 1);
  assertEquals(result.map(({ errorMessage }) => errorMessage), [message, null]);
  assertEquals(
    complaint({ "user": "ann", "client-id": "x" }, set("producer_byte_rate", 1), set("producer_byte_rate", 2)),
    message,
  );
});
