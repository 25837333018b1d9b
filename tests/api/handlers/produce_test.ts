import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../lib/protocol/messages/create_topics.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import { Attributes, batch } from "../../interop/support/record_batch.ts";
import { newTopic, TestBroker } from "./support.ts";

async function produce(
  broker: TestBroker,
  records: Uint8Array | null,
  { name = "t", index = 0, acks = -1, version = 9, transactionalId = null as string | null } = {},
): Promise<[errorCode: number, baseOffset: number]> {
  const { responses } = await broker.ask(ProduceRequest, ProduceResponse, version, {
    transactionalId,
    acks,
    topicData: [{ name, partitionData: [{ index, records }] }],
  });
  const { errorCode, baseOffset } = responses[0].partitionResponses[0];
  return [errorCode, Number(baseOffset)];
}

async function brokerWithTopic(configs: Readonly<Record<string, string>> = {}): Promise<TestBroker> {
  const broker = await TestBroker.start();
  await broker.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
    topics: [newTopic("t", { configs })],
  });
  return broker;
}

Deno.test("what is appended gets the next offsets; what is refused gets none", async () => {
  await using broker = await brokerWithTopic();
  assertEquals(await produce(broker, batch(["0", "1"])), [ErrorCode.NONE, 0]);
  assertEquals(await produce(broker, null), [ErrorCode.INVALID_RECORD, -1]);
  assertEquals(await produce(broker, new Uint8Array(0)), [ErrorCode.INVALID_RECORD, -1]);
  assertEquals(await produce(broker, concat([batch(["x"]), batch(["y"])])), [ErrorCode.INVALID_RECORD, -1]);
  assertEquals(await produce(broker, batch(["x"], { crc: 1 })), [ErrorCode.CORRUPT_MESSAGE, -1]);
  assertEquals(await produce(broker, batch(["x"]), { acks: 2 }), [ErrorCode.INVALID_REQUIRED_ACKS, -1]);
  assertEquals(await produce(broker, batch(["x"]), { name: "none" }), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1]);
  assertEquals(await produce(broker, batch(["x"]), { index: 1 }), [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, -1]);
  assertEquals(await produce(broker, batch(["2"]), { acks: 1 }), [ErrorCode.NONE, 2]);
});

Deno.test("records of a transaction are refused where nobody has begun one", async () => {
  await using broker = await brokerWithTopic();
  const records = () =>
    batch(["x"], { attributes: Attributes.TRANSACTIONAL, producerId: 1, producerEpoch: 0, baseSequence: 0 });
  assertEquals(await produce(broker, records()), [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, -1]);
  assertEquals(await produce(broker, records(), { transactionalId: "id" }), [
    ErrorCode.INVALID_PRODUCER_ID_MAPPING,
    -1,
  ]);
  assertEquals(await produce(broker, batch(["plain"]), { transactionalId: "id" }), [ErrorCode.NONE, 0]);
});

Deno.test("min.insync.replicas asks for no more replicas than there are", async () => {
  await using broker = await brokerWithTopic({ "min.insync.replicas": "3" });
  assertEquals(await produce(broker, batch(["x"])), [ErrorCode.NONE, 0]);
});

Deno.test("a topic of no partitions is left out of the answer", async () => {
  await using broker = await brokerWithTopic();
  const { responses } = await broker.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [{ name: "t", partitionData: [] }],
  });
  assertEquals(responses, []);
});
