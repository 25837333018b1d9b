/** What DescribeConfigs shows; the expectations were taken from Apache Kafka 4.3.1, but for what a test says otherwise. */
import { assert, assertEquals } from "@std/assert";
import {
  BrokerSettings,
  CONFIG_SOURCE,
  CONFIG_TYPE,
  describeBrokerConfigs,
  describeClientMetricsConfigs,
  describeClusterConfigs,
  type DescribedConfig,
  describeGroupConfigs,
  describeTopicConfigs,
} from "../../../lib/metadata/configs/mod.ts";

const { TOPIC_CONFIG, DYNAMIC_BROKER_CONFIG, DYNAMIC_DEFAULT_BROKER_CONFIG, STATIC_BROKER_CONFIG, DEFAULT_CONFIG } =
  CONFIG_SOURCE;
const NOTHING = new Map<string, string>();

Deno.test("a topic's own config comes first, then every layer of the broker", () => {
  const broker = settings(
    { "log.retention.hours": "100", "log.retention.minutes": "50" },
    { cluster: { "log.retention.ms": "777777" } },
  );
  const retention = find(describeTopicConfigs(new Map([["retention.ms", "5000"]]), broker), "retention.ms");
  assertEquals(retention.value, "5000");
  assertEquals(retention.source, TOPIC_CONFIG);
  assertEquals(retention.type, CONFIG_TYPE.long);
  assertEquals(retention.isReadOnly, false);
  assertEquals(retention.synonyms, [
    { name: "retention.ms", value: "5000", source: TOPIC_CONFIG },
    { name: "log.retention.ms", value: "777777", source: DYNAMIC_DEFAULT_BROKER_CONFIG },
    { name: "log.retention.minutes", value: "50", source: STATIC_BROKER_CONFIG },
    { name: "log.retention.hours", value: "100", source: STATIC_BROKER_CONFIG },
    { name: "log.retention.hours", value: "168", source: DEFAULT_CONFIG },
  ]);
});

Deno.test("a topic without a config of its own shows what the broker has, in the topic's unit", () => {
  const broker = settings(
    {},
    { cluster: { "message.max.bytes": "3000000" }, broker: { "message.max.bytes": "2000000" } },
  );
  const largest = find(describeTopicConfigs(NOTHING, broker), "max.message.bytes");
  assertEquals(largest.value, "2000000");
  assertEquals(largest.synonyms, [
    { name: "message.max.bytes", value: "2000000", source: DYNAMIC_BROKER_CONFIG },
    { name: "message.max.bytes", value: "3000000", source: DYNAMIC_DEFAULT_BROKER_CONFIG },
    { name: "message.max.bytes", value: "1048588", source: DEFAULT_CONFIG },
  ]);
  const segment = find(describeTopicConfigs(NOTHING, broker), "segment.ms");
  assertEquals([segment.value, segment.source, segment.synonyms], ["604800000", DEFAULT_CONFIG, []]);
});

Deno.test("a time that the broker has in hours is shown as the broker's, where Apache Kafka calls it a default", () => {
  const retention = find(describeTopicConfigs(NOTHING, settings({ "log.retention.hours": "2" })), "retention.ms");
  assertEquals([retention.value, retention.source], ["7200000", STATIC_BROKER_CONFIG]);
});

Deno.test("values are shown as Apache Kafka prints them", () => {
  const described = describeTopicConfigs(
    new Map([["cleanup.policy", "compact, delete"], ["min.cleanable.dirty.ratio", "5e-1"], ["preallocate", "TRUE"]]),
    settings({}),
  );
  assertEquals(find(described, "cleanup.policy").value, "compact,delete");
  assertEquals(find(described, "min.cleanable.dirty.ratio").value, "0.5");
  assertEquals(find(described, "preallocate").value, "true");
  assertEquals(find(described, "flush.ms").value, "9223372036854775807");
});

Deno.test("internal configs are listed only where they are set", () => {
  assert(!names(describeTopicConfigs(NOTHING, settings({}))).includes("internal.segment.bytes"));
  const set = describeTopicConfigs(new Map([["internal.segment.bytes", "1000"]]), settings({}));
  assert(names(set).includes("internal.segment.bytes"));
  assertEquals(set.length, 34);
});

