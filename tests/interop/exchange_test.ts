/**
 * A folder goes to and fro between Apache Kafka and Barnabas: each serves what the other wrote, to the byte, and goes on
 * with it.
 */
import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import {
  type ApacheKafka,
  apacheKafkaIsMissing,
  type ApacheKafkaOptions,
  formatForApacheKafka,
  freePorts,
  outputFile,
  type RunningBroker,
  startApacheKafka,
} from "./support/apache_kafka.ts";
import { type BarnabasProcess, runBarnabas, startBarnabas } from "./support/barnabas.ts";
import {
  assertSameState,
  type ClusterState,
  readClusterState,
  readLog,
  untilAllIsLed,
} from "./support/cluster_state.ts";
import { assertDumpsClean } from "./support/dump_log_segments.ts";
import {
  addCredential,
  assertCredential,
  createTopic,
  deleteRecords,
  deleteTopic,
  growTopic,
  produceUnderWay,
  runExchange,
  setConfig,
  setQuota,
  SteadyProducer,
} from "./support/exchange_work.ts";
import { RawClient } from "./support/raw_client.ts";

const missing = apacheKafkaIsMissing();
const why = missing === null ? "" : ` (ignored: ${missing})`;

/** Few partitions of the internal topics, and many metadata snapshots. */
const KAFKA_SETTINGS = {
  "offsets.topic.num.partitions": "2",
  "transaction.state.log.num.partitions": "2",
  "metadata.log.max.record.bytes.between.snapshots": "1500",
};
/** A cleaner that does not let itself be waited for, once there is something to do. */
const EAGER_CLEANER = { "log.cleaner.backoff.ms": "200", "log.initial.task.delay.ms": "500" };
/** What Apache Kafka says of its own folders as well, and of a batch that leaves out a sequence. */
const SAID_IN_ANY_FOLDER = [
  "Recovering unflushed segment 0. 0 recovered for __cluster_metadata-0",
  "Performing controller activation",
  "Error processing append operation on partition",
  "Attempting to close NetworkClient that has already been closed",
];
const CLUSTER_ID = "bBQ4hVYdTl2Cf5nuTqQJ4w";
const BARNABAS_PORTS = [21800, 21849] as const;
const KAFKA_PORTS = [21850, 21899] as const;
const CLEANER_TIMEOUT_MS = 30_000;

Deno.test({
  name: `a folder goes from Apache Kafka to Barnabas, back, and once more round, the same to the byte${why}`,
  ignore: missing !== null,
  fn: () =>
    inFolder(async (folder) => {
      const exchange = new Exchange(folder);
      await exchange.kafkaFills();
      await exchange.barnabasGoesOn();
      await exchange.kafkaGoesOn();
      await exchange.barnabasGoesOnAgain();
      await exchange.kafkaFindsAll();
    }),
});

for (const quorum of ["static", "dynamic"] as const) {
  Deno.test({
    name: `a folder that Barnabas made is taken over by Apache Kafka with a ${quorum} quorum${why}`,
    ignore: missing !== null,
    fn: () =>
      inFolder(async (folder) => {
        const written = await withBarnabas(folder, async (broker) => {
          await runExchange(broker, 0, "create", "records");
          return await readClusterState(broker);
        });
        await withKafka(folder, { quorum }, async (broker) => {
          assertSameState(await readClusterState(broker), written, broker.name);
        });
        assertTookOverQuietly(folder);
      }),
  });

  Deno.test({
    name:
      `a folder that kafka-storage formatted for a ${quorum} quorum, and nobody started, is taken by Barnabas${why}`,
    ignore: missing !== null,
    fn: () =>
      inFolder(async (folder) => {
        await formatForApacheKafka({ folder, port: freePorts(2, ...KAFKA_PORTS), quorum, clusterId: CLUSTER_ID });
        const written = await withBarnabas(folder, async (broker) => {
          await runExchange(broker, 0, "create", "records");
          return await readClusterState(broker);
        });
        assertEquals(written[0], `cluster ${CLUSTER_ID}`);
        await withKafka(folder, { quorum }, async (broker) => {
          assertSameState(await readClusterState(broker), written, broker.name);
        });
        assertTookOverQuietly(folder);
      }),
  });
}

Deno.test({
  name: `a folder that Barnabas formatted, and nobody started, is taken by Apache Kafka${why}`,
  ignore: missing !== null,
  fn: () =>
    inFolder(async (folder) => {
      await runBarnabas("format", "--data-dir", `${folder}/data`, "--cluster-id", CLUSTER_ID);
      const written = await withKafka(folder, {}, async (broker) => {
        await runExchange(broker, 0, "create", "records");
        return await readClusterState(broker);
      });
      assertEquals(written[0], `cluster ${CLUSTER_ID}`);
      await withBarnabas(folder, async (broker) => {
        assertSameState(await readClusterState(broker), written, broker.name);
      });
    }),
});

