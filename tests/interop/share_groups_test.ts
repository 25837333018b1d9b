/**
 * Apache Kafka's KafkaShareConsumer consumes in share groups of Barnabas, its tools look after them, and a folder with
 * share groups goes to and fro between the two. `tests/interop/install.sh` brings them.
 */
import { assertEquals } from "@std/assert";
import { freePorts, startApacheKafka } from "./support/apache_kafka.ts";
import { type BarnabasProcess, startBarnabas } from "./support/barnabas.ts";
import { javaShareMember, kcat } from "./support/clients.ts";
import { type Behaviour, type Release, ShareMember } from "./support/share_member.ts";
import { runAlone, type Tool, ToolRunner, toolsAreMissing } from "./support/tools.ts";

const TOPIC = "work";
const GROUP = "sharers";
/** Locks that end soon, and records that are given up soon. */
const HASTY = {
  "group.share.min.record.lock.duration.ms": "1000",
  "group.share.record.lock.duration.ms": "1000",
  "group.share.delivery.count.limit": "2",
};
const FROM_THE_BEGINNING = "share.auto.offset.reset=earliest,share.assignment.interval.ms=0";

/** What offers a broker and the tools. */
interface Served {
  readonly bootstrap: string;
  readonly tools: ToolRunner;
}

test("three members of a share group share its records, and go on after kill -9 and after a stop", membersShare);
test("what a member accepts, releases, rejects and renews is so", explicitly);
test("what a member holds for too long is given to another, until it is given up", locksEnd);
test("kafka-share-groups lists, describes, resets and deletes, and kafka-console-share-consumer reads", administration);
test("share groups survive the move from Apache Kafka to Barnabas and back", thereAndBack);

