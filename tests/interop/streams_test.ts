/**
 * A real Kafka Streams application counts words: with the streams protocol (KIP-1071) and with the classic one, at least
 * once and exactly once. A second instance joins and leaves, the broker is killed, and Apache Kafka's own tool tells of
 * the group. `tests/interop/install.sh` brings Kafka Streams.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import { freePorts, runJava, type RunningBroker, startApacheKafka } from "./support/apache_kafka.ts";
import { type BarnabasProcess, startBarnabas } from "./support/barnabas.ts";
import { kcat } from "./support/clients.ts";
import { RawClient } from "./support/raw_client.ts";
import { Application, Counts, kafkaStreamsIsMissing } from "./support/streams_application.ts";

const PARTITIONS = 4;
/** Each of the two subtopologies has a task a partition. */
const TASKS = 2 * PARTITIONS;
const APPLICATION = "word-count";
const TOPICS = { lines: "lines", counts: "counts" };
const LINES_AT_A_TIME = 100;

const missing = kafkaStreamsIsMissing() ?? kcat.missing;
const note = missing === null ? "" : ` (ignored: ${missing})`;

for (const protocol of ["streams", "classic"]) {
  for (const guarantee of ["at_least_once", "exactly_once_v2"]) {
    Deno.test({
      name: `a Kafka Streams application counts words, ${guarantee}, by the ${protocol} protocol${note}`,
      ignore: missing !== null,
      fn: () => inFolder((folder) => countWords(folder, protocol, guarantee)),
    });
  }
}

Deno.test({
  name: `standby tasks take over where an instance of the application has been killed${note}`,
  ignore: missing !== null,
  fn: () => inFolder(standby),
});

Deno.test({
  name: `an application moves from the classic protocol to the streams protocol, and back${note}`,
  ignore: missing !== null,
  fn: () => inFolder(migrate),
});

Deno.test({
  name: `Apache Kafka's kafka-streams-groups lists, describes, resets and deletes streams groups${note}`,
  ignore: missing !== null,
  fn: () => inFolder(administration),
});

Deno.test({
  name: `an application goes on while its folder moves from Apache Kafka to Barnabas and back${note}`,
  ignore: missing !== null,
  fn: () => inFolder(thereAndBack),
});

async function countWords(folder: string, protocol: string, guarantee: string): Promise<void> {
  const words = new Words(guarantee === "exactly_once_v2");
  const settings = { "group.protocol": protocol, "processing.guarantee": guarantee };
  await using broker = await start(folder);
  const { port } = broker;
  await words.write(broker);
  await using first = instance(broker, folder, "first", settings);
  await first.untilRunning(TASKS);
  await using counts = new Counts(broker.bootstrap, TOPICS);
  await words.untilCounted(counts);
  await using second = instance(broker, folder, "second", settings);
  await Promise.all([first.untilRunning(TASKS / 2), second.untilRunning(TASKS / 2)]);
  await words.write(broker);
  await words.untilCounted(counts);
  // In the midst of its work: records are being read, transactions are open.
  await words.write(broker);
  await broker.kill();
  await using again = await start(folder, { port });
  await words.write(again);
  await words.untilCounted(counts);
  await second.stop();
  await first.untilRunning(TASKS);
  await words.write(again);
  await words.untilCounted(counts);
  await first.stop();
}

async function standby(folder: string): Promise<void> {
  const words = new Words(true);
  const settings = { "group.protocol": "streams", "processing.guarantee": "exactly_once_v2" };
  await using broker = await start(folder, { settings: { "group.streams.num.standby.replicas": "1" } });
  await words.write(broker);
  await using first = instance(broker, folder, "first", settings);
  await first.untilRunning(TASKS);
  await using second = instance(broker, folder, "second", settings);
  // Only the subtopology that counts has state.
  await Promise.all(
    [first, second].map((one) =>
      one.until("half of the tasks are in reserve", () => one.activeTasks === TASKS / 2 && one.standbyTasks > 0)
    ),
  );
  assertEquals(first.standbyTasks + second.standbyTasks, PARTITIONS);
  await using counts = new Counts(broker.bootstrap, TOPICS);
  await words.untilCounted(counts);
  await second.kill();
  await words.write(broker);
  await first.untilRunning(TASKS);
  await words.untilCounted(counts);
  await first.stop();
}

/** What the application has committed by one protocol it finds by the other; all is counted once. */
async function migrate(folder: string): Promise<void> {
  const words = new Words(true);
  await using broker = await start(folder);
  await using counts = new Counts(broker.bootstrap, TOPICS);
  for (const protocol of ["classic", "streams", "classic"]) {
    await words.write(broker);
    await using one = instance(broker, folder, "one", { "group.protocol": protocol });
    await one.untilRunning(TASKS);
    await words.untilCounted(counts);
    await one.stop();
  }
}

