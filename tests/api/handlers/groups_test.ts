/**
 * Groups through a broker; what each request comes to is tested in tests/coordinator, and beside Apache Kafka in
 * tests/interop.
 */
import { assertEquals } from "@std/assert";
import { Broker } from "../../../lib/mod.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { DeleteGroupsRequest, DeleteGroupsResponse } from "../../../lib/protocol/messages/delete_groups.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../../lib/protocol/messages/delete_topics.ts";
import { DescribeGroupsRequest, DescribeGroupsResponse } from "../../../lib/protocol/messages/describe_groups.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../../lib/protocol/messages/find_coordinator.ts";
import { HeartbeatRequest, HeartbeatResponse } from "../../../lib/protocol/messages/heartbeat.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../../../lib/protocol/messages/join_group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "../../../lib/protocol/messages/leave_group.ts";
import { ListGroupsRequest, ListGroupsResponse } from "../../../lib/protocol/messages/list_groups.ts";
import { MetadataRequest, MetadataResponse } from "../../../lib/protocol/messages/metadata.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../../lib/protocol/messages/offset_commit.ts";
import { OffsetDeleteRequest, OffsetDeleteResponse } from "../../../lib/protocol/messages/offset_delete.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../../lib/protocol/messages/offset_fetch.ts";
import { SyncGroupRequest, SyncGroupResponse } from "../../../lib/protocol/messages/sync_group.ts";
import type { Init, Message } from "../../../lib/protocol/schema.ts";
import { RawClient } from "../../interop/support/raw_client.ts";
import { TestBroker } from "./support.ts";

const GROUP = "g";
const ASSIGNMENT = new Uint8Array([7]);

/** Whom one can ask. */
interface Asked {
  ask<Q, R>(request: Message<Q>, response: Message<R>, version: number, value: Init<Q>): Promise<R>;
}

function join(broker: Asked, memberId = ""): Promise<JoinGroupResponse> {
  return broker.ask(JoinGroupRequest, JoinGroupResponse, 9, {
    groupId: GROUP,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: new Uint8Array(0) }],
  });
}

/** A member that has joined alone, and is assigned {@linkcode ASSIGNMENT}. */
async function lead(broker: Asked): Promise<string> {
  const { memberId } = await join(broker);
  const { errorCode, leader, generationId } = await join(broker, memberId);
  assertEquals([errorCode, leader, generationId], [ErrorCode.NONE, memberId, 1]);
  const { assignment } = await broker.ask(SyncGroupRequest, SyncGroupResponse, 5, {
    groupId: GROUP,
    generationId: 1,
    memberId,
    protocolType: "consumer",
    protocolName: "range",
    assignments: [{ memberId, assignment: ASSIGNMENT }],
  });
  assertEquals(assignment, ASSIGNMENT);
  return memberId;
}

async function commit(broker: Asked, offset: number, topics: readonly string[]): Promise<ErrorCode[]> {
  const answer = await broker.ask(OffsetCommitRequest, OffsetCommitResponse, 9, {
    groupId: GROUP,
    topics: topics.map((name) => ({ name, partitions: [{ partitionIndex: 0, committedOffset: BigInt(offset) }] })),
  });
  return answer.topics.map(({ partitions }) => partitions[0].errorCode as ErrorCode);
}

/** The committed offsets, as `topic-partition@offset`. */
async function committed(broker: Asked): Promise<string[]> {
  const { groups } = await broker.ask(OffsetFetchRequest, OffsetFetchResponse, 9, {
    groups: [{ groupId: GROUP, topics: null }],
  });
  assertEquals(groups[0].errorCode, ErrorCode.NONE);
  return groups[0].topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset }) => `${name}-${partitionIndex}@${committedOffset}`)
  );
}

Deno.test("the first request about a group succeeds, and the topic of committed offsets is there then", async () => {
  await using broker = await TestBroker.start();
  await lead(broker);
  const { topics: [topic] } = await broker.ask(MetadataRequest, MetadataResponse, 12, {
    topics: [{ name: "__consumer_offsets" }],
    allowAutoTopicCreation: false,
  });
  assertEquals([topic.errorCode, topic.isInternal, topic.partitions.length], [ErrorCode.NONE, true, 50]);
});

Deno.test("this broker coordinates groups and transactions, and says plainly that it coordinates nothing else", async () => {
  await using broker = await TestBroker.start();
  const find = async (keyType: number) => {
    const { coordinators: [{ port, errorCode, errorMessage }] } = await broker.ask(
      FindCoordinatorRequest,
      FindCoordinatorResponse,
      6,
      { keyType, coordinatorKeys: ["key"] },
    );
    return errorCode === ErrorCode.NONE ? port : [errorCode, errorMessage];
  };
  assertEquals(await find(0), broker.port);
  assertEquals(await find(1), broker.port);
  assertEquals(await find(3), [ErrorCode.INVALID_REQUEST, "There is no key type 3"]);
});

