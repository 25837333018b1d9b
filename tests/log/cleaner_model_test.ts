/**
 * A compacted log against a list of all that was ever appended to it: whatever is appended, aborted and cleaned, and wherever a crash or a
 * power cut interrupts that, what is left is a part of the list, at the same offsets, and has the last value of every key.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { FileLog } from "../../lib/log/mod.ts";
import type { DiskFile } from "../../lib/ports.ts";
import { ControlRecordType } from "../../lib/protocol/records/producer.ts";
import { batchesOf, COMPRESSION_TYPES, RecordBatch, recordsOf, transactionMarkerBatch } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { CleanerOf, type Entry, keyed } from "./cleaner_support.ts";
import { type Draw, PowerCutDisk } from "./power_cut_disk.ts";
import { append, HOUR, NOW, World } from "./support.ts";

const TOPIC = {
  cleanupPolicy: new Set(["compact"] as const),
  segmentBytes: 700,
  indexIntervalBytes: 150,
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: HOUR,
  retentionMs: -1,
};
/** Few, so that they are written again and again, but more than the smallest map of the cleaner has room for. */
const KEYS = [..."aaaaaaaabbbbccdefghijklmnop"];
const SETTINGS = { producerIdExpirationMs: Number.MAX_SAFE_INTEGER, tailCacheBytes: 2000, maxOpenFiles: 2 };

/** A disk on which something happens right before an operation. */
class InterruptedDisk extends PowerCutDisk {
  /** Counts down with each operation; at 0 `interrupt` is called. */
  countdown = -1;
  interrupt: () => void = () => {};

  override openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile {
    this.#step();
    const file = super.openSync(path, mode);
    const step = () => this.#step();
    return {
      path,
      sizeSync: () => file.sizeSync(),
      readSync: (position, into) => file.readSync(position, into),
      read: (position, into) => file.read(position, into),
      writeSync: (position, bytes) => (step(), file.writeSync(position, bytes)),
      truncateSync: (size) => (step(), file.truncateSync(size)),
      sync: () => (step(), file.sync()),
      close: () => file.close(),
    };
  }

  override renameSync(from: string, to: string): void {
    this.#step();
    super.renameSync(from, to);
  }

  override removeSync(path: string): void {
    this.#step();
    super.removeSync(path);
  }

  override syncFolder(path: string): Promise<void> {
    this.#step();
    return super.syncFolder(path);
  }

  #step(): void {
    if (this.countdown >= 0 && this.countdown-- === 0) this.interrupt();
  }
}

type Command =
  | { kind: "append"; entries: Entry[]; producer: number; compression: number }
  | { kind: "begin"; entries: Entry[]; producer: number }
  | { kind: "end"; producer: number; isAbort: boolean }
  | { kind: "clean"; mapBytes: number }
  | { kind: "pass"; ms: number }
  | { kind: "restart" }
  | { kind: "crash"; isPowerCut: boolean; after: number; recoversAll: boolean };

