/** Which quota binds a client: the table at the head of `quota_limits.ts`. */
import { assert, assertEquals } from "@std/assert";
import { QuotaLimits } from "../../lib/quotas/quota_limits.ts";
import { type Entity, quota } from "./support.ts";

const KEY = "producer_byte_rate";
/** In the order of precedence; the bound of each is its number. */
const ENTITIES: readonly Entity[] = [
  { user: "alice", "client-id": "app" },
  { user: "alice", "client-id": null },
  { user: "alice" },
  { user: null, "client-id": "app" },
  { user: null, "client-id": null },
  { user: null },
  { "client-id": "app" },
  { "client-id": null },
];

function limits(entities: readonly Entity[]): QuotaLimits {
  return new QuotaLimits(entities.map((entity) => quota(entity, KEY, ENTITIES.indexOf(entity) + 1)), KEY);
}

Deno.test("of all quotas that name a client, the most specific binds it", () => {
  for (let first = 0; first < ENTITIES.length; first++) {
    const bound = limits(ENTITIES.slice(first).reverse()).find("alice", "app")?.bound;
    assertEquals(bound, first + 1, JSON.stringify(ENTITIES[first]));
  }
});

Deno.test("use counts together by the parts that the quota names", () => {
  const both = { user: "alice", clientId: "app" };
  const user = { user: "alice", clientId: null };
  const client = { user: null, clientId: "app" };
  const expected = [both, both, user, both, both, user, client, client];
  for (const [index, entity] of ENTITIES.entries()) {
    assertEquals(limits([entity]).find("alice", "app"), { ...expected[index], bound: index + 1 });
  }
});

Deno.test("who is named by no quota is not bound", () => {
  const named = limits([ENTITIES[0], ENTITIES[2], ENTITIES[6]]);
  assertEquals(named.find("bob", "other"), null);
  assertEquals(named.find("bob", "app")?.bound, 7);
  assertEquals(named.find("alice", "other")?.bound, 3);
});

Deno.test("a client without an id is bound by the quotas of its user alone", () => {
  assertEquals(limits(ENTITIES).find("alice", ""), { user: "alice", clientId: null, bound: 3 });
  assertEquals(limits(ENTITIES).find("bob", ""), { user: "bob", clientId: null, bound: 6 });
  assertEquals(limits([ENTITIES[7]]).find("bob", ""), null);
});

Deno.test("names like those of the defaults are names", () => {
  const named = new QuotaLimits([quota({ user: "<default>" }, KEY, 5), quota({ "client-id": "null" }, KEY, 6)], KEY);
  assertEquals(named.find("alice", "app"), null);
  assertEquals(named.find("<default>", "app")?.bound, 5);
  assertEquals(named.find("alice", "null")?.bound, 6);
});

Deno.test("other quotas, and those of addresses, bind nobody here", () => {
  const other = new QuotaLimits([quota({ user: "alice" }, "request_percentage", 5), quota({ ip: null }, KEY, 5)], KEY);
  assert(other.isEmpty);
  assertEquals(other.find("alice", "app"), null);
});
