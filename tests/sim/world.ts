/**
 * One world: a broker on a machine that fails, clients that use it, and a checker that believes neither; all of it from
 * one seed.
 *
 * A world lives for some seconds of its own time, in trouble. Then the trouble ends, the power is cut once more, and
 * the broker must come up with everything that it has promised.
 *
 * @module
 */
import { ErrorCode, errorName } from "../../lib/protocol/error_code.ts";
import { FetchRequest, FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../lib/protocol/messages/list_offsets.ts";
import type { Actor, Stage } from "./actor.ts";
import { Admin } from "./admin.ts";
import { SimClient } from "./client.ts";
import { SimLoop } from "./clock.ts";
import { Consumer } from "./consumer.ts";
import { Coordination } from "./coordination.ts";
import { SimDisk } from "./disk.ts";
import { cause, type Ending, type Victim } from "./faults.ts";
import { type PartitionHistory, Violation } from "./history.ts";
import { SimNetwork } from "./network.ts";
import { BrokerProcess, type Plant } from "./process.ts";
import { Producer } from "./producer.ts";
import { Draw } from "./random.ts";
import { batchesIn } from "./reading.ts";
import { type SimTopic, Topics } from "./topics.ts";

/** How long all must be well again after the trouble, in milliseconds of the world. */
const SETTLE_MS = 120_000;
/** The most events of a world, lest it turn in circles. */
const MAX_EVENTS = 300_000;

/** What became of a world. */
export interface Outcome {
  readonly seed: number;
  /** The promise that was broken; null where all were kept. */
  readonly violation: string | null;
  readonly eventCount: number;
  readonly restartCount: number;
  /** A digest of all that happened: two runs of one seed have the same. */
  readonly digest: string;
}

/** How to run a world. */
export interface WorldOptions {
  /** Told of all that happens. */
  readonly trace?: (line: string) => void;
  /** A bug for the checker to find. */
  readonly plant?: Plant;
}

/** Runs the world of a seed to its end. */
export function runWorld(seed: number, options: WorldOptions = {}): Promise<Outcome> {
  return new SimWorld(seed, options).run();
}

class SimWorld implements Stage, Victim {
  readonly #seed: number;
  readonly #options: WorldOptions;
  readonly #draw: Draw;
  readonly loop = new SimLoop();
  readonly topics = new Topics();
  readonly network: SimNetwork;
  readonly disk: SimDisk;
  readonly mayCutPower: boolean;
  isEnding = false;
  powerCutCount = 0;
  readonly #set: Record<string, string>;
  readonly #actors: Actor[] = [];
  /** Null where nobody uses groups or transactions. */
  readonly #coordination: Coordination | null;
  #process: BrokerProcess;
  #isRestarting = false;
  /** Failures of the disk before this run of the broker. */
  #failuresBefore = 0;
  #restartCount = 0;
  #violation: string | null = null;
  #isOver = false;
  #digest = 0;

  constructor(seed: number, options: WorldOptions) {
    this.#seed = seed;
    this.#options = options;
    this.#draw = new Draw(seed);
    this.network = new SimNetwork({ timers: this.loop, draw: this.#draw.fork() });
    this.disk = new SimDisk({
      clock: this.loop,
      draw: this.#draw.fork(),
      sleep: (delayMs) => this.loop.sleep(delayMs),
      trace: this.trace,
    });
    this.mayCutPower = this.#draw.chance(0.85);
    this.#coordination = Coordination.of(seed);
    this.#set = {
      "log.dirs": this.#draw.chance(0.75) ? "/data" : "/data,/more",
      "barnabas.flush.on.ack": String(this.mayCutPower),
      "log.retention.check.interval.ms": String(this.#draw.pick([100, 700])),
      "log.flush.offset.checkpoint.interval.ms": String(this.#draw.pick([50, 500, 5000])),
      "log.cleaner.backoff.ms": String(this.#draw.pick([50, 500])),
      "auto.create.topics.enable": "false",
      ...this.#coordination?.settings(),
    };
    this.#process = this.#newProcess();
  }

  readonly trace = (line: string): void => {
    const text = `${this.loop.elapsedMs.toFixed(3)} ${line}`;
    for (let index = 0; index < text.length; index++) {
      this.#digest = (Math.imul(this.#digest, 31) + text.charCodeAt(index)) | 0;
    }
    this.#options.trace?.(text);
  };

  async run(): Promise<Outcome> {
    const onRejection = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      this.#fail("an unhandled rejection", event.reason);
    };
    globalThis.addEventListener("unhandledrejection", onRejection);
    try {
      this.#live().catch((error) => this.#fail("the world", error));
      await this.loop.run(() => this.#isOver || this.loop.eventCount > MAX_EVENTS);
      if (!this.#isOver) this.#fail("the world", new Violation(`it does not end: ${this.#unfinished()}`));
    } finally {
      this.#process.die();
      globalThis.removeEventListener("unhandledrejection", onRejection);
    }
    return {
      seed: this.#seed,
      violation: this.#violation,
      eventCount: this.loop.eventCount,
      restartCount: this.#restartCount,
      digest: (this.#digest >>> 0).toString(16),
    };
  }

  restart(ending: Ending): void {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    this.#restart(ending).catch((error) => this.#fail("the restart", error));
  }

  restartAtChange(ending: "kill" | "power cut", count: number): void {
    this.#process.dieAtChange(count, () => {
      this.trace(`the broker dies at a change of the disk: ${ending}`);
      this.#end(ending);
      // Whoever is starting or stopping it sees that it is dead.
      if (this.#isRestarting) return;
      this.#isRestarting = true;
      this.#startAgain().catch((error) => this.#fail("the restart", error));
    });
  }

  async #live(): Promise<void> {
    this.#isRestarting = true;
    await this.#startAgain();
    await this.#coordination?.build(this);
    this.#cast();
    for (const actor of this.#actors) actor.run().catch((error) => this.#fail(actor.name, error));
    const faults = cause(this, this.#draw.fork());
    await this.loop.sleep(this.#draw.time(500, 5000));
    this.trace("the trouble ends");
    this.isEnding = true;
    await faults;
    // What began when the clock was ahead would else be young for half an hour.
    if (this.#coordination !== null) this.loop.settleWall();
    await this.#recover("kill");
    await this.#settle(() => this.#actors.every(({ isDone }) => isDone));
    this.trace("the last restart");
    await this.#recover(this.mayCutPower ? "power cut" : "kill");
    await this.#checkAll();
    await this.#coordination?.checkAll(this);
    this.#isOver = true;
  }

  #cast(): void {
    const add = (count: number, make: (name: string, draw: Draw) => Actor, kind: string) => {
      for (let index = 0; index < count; index++) this.#actors.push(make(`${kind}${index}`, this.#draw.fork()));
    };
    add(1, (name, draw) => new Admin(name, this, draw), "admin");
    add(this.#draw.between(1, 4), (name, draw) => new Producer(name, this, draw), "producer");
    add(this.#draw.between(1, 3), (name, draw) => new Consumer(name, this, draw), "consumer");
    this.#actors.push(...this.#coordination?.cast(this) ?? []);
  }

  /** All faults end, and the broker is started afresh: an offline folder comes back by a restart only. */
  async #recover(ending: Ending): Promise<void> {
    this.disk.repair();
    await this.#settle(() => !this.#isRestarting);
    this.disk.repair();
    this.restart(ending);
    await this.#settle(() => !this.#isRestarting);
  }

  async #settle(isSettled: () => boolean): Promise<void> {
    const deadlineMs = this.loop.elapsedMs + SETTLE_MS;
    while (!isSettled()) {
      if (this.loop.elapsedMs > deadlineMs) throw new Violation(`it does not settle: ${this.#unfinished()}`);
      await this.loop.sleep(50);
    }
  }

  #unfinished(): string {
    const waiting = this.#actors.filter(({ isDone }) => !isDone).map(({ name }) => name);
    return `${this.#isRestarting ? "the broker is not up, " : ""}waiting for ${waiting.join(", ")}`;
  }

  async #restart(ending: Ending): Promise<void> {
    this.trace(`the broker ends: ${ending}`);
    const process = this.#process;
    if (ending === "stop" && process.isServing) await this.#stop(process);
    this.#end(ending === "power cut" ? "power cut" : "kill");
    await this.#startAgain();
  }

  async #stop(process: BrokerProcess): Promise<void> {
    try {
      await Promise.race([process.stop(), process.death, this.loop.sleep(this.#draw.time(1, 60_000))]);
      this.trace(process.isDead ? "the broker has stopped" : "the broker is killed while it stops");
    } catch (error) {
      this.trace(`the broker does not stop cleanly: ${messageOf(error)}`);
      if (!this.#hasDiskTrouble()) throw error;
    }
  }

  #end(ending: "kill" | "power cut"): void {
    this.#process.die();
    this.network.endProcesses();
    this.topics.noteCrash();
    if (ending === "power cut") {
      this.powerCutCount++;
      this.disk.cutPower();
      this.topics.notePowerCut();
    } else {
      this.disk.endProcesses();
    }
  }

  /** Starts the broker, again and again as long as the disk does not let it. */
  async #startAgain(): Promise<void> {
    for (;;) {
      await this.loop.sleep(this.#draw.time(0, 50));
      this.#restartCount++;
      this.#process = this.#newProcess();
      this.#failuresBefore = this.disk.failureCount;
      const startedMs = this.loop.elapsedMs;
      if (await this.#tryToStart(this.#process)) {
        this.trace(`the broker is up after ${(this.loop.elapsedMs - startedMs).toFixed(0)} ms`);
        this.#isRestarting = false;
        return;
      }
      if (!this.#process.isDead) this.#end("kill");
      await this.loop.sleep(100);
    }
  }

  async #tryToStart(process: BrokerProcess): Promise<boolean> {
    try {
      await Promise.race([process.start(this.#set, this.#options.plant ?? {}), process.death]);
    } catch (error) {
      if (process.isDead) return false;
      this.trace(`the broker does not start: ${messageOf(error)}`);
      if (!this.#hasDiskTrouble()) throw error;
    }
    return process.isServing;
  }

  #newProcess(): BrokerProcess {
    const { loop, disk, network, trace } = this;
    const process: BrokerProcess = new BrokerProcess({
      loop,
      disk,
      network,
      trace,
      draw: this.#draw.fork(),
      onFatal: (error) => {
        trace(`the broker gives up: ${messageOf(error)}`);
        if (!this.#hasDiskTrouble()) return this.#fail("the broker", error);
        process.die();
        this.restart("kill");
      },
    });
    return process;
  }

  /** Whether the disk gave this run of the broker a reason to fail. */
  #hasDiskTrouble(): boolean {
    return this.disk.failureCount > this.#failuresBefore;
  }

  async #checkAll(): Promise<void> {
    const admin = this.#actors[0] as Admin;
    if (!await admin.checkTopics()) throw new Violation("the metadata cannot be had");
    const client = new SimClient(this.loop, this.network);
    for (const topic of this.topics.usable()) {
      for (const [index, history] of topic.partitions.entries()) {
        await this.#checkPartition(client, topic, index, history);
      }
    }
    client.close();
    admin.close();
  }

  /** Reads the partition from its first record to its last. */
  async #checkPartition(client: SimClient, topic: SimTopic, index: number, history: PartitionHistory): Promise<void> {
    const known = history.watermarks;
    const logStartOffset = await offsetOf(client, topic, index, -2n);
    const highWatermark = await offsetOf(client, topic, index, -1n);
    history.noteWatermarks(known, { logStartOffset, highWatermark });
    this.trace(`${history.name} has offsets ${logStartOffset} to ${highWatermark}`);
    const whole = new Map<number, string>();
    for (let offset = logStartOffset; offset < highWatermark;) {
      const found = await fetchFrom(client, topic, index, offset);
      // Retention goes on: what is left is looked at anew.
      if (found === "out of range" && history.hasRetention) {
        return await this.#checkPartition(client, topic, index, history);
      }
      if (typeof found === "string") throw new Violation(`${history.name} cannot be read at ${offset}: ${found}`);
      const batches = batchesIn(found);
      // Of a compacted log, recovery cannot tell what was cleaned away before an empty segment from what was lost: the
      // history knows what of it was promised.
      if (batches.length === 0 && history.isCompacted) break;
      if (batches.length === 0) throw new Violation(`${history.name}: nothing can be read at offset ${offset}`);
      const nextOffset = history.noteBatches(offset, highWatermark, batches);
      for (const { records } of batches) {
        for (const { record, id } of records) if (record.offset >= offset) whole.set(record.offset, id);
      }
      offset = nextOffset;
    }
    history.checkWhole(logStartOffset, highWatermark, whole, {
      bounds: topic.cleaningBounds,
      nowMs: this.loop.latestNow(),
    });
  }

  #fail(who: string, error: unknown): void {
    if (this.#isOver) return;
    this.#violation ??= `${who}: ${error instanceof Violation ? error.message : stackOf(error)}`;
    this.trace(`VIOLATION ${this.#violation}`);
    this.#isOver = true;
  }
}

async function offsetOf(client: SimClient, { name }: SimTopic, index: number, timestamp: bigint): Promise<number> {
  const answer = await client.ask(ListOffsetsRequest, ListOffsetsResponse, 7, {
    replicaId: -1,
    topics: [{ name, partitions: [{ partitionIndex: index, timestamp }] }],
  });
  const partition = answer?.topics[0].partitions[0];
  if (partition?.errorCode === ErrorCode.NONE) return Number(partition.offset);
  throw new Violation(
    `the offsets of ${name}-${index} cannot be had: ${errorName(partition?.errorCode ?? ErrorCode.NETWORK_EXCEPTION)}`,
  );
}

async function fetchFrom(
  client: SimClient,
  { name }: SimTopic,
  index: number,
  offset: number,
): Promise<Uint8Array | "out of range"> {
  const answer = await client.ask(FetchRequest, FetchResponse, 11, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ topic: name, partitions: [{ partition: index, fetchOffset: offset, partitionMaxBytes: 1 << 20 }] }],
  });
  const partition = answer?.responses[0].partitions[0];
  if (partition?.errorCode === ErrorCode.NONE) return partition.records!;
  if (partition?.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) return "out of range";
  const reason = errorName(partition?.errorCode ?? ErrorCode.NETWORK_EXCEPTION);
  throw new Violation(`${name}-${index} cannot be read at ${offset}: ${reason}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
