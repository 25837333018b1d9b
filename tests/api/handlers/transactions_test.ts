/** Transactions through a broker; what each request comes to is tested in tests/coordinator/transaction, too. */
import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../../lib/protocol/messages/delete_topics.ts";
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from "../../../lib/protocol/messages/describe_transactions.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "../../../lib/protocol/messages/init_producer_id.ts";
import { ProduceRequest, ProduceResponse } from "../../../lib/protocol/messages/produce.ts";
import { Attributes, batch } from "../../interop/support/record_batch.ts";
import { TestBroker } from "./support.ts";
import { committedOffset, TransactionalProducer, valuesOf } from "./transactional_producer.ts";

const { NONE } = ErrorCode;

for (const protocol of [1, 2] as const) {
  Deno.test(`what is committed is seen when EndTxn is answered, what is aborted never (protocol ${protocol})`, async () => {
    await using broker = await TestBroker.start();
    await broker.createTopics({ t: 2 });
    const producer = new TransactionalProducer(broker, "id", protocol);
    assertEquals(await producer.init(), NONE);
    for (const [round, end] of (["commit", "abort", "commit"] as const).entries()) {
      if (protocol === 1) assertEquals(await producer.addPartitions("t", 0, 1), NONE);
      assertEquals(await producer.send("t", 0, `${round}a`, `${round}b`), NONE);
      assertEquals(await producer.send("t", 1, `${round}c`), NONE);
      assertEquals(await producer.send("t", 0, `${round}d`), NONE);
      if (round === 0) assertEquals(await valuesOf(broker, "t", 0), []);
      assertEquals(await producer[end](), NONE);
    }
    assertEquals(await valuesOf(broker, "t", 0), ["0a", "0b", "0d", "2a", "2b", "2d"]);
    assertEquals(await valuesOf(broker, "t", 1), ["0c", "2c"]);
    assertEquals(await valuesOf(broker, "t", 1, "read-uncommitted"), ["0c", "1c", "2c"]);
  });

  Deno.test(`offsets hold when their transaction is committed (protocol ${protocol})`, async () => {
    await using broker = await TestBroker.start();
    await broker.createTopics({ t: 1 });
    const producer = new TransactionalProducer(broker, "id", protocol);
    assertEquals(await producer.init(), NONE);
    if (protocol === 1) assertEquals(await producer.addOffsets("g"), NONE);
    assertEquals(await producer.commitOffset("g", "t", 5), NONE);
    assertEquals(await committedOffset(broker, "g", "t"), -1);
    assertEquals(await committedOffset(broker, "g", "t", true), `error ${ErrorCode.UNSTABLE_OFFSET_COMMIT}`);
    assertEquals(await producer.commit(), NONE);
    assertEquals(await committedOffset(broker, "g", "t", true), 5);
    if (protocol === 1) assertEquals(await producer.addOffsets("g"), NONE);
    assertEquals(await producer.commitOffset("g", "t", 9), NONE);
    assertEquals(await producer.abort(), NONE);
    assertEquals(await committedOffset(broker, "g", "t", true), 5);
  });
}

Deno.test("open and decided transactions outlive the broker", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const producerIds: bigint[] = [];
    for (const round of [0, 1, 2]) {
      await using broker = await TestBroker.start({ "log.dirs": folder });
      if (round === 0) await broker.createTopics({ t: 1 });
      const producer = new TransactionalProducer(broker, "id");
      if (round > 0) {
        assertEquals(await valuesOf(broker, "t", 0), round === 1 ? [] : ["1"]);
        Object.assign(producer, { producerId: producerIds[0], producerEpoch: round - 1 });
      } else {
        assertEquals(await producer.init(), NONE);
        producerIds.push(producer.producerId);
        assertEquals(await producer.send("t", 0, "0"), NONE);
      }
      if (round === 1) {
        assertEquals(await producer.abort(), NONE);
        assertEquals(await producer.send("t", 0, "1"), NONE);
        assertEquals(await producer.commit(), NONE);
      }
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a transaction that has timed out is aborted, and its producer fenced", async () => {
  await using broker = await TestBroker.start({
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "10",
  });
  await broker.createTopics({ t: 1 });
  const producer = new TransactionalProducer(broker, "id");
  assertEquals(await producer.init({ transactionTimeoutMs: 1 }), NONE);
  assertEquals(await producer.send("t", 0, "late"), NONE);
  while (await stateOf(broker, "id") !== "CompleteAbort") await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(await valuesOf(broker, "t", 0), []);
  assertEquals(await producer.send("t", 0, "later"), ErrorCode.INVALID_PRODUCER_EPOCH);
  assertEquals(await producer.commit(), ErrorCode.INVALID_TXN_STATE);
  // That it is aborted is what the producer wants now, and with the answer it goes on.
  assertEquals(await producer.abort(), NONE);
  assertEquals(await producer.send("t", 0, "later"), NONE);
});

