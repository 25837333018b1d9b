/** Transactions through a broker; what each request comes to is tested in tests/coordinator/transaction, too. */
import { assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
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
