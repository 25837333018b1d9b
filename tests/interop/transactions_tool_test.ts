/**
 * Apache Kafka's kafka-transactions lists and describes transactions, and finds and aborts one that hangs: whose records
 * stand in a partition that its coordinator knows nothing of.
 */
import { assertEquals } from "@std/assert";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { TransactionalProducer, valuesOf } from "../api/handlers/transactional_producer.ts";
import { apacheKafkaIsMissing, runJava } from "./support/apache_kafka.ts";
import { startBarnabas } from "./support/barnabas.ts";
import { RawClient } from "./support/raw_client.ts";

const missing = apacheKafkaIsMissing();

Deno.test({
  name: `Apache Kafka's kafka-transactions watches transactions, and ends those that hang${
    missing === null ? "" : ` (ignored: ${missing})`
  }`,
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-transactions-" });
    try {
      await administration(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

async function administration(folder: string): Promise<void> {
  // As before KIP-890: nobody asks the coordinator whether a partition is in a transaction.
  const settings = { "transaction.partition.verification.enable": "false" };
  await using broker = await startBarnabas({ folder, settings });
  using asked = await RawClient.connect(broker);
  await asked.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: "t", numPartitions: 2, replicationFactor: 1 }],
  });
  const tool = async (...args: string[]) =>
    rowsOf(
      await runJava("org.apache.kafka.tools.TransactionsCommand", ["--bootstrap-server", broker.bootstrap, ...args]),
    );

  const producer = new TransactionalProducer(asked, "orderly", 1);
  await producer.init();
  await producer.addPartitions("t", 0);
  await producer.send("t", 0, "a");
  const hanging = new TransactionalProducer(asked, "hanging", 1);
  await hanging.init();
  await hanging.send("t", 1, "b");

  const id = String(producer.producerId);
  const [listed] = await tool("list");
  assertEquals([listed.TransactionalId, listed.ProducerId, listed.TransactionState], [
    "hanging",
    String(hanging.producerId),
    "Empty",
  ]);
  assertEquals((await tool("list", "--transactional-id-pattern", "ord.*")).map((row) => row.TransactionalId), [
    "orderly",
  ]);
  const [described] = await tool("describe", "--transactional-id", "orderly");
  assertEquals(
    [described.ProducerId, described.TransactionState, described.TopicPartitions],
    [id, "Ongoing", "t-0"],
  );
  const [writer] = await tool("describe-producers", "--topic", "t", "--partition", "0");
  assertEquals([writer.ProducerId, writer.LastSequence, writer.CurrentTransactionStartOffset], [id, "0", "0"]);

  const found = await tool("find-hanging", "--topic", "t", "--max-transaction-timeout", "0");
  assertEquals(found.map((row) => [row.Topic, row.Partition, row.ProducerId]), [[
    "t",
    "1",
    String(hanging.producerId),
  ]]);
  assertEquals(await valuesOf(asked, "t", 1), []);
  await tool("abort", "--topic", "t", "--partition", "1", "--start-offset", "0");
  assertEquals(await tool("find-hanging", "--topic", "t", "--max-transaction-timeout", "0"), []);
  await producer.commit();
  assertEquals(await valuesOf(asked, "t", 0), ["a"]);
  assertEquals(await valuesOf(asked, "t", 1), []);
  assertEquals(await broker.stop(), 0, "exit code after SIGTERM");
}

/** The rows of a table as the tool prints it, by the names of its columns. */
function rowsOf(output: string): Record<string, string>[] {
  const lines = output.split("\n").filter((line) => line.includes("\t"));
  if (lines.length === 0) return [];
  const [names, ...rows] = lines.map((line) => line.split("\t").map((cell) => cell.trim()));
  return rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [names[index], cell])))
    .sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}
