/**
 * DescribeConfigs, AlterConfigs, IncrementalAlterConfigs and ListConfigResources.
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { AlterConfigsRequest } from "../../../lib/protocol/messages/alter_configs.ts";
import { DescribeConfigsRequest } from "../../../lib/protocol/messages/describe_configs.ts";
import { IncrementalAlterConfigsRequest } from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { ListConfigResourcesRequest } from "../../../lib/protocol/messages/list_config_resources.ts";
import { ask, type Case, type Step, type StepOptions, topic } from "../support/case.ts";
import { BARNABAS_CONFIGS, BROKER_CONFIGS } from "../../../lib/metadata/configs/broker.ts";
import { batch } from "../support/record_batch.ts";
import { produce } from "./produce.ts";

const TOPIC = 2;
const BROKER = 4;
const BROKER_LOGGER = 8;
const CLIENT_METRICS = 16;
const GROUP = 32;

const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

function describe(
  resourceType: number,
  resourceName: string,
  configurationKeys: readonly string[] | null,
  options: StepOptions & { version?: number; includeSynonyms?: boolean } = {},
): Step {
  const { version = 4, includeSynonyms = false, ...rest } = options;
  return ask(DescribeConfigsRequest, version, {
    resources: [{ resourceType, resourceName, configurationKeys }],
    includeSynonyms,
  }, { ...rest, as: rest.as ?? `${resourceType} "${resourceName}"` });
}

/** Shows configs of a topic once they have the values, for brokers apply a change a little after the answer. */
function untilConfig(name: string, values: Readonly<Record<string, string>>): Step {
  return describe(TOPIC, name, Object.keys(values), {
    includeSynonyms: true,
    as: `until ${name} has ${JSON.stringify(values)}`,
    until(answer: Json) {
      const [{ configs }] = (answer as { results: [{ configs: { name: string; value: Json }[] }] }).results;
      return configs.every((config) => config.value === values[config.name]);
    },
  });
}

type Change = readonly [name: string, operation: number, value: string | null];

function alter(
  resourceType: number,
  resourceName: string,
  changes: readonly Change[],
  options: StepOptions & { version?: number; validateOnly?: boolean } = {},
): Step {
  const { version = 1, validateOnly = false, ...rest } = options;
  return ask(IncrementalAlterConfigsRequest, version, {
    resources: [{
      resourceType,
      resourceName,
      configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })),
    }],
    validateOnly,
  }, { ...rest, as: rest.as ?? changes.map(([name, operation, value]) => `${name} ${operation} ${value}`).join() });
}

function replace(
  resourceType: number,
  resourceName: string,
  values: Readonly<Record<string, string | null>>,
  options: StepOptions & { version?: number; validateOnly?: boolean } = {},
): Step {
  const { version = 2, validateOnly = false, ...rest } = options;
  return ask(AlterConfigsRequest, version, {
    resources: [{
      resourceType,
      resourceName,
      configs: Object.entries(values).map(([name, value]) => ({ name, value })),
    }],
    validateOnly,
  }, { ...rest, as: rest.as ?? JSON.stringify(values) });
}

/** Configs of a broker in which these two differ by how they were started, or by what they are. */
const INCOMPARABLE_CONFIGS: ReadonlySet<string> = new Set([
  "advertised.listeners",
  "broker.id",
  "controller.listener.names",
  "controller.quorum.bootstrap.servers",
  "group.initial.rebalance.delay.ms",
  "group.streams.initial.rebalance.delay.ms",
  "listener.security.protocol.map",
  "listeners",
  "log.dir",
  "log.dirs",
  "metric.reporters",
  "offsets.topic.replication.factor",
  "process.roles",
  "queued.max.request.bytes",
  "share.coordinator.state.topic.min.isr",
  "share.coordinator.state.topic.replication.factor",
  "transaction.state.log.min.isr",
  "transaction.state.log.replication.factor",
]);

const COMPARABLE_CONFIGS = Object.keys(BROKER_CONFIGS).filter((name) =>
  !INCOMPARABLE_CONFIGS.has(name) && !Object.hasOwn(BARNABAS_CONFIGS, name)
);

