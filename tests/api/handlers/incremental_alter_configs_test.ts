import { assertEquals } from "@std/assert";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../../lib/protocol/messages/describe_configs.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import { batch } from "../../interop/support/record_batch.ts";
import { errorOf, TestBroker } from "./support.ts";

const TOPIC = 2, BROKER = 4, BROKER_LOGGER = 8, CLIENT_METRICS = 16, GROUP = 32;
const SET = 0, DELETE = 1, APPEND = 2, SUBTRACT = 3;

type Change = readonly [name: string, operation: number, value: string | null];
type Resource = readonly [resourceType: number, resourceName: string, ...changes: Change[]];

async function alter(broker: TestBroker, resources: readonly Resource[], { version = 1, validateOnly = false } = {}) {
  const request = {
    resources: resources.map(([resourceType, resourceName, ...changes]) => ({
      resourceType,
      resourceName,
      configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })),
    })),
    validateOnly,
  };
  const { responses } = await broker.ask(
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    version,
    request,
  );
  return responses.map(errorOf);
}

async function valueOf(broker: TestBroker, resourceType: number, resourceName: string, name: string) {
  const { results: [{ configs }] } = await broker.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [{ resourceType, resourceName, configurationKeys: [name] }],
  });
  return configs[0].value;
}

Deno.test("configs are set and deleted one by one, in every version", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  for (const version of [0, 1]) {
    assertEquals(
      await alter(broker, [[TOPIC, "t", ["retention.ms", SET, "9"], ["flush.ms", SET, "8"]]], { version }),
      ["NONE"],
    );
    assertEquals(await alter(broker, [[TOPIC, "t", ["retention.ms", DELETE, null]]], { version }), ["NONE"]);
    assertEquals(await valueOf(broker, TOPIC, "t", "retention.ms"), "604800000");
    assertEquals(await valueOf(broker, TOPIC, "t", "flush.ms"), "8");
  }
});

Deno.test("lists are appended to and subtracted from", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  await alter(broker, [[TOPIC, "t", ["cleanup.policy", APPEND, "compact"]]]);
  assertEquals(await valueOf(broker, TOPIC, "t", "cleanup.policy"), "delete,compact");
  await alter(broker, [[TOPIC, "t", ["cleanup.policy", SUBTRACT, "delete"]]]);
  assertEquals(await valueOf(broker, TOPIC, "t", "cleanup.policy"), "compact");
  assertEquals(await alter(broker, [[TOPIC, "t", ["retention.ms", APPEND, "5"]]]), [
    "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.",
  ]);
});

Deno.test("the next batch is judged by the changed config", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const produce = async () => {
    const partitionData = [{ index: 0, records: batch(["x".repeat(500)]) }];
    const request = { acks: -1, timeoutMs: 1000, topicData: [{ name: "t", partitionData }] };
    const { responses } = await broker.ask(ProduceRequest, ProduceResponse, 12, request);
    return errorOf({ errorCode: responses[0].partitionResponses[0].errorCode });
  };
  assertEquals(await produce(), "NONE");
  await alter(broker, [[TOPIC, "t", ["max.message.bytes", SET, "100"]]]);
  assertEquals(await produce(), "MESSAGE_TOO_LARGE");
  await alter(broker, [[TOPIC, "t", ["max.message.bytes", DELETE, null]]]);
  assertEquals(await produce(), "NONE");
  await alter(broker, [[BROKER, "", ["message.max.bytes", SET, "100"]]]);
  assertEquals(await produce(), "MESSAGE_TOO_LARGE");
});

