/**
 * A thousand members in a hundred groups join, then one more joins each group, then one leaves each.
 *
 * A group has settled when its members are all in one generation, or epoch, and have all partitions between them. That
 * takes a heartbeat or two of each member besides the coordinator's own time, on both brokers.
 *
 * @module
 */
import type { BenchBroker } from "../contenders.ts";
import {
  type Connect,
  connectClassic,
  connectConsumer,
  type GroupMember,
  PARTITIONS,
  TOPIC,
} from "../group_members.ts";
import { load } from "../load.ts";
import { cpuOf, delay, type Scenario, took, withBroker } from "../scenario.ts";

const GROUPS = 100;
const MEMBERS_OF_GROUP = 10;
const POLL_MS = 5;
/** Neither broker waits for more members, nor between one assignment and the next. */
const SETTINGS = {
  "group.initial.rebalance.delay.ms": "0",
  "group.consumer.assignment.interval.ms": "0",
  "offsets.topic.replication.factor": "1",
};

export const GROUPS_CLASSIC = scenario("groups-classic", "the classic protocol", connectClassic);
export const GROUPS_CONSUMER = scenario("groups-consumer", "the consumer protocol", connectConsumer);

function scenario(name: string, protocol: string, connect: Connect): Scenario {
  const time = (id: string, what: string) => ({
    id,
    label: `${what}, ${protocol}`,
    unit: "ms",
    digits: 0,
    better: "less" as const,
    goal: 1,
  });
  return {
    name,
    figures: [
      time("join", "1,000 members in 100 groups join"),
      time("rebalance", "one more member joins each group"),
      time("leave", "one member leaves each group"),
      { ...time("cpu", "broker CPU for all of it"), unit: "s", digits: 2 },
    ],
    measure: (contender) => withBroker(contender, "page-cache", (broker) => measure(broker, connect), SETTINGS),
  };
}

async function measure(broker: BenchBroker, connect: Connect): Promise<Record<string, number>> {
  await load("create", broker, { topic: TOPIC, partitions: PARTITIONS });
  // What is done once, such as loading the topic of committed offsets, is not what this is about.
  await broker.untilCoordinating();
  const first = await connectGroups(broker, connect, 1);
  await live(first);
  await Promise.all(first.map(({ members: [member] }) => member.leave()));
  const groups = await connectGroups(broker, connect, MEMBERS_OF_GROUP);
  const figures: Record<string, number> = {};
  const { cpuSeconds } = await cpuOf(broker, async () => {
    figures.join = await took(() => live(groups));
    const more = await Promise.all(groups.map(({ id }) => connect(broker, id, MEMBERS_OF_GROUP)));
    figures.rebalance = await took(async () => {
      for (const [index, { members }] of groups.entries()) begin(members, more[index]);
      await untilSettled(groups);
    });
    figures.leave = await took(async () => {
      await Promise.all(groups.map(({ members }) => members.shift()!.leave()));
      await untilSettled(groups);
    });
  });
  await Promise.all(groups.flatMap(({ members }) => members.map((member) => member.leave())));
  return { ...figures, cpu: cpuSeconds };
}

interface Group {
  readonly id: string;
  readonly members: GroupMember[];
}

function connectGroups(broker: BenchBroker, connect: Connect, size: number): Promise<Group[]> {
  return Promise.all(Array.from({ length: GROUPS }, async (_, index) => {
    const id = `g${index}`;
    const members = Array.from({ length: size }, (_, ordinal) => connect(broker, id, ordinal));
    return { id, members: await Promise.all(members) };
  }));
}

/** Lets all members live, until their groups have settled. */
async function live(groups: readonly Group[]): Promise<void> {
  for (const { members } of groups) for (const member of [...members]) begin(members, member);
  await untilSettled(groups);
}

/** A member whose connection fails ends the benchmark. */
function begin(members: GroupMember[], member: GroupMember): void {
  if (!members.includes(member)) members.push(member);
  member.live().catch((error) => {
    console.error(error);
    Deno.exit(1);
  });
}

async function untilSettled(groups: readonly Group[]): Promise<void> {
  while (!groups.every(hasSettled)) await delay(POLL_MS);
}

function hasSettled({ members }: Group): boolean {
  const [{ epoch }] = members;
  return epoch > 0 && members.every((member) => member.epoch === epoch) &&
    members.reduce((sum, { owned }) => sum + owned, 0) === PARTITIONS;
}
