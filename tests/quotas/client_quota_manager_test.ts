/** One quota of clients, and what is remembered of them. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { ClientQuotaManager } from "../../lib/quotas/client_quota_manager.ts";
import { MAX_SENSORS, Sensors } from "../../lib/quotas/sensors.ts";
import { quota, WINDOWS } from "./support.ts";

const KEY = "producer_byte_rate";
const ALICE = { user: "alice", clientId: "app" };

function manager(...quotas: ReturnType<typeof quota>[]): ClientQuotaManager {
  const made = new ClientQuotaManager(KEY, WINDOWS);
  made.update(quotas);
  return made;
}

Deno.test("where no quota is set nobody is throttled, and nothing remembered", () => {
  const none = manager();
  assert(!none.isEnabled);
  assertEquals(none.record(ALICE, 1e12, 0), 0);
  assertEquals(none.maxValueInWindow(ALICE), Infinity);
});

Deno.test("who uses more than the quota is throttled until its rate is back", () => {
  const bound = manager(quota({ user: "alice" }, KEY, 100));
  assertEquals(bound.record(ALICE, 1_000, 0), 0);
  assertEquals(bound.record(ALICE, 500, 0), 5_000);
  assertEquals(bound.record({ user: "bob", clientId: "app" }, 1e9, 0), 0);
});

Deno.test("clients of one user share its quota, and those that a default names have one each", () => {
  const ofUser = manager(quota({ user: "alice" }, KEY, 100));
  ofUser.record({ user: "alice", clientId: "one" }, 1_000, 0);
  assertEquals(ofUser.record({ user: "alice", clientId: "two" }, 1_000, 0), 10_000);
  const ofClients = manager(quota({ "client-id": null }, KEY, 100));
  ofClients.record({ user: "alice", clientId: "one" }, 1_000, 0);
  assertEquals(ofClients.record({ user: "alice", clientId: "two" }, 1_000, 0), 0);
  assertEquals(ofClients.record({ user: "bob", clientId: "two" }, 1_000, 0), 10_000);
});

Deno.test("a quota that is changed holds at once, and what was used before counts", () => {
  const changed = manager(quota({ user: "alice" }, KEY, 1_000_000));
  assertEquals(changed.record(ALICE, 2_000, 0), 0);
  changed.update([quota({ user: "alice" }, KEY, 100)]);
  assertEquals(changed.record(ALICE, 0, 0), 10_000);
  changed.update([quota({ user: "alice" }, KEY, 200)]);
  assertEquals(changed.record(ALICE, 0, 0), 0);
});

Deno.test("a quota that is taken away takes with it what was used", () => {
  const changed = manager(quota({ user: "alice" }, KEY, 100));
  changed.record(ALICE, 1e6, 0);
  changed.update([]);
  changed.update([quota({ user: "alice" }, KEY, 100)]);
  assertEquals(changed.record(ALICE, 1_000, 0), 0);
});

Deno.test("the most that is given at once comes in all windows but one", () => {
  const bound = manager(quota({ user: "alice" }, KEY, 100));
  assertEquals(bound.maxValueInWindow(ALICE), 1_000);
  assertEquals(bound.record(ALICE, bound.maxValueInWindow(ALICE), 0), 0);
  bound.recordUnchecked(ALICE, -1_000, 0);
  assertEquals(bound.record(ALICE, bound.maxValueInWindow(ALICE), 0), 0);
  assertEquals(bound.record(ALICE, 1, 0) > 0, true);
});

Deno.test("users and client ids that look alike when they stand together are told apart", () => {
  const bound = manager(quota({ user: null, "client-id": null }, KEY, 100));
  bound.record({ user: "a", clientId: ":b" }, 1_000, 0);
  assertEquals(bound.record({ user: "a:", clientId: "b" }, 1_000, 0), 0);
  assertEquals(bound.record({ user: "a", clientId: ":b" }, 1_000, 0), 10_000);
});

Deno.test("of clients that make up names no more than so many are remembered, and of those the last", () => {
  const sensors = new Sensors(() => ({ used: 0 }), () => false);
  for (let index = 0; index < MAX_SENSORS + 500; index++) sensors.get(`client-${index}`, 0).used++;
  assertEquals(sensors.size, MAX_SENSORS);
  assertEquals(sensors.get(`client-${MAX_SENSORS + 499}`, 0).used, 1);
  assertEquals(sensors.get("client-0", 0).used, 0);
});

Deno.test("who comes again and again is not pushed out by names that are made up", () => {
  const sensors = new Sensors(() => ({ used: 0 }), () => false);
  for (let index = 0; index < 3 * MAX_SENSORS; index++) {
    sensors.get(`client-${index}`, 0);
    if (index % 1000 === 0) sensors.get("steady", 0).used++;
  }
  assertEquals(sensors.get("steady", 0).used, 3 * MAX_SENSORS / 1000);
});

Deno.test("clients that cannot be told from new ones are forgotten before there are many", () => {
  const sensors = new Sensors(
    (): { usedMs: number } => ({ usedMs: 0 }),
    ({ usedMs }, nowMs) => nowMs - usedMs >= 11_000,
  );
  for (let index = 0; index < 5_000; index++) sensors.get(`client-${index}`, index * 1000).usedMs = index * 1000;
  assertLessOrEqual(sensors.size, 64);
});
