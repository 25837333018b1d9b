/** What the coordinator decides on each request, by the records that it writes; beside Apache Kafka in tests/interop. */
import { assertEquals } from "@std/assert";
import { ID, TransactionWorld } from "./transaction_world.ts";

/** An id that was initialized, with the producer 100 and epoch 0. */
function initialized(settings: ConstructorParameters<typeof TransactionWorld>[0] = {}): TransactionWorld {
  const world = new TransactionWorld(settings);
  world.init();
  world.told();
  return world;
}

/** As {@linkcode initialized}, with the partitions 0 and 1 in its transaction. */
function ongoing(settings: ConstructorParameters<typeof TransactionWorld>[0] = {}): TransactionWorld {
  const world = initialized(settings);
  world.add(100, 0, [0, 1]);
  world.told();
  return world;
}

Deno.test("a new id gets a producer id, and each that comes anew the next epoch", () => {
  const world = new TransactionWorld();
  world.init();
  world.init();
  assertEquals(world.told(), [
    "writes Empty of 100 epoch 0",
    "init: producer 100 epoch 0",
    "writes Empty of 100 epoch 1",
    "init: producer 100 epoch 1",
  ]);
});

Deno.test("a producer that goes on gets the next epoch, and the same when it asks again (KIP-360)", () => {
  const world = initialized();
  world.init([100, 0]);
  world.init([100, 0]);
  world.init([100, 7]);
  world.init([7, 0]);
  assertEquals(world.told(), [
    "writes Empty of 100 epoch 1",
    "init: producer 100 epoch 1",
    "writes Empty of 100 epoch 1",
    "init: producer 100 epoch 1",
    "init: PRODUCER_FENCED",
    "init: PRODUCER_FENCED",
  ]);
  world.init();
  world.init([100, 1]);
  assertEquals(world.told().slice(-1), ["init: PRODUCER_FENCED"]);
});

Deno.test("a producer without epochs left gets another id, also when it asks again", () => {
  const world = initialized();
  world.skipTo(32_766);
  world.init([100, 32_766]);
  world.init([100, 32_766]);
  assertEquals(world.told(), [
    "writes Empty of 101 epoch 0",
    "init: producer 101 epoch 0",
    "writes Empty of 101 epoch 0",
    "init: producer 101 epoch 0",
  ]);
});

Deno.test("partitions are added once, by the producer in its epoch alone", () => {
  const world = initialized();
  world.add(100, 0, [0]);
  world.add(100, 0, [1, 0]);
  world.add(100, 0, [0, 1]);
  world.add(100, 1, [0]);
  world.add(7, 0, [0]);
  assertEquals(world.told(), [
    "writes Ongoing of 100 epoch 0, of 0",
    "add: NONE",
    "writes Ongoing of 100 epoch 0, of 0 1",
    "add: NONE",
    "add: NONE",
    "add: PRODUCER_FENCED",
    "add: INVALID_PRODUCER_ID_MAPPING",
  ]);
  assertEquals(world.verify(100, 0, [1, 2]), ["NONE", "TRANSACTION_ABORTABLE"]);
  assertEquals(world.verify(100, 2, [1, 2]), ["PRODUCER_FENCED", "PRODUCER_FENCED"]);
});

Deno.test("a commit is answered when all markers are written, with the next epoch (KIP-890)", async () => {
  const world = ongoing();
  world.end(100, 0, true);
  assertEquals(world.told(), ["writes PrepareCommit of 100 epoch 1, of 0 1"]);
  world.end(100, 0, true);
  world.add(100, 1, [2]);
  world.init();
  assertEquals(world.told(), ["end", "add", "init"].map((who) => `${who}: CONCURRENT_TRANSACTIONS`));
  assertEquals(world.verify(100, 1, [0]), ["CONCURRENT_TRANSACTIONS"]);
  await world.complete();
  assertEquals(world.told(), ["writes CompleteCommit of 100 epoch 1", "end: producer 100 epoch 1"]);
  world.end(100, 0, true);
  world.end(100, 0, false);
  assertEquals(world.told(), ["end: producer 100 epoch 1", "end: INVALID_TXN_STATE"]);
});

Deno.test("before EndTxn version 5 the epoch stays", async () => {
  const world = ongoing();
  world.end(100, 0, false, false);
  await world.complete();
  world.end(100, 0, false, false);
  world.end(100, 0, true, false);
  assertEquals(world.told(), [
    "writes PrepareAbort of 100 epoch 0, of 0 1",
    "writes CompleteAbort of 100 epoch 0",
    "end: producer 100 epoch 0",
    "end: producer 100 epoch 0",
    "end: INVALID_TXN_STATE",
  ]);
});

