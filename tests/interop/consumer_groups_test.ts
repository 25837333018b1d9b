/**
 * Real clients consume in groups of the consumer protocol (KIP-848): `group.protocol=consumer`. `tests/interop/install.sh`
 * brings the clients.
 */
import { assertEquals } from "@std/assert";
import { startBarnabas } from "./support/barnabas.ts";
import { freePorts, startApacheKafka } from "./support/apache_kafka.ts";
import { type Client, client, javaMember, kcat, platformaticMember } from "./support/clients.ts";
import {
  columns,
  consumerGroups,
  GROUP,
  groupLife,
  inFolder,
  type Join,
  PARTITIONS,
  partitions,
  produce,
  recordsUpTo,
  start,
  TOPIC,
  untilSeen,
  untilShared,
} from "./support/group_life.ts";
import { Member } from "./support/member.ts";
import { ToolRunner, toolsAreMissing } from "./support/tools.ts";

/** Members hear of a rebalance by their heartbeats, which come every five seconds where the broker does not say otherwise. */
const SETTINGS = {
  "group.consumer.heartbeat.interval.ms": "500",
  "group.consumer.min.heartbeat.interval.ms": "500",
};

const CONSUMER = "group.protocol=consumer";

/** A client, and the words by which it becomes a member of the consumer protocol. */
interface Flavour {
  readonly name: string;
  readonly client: Client;
  readonly words: readonly string[];
}

const FLAVOURS: readonly Flavour[] = [
  { name: "uniform", client: javaMember, words: [CONSUMER] },
  { name: "range", client: javaMember, words: [CONSUMER, "group.remote.assignor=range"] },
  { name: "a regular expression", client: javaMember, words: [CONSUMER, `topics.regex=w[aeiou]r(k|d)`] },
  { name: "uniform", client: client("confluent-kafka"), words: ["uniform", "consumer"] },
  { name: "range", client: client("confluent-kafka"), words: ["range", "consumer"] },
  { name: "uniform", client: client("franz-go"), words: ["consumer"] },
  { name: "uniform", client: platformaticMember, words: [] },
];

for (const { name, client, words } of FLAVOURS) {
  const missing = client.missing ?? kcat.missing;
  const join: Join = ({ bootstrap }) => Member.start(client, bootstrap, TOPIC, GROUP, ...words);
  Deno.test({
    name: `${client.name} (${name}) consumes in a consumer group${missing === null ? "" : ` (ignored: ${missing})`}`,
    ignore: missing !== null,
    fn: () => inFolder((folder) => groupLife(join, folder, SETTINGS)),
  });
}

const missing = toolsAreMissing() ?? kcat.missing ?? javaMember.missing;

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: missing === null ? name : `${name} (ignored: ${missing})`,
    ignore: missing !== null,
    fn: () => inFolder(fn),
  });
}

test("a static member keeps its partitions while it is away, and its double is refused", async (folder) => {
  await using broker = await start(folder, SETTINGS);
  await produce(broker, 0, 10);
  const one = [CONSUMER, "group.instance.id=one"];
  await using other = javaMemberOf(broker, CONSUMER, "group.instance.id=two");
  await untilShared([other]);
  await using first = javaMemberOf(broker, ...one);
  await untilShared([other, first]);
  const before = other.assigned;
  await first.stop();
  await using again = javaMemberOf(broker, ...one);
  await untilShared([other, again]);
  assertEquals(other.assigned, before);
  await using double = javaMemberOf(broker, ...one);
  await Member.untilEnded(double);
  assertEquals(double.errors.includes("UnreleasedInstanceIdException"), true, double.errors);
});

test("a group migrates to the consumer protocol and back while its members work", async (folder) => {
  await using broker = await start(folder, SETTINGS);
  await using tools = ToolRunner.start();
  const tool = consumerGroups(tools, broker.bootstrap);
  const typeOf = async () => columns(await tool("--list", "--type"), 1)[0];
  await produce(broker, 0, 10);
  const classic = ["heartbeat.interval.ms=500"];
  await using first = javaMemberOf(broker, ...classic);
  await using second = javaMemberOf(broker, ...classic);
  await untilShared([first, second]);
  assertEquals(await typeOf(), ["Classic"]);
  await using newer = javaMemberOf(broker, CONSUMER);
  await untilShared([first, second, newer]);
  assertEquals(await typeOf(), ["Consumer"]);
  await produce(broker, 10, 20);
  await untilSeen([first, second, newer], recordsUpTo(20));
  await first.stop();
  await untilShared([second, newer]);
  await newer.stop();
  await untilShared([second]);
  assertEquals(await typeOf(), ["Classic"]);
  await produce(broker, 20, 30);
  await Member.until("the one that is left gets what is new", [second], () => {
    return second.records.filter((record) => Number(record.split(" ")[1]) >= 20).length === 10 * PARTITIONS;
  });
  await second.stop();
});

