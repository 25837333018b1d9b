import { assertEquals, assertExists } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from "../../../lib/protocol/messages/alter_share_group_offsets.ts";
import { CreateAclsRequest, CreateAclsResponse } from "../../../lib/protocol/messages/create_acls.ts";
import { DeleteGroupsRequest, DeleteGroupsResponse } from "../../../lib/protocol/messages/delete_groups.ts";
import {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from "../../../lib/protocol/messages/delete_share_group_offsets.ts";
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from "../../../lib/protocol/messages/describe_share_group_offsets.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../../lib/protocol/messages/find_coordinator.ts";
import { ListGroupsRequest, ListGroupsResponse } from "../../../lib/protocol/messages/list_groups.ts";
import {
  ShareGroupDescribeRequest,
  ShareGroupDescribeResponse,
} from "../../../lib/protocol/messages/share_group_describe.ts";
import {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from "../../../lib/protocol/messages/share_group_heartbeat.ts";
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from "../../../lib/protocol/messages/update_features.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { produce, ShareMember } from "./share_support.ts";
import { errorOf, TestBroker } from "./support.ts";

/** A share group's assignments are not held back by the interval between them. */
const AT_ONCE = { "group.share.assignment.interval.ms": "0" };

function heartbeat(broker: TestBroker, request: Partial<Init<ShareGroupHeartbeatRequest>>) {
  return broker.ask(ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse, 1, {
    groupId: "g",
    memberId: "m",
    memberEpoch: 0,
    rackId: null,
    subscribedTopicNames: request.memberEpoch ? null : ["t"],
    ...request,
  });
}

/** Joins, and beats until there is an assignment; gives the epoch and the number of partitions. */
async function join(broker: TestBroker, memberId = "m"): Promise<{ memberEpoch: number; partitions: number }> {
  let { memberEpoch, assignment } = await heartbeat(broker, { memberId });
  while (assignment === null || assignment.topicPartitions.length === 0) {
    const answer = await heartbeat(broker, { memberId, memberEpoch });
    memberEpoch = answer.memberEpoch;
    assignment = answer.assignment ?? assignment;
  }
  return { memberEpoch, partitions: assignment.topicPartitions[0].partitions.length };
}

async function describe(broker: TestBroker, groupId = "g") {
  const request = { groupIds: [groupId], includeAuthorizedOperations: false };
  const { groups } = await broker.ask(ShareGroupDescribeRequest, ShareGroupDescribeResponse, 1, request);
  return groups[0];
}

/** Where the group stands in partition 0 of "t", and how much is before it. */
async function offsets(
  broker: TestBroker,
  topics: Init<DescribeShareGroupOffsetsRequest>["groups"] = [{ groupId: "g", topics: null }],
) {
  const response = DescribeShareGroupOffsetsResponse;
  const { groups } = await broker.ask(DescribeShareGroupOffsetsRequest, response, 1, { groups: topics });
  const [partition] = groups[0].topics[0]?.partitions ?? [];
  return partition === undefined ? "nothing" : `${partition.startOffset}, lag ${partition.lag}`;
}

function alter(broker: TestBroker, startOffset: bigint, { topicName = "t", partitionIndex = 0, groupId = "g" } = {}) {
  return broker.ask(AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, 0, {
    groupId,
    topics: [{ topicName, partitions: [{ partitionIndex, startOffset }] }],
  });
}

Deno.test("a member of a share group gets partitions as soon as their state is kept", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  await broker.createTopics({ t: 3 });
  const first = await heartbeat(broker, {});
  assertEquals([first.errorCode, first.memberEpoch, first.assignment?.topicPartitions], [ErrorCode.NONE, 2, []]);
  assertEquals((await join(broker)).partitions, 3);
  const { groupState, assignorName, members } = await describe(broker);
  assertEquals([groupState, assignorName, members.length], ["Stable", "simple", 1]);
  assertEquals(members[0].assignment.topicPartitions[0].partitions, [0, 1, 2]);
});

Deno.test("members of a share group share its partitions, and get them back from who leaves", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  await broker.createTopics({ t: 2 });
  await join(broker, "a");
  const b = await join(broker, "b");
  assertEquals(b.partitions, 1);
  const left = await heartbeat(broker, { memberId: "a", memberEpoch: -1 });
  assertEquals([left.errorCode, left.memberEpoch], [ErrorCode.NONE, -1]);
  const { assignment } = await heartbeat(broker, { memberId: "b", memberEpoch: b.memberEpoch });
  assertExists(assignment);
  assertEquals(assignment.topicPartitions[0].partitions, [0, 1]);
});

