/**
 * Streams groups through a broker; what each heartbeat comes to is tested in tests/coordinator, and beside Apache Kafka
 * in tests/interop.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { HeartbeatStatus } from "../../../lib/coordinator/group/streams/mod.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { CreateAclsRequest, CreateAclsResponse } from "../../../lib/protocol/messages/create_acls.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../../lib/protocol/messages/describe_configs.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../../lib/protocol/messages/find_coordinator.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { ListGroupsRequest, ListGroupsResponse } from "../../../lib/protocol/messages/list_groups.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../../lib/protocol/messages/offset_fetch.ts";
import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from "../../../lib/protocol/messages/streams_group_describe.ts";
import {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from "../../../lib/protocol/messages/streams_group_heartbeat.ts";
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from "../../../lib/protocol/messages/update_features.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { TestBroker } from "./support.ts";

const GROUP = "application";
const WITHOUT_DELAYS = {
  "group.streams.initial.rebalance.delay.ms": "0",
  "group.streams.assignment.interval.ms": "0",
};
const { MISSING_INTERNAL_TOPICS, MISSING_SOURCE_TOPICS } = HeartbeatStatus;

type Heartbeat = Init<StreamsGroupHeartbeatRequest>;

function beat(broker: TestBroker, part: Heartbeat): Promise<StreamsGroupHeartbeatResponse> {
  return broker.ask(StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, 0, {
    groupId: GROUP,
    memberId: "a",
    ...part,
  });
}

/** A member joins an application that reads topic `in` and keeps state. */
function enter(broker: TestBroker, part: Heartbeat = {}, changelog: ChangelogTopic = {}) {
  return beat(broker, {
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    processId: "p",
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    topology: {
      epoch: 0,
      subtopologies: [{
        subtopologyId: "0",
        sourceTopics: ["in"],
        stateChangelogTopics: [{ name: "changelog", ...changelog }],
      }],
    },
    ...part,
  });
}

type Subtopology = NonNullable<NonNullable<Heartbeat["topology"]>["subtopologies"]>[number];
type ChangelogTopic = NonNullable<Subtopology["stateChangelogTopics"]>[number];

async function describe(broker: TestBroker, ...groupIds: string[]): Promise<StreamsGroupDescribeResponse["groups"]> {
  const request = { groupIds, includeAuthorizedOperations: true };
  return (await broker.ask(StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, 0, request)).groups;
}

Deno.test("internal topics are created as the application wants them, and the tasks told at once", async () => {
  await using broker = await TestBroker.start(WITHOUT_DELAYS);
  await broker.createTopics({ in: 3 });
  const compact = [{ key: "cleanup.policy", value: "compact" }, { key: "segment.bytes", value: "2000000" }];
  const { errorCode, memberEpoch, status, activeTasks } = await enter(broker, {}, {
    replicationFactor: 1,
    topicConfigs: compact,
  });
  assertEquals([errorCode, memberEpoch, status], [ErrorCode.NONE, 3, []]);
  assertEquals(activeTasks!.map(({ partitions }) => partitions), [[0, 1, 2]]);
  const { topics } = await broker.ask(MetadataRequest, MetadataResponse, 12, { topics: [{ name: "changelog" }] });
  assertEquals(topics[0].partitions.length, 3);
  const { results } = await broker.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [{ resourceType: 2, resourceName: "changelog", configurationKeys: ["cleanup.policy", "segment.bytes"] }],
  });
  assertEquals(results[0].configs.map(({ value }) => value), ["compact", "2000000"]);
  assertEquals((await beat(broker, { memberEpoch: 3 })).errorCode, ErrorCode.NONE);
});

Deno.test("internal topics that are needed later are created for a member that is there already", async () => {
  await using broker = await TestBroker.start(WITHOUT_DELAYS);
  assertEquals((await enter(broker)).status!.map(({ statusCode }) => statusCode), [MISSING_SOURCE_TOPICS]);
  await broker.createTopics({ in: 2 });
  const { memberEpoch, status, activeTasks } = await beat(broker, { memberEpoch: 2 });
  assertEquals([memberEpoch, status], [4, []]);
  assertEquals(activeTasks!.map(({ partitions }) => partitions), [[0, 1]]);
});

Deno.test("it is told why an internal topic cannot be created", async () => {
  await using broker = await TestBroker.start(WITHOUT_DELAYS);
  await broker.createTopics({ in: 1 });
  const { errorCode, status } = await enter(broker, {}, { topicConfigs: [{ key: "no.such.config", value: "x" }] });
  assertEquals(errorCode, ErrorCode.NONE);
  const [{ statusCode, statusDetail }] = status!;
  assertEquals(statusCode, MISSING_INTERNAL_TOPICS);
  assertStringIncludes(statusDetail, "Internal topics are missing: changelog; Creation failed: changelog (");
  assertStringIncludes(statusDetail, "no.such.config");
});