Deno.test("what is refused changes nothing of its resource, and nothing else", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1, u: 1 });
  const errors = await alter(broker, [
    [TOPIC, "t", ["retention.ms", SET, "9"], ["flush.ms", SET, "x"]],
    [TOPIC, "u", ["retention.ms", SET, "9"]],
    [TOPIC, "nosuch", ["retention.ms", SET, "9"]],
    [TOPIC, "a b", ["retention.ms", SET, "9"]],
    [99, "x", ["retention.ms", SET, "9"]],
  ]);
  assertEquals(errors, [
    "INVALID_CONFIG: Invalid value x for configuration flush.ms: Not a number of type LONG",
    "NONE",
    "UNKNOWN_TOPIC_OR_PARTITION: The topic 'nosuch' does not exist.",
    "INVALID_TOPIC_EXCEPTION: Topic name is invalid: 'a b' contains one or more characters other than ASCII " +
    "alphanumerics, '.', '_' and '-'",
    "INVALID_REQUEST: Unknown resource type 99",
  ]);
  assertEquals(await valueOf(broker, TOPIC, "t", "retention.ms"), "604800000");
  assertEquals(await valueOf(broker, TOPIC, "u", "retention.ms"), "9");
});

Deno.test("a request that is not put well is refused", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const cases: [Change[], string][] = [
    [[["retention.ms", SET, "1"], ["retention.ms", SET, "2"]], "INVALID_REQUEST: Error due to duplicate config keys"],
    [[["retention.ms", SET, null]], "INVALID_REQUEST: Null value not supported for : retention.ms"],
    [[["retention.ms", 9, "1"]], "INVALID_REQUEST: Unknown operations type 9"],
  ];
  for (const [changes, error] of cases) assertEquals(await alter(broker, [[TOPIC, "t", ...changes]]), [error]);
  const twice = "INVALID_REQUEST: Each resource must appear at most once.";
  assertEquals(
    await alter(broker, [[TOPIC, "t", ["flush.ms", SET, "1"]], [TOPIC, "t", ["flush.ms", SET, "2"]]]),
    [twice, twice],
  );
});

Deno.test("validateOnly changes nothing", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  assertEquals(await alter(broker, [[TOPIC, "t", ["flush.ms", SET, "1"]]], { validateOnly: true }), ["NONE"]);
  assertEquals(await valueOf(broker, TOPIC, "t", "flush.ms"), "9223372036854775807");
});

Deno.test("configs of brokers change as far as a running broker can obey", async () => {
  await using broker = await TestBroker.start();
  const cases: [string, Change, string][] = [
    ["1", ["log.retention.ms", SET, "12345"], "NONE"],
    ["", ["message.max.bytes", SET, "2000000"], "NONE"],
    ["1", ["node.id", SET, "7"], "INVALID_REQUEST: Cannot update these configs dynamically: [node.id]"],
    [
      "",
      ["log.retention.ms", SET, "x"],
      "INVALID_REQUEST: Invalid value x for configuration log.retention.ms: " +
      "Not a number of type LONG",
    ],
    [
      "1",
      ["log.retention.ms", SET, "0"],
      "INVALID_REQUEST: log.retention.ms is 0: it must be 1 or more, or -1 for " +
      "no limit",
    ],
    [
      "",
      ["min.insync.replicas", DELETE, null],
      "INVALID_CONFIG: Cluster-level min.insync.replicas cannot be removed " +
      "while ELR is enabled.",
    ],
    ["7", ["log.retention.ms", SET, "1"], "INVALID_REQUEST: Unexpected broker id, expected 1, but received 7"],
    ["x", ["log.retention.ms", SET, "1"], "INVALID_REQUEST: Node id must be an integer, but it is: x"],
  ];
  for (const [name, change, error] of cases) assertEquals(await alter(broker, [[BROKER, name, change]]), [error]);
  assertEquals(await valueOf(broker, BROKER, "1", "log.retention.ms"), "12345");
});

