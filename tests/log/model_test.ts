/**
 * A log manager against a list: whatever is appended, read, rolled, deleted and restarted, in whatever order, a
 * partition is the list of its records; and what was acknowledged survives every crash and every power cut.
 */
import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { type AppendResult, type FileLog, LogManager } from "../../lib/log/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { settled } from "./faulty_disk.ts";
import { ManualTimers } from "./manual_timers.ts";
import { type Draw, PowerCutDisk } from "./power_cut_disk.ts";
import { batchOf, CONFIG, NOW, recordsIn, TOPIC_ID, World } from "./support.ts";

const PARTITIONS = 2;
/** Small, so that segments roll, caches overflow and files are closed all the time. */
const TOPIC = { ...CONFIG, segmentBytes: 900, indexIntervalBytes: 150, retentionMs: -1, fileDeleteDelayMs: 1000 };
const SETTINGS = { maxOpenFiles: 2, tailCacheBytes: 8 << 10, indexCacheBytes: 100 };

type Command =
  | { kind: "append"; partition: number; count: number; size: number; isIdempotent: boolean }
  | { kind: "retry"; partition: number }
  | { kind: "read"; partition: number; at: number; maxBytes: number }
  | { kind: "deleteRecords"; partition: number; at: number }
  | { kind: "retain"; partition: number; bytes: number }
  | { kind: "epoch"; partition: number }
  | { kind: "holdSyncs"; isHolding: boolean }
  | { kind: "pass"; ms: number }
  | { kind: "recreate"; partition: number }
  | { kind: "restart" }
  | { kind: "crash" }
  | { kind: "powerCut" };

