/** What Apache Kafka 4.3.1 answers to changes of configs. */
import { assertEquals } from "@std/assert";
import { BrokerSettings, configRules } from "../../../lib/metadata/configs/mod.ts";
import { ConfigResourceType } from "../../../lib/metadata/image/configs_image.ts";

const { TOPIC, BROKER, GROUP, CLIENT_METRICS } = ConfigResourceType;
const RULES = configRules(() =>
  new BrokerSettings(new Map([["log.retention.hours", "1"], ["group.consumer.session.timeout.ms", "46000"]]))
);

Deno.test("changes are refused in the words of Apache Kafka", () => {
  const cases: [type: number, name: string, value: string, complaint: string | null][] = [
    [TOPIC, "retention.ms", "5", null],
    [TOPIC, "foo", "x", "Unknown topic config name: foo"],
    [TOPIC, "retention.ms", "x", "Invalid value x for configuration retention.ms: Not a number of type LONG"],
    [GROUP, "foo", "2", "Unknown group config name: foo"],
    [
      GROUP,
      "consumer.session.timeout.ms",
      "x",
      "Invalid value x for configuration consumer.session.timeout.ms: Not a number of type INT",
    ],
    [BROKER, "message.max.bytes", "2000000", null],
    [
      BROKER,
      "message.max.bytes",
      "-1",
      "Invalid value -1 for configuration message.max.bytes: Value must be at least 0",
    ],
    [BROKER, "log.dirs", "/x", "Cannot update these configs dynamically: [log.dirs]"],
    [BROKER, "foo.bar", "1", null],
    [BROKER, "listener.name.plaintext.max.connections", "5", null],
    [BROKER, "listener.name.plaintext.ssl.keystore.location", "/x", null],
    [
      BROKER,
      "ssl.keystore.location",
      "/x",
      "These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]",
    ],
    [CLIENT_METRICS, "foo", "2", "Unknown client metrics configuration: foo"],
    [
      CLIENT_METRICS,
      "interval.ms",
      "2",
      "Invalid value 2 for interval.ms, interval must be between 100 and 3600000 (1 hour)",
    ],
    [CLIENT_METRICS, "interval.ms", "abc", "Invalid value abc for configuration interval.ms: Not a number of type INT"],
    [CLIENT_METRICS, "metrics", "a.b,", "Configuration 'metrics' values must not be empty."],
    [CLIENT_METRICS, "match", "client_id=a.*, client_software_name=b", null],
    [CLIENT_METRICS, "match", "client_id=[", "Illegal client matching pattern: client_id=["],
    [CLIENT_METRICS, "match", "foo=a", "Illegal client matching pattern: foo=a"],
  ];
  for (const [type, name, value, complaint] of cases) {
    assertEquals(RULES.validateConfig(type, name, value), complaint, `${name}=${value}`);
  }
});

Deno.test("what a resource would have set is judged as a whole", () => {
  assertEquals(
    RULES.validateConfigs!(TOPIC, "t", new Map([["min.compaction.lag.ms", "10"], ["max.compaction.lag.ms", "5"]])),
    "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)",
  );
  assertEquals(
    RULES.validateConfigs!(GROUP, "g", new Map([["consumer.session.timeout.ms", "2"]])),
    "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
  );
  assertEquals(RULES.validateConfigs!(BROKER, "1", new Map([["foo", "1"]])), null);
});

Deno.test("what is one broker's alone is not set for all", () => {
  const configs = new Map([["listeners", "PLAINTEXT://:9093"]]);
  assertEquals(RULES.validateConfigs!(BROKER, "1", configs), null);
  assertEquals(
    RULES.validateConfigs!(BROKER, "", configs),
    "Cannot update these configs at default cluster level, broker id must be specified: [listeners]",
  );
});

Deno.test("settings that a broker could not start with are refused while it runs", () => {
  assertEquals(
    RULES.validateConfigs!(BROKER, "1", new Map([["log.retention.ms", "0"]])),
    "log.retention.ms is 0: it must be 1 or more, or -1 for no limit",
  );
});

Deno.test("lists can be appended to, other configs not", () => {
  assertEquals(RULES.isListConfig(TOPIC, "cleanup.policy"), true);
  assertEquals(RULES.isListConfig(TOPIC, "retention.ms"), false);
  assertEquals(RULES.isListConfig(BROKER, "listener.name.sasl.sasl.enabled.mechanisms"), true);
  assertEquals(RULES.isListConfig(TOPIC, "constructor"), false);
});

Deno.test("what is not set is what the broker has", () => {
  assertEquals(RULES.defaultConfig(TOPIC, "cleanup.policy"), "delete");
  assertEquals(RULES.defaultConfig(TOPIC, "retention.ms"), "3600000");
  assertEquals(RULES.defaultConfig(GROUP, "consumer.session.timeout.ms"), "46000");
  assertEquals(RULES.defaultConfig(CLIENT_METRICS, "interval.ms"), "300000");
  assertEquals(RULES.defaultConfig(TOPIC, "foo"), null);
});
