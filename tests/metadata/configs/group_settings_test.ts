import { assertEquals } from "@std/assert";
import { BrokerSettings, groupConfig, validateGroupConfigs } from "../../../lib/metadata/configs/mod.ts";

const BROKER = new BrokerSettings();

Deno.test("a group has its own config, else the broker's", () => {
  const own = new Map([["consumer.session.timeout.ms", "50000"]]);
  assertEquals(groupConfig("consumer.session.timeout.ms", own, BROKER), 50_000);
  assertEquals(groupConfig("consumer.heartbeat.interval.ms", own, BROKER), 5000);
  assertEquals(groupConfig("share.auto.offset.reset", own, BROKER), "latest");
});

Deno.test("a config that the broker's bounds no longer allow is brought into them", () => {
  const broker = new BrokerSettings(new Map([["group.consumer.max.session.timeout.ms", "48000"]]));
  assertEquals(
    groupConfig("consumer.session.timeout.ms", new Map([["consumer.session.timeout.ms", "50000"]]), broker),
    48_000,
  );
});

Deno.test("configs of a group are judged in the words of Apache Kafka", () => {
  const judge = (texts: Record<string, string>) => validateGroupConfigs(new Map(Object.entries(texts)), BROKER);
  assertEquals(judge({ "consumer.session.timeout.ms": "50000", "share.isolation.level": "read_committed" }), null);
  assertEquals(judge({ foo: "1" }), "Unknown group config name: foo");
  assertEquals(
    judge({ "share.isolation.level": "dirty" }),
    "Invalid value dirty for configuration share.isolation.level: String must be one of: read_committed, read_uncommitted",
  );
  assertEquals(
    judge({ "consumer.session.timeout.ms": "44000" }),
    "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
  );
  assertEquals(
    judge({ "streams.num.standby.replicas": "3" }),
    "streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas",
  );
});

Deno.test("a session may not end before the next heartbeat is due", () => {
  const broker = new BrokerSettings(
    new Map([["group.share.min.session.timeout.ms", "1000"], ["group.share.session.timeout.ms", "10000"]]),
  );
  const texts = new Map([["share.session.timeout.ms", "6000"], ["share.heartbeat.interval.ms", "7000"]]);
  assertEquals(
    validateGroupConfigs(texts, broker),
    "share.session.timeout.ms must be greater than share.heartbeat.interval.ms",
  );
});
