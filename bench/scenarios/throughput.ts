/**
 * Producing and fetching as fast as it goes: records of 1 KB in batches of up to a megabyte, and of 100 bytes.
 *
 * @module
 */
import type { BenchBroker, Contender } from "../contenders.ts";
import { load, startLoad } from "../load.ts";
import { cpuOf, type Figure, type Scenario, withBroker } from "../scenario.ts";
import { sized } from "../size.ts";

const RECORD_BYTES = 1024;
const WARM_UP_RECORDS = sized(100_000);
const RECORDS = sized(1_000_000);
const GIGABYTES = RECORDS * RECORD_BYTES / 1e9;
const SMALL_RECORD_BYTES = 100;
const SMALL_RECORDS = sized(5_000_000);
const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

const cpuPerGigabyte = (id: string, label: string, goal: number | null): Figure => ({
  id,
  label: `broker CPU per GB ${label}`,
  unit: "s",
  digits: 2,
  better: "less",
  goal,
});
const throughput = (id: string, label: string, goal: number | null): Figure => ({
  id,
  label,
  unit: "MB/s",
  digits: 0,
  better: "more",
  goal,
});

export const PRODUCE: Scenario = {
  name: "produce",
  figures: [
    cpuPerGigabyte("oneCpu", "produced, one partition", 0.4),
    throughput("one", "produced, one partition", 1.3),
    cpuPerGigabyte("manyCpu", "produced, 16 partitions", 0.4),
    throughput("many", "produced, 16 partitions", 1.3),
    {
      id: "smallCpu",
      label: "broker CPU per million records of 100 B",
      unit: "s",
      digits: 2,
      better: "less",
      goal: 0.4,
    },
  ],
  measure: (contender) => withBroker(contender, "page-cache", measureProduce),
};

export const FETCH: Scenario = {
  name: "fetch",
  figures: [
    cpuPerGigabyte("catchUpCpu", "fetched, catching up", 1),
    throughput("catchUp", "fetched, catching up", null),
    cpuPerGigabyte("tailCpu", "produced and fetched by a consumer that tails", 1),
  ],
  measure: (contender) => withBroker(contender, "page-cache", measureFetch),
};

export const CODECS_PASSED_THROUGH: Scenario = {
  name: "codecs",
  figures: CODECS.map((codec) => cpuPerGigabyte(codec, `of records produced and fetched, codec ${codec}`, null)),
  measure: (contender) => withBroker(contender, "page-cache", measureCodecs),
};

export const PRODUCE_DURABLE: Scenario = {
  name: "produce-durable",
  figures: [
    cpuPerGigabyte("cpu", "produced, durable", null),
    throughput("rate", "produced, durable", null),
  ],
  measure: (contender: Contender) =>
    withBroker(contender, "device", async (broker) => {
      const { cpuSeconds, megabytesPerSecond } = await produce(broker, "durable", 1);
      return { cpu: cpuSeconds / GIGABYTES, rate: megabytesPerSecond };
    }),
};

async function measureProduce(broker: BenchBroker): Promise<Record<string, number>> {
  const one = await produce(broker, "one", 1);
  const many = await produce(broker, "many", 16);
  const small = await produceSmall(broker);
  return {
    oneCpu: one.cpuSeconds / GIGABYTES,
    one: one.megabytesPerSecond,
    manyCpu: many.cpuSeconds / GIGABYTES,
    many: many.megabytesPerSecond,
    smallCpu: small / (SMALL_RECORDS / 1e6),
  };
}

async function measureFetch(broker: BenchBroker): Promise<Record<string, number>> {
  await produce(broker, "filled", 1);
  const consume = () => load("consume", broker, { topic: "filled", records: RECORDS });
  await consume();
  const catchUp = await cpuOf(broker, consume);
  await load("create", broker, { topic: "tailed", partitions: 1 });
  const consumer = await startLoad("tail", broker, { topic: "tailed", records: RECORDS });
  const tail = await cpuOf(broker, async () => {
    await load("produce", broker, { topic: "tailed", partitions: 1, records: RECORDS, size: RECORD_BYTES });
    await consumer.done;
  });
  await consumer.release();
  return {
    catchUpCpu: catchUp.cpuSeconds / GIGABYTES,
    catchUp: RECORDS * RECORD_BYTES / 1000 / catchUp.result[0],
    tailCpu: tail.cpuSeconds / GIGABYTES,
  };
}

async function measureCodecs(broker: BenchBroker): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  await produce(broker, "warm-up", 1);
  for (const codec of CODECS) {
    await load("create", broker, { topic: codec, partitions: 1 });
    const { cpuSeconds } = await cpuOf(broker, async () => {
      await load("produce", broker, { topic: codec, partitions: 1, records: RECORDS, size: RECORD_BYTES, codec });
      await load("consume", broker, { topic: codec, records: RECORDS });
    });
    figures[codec] = cpuSeconds / GIGABYTES;
  }
  return figures;
}

async function produce(
  broker: BenchBroker,
  topic: string,
  partitions: number,
): Promise<{ cpuSeconds: number; megabytesPerSecond: number }> {
  await load("create", broker, { topic, partitions });
  const run = (records: number) => load("produce", broker, { topic, partitions, records, size: RECORD_BYTES });
  await run(WARM_UP_RECORDS);
  const { cpuSeconds, result: [durationMs] } = await cpuOf(broker, () => run(RECORDS));
  return { cpuSeconds, megabytesPerSecond: RECORDS * RECORD_BYTES / 1000 / durationMs };
}

async function produceSmall(broker: BenchBroker): Promise<number> {
  await load("create", broker, { topic: "small", partitions: 1 });
  const run = (records: number) =>
    load("produce", broker, { topic: "small", partitions: 1, records, size: SMALL_RECORD_BYTES });
  await run(WARM_UP_RECORDS);
  return (await cpuOf(broker, () => run(SMALL_RECORDS))).cpuSeconds;
}