Deno.test("the configs of a group hold for it, and those of the broker for others", async () => {
  await using broker = await TestBroker.start({ ...WITHOUT_DELAYS, "group.streams.heartbeat.interval.ms": "6000" });
  await broker.createTopics({ in: 1 });
  const { responses } = await broker.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources: [{
      resourceType: 32,
      resourceName: GROUP,
      configs: [{ name: "streams.heartbeat.interval.ms", configOperation: 0, value: "7000" }],
    }],
  });
  assertEquals(responses[0].errorCode, ErrorCode.NONE);
  assertEquals((await enter(broker)).heartbeatIntervalMs, 7000);
  assertEquals((await enter(broker, { groupId: "other" })).heartbeatIntervalMs, 6000);
});

Deno.test("streams groups are listed, described, and found by their coordinator", async () => {
  await using broker = await TestBroker.start(WITHOUT_DELAYS);
  await broker.createTopics({ in: 1 });
  const found = await broker.ask(FindCoordinatorRequest, FindCoordinatorResponse, 6, { coordinatorKeys: [GROUP] });
  assertEquals(found.coordinators[0].errorCode, ErrorCode.NONE);
  await enter(broker, { clientTags: [{ key: "zone", value: "z" }], userEndpoint: { host: "h", port: 65535 } });
  const { groups } = await broker.ask(ListGroupsRequest, ListGroupsResponse, 5, { typesFilter: ["STREAMS"] });
  assertEquals(
    groups.map(({ groupId, protocolType, groupState, groupType }) => [
      groupId,
      protocolType,
      groupState,
      groupType,
    ]),
    [[GROUP, "streams", "Stable", "streams"]],
  );
  const described = await describe(broker, GROUP, "other", "");
  assertEquals(described.map(({ errorCode }) => errorCode), [
    ErrorCode.NONE,
    ErrorCode.GROUP_ID_NOT_FOUND,
    ErrorCode.INVALID_GROUP_ID,
  ]);
  const [{ members: [member], topology, authorizedOperations }] = described;
  assertEquals([member.clientTags[0].value, member.userEndpoint!.port, member.processId], ["z", 65535, "p"]);
  assertEquals(topology!.subtopologies![0].stateChangelogTopics[0].name, "changelog");
  assertEquals(authorizedOperations > 0, true);
});

Deno.test("a heartbeat that says nonsense is refused, and the member goes on", async () => {
  await using broker = await TestBroker.start(WITHOUT_DELAYS);
  await broker.createTopics({ in: 1, changelog: 1 });
  assertEquals((await enter(broker)).memberEpoch, 2);
  const codes = async (part: Heartbeat) => (await beat(broker, part)).errorCode;
  assertEquals(await codes({ memberEpoch: 2, activeTasks: [] }), ErrorCode.INVALID_REQUEST);
  assertEquals(await codes({ memberEpoch: 2, instanceId: "i" }), ErrorCode.INVALID_REQUEST);
  assertEquals(await codes({ memberEpoch: -7 }), ErrorCode.INVALID_REQUEST);
  assertEquals(await codes({ memberEpoch: 2, groupId: "" }), ErrorCode.INVALID_REQUEST);
  assertEquals(await codes({ memberEpoch: 2, memberId: "" }), ErrorCode.INVALID_REQUEST);
  assertEquals(await codes({ memberEpoch: 9 }), ErrorCode.FENCED_MEMBER_EPOCH);
  const reading = (topic: string) => ({ epoch: 0, subtopologies: [{ subtopologyId: "0", sourceTopics: [topic] }] });
  for (const topic of ["__transaction_state", "..", "a b", "x".repeat(300)]) {
    const refused = await enter(broker, { groupId: "new", topology: reading(topic) });
    assertEquals(refused.errorCode, ErrorCode.STREAMS_INVALID_TOPOLOGY);
    assertStringIncludes(refused.errorMessage!, topic);
  }
  const empty = await enter(broker, {
    groupId: "new",
    topology: { epoch: 0, subtopologies: [{ subtopologyId: "0" }] },
  });
  assertEquals(empty.errorCode, ErrorCode.STREAMS_INVALID_TOPOLOGY);
  assertEquals((await describe(broker, "new"))[0].errorCode, ErrorCode.GROUP_ID_NOT_FOUND);
  assertEquals(await codes({ memberEpoch: 2 }), ErrorCode.NONE);
});

