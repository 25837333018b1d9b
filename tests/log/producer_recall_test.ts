/** What a producer had under way when the broker stopped is recognized when it is sent again, though snapshots remember one batch alone. */
import { assertEquals, assertGreater } from "@std/assert";
import type { FileLog } from "../../lib/log/mod.ts";
import type { AppendResult } from "../../lib/log/partition_log.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { FaultyDisk } from "./faulty_disk.ts";
import { append, batchOf, readAll, World } from "./support.ts";

const CLIENT = { origin: "client", acks: "durable" } as const;

async function send(
  log: FileLog,
  sequence: number,
  { producerId = 9n, producerEpoch = 0 } = {},
): Promise<AppendResult> {
  return await log.append(batchOf([`${sequence}`, "x"], { producerId, producerEpoch, baseSequence: sequence }), CLIENT);
}

/** A log in which a producer has written six batches of two records, sequences 0 to 11. */
async function filled(world: World, segmentBytes = 1 << 20): Promise<FileLog> {
  const log = world.create({ segmentBytes });
  for (let sequence = 0; sequence < 12; sequence += 2) await send(log, sequence);
  return log;
}

async function checkRecognized(log: FileLog): Promise<void> {
  const answers = await Promise.all([2, 4, 6, 8, 10].map((sequence) => send(log, sequence)));
  assertEquals(
    answers.map((
      { errorCode, baseOffset, lastOffset, isDuplicate },
    ) => [errorCode, baseOffset, lastOffset, isDuplicate]),
    [2, 4, 6, 8, 10].map((offset) => [ErrorCode.NONE, offset, offset + 1, true]),
  );
  assertEquals((await send(log, 0)).errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assertEquals((await send(log, 12)).baseOffset, 12);
  assertEquals((await readAll(log)).length, 14);
}

Deno.test("after a clean stop, the last five batches of a producer are recognized", async () => {
  const world = new World();
  await (await filled(world)).close();
  await checkRecognized(await new World(world.disk).open({ hadCleanShutdown: true }));
});

Deno.test("after a kill they are, though they lie in segments that need no recovery", async () => {
  const world = new World();
  const killed = await filled(world, 200);
  await killed.flush();
  assertGreater(killed.segments.length, 2);
  const { recoveryPoint } = killed;
  await checkRecognized(await new World(world.disk).open({ recoveryPoint, config: { segmentBytes: 200 } }));
});

Deno.test("what others wrote in between, and what the producer has written since, is told apart", async () => {
  const world = new World();
  const stopped = world.create();
  for (let sequence = 0; sequence < 8; sequence += 2) {
    await send(stopped, sequence);
    await send(stopped, sequence, { producerId: 10n });
    await append(stopped, batchOf(["of no producer"]));
  }
  await stopped.close();
  const log = await new World(world.disk).open({ hadCleanShutdown: true });
  assertEquals((await send(log, 8)).baseOffset, 20);
  const answers = [
    await send(log, 2),
    await send(log, 4, { producerId: 10n }),
    await send(log, 2, { producerEpoch: 1 }),
    await send(log, 0, { producerEpoch: 1 }),
  ];
  const { NONE, OUT_OF_ORDER_SEQUENCE_NUMBER } = ErrorCode;
  assertEquals(
    answers.map(({ errorCode, baseOffset }) => [errorCode, baseOffset]),
    [[NONE, 5], [NONE, 12], [OUT_OF_ORDER_SEQUENCE_NUMBER, -1], [NONE, 22]],
  );
});

Deno.test("the log is looked at when a batch seems out of order, once, and where it cannot be, the batch may come again", async () => {
  const disk = new FaultyDisk();
  await (await filled(new World(disk))).close();
  const log = await new World(disk).open({ hadCleanShutdown: true });
  const { readCount } = disk;
  assertEquals((await send(log, 10)).isDuplicate, true);
  assertEquals(disk.readCount, readCount);
  disk.failReads = "io";
  assertEquals((await send(log, 8)).errorCode, ErrorCode.KAFKA_STORAGE_ERROR);
  disk.failReads = null;
  assertEquals((await send(log, 8)).isDuplicate, true);
  assertEquals(disk.readCount, readCount + 2);
  assertEquals((await send(log, 40)).errorCode, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
  assertEquals(disk.readCount, readCount + 2);
});
