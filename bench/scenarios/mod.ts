/**
 * All scenarios, in the order in which they run and are told.
 *
 * @module
 */
import type { Scenario } from "../scenario.ts";
import { AT_REST } from "./at_rest.ts";
import { COMPACTION } from "./compaction.ts";
import { GROUPS_CLASSIC, GROUPS_CONSUMER } from "./groups.ts";
import { ACK_DURABLE, ACK_PAGE_CACHE, END_TO_END } from "./latency.ts";
import { PARTITIONS_LIFE } from "./partitions.ts";
import { REQUESTS_OF_ONE_RECORD } from "./requests.ts";
import { START } from "./start.ts";
import { CODECS_PASSED_THROUGH, FETCH, PRODUCE, PRODUCE_DURABLE } from "./throughput.ts";

export const SCENARIOS: readonly Scenario[] = [
  PRODUCE,
  PRODUCE_DURABLE,
  FETCH,
  REQUESTS_OF_ONE_RECORD,
  CODECS_PASSED_THROUGH,
  ACK_PAGE_CACHE,
  ACK_DURABLE,
  END_TO_END,
  COMPACTION,
  START,
  PARTITIONS_LIFE,
  GROUPS_CLASSIC,
  GROUPS_CONSUMER,
  AT_REST,
];
