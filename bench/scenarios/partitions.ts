/**
 * A thousand partitions of one topic: their creation, a clean stop, and the starts after it and after a kill.
 *
 * Before each stop and kill every partition gets ten records of 1 KB. A start counts from the start of the process until ListOffsets
 * finds every partition.
 *
 * @module
 */
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../lib/protocol/messages/list_offsets.ts";
import { ProduceRequest, ProduceResponse } from "../../lib/protocol/messages/produce.ts";
import { batch } from "../../tests/interop/support/record_batch.ts";
import { RawClient } from "../../tests/interop/support/raw_client.ts";
import type { BenchBroker, Contender } from "../contenders.ts";
import { type Figure, inFolder, type Scenario, took } from "../scenario.ts";

const PARTITIONS = 1000;
const PARTITIONS_PER_REQUEST = 100;
const RECORDS = Array.from({ length: 10 }, () => "x".repeat(1024));
const TOPIC = "many";
const LATEST = -1n;

const inMilliseconds = (id: string, label: string): Figure => ({
  id,
  label: `1,000 partitions: ${label}`,
  unit: "ms",
  digits: 0,
  better: "less",
  goal: 0.1,
});

export const PARTITIONS_LIFE: Scenario = {
  name: "partitions",
  figures: [
    inMilliseconds("creation", "creation"),
    inMilliseconds("stop", "clean stop"),
    inMilliseconds("restart", "restart"),
    inMilliseconds("recovery", "restart after kill -9"),
  ],
  measure: (contender) => inFolder(contender, {}, (folder) => measure(contender, folder)),
};

async function measure(contender: Contender, folder: string): Promise<Record<string, number>> {
  let broker = contender.start(folder, "device");
  const restart = () =>
    took(async () => {
      broker = contender.start(folder, "device");
      await broker.until(servesAll);
    });
  try {
    await broker.untilServing();
    const creation = await took(() => create(broker));
    await produceToAll(broker);
    const stop = await took(() => broker.stop());
    const restartMs = await restart();
    await produceToAll(broker);
    await broker.kill();
    return { creation, stop, restart: restartMs, recovery: await restart() };
  } finally {
    await broker.stop();
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