Deno.test("a heartbeat of nobody that a share group knows, or of another epoch, is refused", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  await broker.createTopics({ t: 1 });
  const errorAt = async (request: Partial<Init<ShareGroupHeartbeatRequest>>) =>
    errorOf(await heartbeat(broker, request));
  assertEquals(await errorAt({ memberEpoch: 1 }), "GROUP_ID_NOT_FOUND: Share group g not found.");
  assertEquals(await errorAt({ memberId: "" }), "INVALID_REQUEST: Invalid member id in the request.");
  assertEquals(await errorAt({ groupId: "" }), "INVALID_REQUEST: GroupId can't be empty.");
  assertEquals(await errorAt({ memberEpoch: -2 }), "INVALID_REQUEST: MemberEpoch is invalid.");
  assertEquals(
    await errorAt({ subscribedTopicNames: [] }),
    "INVALID_REQUEST: SubscribedTopicNames must be set in first request.",
  );
  const { memberEpoch } = await join(broker);
  assertEquals(
    await errorAt({ memberId: "n", memberEpoch }),
    "UNKNOWN_MEMBER_ID: Member n is not a member of group g.",
  );
  assertEquals((await errorAt({ memberEpoch: memberEpoch + 1 })).startsWith("FENCED_MEMBER_EPOCH: "), true);
  assertEquals(await errorAt({ memberEpoch: memberEpoch - 1 }), "NONE");
});

Deno.test("a share group has no more members than it may", async () => {
  await using broker = await TestBroker.start({ ...AT_ONCE, "group.share.max.size": "1" });
  await broker.createTopics({ t: 1 });
  await join(broker, "a");
  assertEquals(
    errorOf(await heartbeat(broker, { memberId: "b" })),
    "GROUP_MAX_SIZE_REACHED: The share group has reached its maximum capacity of 1 members.",
  );
});

Deno.test("a share group of which records were accepted stands behind them", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  const [topicId] = await broker.createTopics({ t: 1 });
  await join(broker);
  const member = new ShareMember(broker, topicId, "m");
  assertEquals(await member.fetch(), "nothing");
  await produce(broker, topicId, 5);
  assertEquals(await member.fetch({ maxWaitMs: 10_000 }), "0-4×1");
  assertEquals(await member.say([0, 2, 1]), "NONE");
  assertEquals(await offsets(broker), "0, lag 2");
});

Deno.test("an administrator has a share group without members begin elsewhere", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  const [topicId] = await broker.createTopics({ t: 1 });
  await produce(broker, topicId, 5);
  const { responses } = await alter(broker, 3n);
  assertEquals(errorOf(responses[0].partitions[0]), "NONE");
  assertEquals(await offsets(broker), "3, lag 2");
  assertEquals(await new ShareMember(broker, topicId, "m").fetch(), "3-4×1");
  const unknown = "UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.";
  assertEquals(errorOf((await alter(broker, 0n, { topicName: "u" })).responses[0].partitions[0]), unknown);
  assertEquals(errorOf((await alter(broker, 0n, { partitionIndex: 1 })).responses[0].partitions[0]), unknown);
  assertEquals(errorOf(await alter(broker, 0n, { groupId: "" })), "INVALID_GROUP_ID");
  await join(broker);
  assertEquals(errorOf(await alter(broker, 0n)), "NON_EMPTY_GROUP: The group is not empty.");
});

Deno.test("a share group begins wherever an administrator says, and where there is nothing it gets nothing", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  const [topicId] = await broker.createTopics({ t: 1 });
  await produce(broker, topicId, 1);
  for (const startOffset of [-2n, -(1n << 63n), 1n << 53n, (1n << 63n) - 1n]) {
    const groupId = `from ${startOffset}`;
    assertEquals(errorOf((await alter(broker, startOffset, { groupId })).responses[0].partitions[0]), "NONE");
    const lag = BigInt.asIntN(64, 1n - startOffset);
    const asked = [{ groupId, topics: [{ topicName: "t", partitions: [0] }] }];
    assertEquals(await offsets(broker, asked), `${startOffset}, lag ${lag}`);
    const member = new ShareMember(broker, topicId, "m", groupId);
    assertEquals(await member.fetch(), startOffset < 0n ? "0-0×1" : "nothing", groupId);
  }
});

Deno.test("an administrator has a share group forget a topic, and deletes the group", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  await broker.createTopics({ t: 1, u: 1 });
  await alter(broker, 0n);
  const request = { groupId: "g", topics: ["t", "u", "v"].map((topicName) => ({ topicName })) };
  const response = DeleteShareGroupOffsetsResponse;
  const { responses } = await broker.ask(DeleteShareGroupOffsetsRequest, response, 0, request);
  assertEquals(responses.map((topic) => `${topic.topicName} ${errorOf(topic)}`), [
    "t NONE",
    "u UNKNOWN_TOPIC_OR_PARTITION: There is no offset information to delete.",
    "v UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.",
  ]);
  assertEquals(await offsets(broker), "nothing");
  assertEquals(await offsets(broker, [{ groupId: "g", topics: [{ topicName: "t", partitions: [0] }] }]), "-1, lag -1");
});