Deno.test("where the epochs run out with a transaction, its end gives another id, also when it is asked again", async () => {
  const world = initialized();
  world.skipTo(32_766);
  world.add(100, 32_766, [0], 2);
  world.end(100, 32_766, true);
  await world.complete();
  world.end(100, 32_766, true);
  assertEquals(world.told(), [
    "writes Ongoing of 100 epoch 32766, of 0",
    "add: NONE",
    "writes PrepareCommit of 100 epoch 32767, then 101, of 0",
    "writes CompleteCommit of 101 epoch 0",
    "end: producer 101 epoch 0",
    "end: producer 101 epoch 0",
  ]);
});

Deno.test("an abort of nothing is an end like any other since version 5, and before it is wrong", async () => {
  const world = initialized();
  world.end(100, 0, false, false);
  world.end(100, 0, true);
  world.end(100, 0, false);
  await world.complete();
  assertEquals(world.told(), [
    "end: INVALID_TXN_STATE",
    "end: INVALID_TXN_STATE",
    "writes PrepareAbort of 100 epoch 1",
    "writes CompleteAbort of 100 epoch 1",
    "end: producer 100 epoch 1",
  ]);
});

Deno.test("who takes over from an open transaction has it aborted, and tries again", async () => {
  for (const transactionVersion of [0, 2]) {
    const world = ongoing({ transactionVersion });
    world.init();
    assertEquals(world.told(), ["writes PrepareAbort of 100 epoch 1, of 0 1"]);
    await world.complete();
    assertEquals(world.told(), ["writes CompleteAbort of 100 epoch 1", "init: CONCURRENT_TRANSACTIONS"]);
    world.end(100, 0, true, false);
    world.init();
    assertEquals(world.told(), [
      "end: PRODUCER_FENCED",
      "writes Empty of 100 epoch 2",
      "init: producer 100 epoch 2",
    ]);
  }
});

Deno.test("a transaction that takes too long is aborted, and its producer fenced", async () => {
  const world = ongoing();
  world.advance(60_000);
  assertEquals(world.told(), []);
  world.advance(10_000);
  assertEquals(world.told(), ["writes PrepareAbort of 100 epoch 1, of 0 1"]);
  await world.complete();
  world.add(100, 0, [0]);
  assertEquals(world.told(), [
    "writes CompleteAbort of 100 epoch 1",
    "time-out: null",
    "add: PRODUCER_FENCED",
  ]);
});

Deno.test("a transaction of two phases has all the time there is (KIP-939)", () => {
  const world = new TransactionWorld();
  world.init(null, 2 ** 31 - 1);
  world.add(100, 0, [0]);
  world.told();
  world.advance(10 * 86_400_000);
  assertEquals(world.told(), []);
});

Deno.test("an id that nobody uses is forgotten, one with an open transaction is not", () => {
  const unused = initialized({ transactionalIdExpirationMs: 1_000_000 });
  unused.advance(999_999);
  assertEquals(unused.told(), []);
  unused.advance(500_001);
  assertEquals(unused.told(), ["forgets the id"]);
  assertEquals(unused.state.transactions.has(ID), false);
  const open = initialized({ transactionalIdExpirationMs: 10, removeExpiredIntervalMs: 20 });
  open.add(100, 0, [0]);
  open.told();
  open.advance(30_000);
  assertEquals(open.told(), []);
});

Deno.test("what is written is what is loaded, and a decided transaction is completed after the load", () => {
  const world = ongoing();
  const loaded = () => new TransactionWorld({}, world.log);
  const known = () => ({ ...world.state.transactions.get(ID)!, lastProducerEpoch: -1 });
  assertEquals(loaded().state.transactions.get(ID), known());
  world.end(100, 0, true);
  assertEquals(loaded().state.transactions.get(ID), known());
  assertEquals(loaded().prepared.map(({ metadata }) => metadata.state), ["PrepareCommit"]);
});

Deno.test("at transaction.version 0 no client goes by the second version of the protocol", () => {
  const world = initialized({ transactionVersion: 0 });
  world.add(100, 0, [0], 2);
  world.add(100, 0, [0]);
  world.end(100, 0, true);
  assertEquals(world.told(), [
    "add: UNSUPPORTED_VERSION",
    "writes Ongoing of 100 epoch 0, of 0",
    "add: NONE",
    "end: UNSUPPORTED_VERSION",
  ]);
});