const described: Case[] = [
  ...[1, 2, 3, 4].map((version): Case => ({
    name: `DescribeConfigs v${version}: a topic`,
    steps: [
      ...topic(`configs-v${version}`, { configs: { "retention.ms": "1000000", "cleanup.policy": "compact" } }),
      describe(TOPIC, `configs-v${version}`, null, { version, as: "all of them" }),
      describe(TOPIC, `configs-v${version}`, ["retention.ms", "segment.bytes"], { version, includeSynonyms: true }),
      describe(TOPIC, `configs-v${version}`, [], { version, as: "an empty list" }),
    ],
  })),
  {
    name: "DescribeConfigs: what is not there",
    steps: [
      ...topic("configs"),
      describe(TOPIC, "configs-none", null, { as: "an unknown topic" }),
      describe(TOPIC, "configs-none", null, { version: 1, as: "an unknown topic" }),
      describe(TOPIC, "bad name!", null, { as: "a bad name" }),
      describe(TOPIC, "", null, { as: "no name" }),
      describe(TOPIC, "configs", ["nonsense", "retention.ms"], { as: "an unknown config" }),
      describe(BROKER, "7", null, { as: "another broker" }),
      describe(BROKER, "one", null, { as: "a broker that is no number" }),
      describe(BROKER_LOGGER, "7", null, { as: "the loggers of another broker" }),
      describe(BROKER_LOGGER, "", null, { as: "the loggers of no broker" }),
      describe(CLIENT_METRICS, "", null, { as: "no name of client metrics" }),
      describe(CLIENT_METRICS, "none", null, { as: "unknown client metrics" }),
      describe(GROUP, "", null, { as: "no group" }),
      describe(GROUP, "none", ["consumer.session.timeout.ms"], { includeSynonyms: true, as: "an unknown group" }),
      describe(0, "x", null, { as: "type 0" }),
      describe(3, "x", null, { as: "type 3" }),
      describe(99, "x", null, { as: "type 99" }),
      ask(DescribeConfigsRequest, 4, { resources: [] }, { as: "no resource" }),
      ask(DescribeConfigsRequest, 4, {
        resources: [
          { resourceType: TOPIC, resourceName: "configs", configurationKeys: ["retention.ms"] },
          { resourceType: TOPIC, resourceName: "configs", configurationKeys: ["segment.bytes"] },
        ],
      }, { as: "a resource twice" }),
    ],
  },
  {
    name: "DescribeConfigs: brokers",
    steps: [
      describe(BROKER, "1", ["log.retention.hours", "log.retention.ms", "num.io.threads", "node.id"], {
        includeSynonyms: true,
      }),
      describe(BROKER, "1", [
        "log.segment.bytes",
        "ssl.keystore.password",
        "sasl.jaas.config",
        "auto.create.topics.enable",
      ], {
        includeSynonyms: true,
      }),
      describe(BROKER, "", null, { as: "the default of all brokers" }),
      describe(BROKER, "1", ["log.retention.ms"], { version: 1, includeSynonyms: true }),
      describe(BROKER, "1", COMPARABLE_CONFIGS, {
        includeSynonyms: true,
        as: "all that do not say how it was started",
      }),
    ],
  },
];

