/**
 * Much that nobody uses: 10,000 partitions, 5,000 connections, 1,000 groups with offsets.
 *
 * @module
 */
import type { BenchBroker } from "../contenders.ts";
import { load, startLoad } from "../load.ts";
import { cpuOf, delay, type Scenario, withBroker } from "../scenario.ts";

const TOPICS = 100;
const PARTITIONS_OF_EACH = 100;
const CONNECTIONS = 5_000;
const GROUPS = 1_000;
const SETTLE_MS = 10_000;
const REST_MS = 20_000;

export const AT_REST: Scenario = {
  name: "at-rest",
  figures: [
    {
      id: "memory",
      label: "memory with 10,000 partitions, 5,000 idle connections, 1,000 groups",
      unit: "MB",
      digits: 0,
      better: "less",
      goal: 0.2,
    },
    { id: "cpu", label: "CPU with these, at rest", unit: "% of a core", digits: 2, better: "less", goal: 0.2 },
  ],
  measure: (contender) => withBroker(contender, "page-cache", measure, { "offsets.topic.replication.factor": "1" }),
};

async function measure(broker: BenchBroker): Promise<Record<string, number>> {
  for (let index = 0; index < TOPICS; index++) {
    await load("create", broker, { topic: `topic-${index}`, partitions: PARTITIONS_OF_EACH });
  }
  await broker.untilCoordinating();
  await load("groups", broker, { topic: "topic-0", count: GROUPS });
  const connections = await startLoad("connections", broker, { count: CONNECTIONS });
  await delay(SETTLE_MS);
  const { cpuSeconds } = await cpuOf(broker, () => delay(REST_MS));
  const figures = { memory: broker.memoryBytes / 1e6, cpu: cpuSeconds / (REST_MS / 1000) * 100 };
  await connections.release();
  return figures;
}
