/**
 * Compacted topics go to and fro between Barnabas and Apache Kafka: each serves what the other's cleaner left, to the byte, and cleans on.
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { readFileSync } from "../../lib/log/checkpoint_files.ts";
import type { FileLog } from "../../lib/log/mod.ts";
import { ControlRecordType } from "../../lib/protocol/records/producer.ts";
import {
  COMPRESSION_TYPES,
  type RecordBatch,
  RecordBatchBuilder,
  recordsOf,
  transactionMarkerBatch,
} from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { CleanerOf, COMPACTED as COMPACTED_LOG, type Entry, keyed } from "../log/cleaner_support.ts";
import { append, NOW, World } from "../log/support.ts";
import { apacheKafkaIsMissing, freePorts, type RunningBroker, startApacheKafka } from "./support/apache_kafka.ts";
import { startBarnabas } from "./support/barnabas.ts";
import {
  assertSameState,
  type ClusterState,
  readClusterState,
  readLog,
  untilAllIsLed,
} from "./support/cluster_state.ts";
import { assertDumpsClean } from "./support/dump_log_segments.ts";
import { createTopic, produce } from "./support/exchange_work.ts";
import { RawClient } from "./support/raw_client.ts";

const missing = apacheKafkaIsMissing();
const why = missing === null ? "" : ` (ignored: ${missing})`;

/** Cleaners that do not let themselves be waited for. */
const CLEANING = { "log.cleaner.backoff.ms": "100", "log.initial.task.delay.ms": "500" };
/** Cleaners that leave everything as it is, so that it can be compared. */
const RESTING = { "log.cleaner.enable": "false" };
const TOPIC = {
  "cleanup.policy": "compact",
  "min.cleanable.dirty.ratio": "0.01",
  "segment.bytes": "1048576",
  "delete.retention.ms": "3600000",
};
const COMPACTED = { compacted: ["ours-0", "theirs-0"] };
const KEYS = 50;
const BATCHES = 200;
const RECORDS = 30;
const CLEANER_TIMEOUT_MS = 30_000;
const PORTS = [21700, 21799] as const;