const incremental: Case[] = [
  ...[0, 1].map((version): Case => ({
    name: `IncrementalAlterConfigs v${version}: set, delete, append, subtract`,
    steps: [
      ...topic(`alter-v${version}`),
      alter(TOPIC, `alter-v${version}`, [["retention.ms", SET, "5000000"]], { version }),
      untilConfig(`alter-v${version}`, { "retention.ms": "5000000" }),
      alter(TOPIC, `alter-v${version}`, [["cleanup.policy", APPEND, "compact"], ["retention.ms", DELETE, null]], {
        version,
      }),
      untilConfig(`alter-v${version}`, { "cleanup.policy": "delete,compact", "retention.ms": "604800000" }),
      alter(TOPIC, `alter-v${version}`, [["cleanup.policy", SUBTRACT, "delete"]], { version }),
      untilConfig(`alter-v${version}`, { "cleanup.policy": "compact" }),
      alter(TOPIC, `alter-v${version}`, [["cleanup.policy", DELETE, ""]], { version }),
      untilConfig(`alter-v${version}`, { "cleanup.policy": "delete" }),
      describe(TOPIC, `alter-v${version}`, ["cleanup.policy", "retention.ms"]),
    ],
  })),
  {
    name: "IncrementalAlterConfigs: what cannot be",
    steps: [
      ...topic("alter-bad"),
      alter(TOPIC, "alter-none", [["retention.ms", SET, "1"]], { as: "an unknown topic" }),
      alter(TOPIC, "alter-none", [["retention.ms", SET, "1"]], { version: 0, as: "an unknown topic" }),
      alter(TOPIC, "bad name!", [["retention.ms", SET, "1"]], { as: "a bad name" }),
      alter(TOPIC, "", [["retention.ms", SET, "1"]], { as: "no name" }),
      alter(TOPIC, "alter-bad", [["nonsense", SET, "1"]]),
      alter(TOPIC, "alter-bad", [["retention.ms", SET, "soon"]]),
      alter(TOPIC, "alter-bad", [["retention.ms", SET, null]]),
      alter(TOPIC, "alter-bad", [["retention.ms", SET, "-2"]]),
      alter(TOPIC, "alter-bad", [["retention.ms", APPEND, "1"]]),
      alter(TOPIC, "alter-bad", [["cleanup.policy", APPEND, "shred"]]),
      alter(TOPIC, "alter-bad", [["cleanup.policy", APPEND, "delete"]], { as: "append what is there" }),
      alter(TOPIC, "alter-bad", [["cleanup.policy", SUBTRACT, "compact"]], { as: "subtract what is not there" }),
      alter(TOPIC, "alter-bad", [["nonsense", DELETE, null]]),
      alter(TOPIC, "alter-bad", [["retention.ms", SET, "1"], ["retention.ms", SET, "2"]], { as: "a config twice" }),
      alter(TOPIC, "alter-bad", [["retention.ms", SET, "1"], ["nonsense", SET, "2"]], { as: "one of two is bad" }),
      alter(TOPIC, "alter-bad", [], { as: "nothing" }),
      alter(TOPIC, "alter-bad", [["retention.ms", SET, "7"]], { validateOnly: true }),
      alter(TOPIC, "alter-bad", [["retention.ms", SET, "soon"]], { validateOnly: true }),
      alter(BROKER, "7", [["log.retention.ms", SET, "100000"]], { as: "another broker" }),
      alter(BROKER, "one", [["log.retention.ms", SET, "100000"]], { as: "a broker that is no number" }),
      alter(BROKER, "1", [["node.id", SET, "2"]], { as: "a config that is read-only" }),
      alter(BROKER, "1", [["log.retention.ms", SET, "soon"]], { as: "a bad value of a broker" }),
      alter(GROUP, "", [["consumer.session.timeout.ms", SET, "50000"]], { as: "no group" }),
      alter(GROUP, "g", [["nonsense", SET, "1"]], { as: "an unknown config of a group" }),
      alter(CLIENT_METRICS, "", [["interval.ms", SET, "1000"]], { as: "no name of client metrics" }),
      alter(CLIENT_METRICS, "m", [["nonsense", SET, "1"]], { as: "an unknown config of client metrics" }),
      alter(99, "x", [["a", SET, "1"]], { as: "type 99" }),
      ask(IncrementalAlterConfigsRequest, 1, { resources: [] }, { as: "no resource" }),
      ask(IncrementalAlterConfigsRequest, 1, {
        resources: ["1000", "2000"].map((value) => ({
          resourceType: TOPIC,
          resourceName: "alter-bad",
          configs: [{ name: "retention.ms", configOperation: SET, value }],
        })),
      }, { as: "a resource twice" }),
      describe(TOPIC, "alter-bad", ["cleanup.policy", "retention.ms"]),
    ],
  },
  {
    name: "IncrementalAlterConfigs: the broker's own",
    steps: [
      ...topic("alter-broker"),
      alter(BROKER, "", [["log.retention.ms", SET, "7000000"]], { as: "the default of all brokers" }),
      untilConfig("alter-broker", { "retention.ms": "7000000" }),
      alter(BROKER, "1", [["log.retention.ms", SET, "8000000"]], { as: "this broker" }),
      untilConfig("alter-broker", { "retention.ms": "8000000" }),
      describe(BROKER, "", null),
      describe(BROKER, "1", ["log.retention.ms"], { includeSynonyms: true }),
      alter(BROKER, "1", [["log.retention.ms", DELETE, null]]),
      alter(BROKER, "", [["log.retention.ms", DELETE, null]]),
      untilConfig("alter-broker", { "retention.ms": "604800000" }),
    ],
  },
];

