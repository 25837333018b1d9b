/**
 * A thousand partitions: how long it takes to create them, to stop cleanly, and until all are served again, after the stop and after
 * a kill; beside Apache Kafka, in turn.
 *
 * ```sh
 * tests/interop/install.sh
 * ./your_program.sh compile
 * ./your_program.sh deno run -A bench/partitions.ts [rounds]
 * ```
 *
 * One topic; before each stop and kill every partition gets ten records of 1 KB, acknowledged by all. A start counts from the
 * start of the process until ListOffsets finds every partition. Figures are medians.
 *
 * @module
 */
import { CreateTopicsRequest, CreateTopicsResponse } from "../lib/protocol/messages/create_topics.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../lib/protocol/messages/list_offsets.ts";
import { ProduceRequest, ProduceResponse } from "../lib/protocol/messages/produce.ts";
import { batch } from "../tests/interop/support/record_batch.ts";
import { RawClient } from "../tests/interop/support/raw_client.ts";
import { type BenchBroker, type Contender, contenders, median, printTable } from "./contenders.ts";

const PARTITIONS = 1000;
const PARTITIONS_PER_REQUEST = 100;
const RECORDS = Array.from({ length: 10 }, () => "x".repeat(1024));
const TOPIC = "many";
const LATEST = -1n;

interface Figures {
  readonly creationMs: number;
  readonly stopMs: number;
  readonly restartMs: number;
  readonly recoveryMs: number;
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 3));

async function main(rounds: number): Promise<void> {
  const results = contenders().map((contender) => ({ contender, figures: [] as Figures[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { contender, figures } of results) figures.push(await measure(contender));
  }
  printTable([
    [`${PARTITIONS} partitions`, "creation", "clean stop", "restart", "after kill -9"],
    ...results.map(({ contender, figures }) => {
      const of = (field: keyof Figures) => `${Math.round(median(figures.map((one) => one[field])))} ms`;
      return [contender.name, of("creationMs"), of("stopMs"), of("restartMs"), of("recoveryMs")];
    }),
  ]);
}

async function measure(contender: Contender): Promise<Figures> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-partitions-" });
  await contender.format(folder, {});
  let broker = contender.start(folder, {});
  try {
    await broker.untilServing();
    const creationMs = await took(() => create(broker));
    await produceToAll(broker);
    const stopMs = await took(() => broker.stop());
    const restartMs = await took(async () => {
      broker = contender.start(folder, {});
      await broker.until(servesAll);
    });
    await produceToAll(broker);
    await broker.kill();
    const recoveryMs = await took(async () => {
      broker = contender.start(folder, {});
      await broker.until(servesAll);
    });
    return { creationMs, stopMs, restartMs, recoveryMs };
  } finally {
    await broker.stop();
    Deno.removeSync(folder, { recursive: true });
  }
}

async function create(broker: BenchBroker): Promise<void> {
  using client = await RawClient.connect({ hostname: "127.0.0.1", port: broker.port });
  const { topics } = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [{ name: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 }],
    timeoutMs: 60_000,
  });
  if (topics[0].errorCode !== 0) throw new Error(`Cannot create the topic: ${topics[0].errorMessage}`);
  await broker.until(servesAll);
}

async function servesAll(client: RawClient): Promise<boolean> {
  const { topics } = await client.ask(ListOffsetsRequest, ListOffsetsResponse, 7, {
    topics: [{
      name: TOPIC,
      partitions: Array.from(
        { length: PARTITIONS },
        (_, partitionIndex) => ({ partitionIndex, timestamp: LATEST }),
      ),
    }],
  });
  return topics[0].partitions.every(({ errorCode }) => errorCode === 0);
}

async function produceToAll(broker: BenchBroker): Promise<void> {
  using client = await RawClient.connect({ hostname: "127.0.0.1", port: broker.port });
  const records = batch(RECORDS);
  for (let first = 0; first < PARTITIONS; first += PARTITIONS_PER_REQUEST) {
    const partitionData = Array.from({ length: PARTITIONS_PER_REQUEST }, (_, index) => ({
      index: first + index,
      records,
    }));
    const { responses } = await client.ask(ProduceRequest, ProduceResponse, 9, {
      acks: -1,
      timeoutMs: 60_000,
      topicData: [{ name: TOPIC, partitionData }],
    });
    const failed = responses[0].partitionResponses.find(({ errorCode }) => errorCode !== 0);
    if (failed !== undefined) throw new Error(`Partition ${failed.index} answers with error ${failed.errorCode}`);
  }
}

async function took(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