Deno.test({
  name: `compacted topics are served by either broker as the other's cleaner left them, and cleaned on${why}`,
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      await withKafka(folder, RESTING, async (broker) => {
        await create(broker, ["ours", "theirs"]);
        for (const topic of ["ours", "theirs"]) await write(broker, topic, 0);
      });
      await withBarnabas(folder, CLEANING, () => untilClean(folder, ["ours", "theirs"]));
      const cleanedHere = await withBarnabas(folder, RESTING, stateOf);
      await assertDumpsClean(`${folder}/data`, COMPACTED);
      assertSameState(await withKafka(folder, RESTING, stateOf), cleanedHere, "Apache Kafka");

      await withKafka(folder, RESTING, (broker) => write(broker, "theirs", 1));
      await withKafka(folder, CLEANING, () => untilClean(folder, ["theirs"]));
      const cleanedThere = await withKafka(folder, RESTING, stateOf);
      const servedHere = await withBarnabas(folder, RESTING, stateOf);
      assertSameState(servedHere.filter(isNoSearch), cleanedThere.filter(isNoSearch), "Barnabas");

      await withBarnabas(folder, RESTING, (broker) => write(broker, "theirs", 2));
      await withBarnabas(folder, CLEANING, () => untilClean(folder, ["theirs"]));
      const cleanedAgain = await withBarnabas(folder, RESTING, stateOf);
      await assertDumpsClean(`${folder}/data`, COMPACTED);
      assertSameState(await withKafka(folder, RESTING, stateOf), cleanedAgain, "Apache Kafka");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: `Apache Kafka's inspector finds nothing wrong with transactions that were cleaned, once, twice or thrice${why}`,
  ignore: missing !== null,
  async fn() {
    const world = new World();
    const log = world.create({ ...COMPACTED_LOG, segmentBytes: 400, indexIntervalBytes: 100, deleteRetentionMs: 1000 });
    const cleaner = new CleanerOf(world, log);
    const folder = Deno.makeTempDirSync();
    try {
      for (let round = 0; round < 4; round++) {
        await transact(log, round);
        await cleaner.clean();
        world.clock.nowMs += 1000;
        copyOut(world, `${folder}/${round}`);
        await assertDumpsClean(`${folder}/${round}`, { compacted: ["t-0"] });
      }
      assertEquals(world.warnings, []);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

/** Two producers' transactions, one inside of the other, of which one is aborted. */
async function transact(log: FileLog, round: number): Promise<void> {
  const producers = [1n, 2n].map((producerId) => ({ producerId, producerEpoch: round, isTransactional: true }));
  for (let step = 0; step < 3; step++) {
    for (const producer of producers) {
      const entries: Entry[] = [[`k${step}`, `${round}`], [`k${step + producers.indexOf(producer)}`, null]];
      await append(log, keyed(entries, { ...producer, baseSequence: step * 2, compressionType: "lz4" }));
    }
  }
  for (const [index, { producerId, producerEpoch }] of producers.entries()) {
    const type = index === 0 ? ControlRecordType.ABORT : ControlRecordType.COMMIT;
    const marker = transactionMarkerBatch({ type, producerId, producerEpoch, coordinatorEpoch: 0 }, NOW + round);
    await append(log, marker, "coordinator");
  }
}

/** Writes the files of the log to a real folder. */
function copyOut(world: World, folder: string): void {
  Deno.mkdirSync(`${folder}/t-0`, { recursive: true });
  // The indexes of the active segment are written when that ends.
  for (const name of world.names().filter((name) => !name.endsWith(".deleted"))) {
    Deno.writeFileSync(`${folder}/t-0/${name}`, readFileSync(world.disk, `/data/t-0/${name}`)!);
  }
}

/** Apache Kafka's cleaner leaves empty segments behind, which it takes for young: then it finds no offset by its time any more. */
function isNoSearch(line: string): boolean {
  return !line.startsWith("theirs-0 at ");
}

async function create(broker: RunningBroker, topics: readonly string[]): Promise<void> {
  using client = await RawClient.connect(broker);
  for (const topic of topics) await createTopic(client, topic, 1, TOPIC);
}

/** Writes some megabytes, so that segments fill. */
async function write(broker: RunningBroker, topic: string, round: number): Promise<void> {
  using client = await RawClient.connect(broker);
  await untilAllIsLed(client);
  for (let index = 0; index < BATCHES; index++) {
    const { errorCode, errorMessage } = await produce(client, topic, 0, batchOf(round, index));
    assertEquals([errorCode, errorMessage], [0, null]);
  }
}

/** A batch of some compression, of one of several producers, with a tombstone now and then. */
function batchOf(round: number, index: number): Uint8Array {
  const builder = new RecordBatchBuilder({
    compressionType: COMPRESSION_TYPES[index % COMPRESSION_TYPES.length],
    // One that goes on to the end, and one that is heard of once a round.
    ...(index === 7
      ? { producerId: BigInt(700 + round), producerEpoch: 0, baseSequence: 0 }
      : { producerId: 7n, producerEpoch: round, baseSequence: (index - (index > 7 ? 1 : 0)) * RECORDS }),
  }, runtimeCompressor);
  for (let record = 0; record < RECORDS; record++) {
    const number = index * RECORDS + record;
    const timestamp = Date.parse("2026-01-01") + (round * BATCHES * RECORDS + number) * 1000;
    builder.append({ timestamp, key: keyOf(number), value: number % 97 === 0 ? null : valueOf(round, number) });
  }
  return builder.build();
}

/** Some keys come all the time, others once. */
function keyOf(number: number): Uint8Array {
  return new TextEncoder().encode(number % 5 === 0 ? `once ${number}` : `key ${(number * 7919) % KEYS}`);
}

/** Bytes that no codec makes much smaller. */
function valueOf(round: number, number: number): Uint8Array {
  let state = round * 1_000_003 + number + 1;
  return Uint8Array.from({ length: 500 }, () => (state = Math.imul(state, 1664525) + 1013904223) >>> 24);
}

/** Resolves when the cleaner has been at all but the active segment. */
async function untilClean(folder: string, topics: readonly string[]): Promise<void> {
  const deadline = performance.now() + CLEANER_TIMEOUT_MS;
  for (const topic of topics) {
    const names = [...Deno.readDirSync(`${folder}/data/${topic}-0`)].map(({ name }) => name);
    const active = Math.max(...names.filter((name) => name.endsWith(".log")).map((name) => parseInt(name)));
    assertGreater(active, 0);
    while (!checkpoint(folder).includes(`\n${topic} 0 ${active}\n`)) {
      assert(performance.now() < deadline, `${topic} is not clean: ${checkpoint(folder)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function checkpoint(folder: string): string {
  try {
    return Deno.readTextFileSync(`${folder}/data/cleaner-offset-checkpoint`);
  } catch {
    return "";
  }
}

/** All that the broker serves, of which each key must have its last value, and little else be left. */
async function stateOf(broker: RunningBroker): Promise<ClusterState> {
  using client = await RawClient.connect(broker);
  await untilAllIsLed(client);
  for (const [topic, rounds] of [["ours", 1], ["theirs", null]] as const) {
    const batches = await readLog(client, { topic, partition: 0 });
    const last = lastValues(batches);
    const round = rounds === null ? Math.max(...batches.map(({ producerEpoch }) => producerEpoch)) : rounds - 1;
    for (let number = 0; number < BATCHES * RECORDS; number++) written.set(String(keyOf(number)), number);
    for (const [key, number] of written) {
      const value = number % 97 === 0 ? "null" : String(valueOf(round, number));
      assertEquals(last.get(key), value, `${topic}: ${key}`);
    }
  }
  return await readClusterState(broker);
}

/** By key; all keys are written in each round. */
const written = new Map<string, number>();

function lastValues(batches: readonly RecordBatch[]): Map<string, string> {
  const last = new Map<string, string>();
  for (const batch of batches) {
    for (const { key, value } of recordsOf(batch, runtimeCompressor)) last.set(String(key), String(value));
  }
  return last;
}

async function withKafka<T>(
  folder: string,
  settings: Readonly<Record<string, string>>,
  use: (broker: RunningBroker) => Promise<T>,
): Promise<T> {
  await using broker = await startApacheKafka({ folder, port: freePorts(2, ...PORTS), settings });
  return await use(broker);
}

async function withBarnabas<T>(
  folder: string,
  settings: Readonly<Record<string, string>>,
  use: (broker: RunningBroker) => Promise<T>,
): Promise<T> {
  await using broker = await startBarnabas({ folder: `${folder}/data`, port: freePorts(1, ...PORTS), settings });
  return await use(broker);
}
