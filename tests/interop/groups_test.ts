/**
 * Real clients consume in groups of the classic protocol: a second and a third member join, members leave, offsets are
 * committed and found again after the broker was killed and after it was stopped. `tests/interop/install.sh` brings the
 * clients.
 */
import { assertEquals } from "@std/assert";
import { type BarnabasProcess, startBarnabas } from "./support/barnabas.ts";
import { freePorts, startApacheKafka } from "./support/apache_kafka.ts";
import { type Client, CLIENTS, kcat } from "./support/clients.ts";
import { Member } from "./support/member.ts";
import { ToolRunner, toolsAreMissing } from "./support/tools.ts";

const PARTITIONS = 4;
const TOPIC = "work";
const GROUP = "workers";

for (const client of CLIENTS) {
  for (const assignor of client.assignors.length === 0 ? [null] : client.assignors) {
    const missing = client.missing ?? kcat.missing;
    const name = `${client.name}${assignor === null ? "" : ` (${assignor})`} consumes in a group`;
    Deno.test({
      name: missing === null ? name : `${name} (ignored: ${missing})`,
      ignore: missing !== null,
      fn: () => inFolder((folder) => groupLife(client, assignor === null ? [] : [assignor], folder)),
    });
  }
}

const toolsMissing = toolsAreMissing() ?? kcat.missing;

Deno.test({
  name: `Apache Kafka's kafka-consumer-groups lists, describes, resets and deletes groups${
    toolsMissing === null ? "" : ` (ignored: ${toolsMissing})`
  }`,
  ignore: toolsMissing !== null,
  fn: () => inFolder(administration),
});

Deno.test({
  name: `groups, members and offsets survive the move from Apache Kafka to Barnabas and back${
    toolsMissing === null ? "" : ` (ignored: ${toolsMissing})`
  }`,
  ignore: toolsMissing !== null,
  fn: () => inFolder(thereAndBack),
});

async function groupLife(client: Client, assignor: string[], folder: string): Promise<void> {
  const join = (broker: BarnabasProcess) => Member.start(client, broker.bootstrap, TOPIC, GROUP, ...assignor);
  let expected: string[];
  {
    await using broker = await start(folder);
    await produce(broker, 0, 10);
    await using first = join(broker);
    await untilSeen([first], expected = recordsUpTo(10));
    await using second = join(broker);
    await untilShared([first, second]);
    await using third = join(broker);
    await untilShared([first, second, third]);
    await produce(broker, 10, 20);
    await untilSeen([first, second, third], expected = recordsUpTo(20));
    await third.stop();
    await second.stop();
    await untilShared([first]);
    await first.stop();
    await broker.kill();
  }
  await using killed = await start(folder);
  await resume(join, killed, 20);
  assertEquals(await killed.stop(), 0, "exit code after SIGTERM");
  await using stopped = await start(folder);
  await resume(join, stopped, 21);
  assertEquals(expected.length, 20 * PARTITIONS);
}

/** A member that comes later gets what was not committed, and nothing else. */
async function resume(
  join: (broker: BarnabasProcess) => Member,
  broker: BarnabasProcess,
  offset: number,
): Promise<void> {
  await produce(broker, offset, offset + 1);
  await using later = join(broker);
  await untilSeen([later], recordsUpTo(offset + 1).filter((record) => Number(record.split(" ")[1]) >= offset));
  await later.stop();
}

function untilShared(members: readonly Member[]): Promise<void> {
  return Member.until(`${members.length} members share the partitions`, members, () => {
    const all = members.flatMap(({ assigned }) => assigned);
    return members.every(({ assigned }) => assigned.length > 0) && all.length === PARTITIONS &&
      new Set(all).size === PARTITIONS;
  });
}

/** Waits until the members together have seen so many records, and compares them: each came once. */
async function untilSeen(members: readonly Member[], expected: readonly string[]): Promise<void> {
  const seen = () => members.flatMap(({ records }) => records);
  await Member.until(`${expected.length} records came`, members, () => seen().length >= expected.length);
  assertEquals(seen().toSorted(), expected.toSorted());
}

function recordsUpTo(end: number): string[] {
  return partitions().flatMap((partition) =>
    Array.from({ length: end }, (_, offset) => `${partition} ${offset} ${partition}-${offset}`)
  );
}

function partitions(): number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => partition);
}