Deno.test("loggers are changed one broker at a time, all that is named or nothing, and not for good", async () => {
  await using broker = await TestBroker.start();
  const levelOf = async (logger: string) => {
    const { results: [{ configs }] } = await broker.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
      resources: [{ resourceType: BROKER_LOGGER, resourceName: "1", configurationKeys: [logger] }],
    });
    return configs[0].value;
  };
  const good: Change[] = [["kafka.log", SET, "DEBUG"], ["root", SET, "WARN"]];
  assertEquals(await alter(broker, [[BROKER_LOGGER, "1", ...good]], { validateOnly: true }), ["NONE"]);
  assertEquals(await levelOf("kafka.log"), "INFO");
  assertEquals(await alter(broker, [[BROKER_LOGGER, "1", ...good, ["nope", SET, "INFO"]]]), [
    "INVALID_CONFIG: Logger nope does not exist!",
  ]);
  assertEquals(await levelOf("kafka.log"), "INFO");
  assertEquals(await alter(broker, [[BROKER_LOGGER, "1", ...good]]), ["NONE"]);
  assertEquals([await levelOf("kafka.log"), await levelOf("kafka.network")], ["DEBUG", "WARN"]);
  assertEquals(await alter(broker, [[BROKER_LOGGER, "1", ["kafka.log", DELETE, null]]]), ["NONE"]);
  assertEquals(await levelOf("kafka.log"), "WARN");
});

Deno.test("loggers that are not there, levels that are none and operations on lists are refused", async () => {
  await using broker = await TestBroker.start();
  const cases: [string, Change, string][] = [
    [
      "1",
      ["root", SET, "LOUD"],
      "INVALID_CONFIG: Cannot set the log level of root to LOUD as it is not a supported " +
      "log level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN",
    ],
    [
      "1",
      ["root", SET, "debug"],
      "INVALID_CONFIG: Cannot set the log level of root to debug as it is not a supported " +
      "log level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN",
    ],
    ["1", ["root", SET, null], "INVALID_REQUEST: Null value not supported for : root"],
    ["1", ["kafka", SET, "INFO"], "INVALID_CONFIG: Logger kafka does not exist!"],
    ["1", ["kafka", SET, "LOUD"], "INVALID_CONFIG: Logger kafka does not exist!"],
    ["1", ["toString", SET, "INFO"], "INVALID_CONFIG: Logger toString does not exist!"],
    ["1", ["kafka", DELETE, null], "INVALID_CONFIG: Logger kafka does not exist!"],
    ["1", ["root", DELETE, null], "INVALID_REQUEST: Removing the log level of the root logger is not allowed"],
    ["1", ["root", APPEND, "INFO"], "INVALID_REQUEST: APPEND operation is not allowed for the BROKER_LOGGER resource"],
    ["7", ["root", SET, "INFO"], "INVALID_REQUEST: Unexpected node id. Expected 1, but received 7"],
    ["x", ["root", SET, "INFO"], "INVALID_REQUEST: Node id must be an integer, but it is: x"],
  ];
  for (const [name, change, error] of cases) {
    assertEquals(await alter(broker, [[BROKER_LOGGER, name, change]]), [error]);
  }
});

Deno.test("configs of groups and metrics subscriptions are kept", async () => {
  await using broker = await TestBroker.start();
  const errors = await alter(broker, [
    [GROUP, "g", ["consumer.session.timeout.ms", SET, "46000"]],
    [GROUP, "h", ["consumer.session.timeout.ms", SET, "1"]],
    [GROUP, "", ["consumer.session.timeout.ms", SET, "46000"]],
    [CLIENT_METRICS, "m", ["interval.ms", SET, "1000"]],
    [CLIENT_METRICS, "n", ["nope", SET, "1"]],
    [CLIENT_METRICS, "", ["interval.ms", SET, "1000"]],
  ]);
  assertEquals(errors, [
    "NONE",
    "INVALID_CONFIG: consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
    "INVALID_REQUEST: Default group resources are not allowed.",
    "NONE",
    "INVALID_REQUEST: Unknown client metrics configuration: nope",
    "INVALID_REQUEST: Subscription name can't be empty",
  ]);
  assertEquals(await valueOf(broker, GROUP, "g", "consumer.session.timeout.ms"), "46000");
  assertEquals(await valueOf(broker, CLIENT_METRICS, "m", "interval.ms"), "1000");
});