Deno.test("the broker's configs are listed with what they override", () => {
  const broker = settings(
    { "log.retention.hours": "100", "log.dirs": "/data" },
    { cluster: { "log.retention.ms": "777777" } },
  );
  const described = describeBrokerConfigs(broker);
  const inMs = find(described, "log.retention.ms");
  assertEquals([inMs.value, inMs.source, inMs.isReadOnly], ["777777", DYNAMIC_DEFAULT_BROKER_CONFIG, false]);
  assertEquals(inMs.synonyms.map(({ name }) => name), [
    "log.retention.ms",
    "log.retention.hours",
    "log.retention.hours",
  ]);
  const inHours = find(described, "log.retention.hours");
  assertEquals([inHours.value, inHours.source, inHours.isReadOnly], ["100", STATIC_BROKER_CONFIG, true]);
  assertEquals(inHours.synonyms.map(({ value }) => value), ["100", "168"]);
  const rack = find(described, "broker.rack");
  assertEquals([rack.value, rack.source, rack.synonyms], [null, DEFAULT_CONFIG, []]);
});

Deno.test("secrets are never shown", () => {
  const secret = find(
    describeBrokerConfigs(settings({ "ssl.keystore.password": "hush" })),
    "ssl.keystore.password",
  );
  assertEquals([secret.value, secret.isSensitive, secret.type], [null, true, CONFIG_TYPE.password]);
  assertEquals(secret.synonyms, [{ name: "ssl.keystore.password", value: null, source: STATIC_BROKER_CONFIG }]);
});

Deno.test("the cluster's configs are those that were changed while it ran", () => {
  const described = describeClusterConfigs(settings({}, { cluster: { "min.insync.replicas": "1" } }));
  assertEquals(names(described), ["min.insync.replicas"]);
  assertEquals(described[0].source, DYNAMIC_DEFAULT_BROKER_CONFIG);
});

Deno.test("a group's configs fall back to the broker's", () => {
  const own = new Map([["consumer.session.timeout.ms", "46000"]]);
  const described = describeGroupConfigs(own, settings({ "group.share.delivery.count.limit": "7" }));
  assertEquals(described.length, 17);
  assertEquals(find(described, "consumer.session.timeout.ms").synonyms, [
    { name: "consumer.session.timeout.ms", value: "46000", source: CONFIG_SOURCE.GROUP_CONFIG },
    { name: "group.consumer.session.timeout.ms", value: "45000", source: DEFAULT_CONFIG },
  ]);
  const limit = find(described, "share.delivery.count.limit");
  assertEquals([limit.value, limit.source], ["7", STATIC_BROKER_CONFIG]);
  assertEquals(find(described, "share.isolation.level").synonyms, [
    { name: "share.isolation.level", value: "read_uncommitted", source: DEFAULT_CONFIG },
  ]);
});

Deno.test("a metrics subscription has its own configs and defaults", () => {
  const described = describeClientMetricsConfigs(new Map([["metrics", "org.apache, other"]]));
  assertEquals(described.map(({ name, value, source }) => [name, value, source]), [
    ["interval.ms", "300000", DEFAULT_CONFIG],
    ["match", "", DEFAULT_CONFIG],
    ["metrics", "org.apache,other", CONFIG_SOURCE.CLIENT_METRICS_CONFIG],
  ]);
});

interface Layers {
  readonly cluster?: Readonly<Record<string, string>>;
  readonly broker?: Readonly<Record<string, string>>;
}

function settings(fixed: Readonly<Record<string, string>>, { cluster = {}, broker = {} }: Layers = {}): BrokerSettings {
  const texts = (record: Readonly<Record<string, string>>) => new Map(Object.entries(record));
  return new BrokerSettings(texts(fixed), { cluster: texts(cluster), broker: texts(broker) });
}

function find(described: readonly DescribedConfig[], name: string): DescribedConfig {
  const found = described.find((config) => config.name === name);
  assert(found !== undefined, `${name} is not listed`);
  return found;
}

function names(described: readonly DescribedConfig[]): string[] {
  return described.map(({ name }) => name);
}