test("Apache Kafka's kafka-consumer-groups lists, describes, resets and deletes consumer groups", async (folder) => {
  await using broker = await start(folder, SETTINGS);
  await using tools = ToolRunner.start();
  const tool = consumerGroups(tools, broker.bootstrap);
  await produce(broker, 0, 10);
  {
    await using member = javaMemberOf(broker, CONSUMER, "client.id=mine");
    await untilSeen([member], recordsUpTo(10));
    assertEquals(columns(await tool("--list", "--type"), 0, 1), [[GROUP, "Consumer"]]);
    const state = await tool("--describe", "--group", GROUP, "--state");
    assertEquals(columns(state, 2, 3, 4), [["uniform", "Stable", "1"]]);
    const members = await tool("--describe", "--group", GROUP, "--members", "--verbose");
    assertEquals(columns(members, 3, 4, 6), [["mine", String(PARTITIONS), `${TOPIC}:0,1,2,3`]]);
    await member.stop();
  }
  const reset = ["--reset-offsets", "--group", GROUP, "--topic", TOPIC, "--to-offset", "4", "--execute"];
  assertEquals(columns(await tool(...reset), 3), partitions().map(() => ["4"]));
  const remaining = partitions().map((partition) => [String(partition), "4", "10", "6"]);
  assertEquals(columns(await tool("--describe", "--group", GROUP), 2, 3, 4, 5), remaining);
  await tool("--delete-offsets", "--group", GROUP, "--topic", `${TOPIC}:0`);
  assertEquals(columns(await tool("--describe", "--group", GROUP), 2), [["1"], ["2"], ["3"]]);
  await tool("--delete", "--group", GROUP);
  assertEquals((await tool("--list")).trim(), "");
});

/** Each broker in turn serves what the one before it has left. A static member only ever leaves for now. */
test("consumer groups survive the move from Apache Kafka to Barnabas and back", async (folder) => {
  const port = freePorts(2);
  await using tools = ToolRunner.start();
  const settings = { ...SETTINGS, "num.partitions": String(PARTITIONS) };
  const apacheKafka = () => startApacheKafka({ folder, port, settings });
  const barnabas = () => startBarnabas({ folder: `${folder}/data`, port, settings: { ...SETTINGS, "node.id": "1" } });
  const epochs: string[] = [];
  for (const [turn, startNext] of [apacheKafka, barnabas, apacheKafka].entries()) {
    await using broker = await startNext();
    const bootstrap = `${broker.hostname}:${broker.port}`;
    const tool = consumerGroups(tools, bootstrap);
    await produce({ bootstrap }, 10 * turn, 10 * (turn + 1));
    await using member = javaMemberOf({ bootstrap }, CONSUMER, "group.instance.id=one");
    const seen = recordsUpTo(10 * (turn + 1)).filter((record) => Number(record.split(" ")[1]) >= 10 * turn);
    await untilSeen([member], seen);
    await member.stop();
    const committed = partitions().map((partition) => [String(partition), String(10 * (turn + 1))]);
    assertEquals(columns(await tool("--describe", "--group", GROUP), 2, 3), committed);
    const state = await tool("--describe", "--group", GROUP, "--state", "--verbose");
    epochs.push(columns(state, 5, 6).flat().join(" "));
  }
  // The topics have not changed for either broker, nor has the member: there was nothing to rebalance for.
  assertEquals(epochs, [epochs[0], epochs[0], epochs[0]]);
});

function javaMemberOf({ bootstrap }: { readonly bootstrap: string }, ...words: string[]): Member {
  return Member.start(javaMember, bootstrap, TOPIC, GROUP, ...words);
}
