/**
 * What producers feel of compaction: how long they wait for their acknowledgements while the cleaner goes through a topic
 * beside theirs, and while it has nothing to do.
 *
 * @module
 */
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from "../../lib/protocol/messages/describe_log_dirs.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../lib/protocol/messages/incremental_alter_configs.ts";
import { ConfigResourceType } from "../../lib/metadata/mod.ts";
import { RawClient } from "../../tests/interop/support/raw_client.ts";
import type { BenchBroker } from "../contenders.ts";
import { load } from "../load.ts";
import { cpuOf, type Figure, quantile, type Scenario, withBroker } from "../scenario.ts";
import { sized } from "../size.ts";

const RATE = 500;
const RECORD_BYTES = 1024;
const QUIET_SECONDS = 10;
/** What is compacted: 1 GB, of which a tenth stays. */
const RECORDS = sized(1_000_000);
const KEYS = sized(100_000);
const SEGMENT_BYTES = sized(64 << 20);
const TOPIC = "compacted";
const MOST_SECONDS = 120;
const SET = 0;

export const COMPACTION: Scenario = {
  name: "compaction",
  figures: [
    inMilliseconds("quiet", "ack at 500 records/s of 1 KB, nothing to compact, p99", null),
    inMilliseconds("beside", "ack at 500 records/s of 1 KB while 1 GB is compacted, p99", 1),
    { id: "seconds", label: "until 1 GB is compacted", unit: "s", digits: 1, better: "less", goal: null },
    {
      id: "cpu",
      label: "broker CPU for it, above that of the producers",
      unit: "s",
      digits: 2,
      better: "less",
      goal: 1,
    },
  ],
  measure: (contender) => withBroker(contender, "page-cache", measure, { "log.cleaner.backoff.ms": "100" }),
};

async function measure(broker: BenchBroker): Promise<Record<string, number>> {
  await load("create", broker, { topic: TOPIC, partitions: 1, "segment.bytes": SEGMENT_BYTES });
  await load("compactable", broker, { topic: TOPIC, records: RECORDS, size: RECORD_BYTES, keys: KEYS });
  await paced(broker, 2);
  const { cpuSeconds: cpuQuiet, result: quiet } = await cpuOf(broker, () => paced(broker, QUIET_SECONDS));
  using client = await RawClient.connect({ hostname: "127.0.0.1", port: broker.port });
  const filledBytes = await sizeOf(client);
  await compact(client);
  const startMs = performance.now();
  const { cpuSeconds: cpuBeside, result: beside } = await cpuOf(broker, async () => {
    const latencies: number[] = [];
    while (await sizeOf(client) > filledBytes / 2) {
      if (performance.now() - startMs > MOST_SECONDS * 1000) throw new Error(`${TOPIC} is not compacted`);
      latencies.push(...await paced(broker, 2));
    }
    return latencies;
  });
  const seconds = (performance.now() - startMs) / 1000;
  const cpu = cpuBeside - cpuQuiet * (beside.length / quiet.length);
  return { quiet: quantile(quiet, 0.99), beside: quantile(beside, 0.99), seconds, cpu };
}

async function sizeOf(client: RawClient): Promise<number> {
  const { results } = await client.ask(DescribeLogDirsRequest, DescribeLogDirsResponse, 4, {
    topics: [{ topic: TOPIC, partitions: [0] }],
  });
  return Number(results[0].topics[0].partitions[0].partitionSize);
}

async function compact(client: RawClient): Promise<void> {
  const configs = { "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01" };
  const { responses: [{ errorCode }] } = await client.ask(
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    1,
    {
      resources: [{
        resourceType: ConfigResourceType.TOPIC,
        resourceName: TOPIC,
        configs: Object.entries(configs).map(([name, value]) => ({ name, value, configOperation: SET })),
      }],
    },
  );
  if (errorCode !== 0) throw new Error(`${TOPIC} cannot be configured: error ${errorCode}`);
}

/** The milliseconds until each acknowledgement. */
async function paced(broker: BenchBroker, seconds: number): Promise<number[]> {
  const options = { topic: "paced", rate: RATE, records: RATE * seconds, size: RECORD_BYTES };
  return (await load("paced", broker, options)).map((microseconds) => microseconds / 1000);
}

function inMilliseconds(id: string, label: string, goal: number | null): Figure {
  return { id, label, unit: "ms", digits: 2, better: "less", goal };
}
