/**
 * Many small requests: each produces one record of 100 bytes and waits for its acknowledgement.
 *
 * @module
 */
import { load } from "../load.ts";
import { cpuOf, type Scenario, withBroker } from "../scenario.ts";
import { sized } from "../size.ts";

const WARM_UP_REQUESTS = sized(20_000);
const REQUESTS = sized(100_000);
const CONNECTIONS = [1, 10, 100] as const;

export const REQUESTS_OF_ONE_RECORD: Scenario = {
  name: "requests",
  figures: CONNECTIONS.map((connections) => ({
    id: String(connections),
    label: `broker CPU per 100,000 produce requests of one record, ${connections} connection${
      connections === 1 ? "" : "s"
    }`,
    unit: "s",
    digits: 2,
    better: "less",
    goal: 0.4,
  })),
  measure: (contender) =>
    withBroker(contender, "page-cache", async (broker) => {
      await load("create", broker, { topic: "small", partitions: 1 });
      await load("requests", broker, { topic: "small", requests: WARM_UP_REQUESTS, connections: 10 });
      const figures: Record<string, number> = {};
      for (const connections of CONNECTIONS) {
        const run = () => load("requests", broker, { topic: "small", requests: REQUESTS, connections });
        figures[connections] = (await cpuOf(broker, run)).cpuSeconds;
      }
      return figures;
    }),
};