function test(name: string, work: (folder: string, tools: ToolRunner) => Promise<void>): void {
  const missing = toolsAreMissing() ?? javaShareMember.missing ?? kcat.missing;
  Deno.test({
    name: missing === null ? name : `${name} (ignored: ${missing})`,
    ignore: missing !== null,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "barnabas-share-groups-" });
      await using tools = ToolRunner.start();
      try {
        await work(folder, tools);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

async function membersShare(folder: string, tools: ToolRunner): Promise<void> {
  const settings = { "num.partitions": "2" };
  {
    await using broker = await start(folder, settings);
    await configure({ tools, bootstrap: broker.bootstrap });
    await produce(broker, 0, 5, 2);
    await using first = join(broker);
    await first.untilSeen(records(0, 5, 2));
    await using second = join(broker);
    await using third = join(broker);
    await untilMembers({ tools, bootstrap: broker.bootstrap }, 3);
    await produce(broker, 5, 50, 2);
    await Promise.all([first, second, third].map((member) => member.stop()));
    await using rest = join(broker);
    const seen = () => [first, second, third, rest].flatMap((member) => member.records);
    await rest.until("all records came", () => seen().length >= 100);
    await rest.stop();
    assertEquals(seen().map(withoutDeliveries).toSorted(), records(0, 50, 2).map(withoutDeliveries).toSorted());
    await broker.kill();
  }
  await using killed = await start(folder, settings);
  await resume(killed, 50);
  assertEquals(await killed.stop(), 0, "exit code after SIGTERM");
  await using stopped = await start(folder, settings);
  await resume(stopped, 51);
}

/** A member that comes later gets what was not accepted, and nothing else. */
async function resume(broker: BarnabasProcess, offset: number): Promise<void> {
  await produce(broker, offset, offset + 1, 2);
  await using later = join(broker);
  await later.untilSeen(records(offset, offset + 1, 2));
  await later.stop();
}

async function explicitly(folder: string, tools: ToolRunner): Promise<void> {
  await using broker = await start(folder);
  await configure({ tools, bootstrap: broker.bootstrap });
  await produce(broker, 0, 8);
  {
    await using member = join(broker, "explicit");
    await member.untilSeen([...records(0, 8), "0-1×2", "0-5×2", "0-3×1", "0-7×1"]);
    await member.stop();
  }
  await broker.kill();
  await using again = await start(folder);
  await produce(again, 8, 9);
  await using later = join(again);
  await later.untilSeen(["0-8×1"]);
  await later.stop();
}

async function locksEnd(folder: string, tools: ToolRunner): Promise<void> {
  await using broker = await start(folder, HASTY);
  await configure({ tools, bootstrap: broker.bootstrap });
  await produce(broker, 0, 3);
  await using first = join(broker, "none");
  await first.untilSeen(records(0, 3));
  await using second = join(broker, "none");
  await second.untilSeen(["0-0×2", "0-1×2", "0-2×2"]);
  await produce(broker, 3, 4);
  await using third = join(broker);
  await third.untilSeen(["0-3×1"]);
  await first.kill();
  await second.kill();
  await third.stop();
}

async function administration(folder: string, tools: ToolRunner): Promise<void> {
  await using broker = await start(folder);
  const served = { tools, bootstrap: broker.bootstrap };
  await configure(served);
  await produce(broker, 0, 10);
  {
    await using member = join(broker, "half");
    await member.untilSeen(records(0, 10));
    await member.untilAcknowledged();
    assertEquals((await shareGroups(served, "--list")).trim(), GROUP);
    assertEquals(columns(await shareGroups(served, "--describe", "--group", GROUP, "--state"), 2, 3), [[
      "Stable",
      "1",
    ]]);
    const [[assigned]] = columns(await shareGroups(served, "--describe", "--group", GROUP, "--members"), 5);
    assertEquals(assigned, `${TOPIC}:0`);
    await member.stop();
  }
  assertEquals(await offsets(served), [["0", "1", "5"]]);
  const reset = ["--reset-offsets", "--group", GROUP, "--topic", TOPIC];
  assertEquals(columns(await shareGroups(served, ...reset, "--to-latest", "--execute"), 3), [["10"]]);
  assertEquals(await offsets(served), [["0", "10", "0"]]);
  await shareGroups(served, ...reset, "--to-earliest", "--execute");
  const read = ["--bootstrap-server", broker.bootstrap, "--topic", TOPIC, "--group", GROUP, "--max-messages", "10"];
  const { output, errors } = await runAlone("console-share-consumer", read);
  assertEquals(output.trim().split("\n").toSorted(), Array.from({ length: 10 }, (_, index) => `0-${index}`), errors);
  await shareGroups(served, "--delete-offsets", "--group", GROUP, "--topic", TOPIC);
  assertEquals(await offsets(served), []);
  await shareGroups(served, "--delete", "--group", GROUP);
  assertEquals((await shareGroups(served, "--list")).trim(), "");
}

/** Each broker in turn gives what the one before it has left, and counts on. */
async function thereAndBack(folder: string, tools: ToolRunner): Promise<void> {
  const port = freePorts(2);
  const apacheKafka = () => startApacheKafka({ folder, port });
  const barnabas = () => startBarnabas({ folder: `${folder}/data`, port, settings: { "node.id": "1" } });
  let left = Array.from({ length: 12 }, (_, offset) => offset);
  for (const [turn, startNext] of [apacheKafka, barnabas, apacheKafka, barnabas].entries()) {
    await using broker = await startNext();
    const served = { tools, bootstrap: `${broker.hostname}:${broker.port}` };
    if (turn === 0) {
      await configure(served);
      await produce(served, 0, 12);
    }
    await using member = join(served, "half", "4.3.1");
    await member.untilSeen(left.map((offset) => `0-${offset}×${turn + 1}`));
    await member.untilAcknowledged();
    await member.stop();
    const [before] = left;
    left = left.filter((_, index) => index % 2 === 1);
    // What is written with the last acknowledgement is where it found the share partition.
    assertEquals(await offsets(served), [["0", String(left[0] ?? before), String(left.length)]], broker.name);
  }
  assertEquals(left, []);
}

function start(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<BarnabasProcess> {
  return startBarnabas({ folder: `${folder}/data`, settings });
}

function join(
  { bootstrap }: { readonly bootstrap: string },
  behaviour: Behaviour = "implicit",
  release: Release = "newest",
): ShareMember {
  return new ShareMember(bootstrap, TOPIC, GROUP, behaviour, release);
}

async function configure(served: Served): Promise<void> {
  const group = ["--entity-type", "groups", "--entity-name", GROUP];
  await use(served, "configs", ["--alter", ...group, "--add-config", FROM_THE_BEGINNING]);
}

async function untilMembers(served: Served, count: number): Promise<void> {
  const described = () => shareGroups(served, "--describe", "--group", GROUP, "--state");
  const deadline = performance.now() + 30_000;
  while (columns(await described(), 3)[0]?.[0] !== String(count)) {
    if (performance.now() > deadline) throw new Error(`The group never had ${count} members`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Partition, start offset and lag of each share partition. */
async function offsets(served: Served): Promise<string[][]> {
  return columns(await shareGroups(served, "--describe", "--group", GROUP, "--offsets"), 2, 3, 4);
}

function shareGroups(served: Served, ...words: string[]): Promise<string> {
  return use(served, "share-groups", words);
}

/** Runs a tool, and returns what it printed. */
async function use({ tools, bootstrap }: Served, tool: Tool, words: readonly string[]): Promise<string> {
  const run = await tools.run(tool, ["--bootstrap-server", bootstrap, ...words]);
  assertEquals(run.status, 0, run.errors);
  return run.output;
}

/** Some columns of the rows of a table. */
function columns(table: string, ...wanted: number[]): string[][] {
  const rows = table.split("\n").map((line) => line.replace(/ \(\d+\)/, "").trim().split(/\s+/));
  return rows.filter(([first]) => first === GROUP).map((row) => wanted.map((column) => row[column]));
}

/** Writes the records from offset `from` to before `end` into each partition, each partition's in a batch. */
async function produce(broker: { readonly bootstrap: string }, from: number, end: number, partitions = 1) {
  for (let partition = 0; partition < partitions; partition++) {
    const lines = Array.from({ length: end - from }, (_, index) => `${partition}-${from + index}\n`).join("");
    const process = new Deno.Command("kcat", {
      args: [
        "-b",
        broker.bootstrap,
        "-t",
        TOPIC,
        "-p",
        String(partition),
        "-P",
        "-X",
        "acks=all",
        "-X",
        "linger.ms=100",
      ],
      stdin: "piped",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(lines));
    await writer.close();
    assertEquals((await process.status).code, 0);
  }
}

/** The records from offset `from` to before `end` of each partition, delivered once. */
function records(from: number, end: number, partitions = 1): string[] {
  return Array.from(
    { length: partitions },
    (_, partition) => Array.from({ length: end - from }, (_, index) => `${partition}-${from + index}×1`),
  ).flat();
}

function withoutDeliveries(record: string): string {
  return record.replace(/×.*/, "");
}