Deno.test("a share group is listed and deleted with all that is kept of it", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  await broker.createTopics({ t: 1 });
  await join(broker);
  const list = async () => {
    const { groups } = await broker.ask(ListGroupsRequest, ListGroupsResponse, 5, { typesFilter: ["share"] });
    return groups.map(({ groupId, groupType, groupState }) => `${groupId} ${groupType} ${groupState}`);
  };
  const remove = async () => {
    const { results } = await broker.ask(DeleteGroupsRequest, DeleteGroupsResponse, 2, { groupsNames: ["g"] });
    return errorOf({ errorCode: results[0].errorCode });
  };
  assertEquals(await list(), ["g share Stable"]);
  assertEquals(await remove(), "NON_EMPTY_GROUP");
  await heartbeat(broker, { memberEpoch: -1 });
  assertEquals(await list(), ["g share Empty"]);
  assertEquals(await remove(), "NONE");
  assertEquals(await list(), []);
  assertEquals(await offsets(broker), "nothing");
  assertEquals(errorOf(await describe(broker)), "GROUP_ID_NOT_FOUND: Group g not found.");
});

Deno.test("the coordinator of a share partition is found by a key of three parts", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 1 });
  const find = async (key: string, version = 6) => {
    const request = { keyType: 2, coordinatorKeys: [key] };
    const { coordinators } = await broker.ask(FindCoordinatorRequest, FindCoordinatorResponse, version, request);
    return errorOf(coordinators[0]);
  };
  assertEquals(await find(`g:${topicId}:0`), "NONE");
  assertEquals(await find(`g:${topicId}:0`, 5), "INVALID_REQUEST");
  assertEquals(await find(`${topicId}:0`), "INVALID_REQUEST");
  assertEquals(await find("g"), "INVALID_REQUEST");
});

Deno.test("where share.version is 0, no API of share groups is served", async () => {
  await using broker = await TestBroker.start(AT_ONCE);
  const [topicId] = await broker.createTopics({ t: 1 });
  const featureUpdates = [{ feature: "share.version", maxVersionLevel: 0, upgradeType: 3 }];
  await broker.ask(UpdateFeaturesRequest, UpdateFeaturesResponse, 1, { timeoutMs: 1000, featureUpdates });
  assertEquals(errorOf(await heartbeat(broker, {})), "UNSUPPORTED_VERSION");
  assertEquals(await new ShareMember(broker, topicId, "m").fetch(), "UNSUPPORTED_VERSION");
  assertEquals(await new ShareMember(broker, topicId, "m").say([0, 0, 1]), "UNSUPPORTED_VERSION");
  assertEquals(errorOf(await describe(broker)), "UNSUPPORTED_VERSION");
  assertEquals(errorOf(await alter(broker, 0n)), "UNSUPPORTED_VERSION");
});

Deno.test("offsets of topics that a client may not see are hidden from it, and not to be changed by it", async () => {
  await using broker = await TestBroker.start({
    ...AT_ONCE,
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
  });
  await broker.createTopics({ t: 1, open: 1 });
  const named = ["t", "open"].map((topicName) => ({ topicName, partitions: [{ partitionIndex: 0, startOffset: 0n }] }));
  await broker.ask(AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, 0, { groupId: "g", topics: named });
  const ofSomebody = { resourceName: "t", resourcePatternType: 3, principal: "User:somebody", host: "*" };
  await broker.ask(CreateAclsRequest, CreateAclsResponse, 3, {
    creations: [{ ...ofSomebody, resourceType: 2, operation: 2, permissionType: 3 }],
  });
  const described = await broker.ask(DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, 1, {
    groups: [{ groupId: "g", topics: ["t", "open"].map((topicName) => ({ topicName, partitions: [0] })) }, {
      groupId: "g",
      topics: null,
    }],
  });
  const shown = ({ topics }: typeof described.groups[number]) =>
    topics.map((
      { topicName, partitions: [{ errorCode, startOffset }] },
    ) => [topicName, errorCode, Number(startOffset)]);
  assertEquals(described.groups.map(shown), [
    [["t", ErrorCode.TOPIC_AUTHORIZATION_FAILED, -1], ["open", ErrorCode.NONE, 0]],
    [["open", ErrorCode.NONE, 0]],
  ]);
  const altered = await broker.ask(AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, 0, {
    groupId: "g",
    topics: named,
  });
  const byTopic = altered.responses.map(({ topicName, partitions }) => [topicName, errorOf(partitions[0])]);
  const refusal = "TOPIC_AUTHORIZATION_FAILED: Topic authorization failed.";
  assertEquals(byTopic, [["open", "NONE"], ["t", refusal]]);
  const deleted = await broker.ask(DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, 0, {
    groupId: "g",
    topics: ["t", "open"].map((topicName) => ({ topicName })),
  });
  assertEquals(deleted.responses.map((topic) => [topic.topicName, errorOf(topic)]), [["open", "NONE"], ["t", refusal]]);
});
