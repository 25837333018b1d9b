/**
 * How soon a broker answers, and the memory that it takes: idle, and after 10 GB.
 *
 * @module
 */
import type { BenchBroker, Contender } from "../contenders.ts";
import { load } from "../load.ts";
import { delay, type Scenario, took } from "../scenario.ts";
import { sized } from "../size.ts";

const IDLE_MS = 5_000;
const RECORD_BYTES = 1024;
const RECORDS_AT_A_TIME = sized(500_000);
const GIGABYTES = sized(10);

export const START: Scenario = {
  name: "start",
  figures: [
    { id: "first", label: "start to first answer, empty folder", unit: "ms", digits: 0, better: "less", goal: 0.025 },
    { id: "next", label: "start to first answer, the next start", unit: "ms", digits: 0, better: "less", goal: null },
    { id: "idle", label: "memory, idle", unit: "MB", digits: 0, better: "less", goal: 0.2 },
    { id: "used", label: "memory after 10 GB through", unit: "MB", digits: 0, better: "less", goal: 0.2 },
  ],
  measure,
};

async function measure(contender: Contender): Promise<Record<string, number>> {
  let first = 0;
  const start = async (folder: string): Promise<{ durationMs: number; broker: BenchBroker }> => {
    let broker!: BenchBroker;
    const durationMs = await took(async () => {
      broker = contender.start(folder, "page-cache");
      await broker.untilAnswering();
    });
    return { durationMs, broker };
  };
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-bench-" });
  try {
    first = await took(() => contender.format(folder));
    const once = await start(folder);
    first += once.durationMs;
    await once.broker.stop();
    const { durationMs: next, broker } = await start(folder);
    try {
      await broker.untilServing();
      await delay(IDLE_MS);
      const idle = broker.memoryBytes / 1e6;
      await produceGigabytes(broker);
      return { first, next, idle, used: broker.memoryBytes / 1e6 };
    } finally {
      await broker.stop();
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Into a topic that keeps little, so that the disk need not hold it all. */
async function produceGigabytes(broker: BenchBroker): Promise<void> {
  const topic = "through";
  await load("create", broker, { topic, partitions: 4, "retention.bytes": 64 << 20, "segment.bytes": 64 << 20 });
  for (let bytes = 0; bytes < GIGABYTES * 1e9; bytes += RECORDS_AT_A_TIME * RECORD_BYTES) {
    await load("produce", broker, { topic, partitions: 4, records: RECORDS_AT_A_TIME, size: RECORD_BYTES });
  }
}
