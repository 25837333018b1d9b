import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { DeleteRecordsRequest, DeleteRecordsResponse } from "../../../lib/protocol/messages/delete_records.ts";
import { FetchRequest, FetchResponse } from "../../../lib/protocol/messages/fetch.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { RawClient } from "../../interop/support/raw_client.ts";
import { batch } from "../../interop/support/record_batch.ts";
import { TestBroker } from "./support.ts";

type PartitionRequest = NonNullable<NonNullable<Init<FetchRequest>["topics"]>[number]["partitions"]>[number];

/** A broker whose topic t has two batches of one record each, of 69 bytes. */
async function brokerWithTwoBatches(): Promise<TestBroker> {
  const broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  for (const value of ["0", "1"]) await produce(broker, value);
  return broker;
}

async function produce(broker: TestBroker, value: string): Promise<void> {
  const { responses } = await broker.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [{ name: "t", partitionData: [{ index: 0, records: batch([value]) }] }],
  });
  assertEquals(responses[0].partitionResponses[0].errorCode, ErrorCode.NONE);
}

function request(topic: string, partition: PartitionRequest, fields: Init<FetchRequest> = {}): Init<FetchRequest> {
  return {
    maxWaitMs: 0,
    minBytes: 1,
    ...fields,
    topics: [{ topic, partitions: [{ partitionMaxBytes: 1000, ...partition }] }],
  };
}

async function fetchOne(
  broker: TestBroker,
  partition: PartitionRequest,
  fields: Init<FetchRequest> = {},
  version = 12,
) {
  const { responses } = await broker.ask(FetchRequest, FetchResponse, version, request("t", partition, fields));
  return responses[0].partitions[0];
}

Deno.test("what a fetch can be refused with", async () => {
  await using broker = await brokerWithTwoBatches();
  const errorOf = async (partition: PartitionRequest, fields: Init<FetchRequest> = {}) =>
    (await fetchOne(broker, partition, fields)).errorCode;
  assertEquals(await errorOf({ fetchOffset: 2 }), ErrorCode.NONE);
  assertEquals(await errorOf({ fetchOffset: 3 }), ErrorCode.OFFSET_OUT_OF_RANGE);
  assertEquals(await errorOf({ partition: 7 }), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  assertEquals(await errorOf({ currentLeaderEpoch: 1 }), ErrorCode.UNKNOWN_LEADER_EPOCH);
  assertEquals(await errorOf({ currentLeaderEpoch: -7 }), ErrorCode.NONE);
  assertEquals(await errorOf({ lastFetchedEpoch: 4 }), ErrorCode.OFFSET_OUT_OF_RANGE);
  assertEquals(await errorOf({}, { replicaId: 5 }), ErrorCode.NOT_LEADER_OR_FOLLOWER);
  assertEquals(await errorOf({}, { isolationLevel: 2 }), ErrorCode.INVALID_REQUEST);
});

Deno.test("an error that says who does not lead says since version 16 who does", async () => {
  await using broker = await TestBroker.start();
  const [topicId] = await broker.createTopics({ t: 1 });
  const leaderIn = async (version: number) => {
    const { responses } = await broker.ask(FetchRequest, FetchResponse, version, {
      replicaState: { replicaId: 5 },
      topics: [{ topicId, partitions: [{ partitionMaxBytes: 1000 }] }],
    });
    return responses[0].partitions[0].currentLeader;
  };
  assertEquals(await leaderIn(15), { leaderId: -1, leaderEpoch: -1 });
  assertEquals(await leaderIn(16), { leaderId: 1, leaderEpoch: 0 });
});

Deno.test("a partition that is not there does not disturb the wait for the others", async () => {
  await using broker = await brokerWithTwoBatches();
  using other = await RawClient.connect({ hostname: "127.0.0.1", port: broker.port });
  const waiting = other.ask(FetchRequest, FetchResponse, 12, {
    maxWaitMs: 60_000,
    minBytes: 1,
    topics: ["none", "t"].map((topic) => ({ topic, partitions: [{ fetchOffset: 2, partitionMaxBytes: 1000 }] })),
  });
  await produce(broker, "2");
  const { responses } = await waiting;
  assertEquals(responses.map(({ topic, partitions }) => [topic, partitions[0].errorCode]), [
    ["none", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ["t", ErrorCode.NONE],
  ]);
  assertEquals(responses[1].partitions[0].records!.length, 69);
});

Deno.test("where all that is asked for is not there, nothing is waited for", async () => {
  await using broker = await brokerWithTwoBatches();
  const { errorCode } = await fetchOne(broker, { partition: 7 }, { maxWaitMs: 60_000 });
  assertEquals(errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
});

Deno.test("the answer after a wait tells the log start offset of its end", async () => {
  await using broker = await brokerWithTwoBatches();
  using other = await RawClient.connect({ hostname: "127.0.0.1", port: broker.port });
  const waiting = other.ask(FetchRequest, FetchResponse, 12, request("t", { fetchOffset: 2 }, { maxWaitMs: 50 }));
  await broker.ask(DeleteRecordsRequest, DeleteRecordsResponse, 2, {
    topics: [{ name: "t", partitions: [{ offset: 2 }] }],
  });
  const { responses } = await waiting;
  assertEquals(responses[0].partitions[0].logStartOffset, 2n);
});

Deno.test("the first batch comes whole, however large; what follows only as far as it fits", async () => {
  await using broker = await brokerWithTwoBatches();
  const bytesOf = async (partitionMaxBytes: number, maxBytes = 1000) =>
    (await fetchOne(broker, { partitionMaxBytes }, { maxBytes })).records!.length;
  assertEquals(await bytesOf(1), 69);
  assertEquals(await bytesOf(137), 69);
  assertEquals(await bytesOf(138), 138);
  assertEquals(await bytesOf(1000, 1), 69);
  assertEquals(await bytesOf(-1, -1), 69);
});

Deno.test("a session may begin with no partition at all", async () => {
  await using broker = await brokerWithTwoBatches();
  const { sessionId } = await broker.ask(FetchRequest, FetchResponse, 12, { sessionEpoch: 0 });
  assert(sessionId > 0);
  const session = { sessionId, sessionEpoch: 1 };
  const { responses } = await broker.ask(FetchRequest, FetchResponse, 12, request("t", {}, session));
  assertEquals(responses[0].partitions[0].records!.length, 138);
});
