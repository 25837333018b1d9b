/** How fast connections may come (KIP-612). */
import { assert, assertEquals } from "@std/assert";
import { canonicalAddress } from "../../lib/quotas/address.ts";
import { ConnectionQuotas } from "../../lib/quotas/connection_quotas.ts";
import { quota, WINDOWS } from "./support.ts";

const KEY = "connection_creation_rate";
const UNLIMITED = { broker: 2 ** 31 - 1, listener: 2 ** 31 - 1 };

Deno.test("connections beyond the limit of the broker or of the listener wait, a window at most", () => {
  for (const limited of ["broker", "listener"]) {
    const quotas = new ConnectionQuotas(WINDOWS);
    const limits = { ...UNLIMITED, [limited]: 2 };
    for (let count = 0; count < 20; count++) assertEquals(quotas.record("A", limits, 0), 0);
    // 2.1 a second instead of 2, over 10 s.
    assertEquals(quotas.record("A", limits, 0), 500);
    for (let count = 0; count < 20; count++) quotas.record("A", limits, 0);
    assertEquals(quotas.record("A", limits, 0), 1_000);
  }
});

Deno.test("the limit of a listener counts its own connections, that of the broker all", () => {
  const quotas = new ConnectionQuotas(WINDOWS);
  for (let count = 0; count < 20; count++) quotas.record("A", UNLIMITED, 0);
  assertEquals(quotas.record("B", { ...UNLIMITED, listener: 2 }, 0), 0);
  assert(quotas.record("B", { ...UNLIMITED, broker: 2 }, 0) > 0);
});

Deno.test("an address beyond its quota is refused, and what is refused does not count", () => {
  const quotas = new ConnectionQuotas(WINDOWS);
  quotas.update([quota({ ip: "10.0.0.1" }, KEY, 1)]);
  for (let count = 0; count < 10; count++) {
    quotas.record("A", UNLIMITED, 0);
    assertEquals(quotas.recordAddress("10.0.0.1", "A", 0), 0);
  }
  for (let count = 0; count < 100; count++) {
    quotas.record("A", UNLIMITED, 0);
    assertEquals(quotas.recordAddress("10.0.0.1", "A", 0), 1_000);
  }
  assertEquals(quotas.record("A", { broker: 2, listener: 2 }, 0), 0);
  assertEquals(quotas.recordAddress("10.0.0.1", "A", 11_000), 0);
});

Deno.test("the default binds every address that has no quota of its own, each for itself", () => {
  const quotas = new ConnectionQuotas(WINDOWS);
  quotas.update([quota({ ip: null }, KEY, 1), quota({ ip: "10.0.0.1" }, KEY, 100)]);
  const until = (host: string) => {
    let count = 0;
    while (quotas.recordAddress(host, "A", 0) === 0) count++;
    return count;
  };
  assertEquals([until("10.0.0.1"), until("10.0.0.2"), until("10.0.0.3")], [1_000, 10, 10]);
});

Deno.test("quotas of users do not concern addresses, and without any nobody is refused", () => {
  const quotas = new ConnectionQuotas(WINDOWS);
  quotas.update([quota({ user: null }, "request_percentage", 1)]);
  for (let count = 0; count < 1_000; count++) assertEquals(quotas.recordAddress("10.0.0.1", "A", 0), 0);
});

Deno.test("an address is the same however it is written", () => {
  assertEquals(canonicalAddress("127.0.0.1"), "127.0.0.1");
  assertEquals(canonicalAddress("::1"), "0:0:0:0:0:0:0:1");
  assertEquals(canonicalAddress("0:0:0:0:0:0:0:1"), "0:0:0:0:0:0:0:1");
  assertEquals(canonicalAddress("2001:DB8::00ff"), "2001:db8:0:0:0:0:0:ff");
  assertEquals(canonicalAddress("fe80::1%eth0"), "fe80:0:0:0:0:0:0:1");
  for (const mapped of ["::ffff:10.0.0.1", "::FFFF:a00:1", "0:0:0:0:0:ffff:0a00:0001"]) {
    assertEquals(canonicalAddress(mapped), "10.0.0.1");
  }
  assertEquals(canonicalAddress("64:ff9b::10.0.0.1"), "64:ff9b:0:0:0:0:a00:1");
});