const entries = fc.array(
  fc.tuple(fc.constantFrom(...KEYS), fc.option(fc.stringMatching(/^[a-z]{0,60}$/), { freq: 3 })),
  { minLength: 1, maxLength: 4 },
);
const producer = fc.nat({ max: 2 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      entries,
      producer,
      compression: fc.nat({ max: COMPRESSION_TYPES.length - 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("begin" as const), entries, producer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("end" as const), producer, isAbort: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("clean" as const), mapBytes: fc.constantFrom(100, 1000, 100_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat({ max: 2 * HOUR }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("crash" as const),
      isPowerCut: fc.boolean(),
      after: fc.nat({ max: 60 }),
      recoversAll: fc.boolean(),
    }),
  },
);

/** A record as it was appended. */
interface Appended {
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
  readonly atMs: number;
  /** A transaction's records count when it is committed. */
  state: "committed" | "open" | "aborted";
}

class Trial {
  readonly #draw: Draw;
  #world: World;
  #disk: InterruptedDisk;
  #log!: FileLog;
  #cleaner!: CleanerOf;
  /** By offset; null for a marker. */
  readonly #appended: (Appended | null)[] = [];
  readonly #sequences = [0, 0, 0];
  /** The open transaction of each producer. */
  readonly #transactions = new Map<number, Appended[]>();

  constructor(draw: Draw) {
    this.#draw = draw;
    this.#disk = new InterruptedDisk({ now: () => this.#world.clock.nowMs });
    this.#world = new World(this.#disk);
  }

  async start(): Promise<void> {
    this.#log = this.#world.create(TOPIC, SETTINGS);
    this.#cleaner = new CleanerOf(this.#world, this.#log);
    await this.#disk.syncFolder("");
  }

  async run(command: Command): Promise<void> {
    switch (command.kind) {
      case "append":
        if (this.#transactions.has(command.producer)) return;
        return await this.#append(command.entries, command.producer, "committed", command.compression);
      case "begin":
        return await this.#append(command.entries, command.producer, "open", 0);
      case "end":
        return await this.#end(command.producer, command.isAbort);
      case "clean":
        this.#cleaner = new CleanerOf(
          this.#world,
          this.#log,
          { dedupeBufferBytes: command.mapBytes },
          this.#cleaner.cleanedUpTo,
        );
        await this.#cleaner.clean();
        break;
      case "pass":
        this.#world.clock.nowMs += command.ms;
        break;
      case "restart":
        await this.#log.close();
        await this.#open({ hadCleanShutdown: true });
        break;
      case "crash":
        await this.#crash(command);
    }
    await this.check();
  }

  /** What is left is what it must be, for each kind of reader. */
  async check(): Promise<void> {
    const log = this.#log;
    assertEquals([log.logStartOffset, log.logEndOffset], [0, this.#appended.length]);
    assertEquals(this.#world.warnings.filter((line) => /not compacted|Cannot|torn|Removed/.test(line)), []);
    const left = await this.#read("read-uncommitted");
    const visible = await this.#read("read-committed");
    this.#checkLastValues(left);
    for (const offset of visible) assertEquals(this.#appended[offset]?.state, "committed", `offset ${offset}`);
    const open = this.#appended.findIndex((record) => record?.state === "open");
    assertEquals(log.lastStableOffset, open === -1 ? log.logEndOffset : open);
    const stable = left.filter((offset) => offset < log.lastStableOffset);
    const committed = stable.filter((offset) => this.#appended[offset]!.state === "committed");
    assertEquals(visible, committed);
    await this.#checkTimes(left);
    for (const { producerId, lastSequence } of log.producers()) {
      const { [Number(producerId)]: next } = this.#sequences;
      assert(lastSequence === next - 1 || lastSequence === -1, `producer ${producerId}`);
    }
  }

  async #append(entries: Entry[], producer: number, state: Appended["state"], compression: number): Promise<void> {
    const timestamp = NOW + this.#appended.length * 1000;
    const bytes = keyed(entries, {
      timestamp,
      producerId: BigInt(producer),
      producerEpoch: 0,
      baseSequence: this.#sequences[producer],
      isTransactional: state === "open",
      compressionType: COMPRESSION_TYPES[compression],
    });
    await append(this.#log, bytes, "client");
    this.#sequences[producer] += entries.length;
    const atMs = this.#world.clock.nowMs;
    const appended = entries.map(([key, value]): Appended => ({ key: key!, value, timestamp, atMs, state }));
    this.#appended.push(...appended);
    if (state !== "open") return;
    this.#transactions.set(producer, [...this.#transactions.get(producer) ?? [], ...appended]);
  }

  async #end(producer: number, isAbort: boolean): Promise<void> {
    for (const record of this.#transactions.get(producer) ?? []) record.state = isAbort ? "aborted" : "committed";
    const marker = {
      type: isAbort ? ControlRecordType.ABORT : ControlRecordType.COMMIT,
      producerId: BigInt(producer),
      producerEpoch: 0,
      coordinatorEpoch: 0,
    };
    await append(this.#log, transactionMarkerBatch(marker, NOW + this.#appended.length * 1000), "coordinator");
    this.#transactions.delete(producer);
    this.#appended.push(null);
  }

  /** Cleans, and goes on from where the disk was after some operations of that. */
  async #crash({ isPowerCut, after, recoversAll }: Command & { kind: "crash" }): Promise<void> {
    await this.#log.flush();
    const recoveryPoint = recoversAll ? 0 : this.#log.recoveryPoint;
    const cut = () => isPowerCut ? this.#disk.cutPower(this.#draw) : this.#disk.endProcess();
    let successor: InterruptedDisk | null = null;
    this.#disk.interrupt = () => successor = cut();
    this.#disk.countdown = after;
    await this.#cleaner.clean();
    this.#disk = successor ?? cut();
    await this.#open({ recoveryPoint });
  }

  async #open(options: { hadCleanShutdown?: boolean; recoveryPoint?: number }): Promise<void> {
    const { nowMs } = this.#world.clock;
    this.#world = new World(this.#disk);
    this.#world.clock.nowMs = nowMs;
    // Nothing that the cleaner leaves may be taken for a loss, should the topic not be compacted any more.
    const cleanupPolicy = new Set(["delete"] as const);
    this.#log = await this.#world.open({ ...options, config: { ...TOPIC, cleanupPolicy }, settings: SETTINGS });
    this.#log.configure({ ...this.#log.config, cleanupPolicy: TOPIC.cleanupPolicy });
    assertEquals(this.#world.names().filter((name) => /cleaned|swap|deleted/.test(name)), []);
    this.#cleaner = new CleanerOf(
      this.#world,
      this.#log,
      {},
      this.#draw(2) === 0 ? undefined : this.#cleaner.cleanedUpTo,
    );
  }

  /** The offsets of the records that a reader gets, each of which must be as it was appended. */
  async #read(isolationLevel: "read-uncommitted" | "read-committed"): Promise<number[]> {
    const found: number[] = [];
    const end = isolationLevel === "read-committed" ? this.#log.lastStableOffset : this.#log.highWatermark;
    for (let offset = 0; offset < end;) {
      const options = { maxBytes: 100 + this.#draw(2000), atLeastOneBatch: true, isolationLevel };
      const { errorCode, records, abortedTransactions } = await this.#log.read(offset, options);
      assertEquals(errorCode, 0);
      const batches = [...batchesOf(records)] as RecordBatch[];
      if (batches.length === 0) break;
      const from = found.length;
      for (const batch of visibleOf(batches, abortedTransactions ?? [])) found.push(...this.#offsetsIn(batch));
      assert(found.length === from || found[from] > (found[from - 1] ?? -1));
      offset = batches[batches.length - 1].nextOffset;
    }
    return found;
  }

  #offsetsIn(batch: RecordBatch): number[] {
    assert(batch.checksumOk());
    return [...recordsOf(batch, runtimeCompressor)].map(({ offset, key, value }) => {
      const { [offset]: appended } = this.#appended;
      const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);
      assertEquals([text(key), text(value)], [appended?.key, appended?.value]);
      return offset;
    });
  }

  #checkLastValues(left: readonly number[]): void {
    for (const key of new Set(KEYS)) {
      const isIt = (record: Appended | null) => record?.key === key && record.state !== "aborted";
      const last = this.#appended.findLastIndex((record) => isIt(record) && record!.state === "committed");
      if (last === -1 || left.includes(last)) continue;
      const { value, atMs } = this.#appended[last]!;
      const isReplaced = left.some((offset) => offset > last && isIt(this.#appended[offset]));
      const mayBeGone = value === null && this.#world.clock.nowMs >= atMs + TOPIC.deleteRetentionMs;
      assert(isReplaced || mayBeGone, `the last record of ${key}, at offset ${last}, is gone`);
    }
  }

  async #checkTimes(left: readonly number[]): Promise<void> {
    const at = this.#draw(left.length + 1);
    if (at === left.length) return;
    const wanted = this.#appended[left[at]]!.timestamp;
    const { offset, timestamp } = await this.#log.offsetForTimestamp(wanted);
    assert(left.includes(offset) || this.#appended[offset] === null);
    assertEquals([timestamp >= wanted, offset <= left[at]], [true, true]);
  }
}

/** The batches of data that a reader passes on: it leaves out what was aborted, as clients do. */
function visibleOf(
  batches: readonly RecordBatch[],
  aborted: readonly { producerId: bigint; firstOffset: number }[],
): RecordBatch[] {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  return batches.filter((batch) => {
    while (waiting.length > 0 && waiting[0].firstOffset <= batch.lastOffset) aborting.add(waiting.shift()!.producerId);
    if (batch.isControl) aborting.delete(batch.producerId);
    return !batch.isControl && !(batch.isTransactional && aborting.has(batch.producerId));
  });
}

Deno.test("a compacted log has the last value of every key, through cleanings that crashes and power cuts interrupt", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 80, size: "max" }),
      fc.infiniteStream(fc.nat({ max: 2 ** 30 })),
      async (commands, chance) => {
        const trial = new Trial((limit) => chance.next().value! % limit);
        await trial.start();
        for (const command of commands) await trial.run(command);
        await trial.check();
      },
    ),
    { numRuns: 150 },
  );
});