async function administration(folder: string): Promise<void> {
  const words = new Words(true);
  await using broker = await start(folder);
  await words.write(broker);
  await using counts = new Counts(broker.bootstrap, TOPICS);
  const settings = { "group.protocol": "streams" };
  {
    await using one = instance(broker, folder, "one", settings);
    await one.untilRunning(TASKS);
    await words.untilCounted(counts);
    assertEquals((await tool(broker, "--list")).trim(), APPLICATION);
    const describe = ["--describe", "--group", APPLICATION];
    assertEquals(rows(await tool(broker, ...describe, "--state")).map((row) => row.slice(2)), [["Stable", "1"]]);
    assertEquals(
      rows(await tool(broker, ...describe)).filter(([, topic]) => topic === TOPICS.lines).length,
      PARTITIONS,
    );
    const all = "0:[0,1,2,3]; 1:[0,1,2,3];";
    assertStringIncludes(
      await tool(broker, ...describe, "--members", "--verbose"),
      `ACTIVE: ${all} TARGET-ACTIVE: ${all}`,
    );
    await one.stop();
  }
  const reset = [
    "--reset-offsets",
    "--group",
    APPLICATION,
    "--to-earliest",
    "--input-topic",
    TOPICS.lines,
    "--execute",
  ];
  assertEquals(rows(await tool(broker, ...reset)).map(([, , , offset]) => offset), ["0", "0", "0", "0"]);
  {
    words.expectAgain();
    await using one = instance(broker, folder, "one", settings);
    await words.untilCounted(counts);
    await one.stop();
  }
  await tool(broker, "--delete", "--group", APPLICATION);
  assertEquals((await tool(broker, "--list")).trim(), "");
}

/** Each broker in turn serves what the one before it has left, members and all. */
async function thereAndBack(folder: string): Promise<void> {
  const words = new Words(true);
  const port = freePorts(2, 24000, 24099);
  const apacheKafka = () => startApacheKafka({ folder, port, settings: SETTINGS });
  const barnabas = () => startBarnabas({ folder: `${folder}/data`, port, settings: { ...SETTINGS, "node.id": "1" } });
  const bootstrap = `127.0.0.1:${port}`;
  let one: Application | null = null;
  try {
    for (const startNext of [apacheKafka, barnabas, apacheKafka]) {
      await using broker = await startNext();
      await createTopics(broker);
      await words.write({ bootstrap });
      one ??= instance({ bootstrap }, folder, "one", {
        "group.protocol": "streams",
        "processing.guarantee": "exactly_once_v2",
      });
      await one.untilRunning(TASKS);
      await using counts = new Counts(bootstrap, TOPICS);
      await words.untilCounted(counts);
    }
  } finally {
    await one?.kill();
  }
}

/** Lines that are written, and how often each of their words should have been counted by now. */
class Words {
  readonly #isExact: boolean;
  readonly #counts: Record<string, number> = {};
  #written = 0;

  /** @param isExact whether words may be counted once only, also where a broker was killed */
  constructor(isExact: boolean) {
    this.#isExact = isExact;
  }

  async write({ bootstrap }: { readonly bootstrap: string }): Promise<void> {
    let lines = "";
    for (let line = 0; line < LINES_AT_A_TIME; line++) {
      const words = ["all", `of${this.#written % 7}`, `at${this.#written % 13}`];
      for (const word of words) this.#counts[word] = (this.#counts[word] ?? 0) + 1;
      lines += `${words.join(" ")}\n`;
      this.#written++;
    }
    // Without lingering, each line goes to a partition of its own choice.
    const options = ["acks=all", "enable.idempotence=true", "sticky.partitioning.linger.ms=0"];
    const process = new Deno.Command("kcat", {
      args: ["-b", bootstrap, "-t", TOPICS.lines, "-P", ...options.flatMap((option) => ["-X", option])],
      stdin: "piped",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(lines));
    await writer.close();
    assertEquals((await process.status).code, 0);
  }

  /** What was written is read once more. */
  expectAgain(): void {
    for (const word of Object.keys(this.#counts)) this.#counts[word] *= 2;
  }

  async untilCounted(counts: Counts): Promise<void> {
    if (this.#isExact) await counts.untilExactly(this.#counts);
    else await counts.untilAtLeast(this.#counts);
  }
}

/** The rows of a table about the group. */
function rows(table: string): string[][] {
  const all = table.split("\n").map((line) => line.replace(/ \(\d+\)/, "").trim().split(/\s+/));
  return all.filter(([first]) => first === APPLICATION);
}

function tool(broker: { readonly bootstrap: string }, ...args: string[]): Promise<string> {
  return runJava("org.apache.kafka.tools.streams.StreamsGroupCommand", [
    "--bootstrap-server",
    broker.bootstrap,
    ...args,
  ]);
}

/** Heartbeats are frequent and sessions short, so that nobody waits long. */
const SETTINGS = {
  "num.partitions": String(PARTITIONS),
  "group.min.session.timeout.ms": "3000",
  "group.streams.min.session.timeout.ms": "3000",
  "group.streams.session.timeout.ms": "3000",
  "group.streams.min.heartbeat.interval.ms": "300",
  "group.streams.heartbeat.interval.ms": "300",
};

async function start(
  folder: string,
  { port, settings = {} }: { readonly port?: number; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<BarnabasProcess> {
  const broker = await startBarnabas({ folder: `${folder}/data`, port, settings: { ...SETTINGS, ...settings } });
  await createTopics(broker);
  return broker;
}

/** Creates the topics where they are not there yet: an application does not, and a consumer would wait for them. */
async function createTopics(broker: RunningBroker): Promise<void> {
  using client = await RawClient.connect(broker);
  const topics = Object.values(TOPICS).map((name) => ({ name, numPartitions: PARTITIONS, replicationFactor: 1 }));
  await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, { topics, timeoutMs: 10_000 });
}

function instance(
  { bootstrap }: { readonly bootstrap: string },
  folder: string,
  name: string,
  settings: Readonly<Record<string, string>>,
): Application {
  const classic = { "session.timeout.ms": "3000", "heartbeat.interval.ms": "300" };
  return new Application({
    bootstrap,
    applicationId: APPLICATION,
    topics: TOPICS,
    folder: `${folder}/${name}`,
    settings: { ...(settings["group.protocol"] === "classic" ? classic : {}), ...settings },
  });
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-streams-" });
  try {
    await work(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
