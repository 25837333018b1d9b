/**
 * A program copies records in transactions while the broker is killed again and again: each record arrives once.
 * `tests/interop/install.sh` brings franz-go, on which the program is built.
 */
import { assertEquals } from "@std/assert";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { committedOffset } from "../api/handlers/transactional_producer.ts";
import { freePorts } from "./support/apache_kafka.ts";
import { type BarnabasProcess, startBarnabas } from "./support/barnabas.ts";
import { client, kcat, run } from "./support/clients.ts";
import { RawClient } from "./support/raw_client.ts";
import { batch } from "./support/record_batch.ts";

const TOPIC = "copy";
const INPUT = `${TOPIC}-input`;
const GROUP = "copiers";
/** Of this test alone, since tests run side by side. */
const PORTS = [21040, 21049] as const;
const RECORDS = 3_000;
const KILLS = 5;
const DEADLINE_MS = 60_000;

const franzGo = client("franz-go");
const missing = franzGo.missing ?? kcat.missing;

Deno.test({
  name: `records are copied exactly once, though the broker is killed ${KILLS} times${
    missing === null ? "" : ` (ignored: ${missing})`
  }`,
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-exactly-once-" });
    try {
      await exactlyOnce(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

async function exactlyOnce(folder: string): Promise<void> {
  const port = freePorts(1, ...PORTS);
  let broker = await startBarnabas({ folder, port });
  const expected = Array.from({ length: RECORDS }, (_, index) => String(index));
  await fill(broker, expected);
  const [program, ...args] = franzGo.command("copy", [broker.bootstrap, TOPIC, GROUP]);
  const copying = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  try {
    for (let kill = 1; kill <= KILLS; kill++) {
      await untilCommitted(broker, Math.floor(kill * RECORDS / (KILLS + 1)));
      await broker.kill();
      broker = await startBarnabas({ folder, port });
    }
    await untilCommitted(broker, RECORDS);
    const copied = new TextDecoder().decode(await run(kcat, "consume", broker.bootstrap, TOPIC)).trim().split("\n");
    assertEquals(copied, expected);
  } finally {
    copying.kill("SIGKILL");
    await copying.status;
    await broker.stop();
  }
}

async function fill(broker: BarnabasProcess, values: readonly string[]): Promise<void> {
  using asked = await RawClient.connect(broker);
  await asked.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [TOPIC, INPUT].map((name) => ({ name, numPartitions: 1, replicationFactor: 1 })),
  });
  await asked.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [{ name: INPUT, partitionData: [{ index: 0, records: batch(values) }] }],
  });
}

async function untilCommitted(broker: BarnabasProcess, offset: number): Promise<void> {
  using asked = await RawClient.connect(broker);
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const committed = await committedOffset(asked, GROUP, INPUT);
    if (typeof committed === "number" && committed >= offset) return;
    if (performance.now() > deadline) throw new Error(`Only ${committed} of ${offset} records were copied`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
