import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { javaHashCode } from "../../lib/coordinator/java_hash_code.ts";
import {
  CoordinatorError,
  CoordinatorRuntime,
  type CoordinatorState,
  type RuntimePorts,
  type ShardTimers,
} from "../../lib/coordinator/runtime.ts";
import type { Reply, Turn } from "../../lib/coordinator/turn.ts";
import type { AppendResult, PartitionLog } from "../../lib/log/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { ControlRecordType } from "../../lib/protocol/records/producer.ts";
import { RecordBatch, RecordBatchBuilder, transactionMarkerBatch } from "../../lib/records/mod.ts";
import { ManualTimers } from "../log/manual_timers.ts";
import { settled } from "../log/faulty_disk.ts";

/** A record of a coordinator that adds numbers. */
interface Addition {
  readonly name: "Addition";
  readonly amount: number;
}

class Sum implements CoordinatorState<Addition> {
  total = 0;
  abandoned: Reply<number>[] = [];
  readonly #open = new Map<bigint, number>();

  constructor(readonly timers: ShardTimers<Addition>) {}

  replay({ amount }: Addition, producerId?: bigint): void {
    if (producerId === undefined) this.total += amount;
    else this.#open.set(producerId, (this.#open.get(producerId) ?? 0) + amount);
  }

  endTransaction(producerId: bigint, isCommitted: boolean): void {
    if (isCommitted) this.total += this.#open.get(producerId) ?? 0;
    this.#open.delete(producerId);
  }

  onLoaded(): void {}

  abandon(errorCode: ErrorCode): void {
    for (const reply of this.abandoned) reply.fail(errorCode);
  }
}

/** A log in memory, whose appends are answered when the test says so. */
class FakeLog {
  readonly batches: Uint8Array[] = [];
  readonly config = { maxMessageBytes: 1000 };
  readonly logStartOffset = 0;
  readError: ErrorCode = ErrorCode.NONE;
  #pending: { batch: Uint8Array; resolve: (result: AppendResult) => void }[] = [];
  #nextOffset = 0;

  get highWatermark(): number {
    return this.#nextOffset;
  }

  append(bytes: Uint8Array): Promise<AppendResult> {
    return new Promise((resolve) => this.#pending.push({ batch: bytes, resolve }));
  }

  read(offset: number) {
    const found = this.batches.find((bytes) => new RecordBatch(bytes).lastOffset >= offset);
    return Promise.resolve({ errorCode: this.readError, records: found ?? new Uint8Array(0) });
  }

  /** Puts a batch at the end, as if it had been there from the beginning. */
  add(bytes: Uint8Array): void {
    const batch = new RecordBatch(bytes);
    batch.baseOffset = this.#nextOffset;
    this.#nextOffset = batch.lastOffset + 1;
    this.batches.push(bytes);
  }

  /** Answers the last append alone, as a full disk does while a sync is under way. */
  async answerLast(errorCode: ErrorCode): Promise<void> {
    this.#pending.pop()?.resolve({ errorCode, errorMessage: null } as AppendResult);
    await settled();
  }

  /** Answers all appends so far, or the first `count` of them. */
  async answer(errorCode: ErrorCode = ErrorCode.NONE, count = Infinity): Promise<void> {
    const pending = this.#pending;
    this.#pending = pending.splice(count);
    for (const { batch, resolve } of pending) {
      if (errorCode === ErrorCode.NONE) this.add(batch);
      resolve({ errorCode, errorMessage: null } as AppendResult);
    }
    await settled();
  }
}

class World {
  readonly logs: FakeLog[];
  readonly clock = { nowMs: 0, now: () => this.clock.nowMs };
  readonly timers = new ManualTimers(this.clock);
  readonly warnings: string[] = [];
  readonly runtime: CoordinatorRuntime<Addition, Sum>;
  creations = 0;