const partition = fc.nat({ max: PARTITIONS - 1 });
const at = fc.nat({ max: 1000 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      partition,
      count: fc.integer({ min: 1, max: 4 }),
      size: fc.nat({ max: 200 }),
      isIdempotent: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("retry" as const), partition }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("read" as const), partition, at, maxBytes: fc.nat({ max: 3000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteRecords" as const), partition, at }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("retain" as const), partition, bytes: fc.nat({ max: 4000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("epoch" as const), partition }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("holdSyncs" as const), isHolding: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat({ max: 100_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("recreate" as const), partition }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "crash" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "powerCut" as const }) },
);

/** What a partition must hold. */
class Model {
  constructor(readonly topicId: string) {}

  /** Every record that was ever appended, by offset. */
  values: string[] = [];
  /** All before it were acknowledged, and must not get lost. */
  acknowledged = 0;
  /** All before it were deleted for certain. */
  deletedBefore = 0;
  /** The last idempotent batch that was appended, until a crash. */
  lastBatch: { bytes: Uint8Array; baseOffset: number } | null = null;
  sequence = 0;
}

/** The system under test, and what it must be like. */
class Trial {
  readonly #draw: Draw;
  readonly #clock = new World().clock;
  readonly #timers = new ManualTimers(this.#clock);
  readonly #warnings: string[] = [];
  readonly #models = Array.from({ length: PARTITIONS }, () => new Model(TOPIC_ID));
  #disk = new PowerCutDisk(this.#clock);
  #manager!: LogManager;
  #epoch = 0;
  #recreations = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  async start(): Promise<void> {
    this.#disk.makeFolderSync("/data");
    await this.#disk.syncFolder("");
    await this.#open();
  }

  async run(command: Command): Promise<void> {
    switch (command.kind) {
      case "append":
        return await this.#append(command.partition, command.count, command.size, command.isIdempotent);
      case "retry":
        return await this.#retry(command.partition);
      case "read":
        return void await this.#read(command.partition, command.at, command.maxBytes);
      case "deleteRecords":
        return await this.#deleteRecords(command.partition, command.at);
      case "retain":
        this.#log(command.partition).configure({ ...TOPIC, retentionBytes: command.bytes });
        // It waits for the device, which may be held back.
        this.#log(command.partition).applyRetention(this.#clock.nowMs);
        await settled();
        return this.#log(command.partition).configure(TOPIC);
      case "epoch":
        return this.#log(command.partition).beginLeaderEpoch(++this.#epoch);
      case "holdSyncs":
        this.#disk.holdSyncs(command.isHolding);
        return await settled();
      case "pass":
        return await this.#timers.advance(command.ms);
      case "recreate":
        return await this.#recreate(command.partition);
      case "restart":
        this.#disk.holdSyncs(false);
        await this.#manager.close();
        await this.#open();
        return await this.check(true);
      case "crash":
      case "powerCut":
        return await this.#crash(command.kind);
    }
  }

  /** Every partition holds what it must; all that was ever appended where `isComplete`. */
  async check(isComplete: boolean): Promise<void> {
    for (const [partition, model] of this.#models.entries()) {
      const log = this.#log(partition);
      assertGreaterOrEqual(log.logEndOffset, isComplete ? model.values.length : model.acknowledged);
      assertLessOrEqual(log.logEndOffset, model.values.length);
      assertGreaterOrEqual(log.logStartOffset, model.deletedBefore);
      for (let offset = log.logStartOffset; offset < log.highWatermark;) {
        offset = await this.#read(partition, offset - log.logStartOffset, 700);
      }
      assertEquals(this.#warnings.filter((line) => /not read|Cannot/.test(line)), []);
    }
  }

  #log(partition: number): FileLog {
    return this.#manager.get("t", partition)!;
  }

  async #append(partition: number, count: number, size: number, isIdempotent: boolean): Promise<void> {
    const model = this.#models[partition];
    const baseOffset = model.values.length;
    const values = Array.from({ length: count }, (_, index) => `${partition}/${baseOffset + index}`.padEnd(size, "."));
    const producer = isIdempotent ? { producerId: 1n, producerEpoch: 0, baseSequence: model.sequence } : {};
    const bytes = batchOf(values, { ...producer, timestamp: NOW + baseOffset });
    if (isIdempotent) {
      model.lastBatch = { bytes: bytes.slice(), baseOffset };
      model.sequence += count;
    }
    const { acks, answer } = this.#send(partition, bytes);
    model.values.push(...values);
    assertEquals(this.#log(partition).logEndOffset, model.values.length);
    answer.then((result) => {
      if (result.errorCode !== ErrorCode.NONE || acks === "written") return;
      assertEquals([result.baseOffset, result.lastOffset], [baseOffset, baseOffset + count - 1]);
      model.acknowledged = Math.max(model.acknowledged, result.lastOffset + 1);
    });
    await settled();
  }

  #send(partition: number, bytes: Uint8Array): { acks: "durable" | "written"; answer: Promise<AppendResult> } {
    const acks = this.#draw(4) === 0 ? "written" : "durable";
    return { acks, answer: Promise.resolve(this.#log(partition).append(bytes, { origin: "client", acks })) };
  }

  async #retry(partition: number): Promise<void> {
    const { lastBatch, values } = this.#models[partition];
    if (lastBatch === null) return;
    const result = await this.#log(partition).append(lastBatch.bytes.slice(), { origin: "client", acks: "written" });
    assertEquals([result.isDuplicate, result.baseOffset], [true, lastBatch.baseOffset]);
    assertEquals(this.#log(partition).logEndOffset, values.length);
  }

  /** Reads from some offset that is there; returns the offset after what came. */
  async #read(partition: number, at: number, maxBytes: number): Promise<number> {
    const log = this.#log(partition);
    const span = log.highWatermark - log.logStartOffset;
    const offset = log.logStartOffset + (span === 0 ? 0 : at % span);
    const limits = { maxBytes, atLeastOneBatch: true, isolationLevel: "read-uncommitted" } as const;
    const { errorCode, records } = await log.read(offset, limits);
    assertEquals(errorCode, ErrorCode.NONE);
    const found = recordsIn(records);
    if (span === 0) {
      assertEquals(found, []);
      return offset;
    }
    assert(found.length > 0 && found[0][0] <= offset && found[found.length - 1][0] >= offset);
    const { values } = this.#models[partition];
    assertEquals(found, found.map((_, index) => [found[0][0] + index, values[found[0][0] + index]]));
    const byTime = await log.offsetForTimestamp(NOW + found[0][0]);
    assertEquals(byTime.offset, Math.max(found[0][0], log.logStartOffset));
    return found[found.length - 1][0] + 1;
  }

  async #deleteRecords(partition: number, at: number): Promise<void> {
    const log = this.#log(partition);
    const offset = log.logStartOffset + at % (log.highWatermark - log.logStartOffset + 1);
    const deleting = log.deleteRecordsBefore(offset);
    assertGreaterOrEqual(log.comingLogStartOffset, offset);
    const model = this.#models[partition];
    deleting.then(({ errorCode }) => {
      if (errorCode === ErrorCode.NONE) model.deletedBefore = Math.max(model.deletedBefore, offset);
    });
    await settled();
  }

  async #crash(kind: "crash" | "powerCut"): Promise<void> {
    // After a crash all is there that was written, after a power cut what the device had.
    this.#disk = kind === "powerCut" ? this.#disk.cutPower(this.#draw) : this.#disk.endProcess();
    await this.#open();
    for (const [partition, model] of this.#models.entries()) {
      // One that was made anew, and of which nothing is acknowledged, may begin where the one before had its start.
      const { logStartOffset } = this.#log(partition);
      if (model.acknowledged === 0 && logStartOffset > model.values.length) {
        model.values = Array.from({ length: logStartOffset }, () => "");
        model.lastBatch = null;
      }
    }
    await this.check(kind === "crash");
    for (const [partition, model] of this.#models.entries()) {
      const { logEndOffset } = this.#log(partition);
      model.values.length = model.acknowledged = logEndOffset;
      const isLost = model.lastBatch !== null && model.lastBatch.baseOffset >= logEndOffset;
      if (isLost || kind === "powerCut") model.lastBatch = null;
      const known = this.#log(partition).producers()[0];
      model.sequence = (known?.lastSequence ?? model.sequence - 1) + 1;
    }
  }

  async #open(): Promise<void> {
    this.#timers.cancelAll();
    const warn = (line: string) => void this.#warnings.push(line);
    const logger = { info: () => {}, warn, error: warn };
    this.#manager = await LogManager.open({
      ...SETTINGS,
      disk: this.#disk,
      clock: this.#clock,
      timers: this.#timers,
      random: { fill: (bytes) => bytes.map(() => this.#draw(256)) },
      compressor: runtimeCompressor,
      logger,
      locks: { release() {} },
      logDirs: [{ path: "/data", id: "x" }],
      configFor: () => TOPIC,
    });
    for (const [partition, { topicId }] of this.#models.entries()) {
      // As the broker does it, who knows from the metadata which topic it must be.
      if (this.#log(partition)?.topicId === topicId) continue;
      await this.#manager.delete({ topic: "t", partition });
      this.#create(partition, topicId);
    }
  }

  #create(partition: number, topicId: string): void {
    this.#manager.create({ topic: "t", partition }, { topicId, config: TOPIC, leaderEpoch: this.#epoch });
  }

  /** Deletes a partition and makes it anew, as that of another topic; the device must have heard of the one before. */
  async #recreate(partition: number): Promise<void> {
    this.#disk.holdSyncs(false);
    await this.#manager.delete({ topic: "t", partition });
    const model = new Model(`${TOPIC_ID.slice(0, 16)}${String(++this.#recreations).padStart(5, "0")}A`);
    this.#models[partition] = model;
    this.#create(partition, model.topicId);
    await settled();
  }
}

Deno.test("a partition is the list of its records, through restarts, crashes and power cuts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 100, size: "max" }),
      fc.infiniteStream(fc.nat({ max: 2 ** 30 })),
      async (commands, chance) => {
        const trial = new Trial((limit) => chance.next().value! % limit);
        await trial.start();
        for (const command of commands) await trial.run(command);
        await trial.run({ kind: "restart" });
      },
    ),
    { numRuns: 150 },
  );
});
