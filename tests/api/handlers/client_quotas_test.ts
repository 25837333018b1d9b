/** AlterClientQuotas and DescribeClientQuotas. */
import { assertEquals } from "@std/assert";
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from "../../../lib/protocol/messages/alter_client_quotas.ts";
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from "../../../lib/protocol/messages/describe_client_quotas.ts";
import { errorOf, TestBroker } from "./support.ts";

const EXACT = 0, DEFAULT = 1, SPECIFIED = 2;

type Entity = Readonly<Record<string, string | null>>;
type Component = readonly [entityType: string, matchType: number, match: string | null];

function entityOf(entity: Entity) {
  return Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }));
}

async function set(broker: TestBroker, entity: Entity, quotas: Record<string, number>, validateOnly = false) {
  const ops = Object.entries(quotas).map(([key, value]) => ({ key, value }));
  const { entries } = await broker.ask(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
    entries: [{ entity: entityOf(entity), ops }],
    validateOnly,
  });
  assertEquals(entries.map(({ entity }) => entity), [entityOf(entity)]);
  return errorOf(entries[0]);
}

async function describe(broker: TestBroker, components: readonly Component[], strict = false, version = 1) {
  const answer = await broker.ask(DescribeClientQuotasRequest, DescribeClientQuotasResponse, version, {
    components: components.map(([entityType, matchType, match]) => ({ entityType, matchType, match })),
    strict,
  });
  if (answer.entries === null) return errorOf(answer);
  return answer.entries.map(({ entity, values }) =>
    [
      ...entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`),
      ...values.map(({ key, value }) => `${key} ${value}`),
    ].join(", ")
  ).sort();
}

/** A broker with a quota each of a user, of the user's client, of all other clients, and of an address. */
async function started(): Promise<TestBroker> {
  const broker = await TestBroker.start();
  assertEquals(await set(broker, { user: "ann" }, { producer_byte_rate: 1000 }), "NONE");
  assertEquals(await set(broker, { "user": "ann", "client-id": "x" }, { request_percentage: 12.5 }), "NONE");
  assertEquals(await set(broker, { "client-id": null }, { consumer_byte_rate: 5 }), "NONE");
  assertEquals(await set(broker, { ip: "10.0.0.1" }, { connection_creation_rate: 7 }), "NONE");
  return broker;
}

const ANN = "user=ann, producer_byte_rate 1000";
const ANN_X = "user=ann, client-id=x, request_percentage 12.5";
const OTHERS = "client-id=null, consumer_byte_rate 5";
const IP = "ip=10.0.0.1, connection_creation_rate 7";

Deno.test("quotas are kept, and found by whom they bind, in every version", async () => {
  await using broker = await started();
  for (const version of [0, 1]) {
    assertEquals(await describe(broker, [], false, version), [ANN, ANN_X, OTHERS, IP].sort());
    assertEquals(await describe(broker, [["user", EXACT, "ann"]], false, version), [ANN, ANN_X].sort());
    assertEquals(await describe(broker, [["user", EXACT, "ann"]], true, version), [ANN]);
    assertEquals(await describe(broker, [["user", EXACT, "bob"]], false, version), []);
    assertEquals(await describe(broker, [["client-id", DEFAULT, null]], false, version), [OTHERS]);
    assertEquals(await describe(broker, [["client-id", SPECIFIED, null]], false, version), [ANN_X, OTHERS].sort());
    assertEquals(await describe(broker, [["ip", EXACT, "10.0.0.1"]], false, version), [IP]);
    const both: Component[] = [["user", SPECIFIED, null], ["client-id", EXACT, "x"]];
    assertEquals(await describe(broker, both, true, version), [ANN_X]);
    assertEquals(await describe(broker, [], true, version), []);
  }
});

Deno.test("quotas are removed", async () => {
  await using broker = await started();
  const ops = [{ key: "producer_byte_rate", remove: true }];
  const { entries } = await broker.ask(AlterClientQuotasRequest, AlterClientQuotasResponse, 0, {
    entries: [{ entity: entityOf({ user: "ann" }), ops }],
  });
  assertEquals(entries.map(errorOf), ["NONE"]);
  assertEquals(await describe(broker, [["user", EXACT, "ann"]]), [ANN_X]);
});

Deno.test("a quota that is only validated is not set", async () => {
  await using broker = await TestBroker.start();
  assertEquals(await set(broker, { user: "ann" }, { producer_byte_rate: 1 }, true), "NONE");
  assertEquals(await describe(broker, []), []);
});

Deno.test("quotas that cannot be are refused", async () => {
  await using broker = await TestBroker.start();
  assertEquals(await set(broker, { user: "ann" }, { nope: 1 }), "INVALID_REQUEST: Invalid configuration key nope");
  assertEquals(await set(broker, { foo: "a" }, {}), "INVALID_REQUEST: Unhandled client quota entity type: foo");
  assertEquals(
    await set(broker, { user: "ann" }, { producer_byte_rate: 0 }),
    "INVALID_REQUEST: Quota producer_byte_rate must be greater than 0",
  );
  assertEquals(await describe(broker, []), []);
});

Deno.test("filters that cannot be are refused", async () => {
  await using broker = await TestBroker.start();
  const cases: [Component[], string][] = [
    [[["", SPECIFIED, null]], "INVALID_REQUEST: Invalid empty entity type."],
    [[["foo", SPECIFIED, null]], "UNSUPPORTED_VERSION: Unsupported entity type foo"],
    [[["user", 9, null]], "INVALID_REQUEST: Unknown match type 9"],
    [[["user", EXACT, null]], "INVALID_REQUEST: Request specified MATCH_TYPE_EXACT, but set match string to null."],
    [
      [["user", DEFAULT, "a"]],
      "INVALID_REQUEST: Request specified MATCH_TYPE_DEFAULT, but also specified a match " +
      "string.",
    ],
    [
      [["user", SPECIFIED, "a"]],
      "INVALID_REQUEST: Request specified MATCH_TYPE_SPECIFIED, but also specified a " +
      "match string.",
    ],
    [
      [["user", SPECIFIED, null], ["user", SPECIFIED, null]],
      "INVALID_REQUEST: Entity type user cannot appear more " +
      "than once in the filter.",
    ],
    [
      [["ip", SPECIFIED, null], ["user", SPECIFIED, null]],
      "INVALID_REQUEST: Invalid entity filter component " +
      "combination. IP filter component should not be used with user or clientId filter component.",
    ],
  ];
  for (const [components, error] of cases) assertEquals(await describe(broker, components), error);
});
