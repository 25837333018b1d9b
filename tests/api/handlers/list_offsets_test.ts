import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../../lib/protocol/messages/list_offsets.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { batch, NOW_MS } from "../../interop/support/record_batch.ts";
import { TestBroker } from "./support.ts";

type PartitionRequest = NonNullable<NonNullable<Init<ListOffsetsRequest>["topics"]>[number]["partitions"]>[number];

/** A broker whose topic t has records at 0, 20 and 10 milliseconds after NOW_MS. */
async function brokerWithRecords(): Promise<TestBroker> {
  const broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  await broker.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    topicData: [{
      name: "t",
      partitionData: [{ records: batch(["0", { timestampDelta: 20 }, { timestampDelta: 10 }]) }],
    }],
  });
  return broker;
}

function list(broker: TestBroker, version: number, partitions: readonly PartitionRequest[], isolationLevel = 0) {
  return broker.ask(ListOffsetsRequest, ListOffsetsResponse, version, {
    replicaId: -1,
    isolationLevel,
    topics: [{ name: "t", partitions }],
  });
}

Deno.test("special timestamps, each since its version", async () => {
  await using broker = await brokerWithRecords();
  const offsetOf = async (timestamp: number, version: number) => {
    const { topics: [{ partitions: [{ errorCode, offset }] }] } = await list(broker, version, [{ timestamp }]);
    return errorCode === ErrorCode.UNSUPPORTED_VERSION ? "unsupported" : Number(offset);
  };
  assertEquals([await offsetOf(-1, 2), await offsetOf(-2, 2)], [3, 0]);
  assertEquals([await offsetOf(-3, 6), await offsetOf(-3, 7)], ["unsupported", 1]);
  assertEquals([await offsetOf(-4, 7), await offsetOf(-4, 8)], ["unsupported", 0]);
  assertEquals([await offsetOf(-5, 8), await offsetOf(-5, 9)], ["unsupported", -1]);
  assertEquals([await offsetOf(-6, 10), await offsetOf(-6, 11)], ["unsupported", -1]);
  assertEquals(await offsetOf(-7, 11), "unsupported");
  assertEquals([await offsetOf(NOW_MS + 5, 2), await offsetOf(NOW_MS + 21, 2)], [1, -1]);
});

Deno.test("leader epochs and isolation levels that cannot be are refused", async () => {
  await using broker = await brokerWithRecords();
  const errorOf = async (currentLeaderEpoch: number, isolationLevel = 0) => {
    const { topics } = await list(broker, 7, [{ timestamp: -1, currentLeaderEpoch }], isolationLevel);
    return topics[0].partitions[0].errorCode;
  };
  assertEquals([await errorOf(-1), await errorOf(0), await errorOf(0, 1)], [0, 0, 0]);
  assertEquals(await errorOf(1), ErrorCode.UNKNOWN_LEADER_EPOCH);
  assertEquals(await errorOf(-5), ErrorCode.FENCED_LEADER_EPOCH);
  assertEquals(await errorOf(0, 2), ErrorCode.INVALID_REQUEST);
});

Deno.test("a partition that is asked for twice is refused, once; a topic of no partitions is left out", async () => {
  await using broker = await brokerWithRecords();
  const { topics } = await list(broker, 7, [{ timestamp: -1 }, { timestamp: -2 }]);
  assertEquals(topics[0].partitions.map(({ errorCode }) => errorCode), [ErrorCode.INVALID_REQUEST]);
  assertEquals((await list(broker, 7, [])).topics, []);
});
