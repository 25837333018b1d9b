/**
 * The admin clients of real libraries: topics are created, described, grown and deleted, and each change is seen as soon as it
 * is answered; offsets are found by time.
 */
import { assertEquals } from "@std/assert";
import { startBroker } from "./support/barnabas.ts";
import { CLIENTS, run } from "./support/clients.ts";

const TOPIC_AS_SEEN = `created
listed: true
partitions: 0 1 2
retention.ms: 3600000
grown
listed: true
partitions: 0 1 2 3 4
retention.ms: 3600000
deleted
listed: false
`;

const OFFSETS_AS_SEEN = `earliest: 0
latest: 3
after 500 ms: 1
after 3000 ms: none
`;

for (const client of CLIENTS.filter(({ administers }) => administers)) {
  const suffix = client.missing === null ? "" : ` (ignored: ${client.missing})`;
  const ignore = client.missing !== null;

  Deno.test({
    name: `${client.name} creates, describes, grows and deletes a topic${suffix}`,
    ignore,
    fn: () => withBroker(async (bootstrap) => assertEquals(await said(client, "admin", bootstrap), TOPIC_AS_SEEN)),
  });

  Deno.test({
    name: `${client.name} finds offsets by time, and the first and the last${suffix}`,
    ignore,
    fn: () => withBroker(async (bootstrap) => assertEquals(await said(client, "offsets", bootstrap), OFFSETS_AS_SEEN)),
  });
}

async function said(client: typeof CLIENTS[number], verb: string, bootstrap: string): Promise<string> {
  return new TextDecoder().decode(await run(client, verb, bootstrap, "letters"));
}

async function withBroker(test: (bootstrap: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-admin-" });
  try {
    await using broker = await startBroker({ folder });
    await test(broker.bootstrap);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
