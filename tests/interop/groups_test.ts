/**
 * Real clients consume in groups of the classic protocol: a second and a third member join, members leave, offsets are
 * committed and found again after the broker was killed and after it was stopped. `tests/interop/install.sh` brings the
 * clients.
 */
import { assertEquals } from "@std/assert";
import { startBarnabas } from "./support/barnabas.ts";
import { freePorts, startApacheKafka } from "./support/apache_kafka.ts";
import { CLIENTS, kcat } from "./support/clients.ts";
import {
  columns,
  type ConsumerGroups,
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
} from "./support/group_life.ts";
import { Member } from "./support/member.ts";
import { ToolRunner, toolsAreMissing } from "./support/tools.ts";

for (const client of CLIENTS) {
  for (const assignor of client.assignors.length === 0 ? [null] : client.assignors) {
    const missing = client.missing ?? kcat.missing;
    const options = assignor === null ? [] : [assignor];
    const join: Join = ({ bootstrap }) => Member.start(client, bootstrap, TOPIC, GROUP, ...options);
    const name = `${client.name}${assignor === null ? "" : ` (${assignor})`} consumes in a group`;
    Deno.test({
      name: missing === null ? name : `${name} (ignored: ${missing})`,
      ignore: missing !== null,
      fn: () => inFolder((folder) => groupLife(join, folder)),
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