Deno.test("an application without any subtopology has a group without tasks", async () => {
  await using broker = await TestBroker.start(WITHOUT_DELAYS);
  const { errorCode, activeTasks, status } = await enter(broker, { topology: { epoch: 0, subtopologies: [] } });
  assertEquals([errorCode, activeTasks, status], [ErrorCode.NONE, [], []]);
});

Deno.test("offsets are told to a member in its epoch alone", async () => {
  await using broker = await TestBroker.start(WITHOUT_DELAYS);
  await broker.createTopics({ in: 1, changelog: 1 });
  await enter(broker);
  const fetch = async (memberId: string | null, memberEpoch: number) => {
    const groups = [{ groupId: GROUP, memberId, memberEpoch, topics: null }];
    return (await broker.ask(OffsetFetchRequest, OffsetFetchResponse, 9, { groups })).groups[0].errorCode;
  };
  assertEquals(await fetch("a", 2), ErrorCode.NONE);
  assertEquals(await fetch("a", 1), ErrorCode.STALE_MEMBER_EPOCH);
  assertEquals(await fetch("b", 2), ErrorCode.UNKNOWN_MEMBER_ID);
  assertEquals(await fetch(null, -1), ErrorCode.NONE);
});

Deno.test("with streams.version 0 there are no streams groups", async () => {
  await using broker = await TestBroker.start(WITHOUT_DELAYS);
  const { errorCode } = await broker.ask(UpdateFeaturesRequest, UpdateFeaturesResponse, 2, {
    featureUpdates: [{ feature: "streams.version", maxVersionLevel: 0, upgradeType: 2 }],
  });
  assertEquals(errorCode, ErrorCode.NONE);
  assertEquals((await enter(broker)).errorCode, ErrorCode.UNSUPPORTED_VERSION);
  assertEquals((await describe(broker, GROUP))[0].errorCode, ErrorCode.UNSUPPORTED_VERSION);
});

Deno.test("with a list of protocols that lacks them there are no streams groups", async () => {
  await using broker = await TestBroker.start({ "group.coordinator.rebalance.protocols": "classic,consumer" });
  assertEquals((await enter(broker)).errorCode, ErrorCode.UNSUPPORTED_VERSION);
});

Deno.test("who may not read the group, or know of its topics, or create them, is told so", async () => {
  await using broker = await TestBroker.start({
    ...WITHOUT_DELAYS,
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
  });
  await broker.createTopics({ in: 1 });
  const hidden = { resourceType: TOPIC, resourceName: "hidden", principal: "User:somebody" };
  await allow(broker, hidden, { ...hidden, resourceType: GROUP_RESOURCE });
  assertEquals((await enter(broker, { groupId: "hidden" })).errorCode, ErrorCode.GROUP_AUTHORIZATION_FAILED);
  assertEquals((await describe(broker, "hidden"))[0].errorCode, ErrorCode.GROUP_AUTHORIZATION_FAILED);
  const reading = { epoch: 0, subtopologies: [{ subtopologyId: "0", sourceTopics: ["in", "hidden"] }] };
  assertEquals((await enter(broker, { topology: reading })).errorCode, ErrorCode.TOPIC_AUTHORIZATION_FAILED);
  await allow(broker, { resourceType: TOPIC, resourceName: "changelog", operation: DESCRIBE }, {
    resourceType: CLUSTER,
    resourceName: "kafka-cluster",
    operation: DESCRIBE,
  });
  const { status } = await enter(broker);
  assertEquals(status!.map(({ statusDetail }) => statusDetail), [
    "Internal topics are missing: changelog; Unauthorized to CREATE on topics changelog.",
  ]);
  assertEquals((await describe(broker, GROUP))[0].errorCode, ErrorCode.NONE);
});

const [TOPIC, GROUP_RESOURCE, CLUSTER] = [2, 3, 4];
const [READ, DESCRIBE] = [3, 8];

/** Lets somebody, by default everybody, do something to a resource; nobody else may then. */
async function allow(broker: TestBroker, ...entries: NonNullable<Init<CreateAclsRequest>["creations"]>): Promise<void> {
  const usual = { principal: "User:*", host: "*", operation: READ, resourcePatternType: 3, permissionType: 3 };
  const { results } = await broker.ask(CreateAclsRequest, CreateAclsResponse, 3, {
    creations: entries.map((entry) => ({ ...usual, ...entry })),
  });
  assertEquals(results.map(({ errorCode }) => errorCode), entries.map(() => ErrorCode.NONE));
}