Deno.test({
  name: `either takes over what the other has left when it was killed${why}`,
  ignore: missing !== null,
  fn: () =>
    inFolder(async (folder) => {
      const ours = await withBarnabas(folder, async (broker) => {
        await runExchange(broker, 0, "create", "records");
        const state = await readClusterState(broker);
        await broker.kill();
        return state;
      });
      const theirs = await withKafka(folder, {}, async (broker) => {
        assertSameState(await readClusterState(broker), ours, broker.name);
        await runExchange(broker, 1, "records", "transactions");
        const state = await readClusterState(broker);
        await broker.kill();
        return state;
      });
      await withBarnabas(folder, async (broker) => {
        assertSameState(await readClusterState(broker), theirs, broker.name);
      });
    }),
});

Deno.test({
  name: `neither starts on a folder that the other serves, and the one that serves it goes on${why}`,
  ignore: missing !== null,
  fn: () =>
    inFolder(async (folder) => {
      const kafka = { folder, port: freePorts(2, ...KAFKA_PORTS) };
      const ours = await withBarnabas(folder, async (broker) => {
        using client = await RawClient.connect(broker);
        await createTopic(client, "before", 2);
        // By then it has written to the metadata log.
        await assertRejects(() => startApacheKafka(kafka), Error, "Failed to acquire lock on file .lock");
        await createTopic(client, "after", 2);
        return await readClusterState(broker);
      });
      await assertDumpsClean(`${folder}/data`, { compacted: [] });
      await withKafka(folder, {}, async (broker) => {
        await assertRejects(() => startOn(folder), Error, "Barnabas ended before it served");
        assertSameState(await readClusterState(broker), ours, broker.name);
      });
    }),
});

/** One folder on its way; each step leaves what the next has to find. */
class Exchange {
  #state!: ClusterState;
  #producer!: SteadyProducer;
  #round = 0;

  constructor(readonly folder: string) {}

