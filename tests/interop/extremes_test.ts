/**
 * What real clients do at the edges: records as large as they may be, a topic of a thousand partitions, and a consumer that
 * waits at the end of the log.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { equals } from "@std/bytes";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { type BrokerProcess, startBroker } from "./support/barnabas.ts";
import { type Client, client, kcat, run } from "./support/clients.ts";
import { RawClient } from "./support/raw_client.ts";

/** Kafka's default of max.message.bytes: what one batch may have. */
const MAX_MESSAGE_BYTES = 1_048_588;
const BATCH_OVERHEAD_BYTES = 100;
const PARTITIONS = 1_000;
const TICKS = 200;

test("kcat produces records of nearly max.message.bytes and reads them back", [kcat], async (broker, folder) => {
  const line = new Uint8Array(MAX_MESSAGE_BYTES - BATCH_OVERHEAD_BYTES).fill("x".charCodeAt(0));
  line[line.length - 1] = "\n".charCodeAt(0);
  const file = `${folder}/large.txt`;
  const content = repeat(line, 8);
  Deno.writeFileSync(file, content);
  await produceLarge(broker, "large", file);
  assert(equals(await run(kcat, "consume", broker.bootstrap, "large"), content));
});

test(
  "kcat is told that a record is larger than max.message.bytes, and nothing of it is kept",
  [kcat],
  async (broker, folder) => {
    const file = `${folder}/larger.txt`;
    Deno.writeTextFileSync(file, `${"x".repeat(MAX_MESSAGE_BYTES)}\n`);
    await assertRejects(() => produceLarge(broker, "larger", file), Error, "Message size too large");
    assertEquals(await run(kcat, "consume", broker.bootstrap, "larger"), new Uint8Array(0));
  },
);

test(`kcat writes and reads the last of ${PARTITIONS} partitions`, [kcat], async (broker, folder) => {
  {
    using raw = await RawClient.connect(broker);
    const { topics } = await raw.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [{ name: "wide", numPartitions: PARTITIONS, replicationFactor: 1 }],
      timeoutMs: 60_000,
    });
    assertEquals(topics.map(({ errorCode }) => errorCode), [ErrorCode.NONE]);
  }
  const listed = await kcatPrints("-b", broker.bootstrap, "-L", "-t", "wide");
  assertEquals(listed.match(/partition \d+, leader \d+/g)?.length, PARTITIONS);
  Deno.writeTextFileSync(`${folder}/one.txt`, "hello\n");
  const last = ["-b", broker.bootstrap, "-t", "wide", "-p", String(PARTITIONS - 1)];
  await kcatPrints(...last, "-P", "-l", `${folder}/one.txt`);
  assertEquals(await kcatPrints(...last, "-C", "-o", "beginning", "-e", "-q"), "hello\n");
});

const franzGo = client("franz-go");

test("a consumer that waits gets each record as it is produced", [franzGo], async (broker) => {
  const printed = new TextDecoder().decode(await run(franzGo, "latency", broker.bootstrap, "ticks", String(TICKS)));
  const microseconds = printed.trim().split("\n").map(Number).toSorted((a, b) => a - b);
  assertEquals(microseconds.length, TICKS);
  const at = (share: number) => (microseconds[Math.floor(TICKS * share)] / 1000).toFixed(1);
  console.log(`    from produce() to the consumer: median ${at(0.5)} ms, 99th percentile ${at(0.99)} ms`);
});

function test(
  name: string,
  clients: readonly Client[],
  body: (broker: BrokerProcess, folder: string) => Promise<void>,
): void {
  const missing = clients.map(({ missing }) => missing).find((reason) => reason !== null);
  Deno.test({
    name: missing === undefined ? name : `${name} (ignored: ${missing})`,
    ignore: missing !== undefined,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "barnabas-extremes-" });
      try {
        await using broker = await startBroker({ folder: `${folder}/data` });
        await body(broker, folder);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

/** Produces with a client whose own limit is far above the broker's. */
async function produceLarge(broker: BrokerProcess, topic: string, file: string): Promise<void> {
  await kcatPrints("-b", broker.bootstrap, "-t", topic, "-P", "-X", "message.max.bytes=10000000", "-l", file);
}

async function kcatPrints(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("kcat", { args, stdin: "null" }).output();
  if (!success) throw new Error(`kcat ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

function repeat(bytes: Uint8Array, times: number): Uint8Array {
  const result = new Uint8Array(bytes.length * times);
  for (let index = 0; index < times; index++) result.set(bytes, index * bytes.length);
  return result;
}