Deno.test("batches that are sent at once into a new transaction stand in the log in their order", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const producer = new TransactionalProducer(broker, "id");
  assertEquals(await producer.init(), NONE);
  const expected: string[] = [];
  for (let transaction = 0; transaction < 10; transaction++) {
    const values = Array.from({ length: 20 }, (_, index) => `${transaction}/${index}`);
    assertEquals(
      await producer.sendAtOnce({ hostname: "127.0.0.1", port: broker.port }, "t", 0, values),
      values.map(() => NONE),
    );
    assertEquals(await producer.commit(), NONE);
    expected.push(...values);
  }
  assertEquals(await valuesOf(broker, "t", 0), expected);
});

Deno.test("a transaction ends though a topic of it is deleted", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1, doomed: 1 });
  const producer = new TransactionalProducer(broker, "id");
  assertEquals(await producer.init(), NONE);
  assertEquals(await producer.send("t", 0, "a"), NONE);
  assertEquals(await producer.send("doomed", 0, "b"), NONE);
  await broker.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, { topics: [{ name: "doomed" }], timeoutMs: 1000 });
  assertEquals(await producer.commit(), NONE);
  assertEquals(await valuesOf(broker, "t", 0), ["a"]);
});

Deno.test("when the topic of transactions is deleted, producers begin anew", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 1 });
  const producer = new TransactionalProducer(broker, "id", 1);
  assertEquals(await producer.init(), NONE);
  const name = "__transaction_state";
  await broker.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, { topics: [{ name }], timeoutMs: 1000 });
  assertEquals(await producer.addPartitions("t", 0), ErrorCode.INVALID_PRODUCER_ID_MAPPING);
  assertEquals(await producer.init(), NONE);
  assertEquals(await producer.addPartitions("t", 0), NONE);
  assertEquals(await producer.send("t", 0, "a"), NONE);
  assertEquals(await producer.commit(), NONE);
  assertEquals(await valuesOf(broker, "t", 0), ["a"]);
});

Deno.test("a request of two producers is refused as a whole", async () => {
  await using broker = await TestBroker.start();
  await broker.createTopics({ t: 2 });
  const producer = new TransactionalProducer(broker, "id");
  assertEquals(await producer.init(), NONE);
  const { responses: [{ partitionResponses }] } = await broker.ask(ProduceRequest, ProduceResponse, 12, {
    transactionalId: "id",
    acks: -1,
    topicData: [{
      name: "t",
      partitionData: [0, 1].map((index) => ({
        index,
        records: batch(["x"], {
          attributes: Attributes.TRANSACTIONAL,
          producerId: producer.producerId + BigInt(index),
          producerEpoch: 0,
          baseSequence: 0,
        }),
      })),
    }],
  });
  const { INVALID_PRODUCER_ID_MAPPING } = ErrorCode;
  assertEquals(partitionResponses.map(({ errorCode }) => errorCode), [
    INVALID_PRODUCER_ID_MAPPING,
    INVALID_PRODUCER_ID_MAPPING,
  ]);
  assertEquals(await stateOf(broker, "id"), "Empty");
});

Deno.test("two-phase commit is for brokers that allow it (KIP-939)", async () => {
  await using broker = await TestBroker.start();
  const ask = (enable2Pc: boolean, keepPreparedTxn: boolean) =>
    broker.ask(InitProducerIdRequest, InitProducerIdResponse, 6, {
      transactionalId: "id",
      transactionTimeoutMs: 1000,
      enable2Pc,
      keepPreparedTxn,
    });
  assertEquals((await ask(true, false)).errorCode, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  assertEquals((await ask(false, true)).errorCode, ErrorCode.UNSUPPORTED_VERSION);
  await using allowing = await TestBroker.start({ "transaction.two.phase.commit.enable": "true" });
  const producer = new TransactionalProducer(allowing, "id");
  await allowing.ask(InitProducerIdRequest, InitProducerIdResponse, 6, {
    transactionalId: "id",
    transactionTimeoutMs: 1000,
    enable2Pc: true,
  });
  assertEquals(await timeoutOf(allowing, producer.transactionalId), 2 ** 31 - 1);
});

async function describe(broker: TestBroker, transactionalId: string) {
  const { transactionStates: [described] } = await broker.ask(
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    0,
    { transactionalIds: [transactionalId] },
  );
  return described;
}

async function stateOf(broker: TestBroker, transactionalId: string): Promise<string> {
  return (await describe(broker, transactionalId)).transactionState;
}

async function timeoutOf(broker: TestBroker, transactionalId: string): Promise<number> {
  return (await describe(broker, transactionalId)).transactionTimeoutMs;
}