  async kafkaFills(): Promise<void> {
    await withKafka(this.folder, { settings: EAGER_CLEANER }, async (broker, client) => {
      await runExchange(broker, this.#round++, "create", "records", "transactions");
      await setConfig(client, "", "log.cleaner.threads", "2");
      await setConfig(client, "empty", "retention.ms", "123456789");
      await setQuota(client, "castle", 123_456);
      await addCredential(client, "surveyor");
      await deleteRecords(client, "large", 31);
      await deleteRecords(client, "letters-lz4", 5);
      this.#producer = await SteadyProducer.start(client, "sequences");
      await this.#producer.write(client);
      await this.#producer.write(client);
      await compact(client, `${this.folder}/data`);
      this.#state = await readClusterState(broker);
    });
    await this.#assertDumpsClean(true);
  }

  async barnabasGoesOn(): Promise<void> {
    let broker = await startOn(this.folder, EAGER_CLEANER);
    try {
      await this.#assertSame(broker);
      const acknowledged = await this.#barnabasWorks(broker);
      await broker.kill();
      broker = await startOn(this.folder);
      await this.#assertRecovered(broker, acknowledged);
      this.#state = await readClusterState(broker);
      assertEquals(await broker.stop(), 0);
    } finally {
      await broker.stop();
    }
    await this.#assertDumpsClean();
  }

  async kafkaGoesOn(): Promise<void> {
    await withKafka(this.folder, {}, async (broker, client) => {
      await this.#assertSame(broker);
      await assertCredential(client, "surveyor");
      await this.#producer.writeWrongly(client);
      await this.#producer.write(client);
      await createTopic(client, "of-kafka", 2);
      await deleteTopic(client, "doomed-too");
      await runExchange(broker, this.#round++, "records", "transactions");
      this.#state = await readClusterState(broker);
    });
    assertTookOverQuietly(this.folder);
    await this.#assertDumpsClean(true);
  }

  /** Started with the very file of settings that Apache Kafka has, which makes snapshots of the metadata often, too. */
  async barnabasGoesOnAgain(): Promise<void> {
    const broker = await startBarnabas({
      folder: `${this.folder}/data`,
      properties: `${this.folder}/server.properties`,
      port: freePorts(1, ...BARNABAS_PORTS),
    });
    try {
      await this.#assertSame(broker);
      using client = await RawClient.connect(broker);
      await this.#producer.writeWrongly(client);
      await this.#producer.write(client);
      await runExchange(broker, this.#round++, "records");
      await deleteTopic(client, "of-kafka");
      this.#state = await readClusterState(broker);
      assertEquals(await broker.stop(), 0);
    } finally {
      await broker.stop();
    }
    await this.#assertDumpsClean();
  }

  async kafkaFindsAll(): Promise<void> {
    await withKafka(this.folder, {}, async (broker, client) => {
      await this.#assertSame(broker);
      await assertCredential(client, "surveyor");
      await this.#producer.writeWrongly(client);
    });
    assertTookOverQuietly(this.folder);
    await this.#assertDumpsClean(true);
  }

  /** Everything that there is to do, and at last batches that are under way when the broker is killed. */
  async #barnabasWorks(broker: BarnabasProcess): Promise<readonly number[]> {
    using client = await RawClient.connect(broker);
    await this.#producer.writeWrongly(client);
    await this.#producer.write(client);
    await runExchange(broker, this.#round++, "records");
    await createTopic(client, "ours", 3, { "cleanup.policy": "compact", "segment.bytes": "1048576" });
    await createTopic(client, "ours-for-a-while", 1);
    await deleteTopic(client, "ours-for-a-while");
    await deleteTopic(client, "doomed");
    await growTopic(client, "grown", 5);
    await setConfig(client, "empty", "retention.ms", "987654321");
    await setConfig(client, "both", "compression.type", "zstd");
    await setConfig(client, "", "log.cleaner.threads", "3");
    await setQuota(client, "village", 654_321);
    await compact(client, `${this.folder}/data`);
    await deleteRecords(client, "large", 70);
    await deleteRecords(client, "letters-zstd", 11);
    this.#state = await readClusterState(broker);
    const acknowledged = await produceUnderWay(client, { topic: "empty", batches: 300, answers: 100 });
    assertEquals(acknowledged, Array.from({ length: 100 }, (_, index) => index));
    return acknowledged;
  }

  /** All that was there before what was under way, and of that at least what was acknowledged. */
  async #assertRecovered(broker: BarnabasProcess, acknowledged: readonly number[]): Promise<void> {
    const isSettled = (line: string) => !line.startsWith("empty-0 ");
    const found = await readClusterState(broker);
    assertSameState(found.filter(isSettled), this.#state.filter(isSettled), "Barnabas, killed and started again,");
    using client = await RawClient.connect(broker);
    const offsets = (await readLog(client, { topic: "empty", partition: 0 })).map(({ baseOffset }) => baseOffset);
    assertEquals(offsets.slice(0, acknowledged.length), acknowledged);
    assertEquals(offsets, Array.from(offsets, (_, index) => index));
    await this.#producer.writeWrongly(client);
    await this.#producer.write(client);
  }

  async #assertSame(broker: RunningBroker): Promise<void> {
    assertSameState(await readClusterState(broker), this.#state, broker.name);
  }

  async #assertDumpsClean(leavesOutDeleted = false): Promise<void> {
    await assertDumpsClean(`${this.folder}/data`, { compacted: ["compacted-0", "both-0"], leavesOutDeleted });
  }
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-exchange-" });
  try {
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function startOn(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<BarnabasProcess> {
  return startBarnabas({ folder: `${folder}/data`, port: freePorts(1, ...BARNABAS_PORTS), settings });
}

/** Barnabas serves the folder while `use` runs, and stops cleanly, unless it is killed. */
async function withBarnabas<T>(folder: string, use: (broker: BarnabasProcess) => Promise<T>): Promise<T> {
  await using broker = await startOn(folder);
  return await use(broker);
}

/** Apache Kafka serves the folder while `use` runs. */
async function withKafka<T>(
  folder: string,
  { quorum, settings }: Pick<ApacheKafkaOptions, "quorum" | "settings">,
  use: (broker: ApacheKafka, client: RawClient) => Promise<T>,
): Promise<T> {
  const port = freePorts(2, ...KAFKA_PORTS);
  await using broker = await startApacheKafka({
    folder,
    port,
    quorum,
    settings: { ...KAFKA_SETTINGS, ...settings },
  });
  using client = await RawClient.connect(broker);
  await untilAllIsLed(client);
  return await use(broker, client);
}

/** Has the cleaner go over all but the active segment of the compacted topic, and then leave it as it is, to be compared. */
async function compact(client: RawClient, dataFolder: string): Promise<void> {
  await setConfig(client, "compacted", "min.cleanable.dirty.ratio", "0.01");
  const deadline = performance.now() + CLEANER_TIMEOUT_MS;
  const segments = [...Deno.readDirSync(`${dataFolder}/compacted-0`)].filter(({ name }) => name.endsWith(".log"));
  const active = Math.max(...segments.map(({ name }) => Number(name.slice(0, -".log".length))));
  assertGreater(active, 0);
  while (!Deno.readTextFileSync(`${dataFolder}/cleaner-offset-checkpoint`).includes(`\ncompacted 0 ${active}\n`)) {
    assert(performance.now() < deadline, "the cleaner has not run");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await setConfig(client, "compacted", "min.cleanable.dirty.ratio", "1");
  const batches = await readLog(client, { topic: "compacted", partition: 0 });
  const records = batches.reduce((sum, { recordCount }) => sum + recordCount, 0);
  assertLess(records, batches.at(-1)!.nextOffset / 2);
}

/** Apache Kafka's own log: it found a clean stop, recovered nothing, and wondered about nothing that is ours. */
function assertTookOverQuietly(folder: string): void {
  const lines = Deno.readTextFileSync(outputFile(folder)).split("\n");
  assert(
    lines.some((line) => line.includes("Skipping recovery of ")),
    "Apache Kafka has not seen that the stop was clean",
  );
  const complaints = lines.filter((line) => / (WARN|ERROR) |Recovering unflushed|Rebuilding producer state/.test(line));
  assertEquals(complaints.filter((line) => !SAID_IN_ANY_FOLDER.some((usual) => line.includes(usual))), []);
}