Deno.test("a group lives, is listed and described, is left and deleted", async () => {
  await using broker = await TestBroker.start();
  const memberId = await lead(broker);
  const { groups: [listed] } = await broker.ask(ListGroupsRequest, ListGroupsResponse, 5, { statesFilter: ["stable"] });
  assertEquals([listed.groupId, listed.groupState, listed.groupType], [GROUP, "Stable", "classic"]);
  const { groups: [described] } = await broker.ask(DescribeGroupsRequest, DescribeGroupsResponse, 6, {
    groups: [GROUP],
  });
  const [{ clientHost, memberAssignment }] = described.members;
  assertEquals([described.protocolData, clientHost, memberAssignment], ["range", "/127.0.0.1", ASSIGNMENT]);
  const remove = async () => {
    const { results } = await broker.ask(DeleteGroupsRequest, DeleteGroupsResponse, 2, { groupsNames: [GROUP] });
    return results[0].errorCode;
  };
  assertEquals(await remove(), ErrorCode.NON_EMPTY_GROUP);
  await broker.ask(LeaveGroupRequest, LeaveGroupResponse, 5, {
    groupId: GROUP,
    members: [{ memberId, groupInstanceId: null }],
  });
  assertEquals(await remove(), ErrorCode.NONE);
  assertEquals(await remove(), ErrorCode.GROUP_ID_NOT_FOUND);
});

Deno.test("offsets are committed, fetched and deleted; those of a topic go with it", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ a: 1, b: 1, c: 1 });
  const { NONE, UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode;
  assertEquals(await commit(broker, 5, ["a", "none", "b", "c"]), [NONE, UNKNOWN_TOPIC_OR_PARTITION, NONE, NONE]);
  assertEquals(await committed(broker), ["a-0@5", "b-0@5", "c-0@5"]);
  await broker.ask(OffsetDeleteRequest, OffsetDeleteResponse, 0, {
    groupId: GROUP,
    topics: [{ name: "b", partitions: [{ partitionIndex: 0 }] }],
  });
  await broker.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, { topics: [{ name: "c" }], timeoutMs: 1000 });
  await broker.createTopics({ c: 1 });
  assertEquals(await committed(broker), ["a-0@5"]);
});

Deno.test("members and offsets are there after a restart", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-groups-" });
  try {
    let memberId: string;
    {
      await using served = await Served.start(folder);
      await served.ask(MetadataRequest, MetadataResponse, 12, {
        topics: [{ name: "t" }],
        allowAutoTopicCreation: true,
      });
      assertEquals(await commit(served, 5, ["t"]), [ErrorCode.NONE]);
      memberId = await lead(served);
    }
    await using served = await Served.start(folder);
    assertEquals(await committed(served), ["t-0@5"]);
    const { errorCode } = await served.ask(HeartbeatRequest, HeartbeatResponse, 4, {
      groupId: GROUP,
      generationId: 1,
      memberId,
    });
    assertEquals(errorCode, ErrorCode.NONE);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a member with the longest name that a request can carry is told an id that can be written", async () => {
  await using broker = await TestBroker.start();
  const { memberId, errorCode } = await broker.ask(JoinGroupRequest, JoinGroupResponse, 9, {
    groupId: "g".repeat(0x7fff),
    sessionTimeoutMs: 10_000,
    memberId: "",
    groupInstanceId: "i".repeat(0x7fff),
    protocolType: "consumer",
    protocols: [{ name: "p".repeat(0x7fff), metadata: new Uint8Array(0) }],
  });
  assertEquals([errorCode, memberId.replace(/i+/, "i").length], [ErrorCode.NONE, "i-".length + UUID_LENGTH]);
});

const UUID_LENGTH = 36;

Deno.test("when the topic of committed offsets is deleted, all is forgotten, and groups can begin anew", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  assertEquals(await commit(broker, 5, ["t"]), [ErrorCode.NONE]);
  await broker.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, {
    topics: [{ name: "__consumer_offsets" }],
    timeoutMs: 1000,
  });
  assertEquals(await committed(broker), []);
  await lead(broker);
});

Deno.test("a broker that is closed does not wait for those who wait for others to join", async () => {
  const served = await Served.start("memory");
  await lead(served);
  const other = await served.connect();
  const { memberId } = await join(other);
  const joining = join(other, memberId).catch(() => "gone");
  await served.ask(ListGroupsRequest, ListGroupsResponse, 5, {});
  await served[Symbol.asyncDispose]();
  assertEquals(await joining, "gone");
  other.close();
});

/** A broker on a folder, and a client of it. */
class Served implements Asked, AsyncDisposable {
  private constructor(readonly broker: Broker, readonly client: RawClient) {}

  static async start(dataDir: string): Promise<Served> {
    const broker = await Broker.start({ dataDir, logger: { info() {}, warn() {} } });
    const { host, port } = broker.address;
    return new Served(broker, await RawClient.connect({ hostname: host, port }));
  }

  connect(): Promise<RawClient> {
    return RawClient.connect({ hostname: this.broker.address.host, port: this.broker.address.port });
  }

  ask<Q, R>(request: Message<Q>, response: Message<R>, version: number, value: Init<Q>): Promise<R> {
    return this.client.ask(request, response, version, value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.broker.close();
  }
}
