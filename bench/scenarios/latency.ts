/**
 * How long somebody waits for an acknowledgement, or for a record, at an even pace that the broker can keep.
 *
 * @module
 */
import type { BenchBroker, Contender, Durability } from "../contenders.ts";
import { load } from "../load.ts";
import { type Figure, quantile, type Scenario, withBroker } from "../scenario.ts";
import { sized } from "../size.ts";

const RECORD_BYTES = 1024;
const SECONDS = sized(15);
const RATES = [500, 1000] as const;
/** What another consumer reads from the beginning meanwhile: 5 GB, in records of 1 KB. */
const COLD_RECORDS = sized(5_000_000);
const COLD_RECORDS_AT_A_TIME = sized(500_000);
const QUANTILES = [["p50", 0.5], ["p99", 0.99], ["p99.9", 0.999]] as const;

export const ACK_PAGE_CACHE: Scenario = ackLatency("latency", "page-cache", "page cache", 0.4);
export const ACK_DURABLE: Scenario = ackLatency("latency-durable", "device", "durable", 0.1);

export const END_TO_END: Scenario = {
  name: "end-to-end",
  figures: [
    inMilliseconds("end-to-end", "from producer to consumer at 500 records/s, p99", 0.5),
    inMilliseconds("beside", "ack at 500 records/s while a consumer reads 5 GB from the beginning, p99", 0.5),
  ],
  measure: (contender) => withBroker(contender, "page-cache", measureEndToEnd),
};

function ackLatency(name: string, durability: Durability, words: string, goal: number): Scenario {
  return {
    name,
    figures: RATES.flatMap((rate) =>
      QUANTILES.map(([label]) =>
        inMilliseconds(
          `${rate} ${label}`,
          `ack at ${rate} records/s of 1 KB, ${words}, ${label}`,
          label === "p99" ? goal : null,
        )
      )
    ),
    measure: (contender: Contender) =>
      withBroker(contender, durability, async (broker) => {
        await paced(broker, "paced", 1000, 5);
        const figures: Record<string, number> = {};
        for (const rate of RATES) {
          const latencies = await paced(broker, "paced", rate, SECONDS);
          for (const [label, share] of QUANTILES) figures[`${rate} ${label}`] = quantile(latencies, share);
        }
        return figures;
      }),
  };
}

function inMilliseconds(id: string, label: string, goal: number | null): Figure {
  return { id, label, unit: "ms", digits: 2, better: "less", goal };
}

async function measureEndToEnd(broker: BenchBroker): Promise<Record<string, number>> {
  const options = { topic: "paced", rate: 500, size: RECORD_BYTES };
  await load("end-to-end", broker, { ...options, records: 500 });
  const endToEnd = await load("end-to-end", broker, { ...options, records: 500 * SECONDS });
  await load("create", broker, { topic: "cold", partitions: 1 });
  for (let filled = 0; filled < COLD_RECORDS; filled += COLD_RECORDS_AT_A_TIME) {
    await load("produce", broker, {
      topic: "cold",
      partitions: 1,
      records: COLD_RECORDS_AT_A_TIME,
      size: RECORD_BYTES,
    });
  }
  const reading = load("consume", broker, { topic: "cold", records: COLD_RECORDS });
  const beside: number[] = [];
  let isReading = true;
  const read = reading.then(() => {
    isReading = false;
  });
  do beside.push(...await paced(broker, "paced", 500, 2)); while (isReading);
  await read;
  return { "end-to-end": quantile(endToEnd, 0.99) / 1000, "beside": quantile(beside, 0.99) };
}

/** The milliseconds until each acknowledgement. */
async function paced(broker: BenchBroker, topic: string, rate: number, seconds: number): Promise<number[]> {
  const microseconds = await load("paced", broker, { topic, rate, records: rate * seconds, size: RECORD_BYTES });
  return microseconds.map((latency) => latency / 1000);
}
