/** The quota on changes of metadata (KIP-599). */
import { assert, assertEquals } from "@std/assert";
import { ControllerMutationQuotaManager } from "../../lib/quotas/controller_mutation_quota_manager.ts";
import { quota, WINDOWS } from "./support.ts";

const KEY = "controller_mutation_rate";
const ALICE = { user: "alice", clientId: "app" };

function world() {
  const manager = new ControllerMutationQuotaManager(KEY, WINDOWS);
  manager.update([quota({ user: "alice" }, KEY, 2)]);
  const clock = { nowMs: 1_000 };
  const quotaFor = (isStrict: boolean) => manager.quotaFor(ALICE, isStrict, () => clock.nowMs)!;
  return { manager, clock, quotaFor };
}

Deno.test("who has no quota is not asked for one", () => {
  const { manager } = world();
  assertEquals(manager.quotaFor({ user: "bob", clientId: "app" }, true, () => 0), null);
});

Deno.test("a strict quota lets one change through that uses up more than there is, and refuses those after it", () => {
  const { quotaFor, clock } = world();
  const first = quotaFor(true);
  assert(first.take(30));
  assertEquals(first.throttleTimeMs(clock.nowMs), 0);
  const second = quotaFor(true);
  assert(!second.take(1));
  // A debt of 8, at 2 a second.
  assertEquals(second.throttleTimeMs(clock.nowMs), 4_000);
  clock.nowMs += 4_000;
  assert(quotaFor(true).take(1));
});

Deno.test("what a strict quota refuses does not count", () => {
  const { quotaFor } = world();
  quotaFor(true).take(30);
  for (let count = 0; count < 10; count++) assert(!quotaFor(true).take(100));
  const last = quotaFor(true);
  last.take(1);
  assertEquals(last.throttleTimeMs(1_000), 4_000);
});

Deno.test("a permissive quota refuses nothing, and throttles as soon as it is used up", () => {
  const { quotaFor, clock } = world();
  const first = quotaFor(false);
  assert(first.take(30));
  assertEquals(first.throttleTimeMs(clock.nowMs), 4_000);
  const second = quotaFor(false);
  assert(second.take(2));
  assertEquals(second.throttleTimeMs(clock.nowMs), 5_000);
});

Deno.test("the time that a request has waited for its records is not waited for again", () => {
  const { quotaFor, clock } = world();
  const waiting = quotaFor(false);
  waiting.take(30);
  assertEquals(waiting.throttleTimeMs(clock.nowMs + 1_500), 2_500);
  assertEquals(waiting.throttleTimeMs(clock.nowMs + 5_000), 0);
});
