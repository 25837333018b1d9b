/**
 * What is tried with each of Apache Kafka's tools. In: nothing. Out: scripts by theme, in the order in which they are
 * played on the same brokers, and the files that they name. A theme makes the topics that it uses; those after it may look
 * at them. `tests/interop/tools_test.ts` plays them.
 *
 * @module
 */
import type { Step } from "../support/transcript.ts";
import { clusterSteps } from "./cluster.ts";
import { clientMetricSteps, configSteps, quotaSteps } from "./configs.ts";
import { GROUP_FILES, groupSteps } from "./groups.ts";
import { loadSteps, offsetSteps, RECORD_FILES, recordSteps } from "./records.ts";
import { partitionSteps, TOPIC_FILES, topicSteps } from "./topics.ts";

export const SCRIPTS: Readonly<Record<string, readonly Step[]>> = {
  "kafka-topics": topicSteps,
  "kafka-leader-election and kafka-reassign-partitions": partitionSteps,
  "kafka-configs": configSteps,
  "kafka-configs for quotas": quotaSteps,
  "kafka-client-metrics": clientMetricSteps,
  "kafka-console-producer and kafka-console-consumer": recordSteps,
  "kafka-get-offsets, kafka-delete-records and kafka-log-dirs": offsetSteps,
  "kafka-consumer-groups and kafka-groups": groupSteps,
  "kafka-producer-perf-test, kafka-consumer-perf-test and the verifiable ones": loadSteps,
  "kafka-cluster, kafka-features, kafka-metadata-quorum and kafka-broker-api-versions": clusterSteps,
};

export const FILES: Readonly<Record<string, string>> = {
  ...TOPIC_FILES,
  ...RECORD_FILES,
  ...GROUP_FILES,
  // A client that waits for a broker that is not there, or for a topic, waits a minute by default.
  "hasty.properties": "default.api.timeout.ms=1500\nrequest.timeout.ms=1000\n",
  "topic.properties": "retention.ms=7200000\nsegment.ms=600000\n",
};