  constructor(partitions = 1) {
    this.logs = Array.from({ length: partitions }, () => new FakeLog());
    const ports: RuntimePorts = {
      clock: this.clock,
      timers: this.timers,
      compressor: { supports: () => false } as unknown as RuntimePorts["compressor"],
      logger: {
        info() {},
        warn: (line) => void this.warnings.push(line),
        error: (line) => void this.warnings.push(line),
      },
      partitionCount: () => this.logs.length,
      log: (_, partition) => this.logs[partition] as unknown as PartitionLog,
      createTopic: () => {
        this.creations++;
        this.logs.push(new FakeLog());
        return Promise.resolve(ErrorCode.NONE);
      },
      compressionType: () => "none",
    };
    this.runtime = new CoordinatorRuntime({
      topic: "sums",
      encode: ({ amount }) => ({ key: new Uint8Array([amount]), value: null }),
      decode: ({ key }) => key[0] === UNKNOWN ? { name: null, type: UNKNOWN } : { name: "Addition", amount: key[0] },
      newState: (timers) => new Sum(timers),
    }, ports);
  }

  /** Adds, and resolves to the total. */
  add(...amounts: number[]): Promise<number> {
    return this.runtime.schedule<number>("key", ({ total }, turn, reply) => {
      turn.write(...amounts.map((amount) => ({ name: "Addition", amount }) as const));
      turn.answer(reply, amounts.reduce((sum, amount) => sum + amount, total));
    });
  }

