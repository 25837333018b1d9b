import { assertEquals } from "@std/assert";
import {
  alterConfigs,
  type ConfigAlteration,
  ConfigOperation,
  incrementalAlterConfigs,
} from "../../../lib/metadata/decide/configs.ts";
import { ConfigResourceType } from "../../../lib/metadata/image/configs_image.ts";
import type { MetadataImage } from "../../../lib/metadata/image/image.ts";
import { metadataRecord } from "../../../lib/metadata/record.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { apply, decisionContext, imageOf, TEST_RULES } from "../support.ts";

const { TOPIC, BROKER, GROUP, CLIENT_METRICS } = ConfigResourceType;
const { SET, DELETE, APPEND, SUBTRACT } = ConfigOperation;

function imageWithTopic(): MetadataImage {
  return imageOf(metadataRecord("TopicRecord", { name: "t", topicId: "TOPICaaaaaaaaaaaaaaaaA" }));
}

function change(name: string, configOperation: number, value: string | null = null): ConfigAlteration {
  return { name, configOperation, value };
}

/** Alters one resource of an image, and gives the error. */
function alter(image: MetadataImage, resourceType: number, resourceName: string, ...configs: ConfigAlteration[]) {
  const request = { resources: [{ resourceType, resourceName, configs }], validateOnly: false };
  const decision = incrementalAlterConfigs(image, request, decisionContext());
  apply(image, decision);
  assertEquals(decision.result.map((result) => [result.resourceType, result.resourceName]), [[
    resourceType,
    resourceName,
  ]]);
  return [decision.result[0].errorCode, decision.result[0].errorMessage];
}

const DONE = [ErrorCode.NONE, null];

Deno.test("a list cannot grow beyond what a record of the metadata log can carry", () => {
  const image = imageWithTopic();
  const parts = (from: number) => Array.from({ length: 6000 }, (_, index) => `${from + index}`).join(",");
  assertEquals(alter(image, TOPIC, "t", change("cleanup.policy", APPEND, parts(10_000))), [
    ErrorCode.INVALID_CONFIG,
    "Invalid value for configuration cleanup.policy: it takes 36006 bytes, the limit is 32767",
  ]);
});

Deno.test("configs are set and deleted, and the others stay", () => {
  const image = imageWithTopic();
  assertEquals(alter(image, TOPIC, "t", change("retention.ms", SET, "5"), change("cleanup.policy", SET, "a")), DONE);
  assertEquals(alter(image, TOPIC, "t", change("retention.ms", DELETE)), DONE);
  assertEquals([...image.configs(TOPIC, "t")], [["cleanup.policy", "a"]]);
});

Deno.test("lists are appended to and subtracted from, beginning with the default", () => {
  const image = imageWithTopic();
  const policy = () => image.configs(TOPIC, "t").get("cleanup.policy");
  assertEquals(alter(image, TOPIC, "t", change("cleanup.policy", APPEND, "compact")), DONE);
  assertEquals(policy(), "delete,compact");
  assertEquals(alter(image, TOPIC, "t", change("cleanup.policy", APPEND, "compact, x")), DONE);
  assertEquals(policy(), "delete,compact,x");
  assertEquals(alter(image, TOPIC, "t", change("cleanup.policy", SUBTRACT, "delete,x")), DONE);
  assertEquals(policy(), "compact");
  assertEquals(alter(image, TOPIC, "t", change("cleanup.policy", SUBTRACT, "compact")), DONE);
  assertEquals(policy(), "");
});

Deno.test("a value that is already so makes no record", () => {
  const image = imageWithTopic();
  alter(image, TOPIC, "t", change("retention.ms", SET, "5"));
  const resources = [{
    resourceType: TOPIC,
    resourceName: "t",
    configs: [change("retention.ms", SET, "5"), change("foo", DELETE)],
  }];
  const { records, result } = incrementalAlterConfigs(image, { resources, validateOnly: false }, decisionContext());
  assertEquals([records.length, result[0].errorCode], [0, ErrorCode.NONE]);
});

Deno.test("setting all at once takes away what is not named", () => {
  const image = imageWithTopic();
  alter(image, TOPIC, "t", change("retention.ms", SET, "5"));
  const configs = [{ name: "cleanup.policy", value: "compact" }];
  const request = { resources: [{ resourceType: TOPIC, resourceName: "t", configs }], validateOnly: false };
  apply(image, alterConfigs(image, request, decisionContext()));
  assertEquals([...image.configs(TOPIC, "t")], [["cleanup.policy", "compact"]]);
});

