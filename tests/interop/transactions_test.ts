/**
 * Real clients run transactions: each reads, writes and commits as one, does it again and aborts, and is fenced by a
 * second producer. What is committed is read by itself and by kcat, before and after the broker was killed.
 * `tests/interop/install.sh` brings the clients.
 */
import { assertEquals } from "@std/assert";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../lib/protocol/messages/offset_fetch.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { libsFolder, type RunningBroker } from "./support/apache_kafka.ts";
import { startBroker } from "./support/barnabas.ts";
import { type Client, client, kcat, run } from "./support/clients.ts";
import { RawClient } from "./support/raw_client.ts";
import { batch } from "./support/record_batch.ts";

const TOPIC = "output";
const INPUT = `${TOPIC}-input`;
const GROUP = "processors";
/** How many records each transaction of the programs reads and writes. */
const PROCESSED = 5;

const COMMITTED = [...Array.from({ length: PROCESSED }, (_, index) => `committed ${index}`), "after"];

const PROGRAMS = new URL("./clients/", import.meta.url).pathname;

/**
 * The clients with programs for
 *
 * ```text
 * transact  BOOTSTRAP TOPIC GROUP   as told above; says `fenced` where it was
 * committed BOOTSTRAP TOPIC COUNT   so many committed records of partition 0, a line each
 * ```
 */
const CLIENTS: readonly Client[] = [
  withProgram(client("Java client"), () => [
    "java",
    "-XX:TieredStopAtLevel=1",
    "-cp",
    `${libsFolder()}/*`,
    `${PROGRAMS}java/Transactions.java`,
  ]),
  client("franz-go"),
  client("sarama"),
  withProgram(client("confluent-kafka"), ([python]) => [python, `${PROGRAMS}confluent_kafka/transactions.py`]),
  withProgram(client("kafka-python"), ([python]) => [python, `${PROGRAMS}kafka_python/transactions.py`]),
  withProgram(client("aiokafka"), ([python]) => [python, `${PROGRAMS}aiokafka/transactions.py`]),
  withProgram(client("kafkajs"), ([node, flag]) => [node, flag, `${PROGRAMS}node/kafkajs_transactions.mjs`]),
  withProgram(
    client("@platformatic/kafka"),
    ([node, flag]) => [node, flag, `${PROGRAMS}node/platformatic_transactions.mjs`],
  ),
];

/** Of several aborted transactions of one producer in a fetch, this one leaves out the last alone, whoever the broker is. */
const SHOWS_ABORTED = client("@platformatic/kafka").name;

for (const client of CLIENTS) {
  const missing = client.missing ?? kcat.missing;
  const name = `${client.name} commits, aborts and is fenced, and readers see what was committed`;
  Deno.test({
    name: missing === null ? name : `${name} (ignored: ${missing})`,
    ignore: missing !== null,
    fn: () => transactions(client),
  });
}

Deno.test({
  name: "kcat writes its input as one transaction" + (kcat.missing === null ? "" : ` (ignored: ${kcat.missing})`),
  ignore: kcat.missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-transactions-" });
    try {
      await using broker = await startBroker({ folder: `${folder}/data` });
      Deno.writeTextFileSync(`${folder}/lines.txt`, COMMITTED.map((line) => `${line}\n`).join(""));
      const [program, ...args] = kcat.command("produce", [broker.bootstrap, TOPIC, "none", `${folder}/lines.txt`]);
      const written = await new Deno.Command(program, { args: [...args, "-X", "transactional.id=kcat"] }).output();
      assertEquals(written.code, 0, new TextDecoder().decode(written.stderr));
      assertEquals(linesOf(await run(kcat, "consume", broker.bootstrap, TOPIC)), COMMITTED);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

async function transactions(client: Client): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-transactions-" });
  try {
    {
      await using broker = await startBroker({ folder });
      await prepare(broker);
      assertEquals(linesOf(await run(client, "transact", broker.bootstrap, TOPIC, GROUP)), ["fenced"]);
      await assertCommitted(client, broker);
      if ("kill" in broker) await (broker as { kill(): Promise<void> }).kill();
    }
    await using again = await startBroker({ folder });
    await assertCommitted(client, again);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Makes the topics, and twice as much input as one transaction processes. */
async function prepare(broker: RunningBroker): Promise<void> {
  using asked = await RawClient.connect(broker);
  await asked.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [TOPIC, INPUT].map((name) => ({ name, numPartitions: 1, replicationFactor: 1 })),
  });
  const values = Array.from({ length: 2 * PROCESSED }, (_, index) => String(index));
  const { responses: [{ partitionResponses: [{ errorCode }] }] } = await asked.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [{ name: INPUT, partitionData: [{ index: 0, records: batch(values) }] }],
  });
  assertEquals(errorCode, 0);
}

async function assertCommitted(client: Client, broker: RunningBroker & { bootstrap: string }): Promise<void> {
  const { bootstrap } = broker;
  if (client.name !== SHOWS_ABORTED) {
    assertEquals(linesOf(await run(client, "committed", bootstrap, TOPIC, String(COMMITTED.length))), COMMITTED);
  }
  // It reads to the end, and leaves out what was aborted.
  assertEquals(linesOf(await run(kcat, "consume", bootstrap, TOPIC)), COMMITTED);
  using asked = await RawClient.connect(broker);
  const { groups: [{ topics: [{ partitions: [{ committedOffset }] }] }] } = await asked.ask(
    OffsetFetchRequest,
    OffsetFetchResponse,
    9,
    {
      groups: [{ groupId: GROUP, topics: [{ name: INPUT, partitionIndexes: [0] }] }],
      requireStable: true,
    },
  );
  assertEquals(Number(committedOffset), PROCESSED);
}

function linesOf(output: Uint8Array): string[] {
  return new TextDecoder().decode(output).trim().split("\n");
}

/** @param program from the words that run the client's usual program */
function withProgram(client: Client, program: (usual: readonly string[]) => readonly string[]): Client {
  return { ...client, command: (verb, args) => [...program(client.command(verb, [])), verb, ...args] };
}