  total(): Promise<number> {
    return this.runtime.schedule<number>("key", ({ total }, turn, reply) => turn.answer(reply, total));
  }
}

const UNKNOWN = 255;

/** Notes when a promise is settled. */
function watched<T>(promise: Promise<T>): { value: T | string | null } {
  const seen: { value: T | string | null } = { value: null };
  promise.then(
    (value) => seen.value = value,
    (error) => seen.value = error instanceof CoordinatorError ? `error ${error.errorCode}` : String(error),
  );
  return seen;
}

Deno.test("an answer waits until all that it was decided on is committed", async () => {
  const world = new World();
  await world.total();
  const added = watched(world.add(5));
  const read = watched(world.total());
  await settled();
  assertEquals([added.value, read.value], [null, null]);
  await world.logs[0].answer();
  assertEquals([added.value, read.value], [5, 5]);
});

Deno.test("what one request writes, the next one sees at once; each turn is one batch", async () => {
  const world = new World();
  await world.total();
  const first = watched(world.add(5, 6));
  const second = watched(world.add(7));
  await world.logs[0].answer();
  assertEquals([first.value, second.value], [11, 18]);
  assertEquals(world.logs[0].batches.map((bytes) => new RecordBatch(bytes).recordCount), [2, 1]);
});

Deno.test("requests wait while the shard is loading, and nobody is told to try again", async () => {
  const world = new World();
  const builder = new RecordBatchBuilder();
  for (const amount of [1, 2, UNKNOWN]) builder.append({ key: new Uint8Array([amount]) });
  world.logs[0].add(builder.build());
  world.runtime.start();
  const total = watched(world.total());
  assertEquals(total.value, null);
  await settled();
  assertEquals(total.value, 3);
});

Deno.test("a transaction counts when it is committed, and not when it was aborted", async () => {
  const world = new World();
  for (const [producerId, amount] of [[1n, 10], [2n, 20], [3n, 40]] as const) {
    const builder = new RecordBatchBuilder({ producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true });
    builder.append({ key: new Uint8Array([amount]) });
    world.logs[0].add(builder.build());
  }
  const { COMMIT, ABORT } = ControlRecordType;
  for (const [producerId, type] of [[1n, COMMIT], [2n, ABORT]] as const) {
    world.logs[0].add(transactionMarkerBatch({ type, producerId, producerEpoch: 0, coordinatorEpoch: 0 }, 0));
  }
  assertEquals(await world.total(), 10);
});

Deno.test("after an append that failed the shard is loaded anew, and who waited is told", async () => {
  const world = new World();
  const kept = watched(world.add(1));
  await settled();
  await world.logs[0].answer();
  assertEquals(kept.value, 1);
  const parked = watched(world.runtime.schedule<number>("key", (state, _, reply) => void state.abandoned.push(reply)));
  const lost = watched(world.add(5));
  const read = watched(world.total());
  await world.logs[0].answer(ErrorCode.KAFKA_STORAGE_ERROR);
  const error = `error ${ErrorCode.NOT_COORDINATOR}`;
  assertEquals([lost.value, read.value, parked.value], [error, error, error]);
  assertEquals(await world.total(), 1);
  assertStringIncludes(world.warnings[0], "sums-0 is loaded anew");
});

Deno.test("what was under way when another append failed is loaded too, and was decided on what is lost", async () => {
  const world = new World();
  await world.total();
  const lost = watched(world.add(1));
  const kept = watched(world.add(2));
  await world.logs[0].answer(ErrorCode.KAFKA_STORAGE_ERROR, 1);
  const total = watched(world.total());
  await settled();
  const error = `error ${ErrorCode.NOT_COORDINATOR}`;
  assertEquals([lost.value, kept.value, total.value], [error, null, null]);
  await world.logs[0].answer();
  assertEquals([kept.value, total.value], [error, 2]);
});

Deno.test("an append that fails while one before it is under way does not have that one forgotten", async () => {
  const world = new World();
  await world.total();
  const kept = watched(world.add(1));
  const lost = watched(world.add(2));
  await world.logs[0].answerLast(ErrorCode.KAFKA_STORAGE_ERROR);
  const total = watched(world.total());
  await settled();
  assertEquals([kept.value, lost.value, total.value], [null, null, null]);
  await world.logs[0].answer();
  assertEquals([kept.value, lost.value, total.value], [1, `error ${ErrorCode.NOT_COORDINATOR}`, 1]);
});

Deno.test("what is larger than the log takes is refused before it is replayed", async () => {
  const world = new World();
  assertEquals(await world.total(), 0);
  const error = await assertRejects(() => world.add(...new Array(500).fill(1)), CoordinatorError);
  assertEquals((error as CoordinatorError).errorCode, ErrorCode.UNKNOWN_SERVER_ERROR);
  assertEquals(await world.total(), 0);
});

Deno.test("a shard whose log cannot be read refuses, and a person is told why", async () => {
  const world = new World();
  const builder = new RecordBatchBuilder();
  builder.append({ key: new Uint8Array([1]) });
  world.logs[0].add(builder.build());
  world.logs[0].readError = ErrorCode.KAFKA_STORAGE_ERROR;
  const total = watched(world.total());
  await settled();
  assertEquals(total.value, `error ${ErrorCode.COORDINATOR_NOT_AVAILABLE}`);
  assertEquals(world.warnings, ["Nothing that sums-0 keeps can be served: it cannot be read at offset 0"]);
});

Deno.test("the topic is created when it is first needed, once", async () => {
  const world = new World(0);
  assertEquals(await Promise.all([world.total(), world.total(), world.runtime.ensureTopic()]), [0, 0, ErrorCode.NONE]);
  assertEquals(world.creations, 1);
});

Deno.test("timers are turns of their own, and end with the shard", async () => {
  const world = new World();
  const schedule = (decide: (turn: Turn<Addition>) => void) =>
    world.runtime.schedule<void>("key", (state, turn, reply) => {
      state.timers.schedule("later", 100, decide);
      turn.answer(reply, undefined);
    });
  await schedule((turn) => turn.write({ name: "Addition", amount: 3 }));
  await schedule((turn) => turn.write({ name: "Addition", amount: 4 }));
  await world.timers.advance(100);
  await world.logs[0].answer();
  assertEquals(await world.total(), 4);
  await schedule((turn) => turn.write({ name: "Addition", amount: 5 }));
  world.runtime.close();
  assertEquals(world.timers.count, 0);
  await assertRejects(() => world.total(), CoordinatorError);
});

Deno.test("a key's partition is the one that Apache Kafka finds", () => {
  // Of Java: "g1".hashCode() and so on; the last one is Integer.MIN_VALUE.
  assertEquals(["", "g1", "console-consumer-12345", "polygenelubricants"].map(javaHashCode), [
    0,
    3242,
    "console-consumer-12345".split("").reduce((hash, char) => (hash * 31 + char.charCodeAt(0)) | 0, 0),
    -2147483648,
  ]);
  const world = new World(50);
  assertEquals(["g1", "jg", "simple", "polygenelubricants"].map((key) => world.runtime.partitionFor(key)), [
    42,
    39,
    26,
    0,
  ]);
});