const obeyed: Case[] = [
  {
    name: "a changed max.message.bytes is obeyed",
    steps: [
      ...topic("obey-size"),
      produce("obey-size", batch(["x".repeat(200)])),
      alter(TOPIC, "obey-size", [["max.message.bytes", SET, "100"]]),
      untilConfig("obey-size", { "max.message.bytes": "100" }),
      produce("obey-size", batch(["x".repeat(200)])),
      alter(TOPIC, "obey-size", [["max.message.bytes", DELETE, null]]),
      untilConfig("obey-size", { "max.message.bytes": "1048588" }),
      produce("obey-size", batch(["x".repeat(200)])),
    ],
  },
  {
    name: "min.insync.replicas above the number of replicas is obeyed",
    steps: [
      ...topic("obey-isr", { configs: { "min.insync.replicas": "2" } }),
      produce("obey-isr", batch(["a"])),
      produce("obey-isr", batch(["b"]), { acks: 1 }),
      describe(TOPIC, "obey-isr", ["min.insync.replicas"], { includeSynonyms: true }),
    ],
  },
];

const loggers: Case[] = [{
  name: "IncrementalAlterConfigs: loggers",
  steps: [
    alter(BROKER_LOGGER, "1", [["no.such.logger", SET, "DEBUG"]]),
    alter(BROKER_LOGGER, "7", [["kafka", SET, "DEBUG"]]),
    alter(BROKER_LOGGER, "", [["kafka", SET, "DEBUG"]]),
    alter(BROKER_LOGGER, "1", [["root", SET, "LOUD"]]),
    alter(BROKER_LOGGER, "1", [["root", APPEND, "DEBUG"]]),
    alter(BROKER_LOGGER, "1", [["root", DELETE, null]]),
    alter(BROKER_LOGGER, "1", [["no.such.logger", SET, "LOUD"]]),
    alter(BROKER_LOGGER, "1", [["root", SET, "debug"]]),
    alter(BROKER_LOGGER, "1", [["root", SET, null]]),
    alter(BROKER_LOGGER, "1", [["root", SUBTRACT, "DEBUG"]]),
    alter(BROKER_LOGGER, "1", [["root", SET, "DEBUG"], ["root", SET, "INFO"]]),
    alter(BROKER_LOGGER, "1", [["root", SET, "DEBUG"], ["no.such.logger", DELETE, null]]),
    alter(BROKER_LOGGER, "1", [["root", SET, "TRACE"]], { validateOnly: true }),
    ask(IncrementalAlterConfigsRequest, 1, {
      resources: [0, 1].map(() => ({
        resourceType: BROKER_LOGGER,
        resourceName: "1",
        configs: [{ name: "root", configOperation: SET, value: "WARN" }],
      })),
    }, { as: "the same loggers twice" }),
    alter(BROKER_LOGGER, "1", [["root", SET, "WARN"]]),
    describe(BROKER_LOGGER, "1", ["root"]),
    describe(BROKER_LOGGER, "1", ["root"], { version: 1, includeSynonyms: true }),
    alter(BROKER_LOGGER, "1", [["root", SET, "ERROR"]], { version: 0 }),
    describe(BROKER_LOGGER, "1", ["root", "no.such.logger"]),
    replace(BROKER_LOGGER, "1", { root: "DEBUG" }),
    describe(BROKER_LOGGER, "1", ["root"]),
  ],
}];