/** Writes the records from offset `from` to before `end` into each partition. */
async function produce(broker: { readonly bootstrap: string }, from: number, end: number): Promise<void> {
  for (const partition of partitions()) {
    const lines = Array.from({ length: end - from }, (_, index) => `${partition}-${from + index}\n`).join("");
    const process = new Deno.Command("kcat", {
      args: ["-b", broker.bootstrap, "-t", TOPIC, "-p", String(partition), "-P", "-X", "acks=all"],
      stdin: "piped",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(lines));
    await writer.close();
    assertEquals((await process.status).code, 0);
  }
}

async function administration(folder: string): Promise<void> {
  await using broker = await start(folder);
  await using tools = ToolRunner.start();
  const tool = consumerGroups(tools, broker.bootstrap);
  await produce(broker, 0, 10);
  {
    await using member = Member.start(kcat, broker.bootstrap, TOPIC, GROUP);
    await untilSeen([member], recordsUpTo(10));
    assertEquals((await tool("--list")).trim(), GROUP);
    assertEquals(columns(await tool("--describe", "--group", GROUP, "--state"), 3, 4), [["Stable", "1"]]);
    await member.stop();
  }
  const committed = partitions().map((partition) => [String(partition), "10", "10", "0"]);
  assertEquals(columns(await tool("--describe", "--group", GROUP), 2, 3, 4, 5), committed);
  const reset = ["--reset-offsets", "--group", GROUP, "--topic", TOPIC, "--to-offset", "4", "--execute"];
  assertEquals(columns(await tool(...reset), 3), partitions().map(() => ["4"]));
  const remaining = partitions().map((partition) => [String(partition), "4", "10", "6"]);
  assertEquals(columns(await tool("--describe", "--group", GROUP), 2, 3, 4, 5), remaining);
  await tool("--delete-offsets", "--group", GROUP, "--topic", `${TOPIC}:0`);
  assertEquals(columns(await tool("--describe", "--group", GROUP), 2), [["1"], ["2"], ["3"]]);
  await tool("--delete", "--group", GROUP);
  assertEquals((await tool("--list")).trim(), "");
}

/** Each broker in turn serves what the one before it has left. A static member never leaves. */
async function thereAndBack(folder: string): Promise<void> {
  const port = freePorts(2);
  await using tools = ToolRunner.start();
  const apacheKafka = () => startApacheKafka({ folder, port, settings: { "num.partitions": String(PARTITIONS) } });
  const barnabas = () => startBarnabas({ folder: `${folder}/data`, port, settings: { "node.id": "1" } });
  for (const [turn, startNext] of [apacheKafka, barnabas, apacheKafka].entries()) {
    await using broker = await startNext();
    const bootstrap = `${broker.hostname}:${broker.port}`;
    if (turn > 0) await assertCommitted(consumerGroups(tools, bootstrap), 10 * turn);
    await produce({ bootstrap }, 10 * turn, 10 * (turn + 1));
    await using member = Member.start(kcat, bootstrap, TOPIC, GROUP, "-X", "group.instance.id=one");
    await untilSeen(
      [member],
      recordsUpTo(10 * (turn + 1)).filter((record) => Number(record.split(" ")[1]) >= 10 * turn),
    );
    await member.stop();
    await assertCommitted(consumerGroups(tools, bootstrap), 10 * (turn + 1));
  }
}

/** The group has committed this offset for each partition, and its static member has not left. */
async function assertCommitted(tool: ConsumerGroups, offset: number): Promise<void> {
  const committed = partitions().map((partition) => [String(partition), String(offset)]);
  assertEquals(columns(await tool("--describe", "--group", GROUP), 2, 3), committed);
  const state = await tool("--describe", "--group", GROUP, "--state");
  assertEquals(columns(state, 3, 4), [["Stable", "1"]]);
}

/** Runs kafka-consumer-groups with some words, and returns what it printed. */
type ConsumerGroups = (...args: string[]) => Promise<string>;

function consumerGroups(tools: ToolRunner, bootstrap: string): ConsumerGroups {
  return async (...args) => {
    const run = await tools.run("consumer-groups", ["--bootstrap-server", bootstrap, ...args]);
    assertEquals(run.status, 0, run.errors);
    return run.output;
  };
}

/** Some columns of the rows of a table, in the order of the first. */
function columns(table: string, ...wanted: number[]): string[][] {
  const rows = table.split("\n").map((line) => line.replace(/ \(\d+\)/, "").trim().split(/\s+/));
  return rows.filter(([first]) => first === GROUP).map((row) => wanted.map((column) => row[column])).toSorted();
}

function start(folder: string): Promise<BarnabasProcess> {
  return startBarnabas({ folder: `${folder}/data`, settings: { "num.partitions": String(PARTITIONS) } });
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-groups-" });
  try {
    await work(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
