/**
 * Real clients that have a quota, set by Apache Kafka's own tool: what they produce comes back as it was, and neither
 * way takes less time than the quota gives. How much more it takes depends on the machine. `INTEROP_BROKER=apache-kafka` holds Apache
 * Kafka to the same.
 */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { equals } from "@std/bytes";
import { apacheKafkaIsMissing, runJava } from "./support/apache_kafka.ts";
import { startBroker } from "./support/barnabas.ts";
import { client, run } from "./support/clients.ts";

const LINES = 4_000;
const LINE_BYTES = 1_000;
const BYTES_PER_SECOND = 700_000;
/** Of the time that all bytes would take: a window is free, and nobody waits for what came last. */
const LEAST_SHARE = 0.5;
/** A window that is free is short. */
const SETTINGS = { "quota.window.num": "2", "quota.window.size.seconds": "1" };

for (const name of ["kcat", "franz-go", "Java client"]) {
  const missing = client(name).missing ?? apacheKafkaIsMissing();
  Deno.test({
    name: `${name} is slowed down to its quota${missing === null ? "" : ` (not tested: ${missing})`}`,
    ignore: missing !== null,
    fn: () => isSlowedDown(name),
  });
}

async function isSlowedDown(name: string): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-quotas-" });
  try {
    const content = lines();
    Deno.writeFileSync(`${folder}/text.txt`, content);
    await using broker = await startBroker({ folder: `${folder}/data`, settings: SETTINGS });
    const slow = client(name);
    const leastMs = content.length / BYTES_PER_SECOND * 1000 * LEAST_SHARE;
    const freeMs = await timed(() => run(slow, "produce", broker.bootstrap, "free", "none", `${folder}/text.txt`));
    await setQuota(broker.bootstrap, "users", "producer_byte_rate");
    const producedMs = await timed(() => run(slow, "produce", broker.bootstrap, "slow", "none", `${folder}/text.txt`));
    await setQuota(broker.bootstrap, "clients", "consumer_byte_rate");
    let consumed = new Uint8Array();
    const consumedMs = await timed(async () => {
      consumed = new Uint8Array(await run(slow, "consume", broker.bootstrap, "slow", String(LINES)));
    });
    console.log(`    ${name}: produced freely in ${freeMs} ms; slowly in ${producedMs}, read in ${consumedMs}`);
    assert(equals(consumed, content), `${consumed.length} other bytes than the ${content.length} that were produced`);
    assertGreaterOrEqual(producedMs, leastMs);
    assertGreaterOrEqual(consumedMs, leastMs);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Sets the default of all users, or of all client ids. */
async function setQuota(bootstrap: string, entityType: "users" | "clients", quota: string): Promise<void> {
  const entity = ["--entity-type", entityType, "--entity-default"];
  const change = ["--alter", ...entity, "--add-config", `${quota}=${BYTES_PER_SECOND}`];
  const printed = await runJava("kafka.admin.ConfigCommand", ["--bootstrap-server", bootstrap, ...change]);
  assertEquals(printed.trim(), `Completed updating default config for ${entityType} in the cluster.`);
}

function lines(): Uint8Array {
  const line = (index: number) => String(index).padEnd(LINE_BYTES - 1, "abcdefghijklmnopqrstuvwxyz ");
  return new TextEncoder().encode(Array.from({ length: LINES }, (_, index) => `${line(index)}\n`).join(""));
}

/** Milliseconds that something takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
}