const groupsAndMetrics: Case[] = [
  {
    name: "configs of groups and client metrics",
    steps: [
      alter(GROUP, "g1", [["consumer.session.timeout.ms", SET, "50000"]]),
      alter(GROUP, "g1", [["consumer.session.timeout.ms", SET, "1"]], { as: "below what the broker allows" }),
      alter(CLIENT_METRICS, "m1", [["interval.ms", SET, "60000"], ["metrics", SET, "org.apache.kafka"]]),
      alter(CLIENT_METRICS, "m1", [["interval.ms", SET, "1"]], { as: "an interval too short" }),
      alter(CLIENT_METRICS, "m1", [["match", SET, "nonsense"]], { as: "a pattern that is none" }),
      ask(ListConfigResourcesRequest, 1, { resourceTypes: [CLIENT_METRICS, GROUP] }, {
        until: (answer) => hasResources(answer, ["g1", "m1"]),
      }),
      ask(ListConfigResourcesRequest, 0, {}),
      describe(GROUP, "g1", null, {
        includeSynonyms: true,
        // streams.initial.rebalance.delay.ms
        differs: ["value", "synonyms[0].value"].map((field) => ({
          at: `results[0].configs[14].${field}`,
          barnabas: "0",
          reason: "The first member of a group here does not wait for others: a developer has no more",
        })),
      }),
      describe(CLIENT_METRICS, "m1", null, { includeSynonyms: true }),
      alter(GROUP, "g1", [["consumer.session.timeout.ms", DELETE, null]]),
      alter(CLIENT_METRICS, "m1", [["interval.ms", DELETE, null], ["metrics", DELETE, null]]),
      ask(ListConfigResourcesRequest, 1, { resourceTypes: [CLIENT_METRICS, GROUP] }, {
        as: "after all are gone",
        until: (answer) => !hasResources(answer, ["g1"]) && !hasResources(answer, ["m1"]),
      }),
    ],
  },
];

/** Whether all of these are among the resources of an answer; other themes have set configs of their own. */
function hasResources(answer: Json, names: readonly string[]): boolean {
  const { configResources } = answer as { configResources: { resourceName: string }[] };
  return names.every((name) => configResources.some(({ resourceName }) => resourceName === name));
}

const replaced: Case[] = [
  ...[0, 1, 2].map((version): Case => ({
    name: `AlterConfigs v${version}: all configs of a topic are replaced`,
    steps: [
      ...topic(`replace-v${version}`, { configs: { "segment.bytes": "2000000" } }),
      replace(TOPIC, `replace-v${version}`, { "retention.ms": "5000000" }, { version }),
      untilConfig(`replace-v${version}`, { "retention.ms": "5000000", "segment.bytes": "1073741824" }),
      replace(TOPIC, `replace-v${version}`, {}, { version }),
      untilConfig(`replace-v${version}`, { "retention.ms": "604800000" }),
    ],
  })),
  {
    name: "AlterConfigs: what cannot be",
    steps: [
      ...topic("replace-bad"),
      replace(TOPIC, "replace-none", { "retention.ms": "1" }, { as: "an unknown topic" }),
      replace(TOPIC, "replace-none", { "retention.ms": "1" }, { version: 0, as: "an unknown topic" }),
      replace(TOPIC, "replace-bad", { "nonsense": "1" }),
      replace(TOPIC, "replace-bad", { "retention.ms": "soon" }),
      replace(TOPIC, "replace-bad", { "retention.ms": null }),
      replace(TOPIC, "replace-bad", { "retention.ms": "7" }, { validateOnly: true }),
      replace(BROKER, "1", { "node.id": "2" }),
      replace(99, "x", { "a": "1" }, { as: "type 99" }),
      ask(AlterConfigsRequest, 2, { resources: [] }, { as: "no resource" }),
      ask(AlterConfigsRequest, 2, {
        resources: ["1000", "2000"].map((value) => ({
          resourceType: TOPIC,
          resourceName: "replace-bad",
          configs: [{ name: "retention.ms", value }],
        })),
      }, {
        as: "a resource twice",
        maySayNothing: true,
        differs: [{ at: "", reason: "Apache Kafka fails at it, and never answers" }],
      }),
      describe(TOPIC, "replace-bad", ["retention.ms"]),
    ],
  },
];

const listed: Case[] = [{
  name: "ListConfigResources",
  steps: [
    ask(ListConfigResourcesRequest, 0, {}),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [BROKER] }, { as: "brokers" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [BROKER_LOGGER] }, { as: "loggers" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [CLIENT_METRICS, GROUP] }, { as: "client metrics and groups" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [BROKER, BROKER] }, { as: "brokers twice" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [0] }, { as: "type 0" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [99] }, { as: "type 99" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [-1] }, { as: "type -1" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [BROKER, 99] }, { as: "one good type and one bad" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [TOPIC] }, { as: "topics" }),
    ask(ListConfigResourcesRequest, 1, { resourceTypes: [] }, { as: "all types" }),
  ],
}];

export const configCases: readonly Case[] = [
  ...described,
  ...incremental,
  ...obeyed,
  ...loggers,
  ...groupsAndMetrics,
  ...replaced,
  ...listed,
];
