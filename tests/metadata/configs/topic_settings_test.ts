import { assertEquals } from "@std/assert";
import {
  BrokerSettings,
  logConfigFor,
  topicConfig,
  validateTopicConfig,
  validateTopicConfigs,
} from "../../../lib/metadata/configs/mod.ts";

const BROKER = new BrokerSettings();

Deno.test("the log of a topic without configs obeys Apache Kafka's defaults", () => {
  assertEquals(logConfigFor(new Map(), BROKER), {
    segmentBytes: 1_073_741_824,
    segmentMs: 604_800_000,
    segmentJitterMs: 0,
    segmentIndexBytes: 10_485_760,
    indexIntervalBytes: 4096,
    maxMessageBytes: 1_048_588,
    retentionBytes: -1,
    retentionMs: 604_800_000,
    cleanupPolicy: new Set(["delete" as const]),
    minCleanableDirtyRatio: 0.5,
    minCompactionLagMs: 0,
    maxCompactionLagMs: 2 ** 63,
    deleteRetentionMs: 86_400_000,
    compressionType: "producer",
    compressionLevel: undefined,
    messageTimestampType: "CreateTime",
    messageTimestampBeforeMaxMs: 2 ** 63,
    messageTimestampAfterMaxMs: 3_600_000,
    flushMessages: 2 ** 63,
    flushMs: 2 ** 63,
    fileDeleteDelayMs: 60_000,
  });
});

Deno.test("a topic's own configs win over the broker's", () => {
  const broker = new BrokerSettings(new Map([["log.segment.bytes", "2000000"], ["log.roll.hours", "1"]]));
  const config = logConfigFor(
    new Map([["segment.bytes", "3000000"], ["cleanup.policy", "compact,delete"], ["compression.type", "zstd"]]),
    broker,
  );
  assertEquals(config.segmentBytes, 3_000_000);
  assertEquals(config.segmentMs, 3_600_000);
  assertEquals(config.cleanupPolicy, new Set(["compact", "delete"] as const));
  assertEquals([config.compressionType, config.compressionLevel], ["zstd", 3]);
  assertEquals(logConfigFor(new Map([["internal.segment.bytes", "1000"]]), broker).segmentBytes, 1000);
});

Deno.test("of the broker's times in several units the finest that is set decides, and a negative one is no limit", () => {
  const retentionMs = (texts: Record<string, string>) =>
    topicConfig("retention.ms", new Map(), new BrokerSettings(new Map(Object.entries(texts))));
  assertEquals(retentionMs({ "log.retention.hours": "2" }), 7_200_000);
  assertEquals(retentionMs({ "log.retention.hours": "2", "log.retention.minutes": "3" }), 180_000);
  assertEquals(retentionMs({ "log.retention.minutes": "3", "log.retention.ms": "4" }), 4);
  assertEquals(retentionMs({ "log.retention.hours": "-5" }), -1);
});

Deno.test("one config of a topic is judged in the words of Apache Kafka", () => {
  assertEquals(validateTopicConfig("retention.ms", "5"), null);
  assertEquals(validateTopicConfig("foo", "5"), "Unknown topic config name: foo");
  assertEquals(
    validateTopicConfig("retention.ms", "xyz"),
    "Invalid value xyz for configuration retention.ms: Not a number of type LONG",
  );
});

Deno.test("configs of a topic are judged together", () => {
  const judge = (texts: Record<string, string>) => validateTopicConfigs(new Map(Object.entries(texts)), BROKER);
  assertEquals(judge({}), null);
  assertEquals(judge({ "retention.ms": "5", "cleanup.policy": "compact" }), null);
  assertEquals(judge({ "retention.ms": "x", foo: "1" }), "Unknown topic config name: foo");
  assertEquals(
    judge({ "min.compaction.lag.ms": "10", "max.compaction.lag.ms": "5" }),
    "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)",
  );
  assertEquals(
    judge({ "remote.storage.enable": "true" }),
    "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
  );
});
