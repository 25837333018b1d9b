/**
 * The cases of the differential test, by theme.
 *
 * @module
 */
import type { Case } from "../support/case.ts";
import { batchCases } from "./batches.ts";
import { clusterCases } from "./cluster.ts";
import { configCases } from "./configs.ts";
import { consumerGroupCases } from "./consumer_groups.ts";
import { fetchCases } from "./fetch.ts";
import { frameCases } from "./frames.ts";
import { groupCases } from "./groups.ts";
import { listOffsetsCases } from "./list_offsets.ts";
import { finalCases, metadataCases } from "./metadata.ts";
import { offsetCases } from "./offsets.ts";
import { produceCases } from "./produce.ts";
import { producerCases } from "./producers.ts";
import { quotaCases } from "./quotas.ts";
import { shareGroupCases } from "./share_groups.ts";
import { streamsGroupCases } from "./streams_groups.ts";
import { telemetryCases } from "./telemetry.ts";
import { topicCases } from "./topics.ts";
import { transactionCases } from "./transactions.ts";

/** Cases by theme, in the order in which they are played. Those of Metadata come first: they see a broker without topics.
 * Those of Produce write into the topic of committed offsets what no coordinator can read: so groups come before. */
export const THEMES: Readonly<Record<string, readonly Case[]>> = {
  metadata: metadataCases,
  frames: frameCases,
  topics: topicCases,
  groups: groupCases,
  "consumer groups": consumerGroupCases,
  "streams groups": streamsGroupCases,
  "share groups": shareGroupCases,
  offsets: offsetCases,
  transactions: transactionCases,
  produce: produceCases,
  batches: batchCases,
  producers: producerCases,
  fetch: fetchCases,
  "list offsets": listOffsetsCases,
  configs: configCases,
  quotas: quotaCases,
  telemetry: telemetryCases,
  cluster: clusterCases,
  "in the end": finalCases,
};