Deno.test("what cannot be changed is refused in the words of Apache Kafka", () => {
  const name =
    "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
  const retention = change("retention.ms", SET, "5");
  const cases: [number, string, ConfigAlteration[], ErrorCode, string][] = [
    [TOPIC, "nope", [retention], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic 'nope' does not exist."],
    [TOPIC, "a/b", [retention], ErrorCode.INVALID_TOPIC_EXCEPTION, name],
    [TOPIC, "", [retention], ErrorCode.INVALID_REQUEST, "Default topic resources are not allowed."],
    [TOPIC, "t", [change("foo", SET, "5")], ErrorCode.INVALID_CONFIG, "Unknown topic config name: foo"],
    [
      TOPIC,
      "t",
      [change("retention.ms", SET, "x")],
      ErrorCode.INVALID_CONFIG,
      "Invalid value x for configuration retention.ms: Not a number of type LONG",
    ],
    [
      TOPIC,
      "t",
      [change("retention.ms", APPEND, "5")],
      ErrorCode.INVALID_CONFIG,
      "Can't APPEND to key retention.ms because its type is not LIST.",
    ],
    [
      TOPIC,
      "t",
      [change("retention.ms", SUBTRACT, "5")],
      ErrorCode.INVALID_CONFIG,
      "Can't SUBTRACT to key retention.ms because its type is not LIST.",
    ],
    [
      TOPIC,
      "t",
      [change("retention.ms", SET)],
      ErrorCode.INVALID_REQUEST,
      "Null value not supported for : retention.ms",
    ],
    [TOPIC, "t", [retention, retention], ErrorCode.INVALID_REQUEST, "Error due to duplicate config keys"],
    [TOPIC, "t", [change("retention.ms", 9, "5")], ErrorCode.INVALID_REQUEST, "Unknown operations type 9"],
    [BROKER, "5", [retention], ErrorCode.INVALID_REQUEST, "Unexpected broker id, expected 1, but received 5"],
    [BROKER, "x", [retention], ErrorCode.INVALID_REQUEST, "Node id must be an integer, but it is: x"],
    [GROUP, "", [retention], ErrorCode.INVALID_REQUEST, "Default group resources are not allowed."],
    [GROUP, "g", [change("foo", SET, "5")], ErrorCode.INVALID_CONFIG, "Unknown group config name: foo"],
    [CLIENT_METRICS, "", [retention], ErrorCode.INVALID_REQUEST, "Subscription name can't be empty"],
    [0, "t", [retention], ErrorCode.INVALID_REQUEST, "Unknown resource type 0"],
  ];
  for (const [resourceType, resourceName, configs, errorCode, message] of cases) {
    const image = imageWithTopic();
    assertEquals(alter(image, resourceType, resourceName, ...configs), [errorCode, message]);
    assertEquals(image.configs(resourceType, resourceName).get("retention.ms"), undefined);
  }
});

Deno.test("this broker, all brokers, groups and subscriptions have configs without being made first", () => {
  const image = imageOf();
  const resources = [[BROKER, "1"], [BROKER, ""], [GROUP, "g"], [CLIENT_METRICS, "m"]] as const;
  for (const [resourceType, resourceName] of resources) {
    assertEquals(alter(image, resourceType, resourceName, change("retention.ms", SET, "5")), DONE);
    assertEquals(image.configs(resourceType, resourceName).get("retention.ms"), "5");
  }
});

Deno.test("a resource named twice is refused both times, and the others go on", () => {
  const image = imageWithTopic();
  const configs = [change("retention.ms", SET, "5")];
  const resources = ["t", "nope", "nope"].map((resourceName) => ({ resourceType: TOPIC, resourceName, configs }));
  const { records, result } = incrementalAlterConfigs(image, { resources, validateOnly: false }, decisionContext());
  assertEquals(records.length, 1);
  assertEquals(result.map(({ errorCode }) => errorCode), [
    ErrorCode.NONE,
    ErrorCode.INVALID_REQUEST,
    ErrorCode.INVALID_REQUEST,
  ]);
  assertEquals(result[1].errorMessage, "Each resource must appear at most once.");
});

Deno.test("configs that do not go together are refused, with those that stay counted", () => {
  const image = imageWithTopic();
  alter(image, TOPIC, "t", change("retention.ms", SET, "5"));
  const configRules = {
    ...TEST_RULES,
    validateConfigs: (_: number, _name: string, configs: ReadonlyMap<string, string>) =>
      configs.size > 1 ? "not together" : null,
  };
  const resources = [{ resourceType: TOPIC, resourceName: "t", configs: [change("cleanup.policy", SET, "x")] }];
  const { result } = incrementalAlterConfigs(
    image,
    { resources, validateOnly: false },
    decisionContext({ configRules }),
  );
  assertEquals([result[0].errorCode, result[0].errorMessage], [ErrorCode.INVALID_CONFIG, "not together"]);
});

Deno.test("with eligible leader replicas, min.insync.replicas is the cluster's, and stays set", () => {
  const image = imageOf();
  const rules = { ...TEST_RULES, validateConfig: () => null };
  const decide = (resourceName: string, configs: ConfigAlteration[]) => {
    const resources = [{ resourceType: BROKER, resourceName, configs }];
    const { result } = incrementalAlterConfigs(
      image,
      { resources, validateOnly: false },
      decisionContext({ configRules: rules }),
    );
    return [result[0].errorCode, result[0].errorMessage];
  };
  assertEquals(decide("", [change("min.insync.replicas", SET, "2")]), DONE);
  assertEquals(decide("", [change("min.insync.replicas", DELETE)]), [
    ErrorCode.INVALID_CONFIG,
    "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
  ]);
  assertEquals(decide("1", [change("min.insync.replicas", SET, "2")]), [
    ErrorCode.INVALID_CONFIG,
    "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
  ]);
  const request = { resources: [{ resourceType: BROKER, resourceName: "", configs: [] }], validateOnly: false };
  assertEquals(
    alterConfigs(image, request, decisionContext()).result[0].errorMessage,
    "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
  );
});

Deno.test("validating only changes nothing", () => {
  const image = imageWithTopic();
  const resources = [{ resourceType: TOPIC, resourceName: "t", configs: [change("retention.ms", SET, "5")] }];
  const { records } = incrementalAlterConfigs(image, { resources, validateOnly: true }, decisionContext());
  assertEquals(records, []);
});
